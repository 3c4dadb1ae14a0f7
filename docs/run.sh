#!/bin/sh
# Starts the daemon in the foreground and says what to try next. Ctrl-C stops it.
set -eu
cat <<'TEXT'
Tollbook starts with fake money on this machine only. In another terminal, try:

  curl -s  http://localhost:3000/health
  curl -si -X POST http://localhost:3000/agent/task -H 'Content-Type: application/json' -d '{"task":"test"}'
  curl -si -X POST http://localhost:3000/agent/task -H 'Content-Type: application/json' \
       -H 'X-Payment: v1:0.01:proof123' -H 'Idempotency-Key: try-1' -d '{"task":"test"}'
  tail -n 3 data/ledger/current
  .build/release/tollbook log verify
  .build/release/tollbook quickstart verify

TEXT
exec "$1" serve
