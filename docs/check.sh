#!/usr/bin/env bash
# make docs-check: what README and docs say is run and compared. Usage: docs/check.sh TOLLBOOK
#
# Prints one line per check and stops at the first that fails. No network, no root, scratch
# folders only. The convention for blocks that are run stands in docs/CONTRIBUTING.md.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
tool=${1:-$root/.build/release/tollbook}
case $tool in /*) ;; *) tool=$PWD/$tool ;; esac
scratch=$(mktemp -d "${TMPDIR:-/tmp}/tollbook-docs.XXXXXX")
daemon=''

finish() {
  stop_daemon
  rm -rf "$scratch"
}
is_running() {
  [ -n "$daemon" ] || return 1
  local state
  state=$(cut -d' ' -f3 "/proc/$daemon/stat" 2>/dev/null) || return 1
  [ "$state" != Z ]
}
stop_daemon() {
  ! is_running || kill "$daemon" 2>/dev/null || true
  for _ in $(seq 200); do
    is_running || break
    sleep 0.05
  done
  ! is_running || kill -9 "$daemon" 2>/dev/null || true
  daemon=''
}
trap finish EXIT
trap 'exit 1' INT TERM

well() { printf 'ok: %s\n' "$*"; }
fail() {
  printf '\nFAILED: %s\n' "$1" >&2
  printf '  do: %s\n' "$2" >&2
  exit 1
}

[ -x "$tool" ] || fail "there is no program at $tool" "make build, or name it: docs/check.sh TOLLBOOK"
for need in python3 curl; do
  command -v "$need" >/dev/null || fail "$need is not installed" "install $need"
done

# A clean environment: no setting of the caller's reaches the blocks.
mkdir "$scratch/bin"
ln -s "$tool" "$scratch/bin/tollbook"
clean=(env -i "PATH=$scratch/bin:$PATH" HOME="$scratch" LC_ALL=C.UTF-8 TERM=dumb)

# --- a daemon in a home folder --------------------------------------------------------------

new_home() { # path
  mkdir -p "$1/data"
  chmod 750 "$1" "$1/data"
  ln -s "$root/data/sample" "$1/data/sample"
  ln -s "$root/docs" "$1/docs"
  read -r gateway api metrics < <(python3 - <<'PY'
import socket
open_sockets = [socket.socket() for _ in range(3)]
for s in open_sockets:
    s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in open_sockets))
PY
  )
  cp "$root/docs/env.example" "$1/.env"
  sed -i -e "s/^TOLLBOOK_GATEWAY=.*/TOLLBOOK_GATEWAY=127.0.0.1:$gateway/" \
    -e "s/^TOLLBOOK_API=.*/TOLLBOOK_API=127.0.0.1:$api/" \
    -e "s/^TOLLBOOK_METRICS=.*/TOLLBOOK_METRICS=127.0.0.1:$metrics/" "$1/.env"
}
start_daemon() { # home
  is_running && return 0
  stop_daemon
  # Started by a subshell: the shell then prints nothing about a block's kill -9.
  daemon=$(cd "$1" && exec 3>&1 >serve.out 2>&1 && { "${clean[@]}" tollbook serve 3>&- & echo $! >&3; })
  for _ in $(seq 100); do
    grep -q '^tollbook listening' "$1/serve.out" && return 0
    is_running || break
    sleep 0.05
  done
  cat "$1/serve.out" >&2
  fail "tollbook serve does not start" "read its output above"
}

# --- 1. links ---------------------------------------------------------------------------------

