#!/usr/bin/env bash
# The script of `make demo`: imports the sample into a scratch folder, audits it, kills the daemon
# under load, and rebuilds every view. Ends with 0 only if every step came out as expected.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
tollbook=${TOLLBOOK:-$here/../.build/release/tollbook}
sample=$here/../data/sample/transactions.jsonl
case $tollbook in /*) ;; *) tollbook=$PWD/$tollbook ;; esac

bold='' green='' red='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
  bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
fi

say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
well() { printf '%s  ok: %s%s\n' "$green" "$*" "$plain"; }
fail() {
  printf '%s  NOT AS EXPECTED: %s%s\n' "$red" "$*" "$plain" >&2
  exit 1
}
# Prints the command as one would type it, then runs it.
show() {
  printf '$ tollbook %s\n' "$*"
  "$tollbook" "$@"
}
# Runs a command and demands its exit code; its output stays in the file "$home/out".
expect() {
  local wanted=$1 got=0
  shift
  printf '$ tollbook %s\n' "$*"
  "$tollbook" "$@" >"$home/out" 2>"$home/err" || got=$?
  [ "$got" = "$wanted" ] || {
    tail -n 20 "$home/out" "$home/err" >&2
    fail "exit code $got, expected $wanted"
  }
}
contains() { grep -q -- "$1" "$home/out" || fail "the answer does not hold: $1"; }

[ -x "$tollbook" ] || fail "there is no program at $tollbook; run make build, or set TOLLBOOK"
command -v curl >/dev/null || fail "curl is needed to pay as a client would"

home=$(mktemp -d)
daemon='' load=''
finish() {
  [ -z "$load" ] || kill "$load" 2>/dev/null || true
  [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$home"
}
trap finish EXIT
export TOLLBOOK_HOME=$home PAYMENTS_USE_FAKE=true TOLLBOOK_LOG_STDOUT=false
cd "$home"

# Starts the daemon on a free port; sets "daemon" and "gateway".
start() {
  "$tollbook" serve --gateway 127.0.0.1:0 --api off --metrics off >"$home/serve" 2>&1 &
  daemon=$!
  for _ in $(seq 100); do
    gateway=$(sed -n 's/^tollbook listening gateway=\([^ ]*\).*/\1/p' "$home/serve")
    [ -z "$gateway" ] || return 0
    kill -0 "$daemon" 2>/dev/null || break
    sleep 0.1
  done
  cat "$home/serve" >&2
  fail "the daemon did not start"
}
pay() {
  curl -s -m 10 -D "$home/head" -o "$home/body" -w '%{http_code}' -X POST \
    -H 'Content-Type: application/json' -H "X-Payment: v1:0.01:demo-proof-$1" \
    -H "Idempotency-Key: demo-$1" -d '{"task":"demo"}' "http://$gateway/agent/task" || true
}

say "1. Import 2,000 lines of a Genesis ledger; 25 of them are bad, each is named"
expect 1 import transactions "$sample" -o json
contains '"recorded":1972'
contains '"refused":25'
sed 's/^/  /' "$home/out"
head -n 3 "$home/err" | sed "s|$sample|transactions.jsonl|; s/^/  /"
well "1,972 recorded, 25 refused"

say "2. Again: what the log knows is passed over"
expect 1 import transactions "$sample" -o json
contains '"recorded":0,"known":1974'
well "nothing was recorded twice"

say "3. The log is text: tail and grep are an audit"
show log tail -n 2 --book real
hits=$(grep -h '"subject":"tx_12345"' data/ledger/*.jsonl | wc -l)
[ "$hits" = 2 ] || fail "grep finds $hits lines of tx_12345, expected 2"
expect 0 log grep tx_12345 --book real
well "grep finds both records of tx_12345"

say "4. Totals"
expect 0 tx get tx_12345 --book real -o table
contains 'completed'
expect 0 tx total --date 2026-11-04 --book real -o table
contains '2026-11-04'
sed 's/^/  /' "$home/out"
expect 0 stats failures --book real
contains 'legacy-ocr'
well "one payment, one day, and the vendor that keeps failing"

say "5. Every byte is chained; anyone can check it"
show log verify || fail "the log does not verify"
well "log verify found nothing"

say "6. A gateway: 402, payment, replay, conflict"
start
show quickstart verify "http://$gateway" || fail "the gateway does not keep its promises"

say "7. kill -9 while clients pay"
(
  for number in $(seq 100000); do
    [ "$(pay "$number")" = 200 ] && echo "$number" >>"$home/acknowledged"
  done
) &
load=$!
for _ in $(seq 300); do
  [ "$(cat "$home/acknowledged" 2>/dev/null | wc -l)" -lt 40 ] || break
  sleep 0.1
done
kill -9 "$daemon"
wait "$daemon" 2>/dev/null || true
daemon=''
kill "$load" 2>/dev/null || true
wait "$load" 2>/dev/null || true
load=''
count=$(wc -l <"$home/acknowledged")
[ "$count" -ge 40 ] || fail "only $count payments were answered before the kill"
echo "  $count payments were answered with 200, then the daemon was killed"
got=0
"$tollbook" log verify >"$home/out" 2>&1 || got=$?
[ "$got" -le 1 ] || fail "log verify says $got after the kill"
start
while read -r number; do
  [ "$(pay "$number")" = 200 ] || fail "payment demo-$number is lost"
  grep -qi '^Idempotency-Replayed: true' "$home/head" || fail "demo-$number was charged again"
  hits=$(grep -h '"type":"gateway.payment_accepted"' data/ledger/*.jsonl |
    grep -c "\"key\":\"demo-$number\"" || true)
  [ "$hits" = 1 ] || fail "demo-$number stands in the log $hits times"
done <"$home/acknowledged"
well "every answered payment is there, exactly once"
kill "$daemon"
wait "$daemon" 2>/dev/null || fail "the daemon did not end well on SIGTERM"
daemon=''

say "8. Delete every view and fold them again from the log"
digest() { (cd data && find a2a-x402 a2a-x402-fake -type f -exec sha256sum {} + | sort -k 2); }
expect 0 view rebuild
digest >"$home/before"
[ -s "$home/before" ] || fail "there are no views"
rm -rf data/a2a-x402 data/a2a-x402-fake
expect 0 view rebuild
digest >"$home/after"
cmp -s "$home/before" "$home/after" || fail "the views differ after the rebuild"
sed 's/^\(.\{16\}\)[^ ]*/  \1…/' "$home/after" | head -n 4
well "byte for byte the same"

say "Done. Everything came out as expected."
