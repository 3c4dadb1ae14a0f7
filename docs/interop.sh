#!/usr/bin/env bash
# Reads our files with other people's programs: jq, Python, sqlite3, sha256sum, promtool.
# What is missing is installed where root allows it, else skipped and said so.
set -euo pipefail
tool=$(realpath "$1")
root=$(cd "$(dirname "$0")/.." && pwd)
home=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || true; rm -rf "$home"' EXIT

need() {  # program, Debian package
  command -v "$1" >/dev/null && return 0
  [ "$(id -u)" = 0 ] && apt-get install -y -qq "$2" >/dev/null 2>&1 || true
  command -v "$1" >/dev/null && return 0
  echo "skip  $1 is not installed"
  return 1
}

"$tool" import transactions "$root/data/sample/transactions.jsonl" --home "$home" \
  >/dev/null 2>&1 || [ $? = 1 ]
lines=$(cat "$home"/data/ledger/*.jsonl | wc -l)
view=$home/data/a2a-x402/transactions/transactions.jsonl

if need jq jq; then
  [ "$(cat "$home"/data/ledger/*.jsonl | jq -c .seq | tail -n 1)" = "$lines" ]
  ours=$("$tool" tx total --date 2026-11-16 --home "$home" --book real | grep -o '[0-9.]*$')
  theirs=$(jq -s '[.[] | select(.status == "completed" and .network == "base"
    and (.timestamp | startswith("2026-11-16"))) | .price_usdc] | add | . * 100 | round / 100' \
    "$view")
  [ "$(printf %.2f "$theirs")" = "$ours" ]
  echo "ok    jq reads $lines lines and adds up the same \$$ours"
fi
if need python3 python3; then
  python3 - "$view" <<'PY'
import decimal, json, sys
for number, line in enumerate(open(sys.argv[1], encoding="utf-8"), 1):
    row = json.loads(line, parse_float=decimal.Decimal)
    assert row["status"] in ("pending", "completed", "failed", "cancelled"), number
    assert row["price_usdc"] == row["price_usdc"].quantize(decimal.Decimal("0.000001")), number
print("ok    Python reads every line of transactions.jsonl, amounts exact to six decimals")
PY
fi
if need sqlite3 sqlite3; then
  segment=$(ls "$home"/data/ledger/*.jsonl | head -n 1)
  total=$(sqlite3 :memory: "with recursive log(text, line) as (
      select readfile('$segment') || '', ''
      union all
      select substr(text, instr(text, char(10)) + 1), substr(text, 1, instr(text, char(10)) - 1)
      from log where text <> '')
    select count(*) from (select line from log limit 201) where json_valid(line);")
  [ "$total" = 200 ]
  echo "ok    sqlite3 finds the first $total lines to be valid JSON"
fi
if need promtool prometheus; then
  "$tool" serve --home "$home" --gateway 127.0.0.1:0 --api off --metrics 127.0.0.1:0 \
    >"$home/out" 2>"$home/err" &
  pid=$!
  for _ in $(seq 100); do grep -q listening "$home/out" && break; sleep 0.1; done
  address=$(sed -n 's/.*metrics=\([^ ]*\).*/\1/p' "$home/out")
  curl -sf "http://$address/metrics" | promtool check metrics >"$home/lint" 2>&1 || true
  ! grep -q "error while linting" "$home/lint"
  echo "ok    promtool parses /metrics"
fi
if need python3 python3; then
  # The official package in an environment of its own, pinned.
  packages=$root/.build/interop-x402
  if [ ! -x "$packages/bin/python" ] || ! "$packages/bin/python" -c 'import x402' 2>/dev/null; then
    [ "$(id -u)" = 0 ] && apt-get install -y -qq python3-venv >/dev/null 2>&1 || true
    python3 -m venv "$packages" >/dev/null 2>&1 \
      && "$packages/bin/pip" install -q 'x402[httpx,evm]==2.25.0' >/dev/null 2>&1 || true
  fi
  if "$packages/bin/python" -c 'import x402' 2>/dev/null; then
    mkdir "$home/x402"
    "$packages/bin/python" "$root/docs/interop/x402_client.py" "$tool" "$home/x402"
  else
    echo "skip  the package x402 cannot be installed"
  fi
fi