pages=("$root/README.md" "$root"/docs/*.md "$root"/docs/decisions/*.md)
python3 - "${pages[@]}" <<'PY' || fail "a link leads nowhere" "correct the link named above"
import os, re, sys
bad = 0
for page in sys.argv[1:]:
    text = re.sub(r"```.*?```", "", open(page, encoding="utf-8").read(), flags=re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target) or target.startswith("#"):
            continue
        if not os.path.exists(os.path.join(os.path.dirname(page), target.split("#")[0])):
            print("%s: %s" % (page, target), file=sys.stderr)
            bad = 1
sys.exit(bad)
PY
well "links of ${#pages[@]} pages lead somewhere"

# --- 2. error codes ---------------------------------------------------------------------------

# Codes are upper-case literals in the sources; names of settings are such literals too, and they
# are documented elsewhere.
codes=$( (
  grep -rhoE '"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+[":]' "$root/Sources/HTTP" "$root/Sources/Ledger" \
    "$root/Sources/Rails" "$root/Sources/Journal" "$root/Sources/Service" --include='*.swift'
  grep -rhoE 'code: "[A-Z]+"' "$root/Sources" --include='*.swift'
) | sed 's/code: //; s/[":]//g' | sort -u)
# Whole words, and of the page only its first column: PAYMENTS_DISABLED is a code, and part of a
# setting's name.
settings=$(sed -n 's/^| `\([A-Z0-9_]*\)`.*/\1/p' "$root/docs/CONFIGURATION.md"
  cat "$root/Sources/Service/Configuration/LaterNames.swift" \
  "$root/Sources/Ledger/Controls/Settings.swift" "$root/Sources/Service/Render/Palette.swift" \
  "$root/Sources/Service/Outside/BearerToken.swift")
count=0
for code in $codes; do
  grep -qwF -- "$code" <<<"$settings" && continue
  grep -qF -- "\`$code\`" "$root/docs/error-catalog.md" ||
    fail "the code $code is not in docs/error-catalog.md" "add a line: code, status, meaning, action"
  count=$((count + 1))
done
[ "$count" -gt 30 ] || fail "only $count codes were found in the sources" "mend the search in docs/check.sh"
while read -r code; do
  grep -rqE "\"$code[\":]" "$root/Sources" --include='*.swift' ||
    fail "docs/error-catalog.md names $code, which no source emits" "remove the line"
done < <(sed '/^## Exit codes/,$d' "$root/docs/error-catalog.md" | grep '^| `' | cut -d'|' -f2 |
  grep -oE '[A-Z][A-Z_0-9]{4,}')
well "$count error codes of the sources are in error-catalog.md, and no others"

# --- 3. events --------------------------------------------------------------------------------

