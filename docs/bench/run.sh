#!/bin/sh
# Measures Tollbook beside named peers in one run: run.sh TOLLBOOK WORKBENCH
# QUICK=1 takes 100,000 events, ONLY=fold,verify,append,pay,http,start some parts, REPORT=FILE writes
# the tables as markdown. Peers that cannot be had are skipped with a note.
set -eu
tollbook=$(realpath "$1") workbench=$(realpath "$2")
here=$(cd "$(dirname "$0")" && pwd)
out=$(cd "$here/../.." && pwd)/.build/bench
mkdir -p "$out"

have() { command -v "$1" >/dev/null 2>&1; }
note() { echo "bench: $*" >&2; }
# want PROGRAM PACKAGE: installs what is missing where root allows; the first asks for fresh lists.
want() {
  have "$1" && return 0
  [ "$(id -u)" = 0 ] && have apt-get || return 1
  [ -n "${listed:-}" ] || apt-get update -qq >"$out/apt.log" 2>&1
  listed=yes
  apt-get install -y -qq "$2" >>"$out/apt.log" 2>&1 && have "$1"
}
# newer TARGET SOURCE...: whether a source is newer than what was built of it.
newer() {
  target=$1; shift
  [ ! -e "$target" ] && return 0
  for source; do [ "$source" -nt "$target" ] && return 0; done
  return 1
}

want python3 python3 || { note "python3 is needed to measure; install it"; exit 1; }
want g++ g++ || note "no C++ compiler: the C++ peers are left out"
want wrk wrk || note "no wrk: HTTP is left out"
want nginx nginx-light || note "no nginx"
want redis-server redis-server || note "no redis-server"
want go golang || note "no go"
want sqlite3 sqlite3 || note "no sqlite3"
want psql postgresql || note "no PostgreSQL"

python=$out/venv/bin/python
if [ ! -x "$python" ]; then
  python3 -m venv "$out/venv" && "$out/venv/bin/pip" install -q duckdb ||
    note "no duckdb in the Python environment"
fi
if have g++; then
  flags="-std=c++20 -O3 -march=native -pthread"
  for peer in append verify16; do
    newer "$out/$peer" "$here/$peer.cpp" "$here/fold.hpp" &&
      g++ $flags -mprefer-vector-width=512 -o "$out/$peer" "$here/$peer.cpp"
  done
  if [ ! -e "$out/simdjson.h" ]; then
    # The amalgamation comes with the source package of the Python binding.
    (cd "$out" && "$out/venv/bin/pip" download -q --no-deps --no-binary pysimdjson pysimdjson==7.0.2 &&
      tar xzf pysimdjson-7.0.2.tar.gz --strip-components=2 --wildcards '*/simdjson/simdjson.*') ||
      note "no simdjson"
  fi
  [ -e "$out/simdjson.h" ] && newer "$out/fold_simdjson" "$here/fold_simdjson.cpp" "$here/fold.hpp" &&
    g++ $flags -I"$out" -o "$out/fold_simdjson" "$here/fold_simdjson.cpp" "$out/simdjson.cpp"
fi
have go && newer "$out/goserver" "$here/go/main.go" &&
  (cd "$here/go" && GO111MODULE=off go build -o "$out/goserver" main.go)

export PYTHONDONTWRITEBYTECODE=1
exec python3 "$here/bench.py" "$tollbook" "$workbench" "$out"