names=$(grep -hoE ': "[a-z]+\.[a-z_]+"' "$root/Sources/Ledger/Event.swift" | tr -d ': "')
fields=$(grep -hoE 'out\.(field|optional|amount|key)\("[a-z_0-9]+"' \
  "$root"/Sources/Ledger/*/*Events.swift | sed 's/.*("//; s/"//' | sort -u)
commands=$(grep -rhoE 'static var name: StaticString \{ "[a-z._]+" \}' "$root/Sources/Ledger" |
  grep -oE '[a-z]+\.[a-z_]+' | sort -u)
for word in $names $fields $commands; do
  grep -qE "\`$word\??\`" "$root/docs/EVENTS.md" ||
    fail "docs/EVENTS.md does not name \`$word\`" "describe it there"
done
well "$(wc -w <<<"$names") events, $(wc -w <<<"$fields") fields, $(wc -w <<<"$commands") commands are in EVENTS.md"

# --- 4. the format ----------------------------------------------------------------------------

fence() { # file, info string: prints the first such block
  awk -v open="\`\`\`$2" '$0 == open {f = 1; next} /^```/ {if (f) exit} f' "$1"
}
fence "$root/docs/FORMAT.md" 'python verifier' >"$scratch/verify.py"
lines=$(wc -l <"$scratch/verify.py")
[ "$lines" -ge 10 ] && [ "$lines" -le 25 ] ||
  fail "the verifier in FORMAT.md has $lines lines" "keep it at 25 at most"

mkdir -p "$scratch/vectors/data/ledger"
chmod 750 "$scratch/vectors/data/ledger"
fence "$root/docs/FORMAT.md" 'jsonl vectors' \
  >"$scratch/vectors/data/ledger/000000000001-2026-11-20.jsonl"

by_python() { python3 "$scratch/verify.py" "$1/data/ledger"; }
by_tool() { "${clean[@]}" tollbook log verify --home "$1"; }
by_python "$scratch/vectors" >/dev/null || fail "the test vectors do not verify in Python" "see above"
by_tool "$scratch/vectors" >/dev/null || fail "the test vectors do not verify in tollbook" "see above"
well "test vectors of FORMAT.md verify, in $lines lines of Python and by tollbook log verify"

home=$scratch/fresh
new_home "$home"
start_daemon "$home"
for n in 1 2 3; do
  curl -sf -m 10 -o "$scratch/paid" -X POST "http://127.0.0.1:$gateway/agent/task" \
    -H 'Content-Type: application/json' -H "X-Payment: v1:0.01:docs-proof-$n" \
    -H "Idempotency-Key: docs-$n" -d '{"task":"docs"}' ||
    fail "a paid request is not 200" "see $root/docs/onboarding-runbook.md"
done
"${clean[@]}" tollbook import transactions --home "$home" --quiet \
  "$root/data/sample/transactions.jsonl" >/dev/null 2>&1 || [ $? = 1 ]
stop_daemon
by_python "$home" >"$scratch/py" || fail "a fresh log does not verify in Python" "$(cat "$scratch/py")"
by_tool "$home" >/dev/null || fail "a fresh log does not verify" "tollbook log verify --home DIR"
hash=$("${clean[@]}" tollbook log head --home "$home" | awk '$1 == "hash" {print $2}')
grep -q "last hash $hash\$" "$scratch/py" ||
  fail "Python and tollbook log head see different last hashes" "compare $(cat "$scratch/py")"
well "a fresh log verifies in both, same last hash: $(cut -d, -f1 "$scratch/py")"

# Damage of every kind that a hand or a disk can do, at places by a fixed seed.
damages=0
for kind in flip flip flip flip flip flip drop double swap nul crlf; do
  damages=$((damages + 1))
  rm -rf "$scratch/hurt"
  mkdir -p "$scratch/hurt/data"
  cp -r "$home/data/ledger" "$scratch/hurt/data/"
  python3 - "$scratch/hurt/data/ledger" "$kind" "$damages" <<'PY'
import glob, random, sys
path, kind, chance = sorted(glob.glob(sys.argv[1] + "/*.jsonl"))[0], sys.argv[2], random.Random(int(sys.argv[3]))
lines = open(path, "rb").read().splitlines(True)
n = chance.randrange(5, len(lines) - 5)
if kind == "flip":
    line = bytearray(lines[n])
    line[chance.randrange(len(line))] ^= 1 << chance.randrange(7)
    lines[n] = bytes(line)
elif kind == "drop": del lines[n]
elif kind == "double": lines.insert(n, lines[n])
elif kind == "swap": lines[n], lines[n + 1] = lines[n + 1], lines[n]
elif kind == "nul": lines[n] = b"\0" + lines[n]
elif kind == "crlf": lines[n] = lines[n][:-1] + b"\r\n"
open(path, "wb").write(b"".join(lines))
PY
  if by_python "$scratch/hurt" >"$scratch/py" 2>&1; then
    fail "Python does not see the damage '$kind'" "mend the verifier in FORMAT.md"
  fi
  got=0
  by_tool "$scratch/hurt" >"$scratch/tool" 2>&1 || got=$?
  [ "$got" = 5 ] || fail "log verify exits $got on the damage '$kind'" "it must be 5"
  place() { grep -oE '[0-9]{12}-[0-9-]{10}\.jsonl:[0-9]+' "$1" | head -n 1; }
  [ "$(place "$scratch/py")" = "$(place "$scratch/tool")" ] ||
    fail "Python sees '$kind' at $(place "$scratch/py"), tollbook at $(place "$scratch/tool")" "mend one"
done
well "$damages damaged copies: both find the same line, log verify exits 5"

# --- 5. blocks that are run -------------------------------------------------------------------

run_block() { # home, page, first line, file
  local wanted got=0 line
  wanted=$(sed -n 's/^# exit \([0-9]*\)$/\1/p' "$4" | tail -n 1)
  sed -i -e "s/localhost:3000/localhost:$gateway/g; s/127\.0\.0\.1:3000/127.0.0.1:$gateway/g" \
    -e "s/localhost:8000/localhost:$api/g; s/localhost:9100/localhost:$metrics/g" "$4"
  (cd "$1" && "${clean[@]}" timeout 30 bash -eu "$4") >"$scratch/out" 2>&1 || got=$?
  if [ "$got" != "${wanted:-0}" ]; then
    cat "$scratch/out" >&2
    fail "$2:$3: the block exits $got, not ${wanted:-0}" "correct the page, or the program"
  fi
  while read -r line; do
    grep -qF -- "$line" "$scratch/out" || {
      cat "$scratch/out" >&2
      fail "$2:$3: the output does not hold: $line" "correct the page, or the program"
    }
  done < <(sed -n 's/^# => //p' "$4")
}
for page in "${pages[@]}"; do
  grep -q '^```sh check$' "$page" || continue
  name=${page#"$root"/}
  home=$scratch/home-$(basename "$page" .md)
  blocks=$scratch/blocks-$(basename "$page" .md)
  new_home "$home"
  mkdir "$blocks"
  awk -v to="$blocks" '
    /^```sh check$/ {file = sprintf("%s/%05d", to, NR + 1); f = 1; next}
    /^```/ {f = 0}
    f {print > file}' "$page"
  for block in "$blocks"/*; do
    sleep 0.05
    start_daemon "$home"
    run_block "$home" "$name" "$((10#$(basename "$block")))" "$block"
  done
  stop_daemon
  well "$name: $(find "$blocks" -type f | wc -l) blocks run as printed"
done

# --- 6. what other programs say ---------------------------------------------------------------

if command -v systemd-analyze >/dev/null; then
  sed "s|/usr/local/bin/tollbook|$tool|" "$root/docs/tollbook.service" >"$scratch/tollbook.service"
  systemd-analyze verify "$scratch/tollbook.service" >"$scratch/out" 2>&1 ||
    fail "systemd-analyze verify: $(head -n 1 "$scratch/out")" "correct docs/tollbook.service"
  ! grep -q 'tollbook\.service:' "$scratch/out" ||
    fail "$(grep -m 1 'tollbook\.service:' "$scratch/out")" "correct docs/tollbook.service"
  well "tollbook.service: systemd-analyze has nothing to say"
else
  well "tollbook.service: skipped, systemd-analyze is not installed"
fi

if command -v nginx >/dev/null && command -v openssl >/dev/null; then
  mkdir "$scratch/nginx"
  openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost \
    -keyout "$scratch/nginx/key.pem" -out "$scratch/nginx/cert.pem" 2>/dev/null
  {
    printf 'pid %s/pid; error_log stderr; events {}\nhttp { access_log off;\n' "$scratch/nginx"
    fence "$root/docs/SECURITY.md" 'nginx check' | sed -e "s|/etc/ssl/[a-z/.]*cert.pem|$scratch/nginx/cert.pem|" \
      -e "s|/etc/ssl/[a-z/.]*key.pem|$scratch/nginx/key.pem|" -e 's/listen 443/listen 127.0.0.1:44399/' \
      -e '/listen \[::\]/d'
    printf '}\n'
  } >"$scratch/nginx/nginx.conf"
  nginx -t -q -p "$scratch/nginx" -c "$scratch/nginx/nginx.conf" >"$scratch/out" 2>&1 ||
    fail "nginx: $(head -n 1 "$scratch/out")" "correct the snippet in docs/SECURITY.md"
  well "SECURITY.md: nginx takes the snippet"
else
  well "SECURITY.md: nginx snippet skipped, nginx or openssl is not installed"
fi
echo "docs-check: all well"
