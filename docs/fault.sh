#!/bin/sh
# Breaks the machine under the real program and checks what it promised: docs/fault.sh TOLLBOOK WORKBENCH
# Takes minutes. POINTS, BYTES, PAYMENTS, ROUNDS and SEED change how much is done; the seed of each step is printed.
set -u
TOLLBOOK=${1:?usage: docs/fault.sh TOLLBOOK WORKBENCH}
WORKBENCH=${2:?usage: docs/fault.sh TOLLBOOK WORKBENCH}
SEED=${SEED:-$(date +%s)}
SCRATCH=$(mktemp -d)
export TOLLBOOK_LOG_STDOUT=false PAYMENTS_USE_FAKE=true TOLLBOOK_MIN_FREE_MB=0
DAEMON=
FAILED=0

cleanup() {
  [ -n "$DAEMON" ] && kill -9 "$DAEMON" 2>/dev/null
  mountpoint -q "$SCRATCH/small" && umount "$SCRATCH/small"
  rm -rf "$SCRATCH"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

ok() { echo "ok    $1"; }
bad() { echo "FAIL  $1"; FAILED=1; }
skip() { echo "skip  $1"; }
# is WANTED GOT WHAT
is() { if [ "$1" = "$2" ]; then ok "$3"; else bad "$3: expected $1, got $2"; fi; }

# start HOME [COMMAND…]: starts the daemon, by way of a command if one is given, and sets PORT.
start() {
  home=$1
  shift
  : > "$SCRATCH/out"
  "$@" "$TOLLBOOK" serve --home "$home" --gateway 127.0.0.1:0 --api off --metrics off \
    > "$SCRATCH/out" 2> "$SCRATCH/err" &
  DAEMON=$!
  PORT=
  for _ in $(seq 1 200); do
    PORT=$(sed -n 's/.*gateway=127\.0\.0\.1:\([0-9]*\).*/\1/p' "$SCRATCH/out")
    [ -n "$PORT" ] && return 0
    kill -0 "$DAEMON" 2>/dev/null || return 1
    sleep 0.05
  done
  return 1
}

# pay KEY [EXTRA BYTES]: one paid request; prints the status, 000 when there was no answer.
pay() {
  curl -s -o "$SCRATCH/answer" -w '%{http_code}' --max-time 10 \
    -H 'Content-Type: application/json' -H "X-Payment: v1:0.01:proof-$1" \
    -H "Idempotency-Key: $1" -d "{\"task\":\"$1\"}" "http://127.0.0.1:$PORT/agent/task"
}

# Waits for the end, which must come by itself; STATUS 137 is one that did not.
ended() {
  for _ in $(seq 1 300); do
    kill -0 "$DAEMON" 2>/dev/null || break
    sleep 0.05
  done
  kill -9 "$DAEMON" 2>/dev/null
  wait "$DAEMON" 2>/dev/null
  STATUS=$?
  DAEMON=
}

stop() {
  kill -TERM "$DAEMON"
  ended
}

verified() {
  "$TOLLBOOK" log verify --home "$1" > "$SCRATCH/verify" 2>&1
  STATUS=$?
}

# What is on the disk after a failure: a start repairs by itself, every 200 is there, all is clean.
recovers() {
  home=$1 what=$2 paid=$3
  verified "$home"
  case $STATUS in 0 | 1) ok "$what: the log is clean, or a start repairs it" ;;
    *) bad "$what: log verify says $STATUS: $(tail -1 "$SCRATCH/verify")" ;; esac
  if ! start "$home"; then bad "$what: no clean restart: $(tail -1 "$SCRATCH/err")"; return; fi
  missing=0
  for key in $paid; do
    [ "$(pay "$key")" = 200 ] || missing=$((missing + 1))
    [ "$(grep -h "\"key\":\"$key\"" "$home"/data/ledger/*.jsonl | wc -l)" = 1 ] ||
      missing=$((missing + 1))
  done
  is 0 $missing "$what: every acknowledged key is there once after the restart"
  is 200 "$(pay fresh-after)" "$what: money is taken again"
  stop
  is 0 $STATUS "$what: SIGTERM ends it with 0"
  verified "$home"
  is 0 $STATUS "$what: log verify is clean at the end"
}

# inject NAME CALL ERROR FROM: the daemon under strace, which makes one kind of call fail from the
# n-th of a thread on.
inject() {
  name=$1 call=$2 expression="inject=$2:error=$3:when=$4"
  home="$SCRATCH/inject-$name"
  mkdir -p "$home"
  # The ledger is begun before, so that the n-th call is one of the load.
  start "$home" || { bad "$name: no start"; return; }
  stop
  if ! start "$home" strace -f -qq -o /dev/null -e "trace=$call" -e "$expression"; then
    ended
    is 8 $STATUS "$name: a start that cannot write ends with 8"
    recovers "$home" "$name" ""
    return
  fi
  paid= after=0 refused=0
  for number in $(seq 1 60); do
    case $(pay "$name-$number") in
      200) [ $refused = 0 ] && paid="$paid $name-$number" || after=$((after + 1)) ;;
      503) grep -q LEDGER_UNAVAILABLE "$SCRATCH/answer" && refused=$((refused + 1)) ;;
      000) break ;;
    esac
  done
  [ $refused -gt 0 ] && ok "$name: 503 LEDGER_UNAVAILABLE" || bad "$name: nobody was told 503"
  is 0 $after "$name: no 2xx after the first 503"
  ended
  is 8 $STATUS "$name: the process ends with 8"
  recovers "$home" "$name" "$paid"
}

echo "== crash simulation"
"$WORKBENCH" crash --points "${POINTS:-20000}" --seed "$SEED" || FAILED=1

echo "== every byte of a log damaged"
"$WORKBENCH" damage --bytes "${BYTES:-65536}" --seed "$SEED" || FAILED=1

echo "== kill -9 while paying, against the provider's own books"
mkdir -p "$SCRATCH/paykill"
"$WORKBENCH" paykill --tollbook "$TOLLBOOK" --home "$SCRATCH/paykill" \
  --payments "${PAYMENTS:-100000}" --seed "$SEED" 2> "$SCRATCH/err" || { tail -3 "$SCRATCH/err"; FAILED=1; }
verified "$SCRATCH/paykill"
is 0 $STATUS "log verify after paying"

echo "== kill -9 under load"
mkdir -p "$SCRATCH/kill"
"$WORKBENCH" kill --tollbook "$TOLLBOOK" --home "$SCRATCH/kill" --rounds "${ROUNDS:-50}" \
  --seed "$SEED" 2> "$SCRATCH/err" || { tail -3 "$SCRATCH/err"; FAILED=1; }
verified "$SCRATCH/kill"
is 0 $STATUS "log verify after all of it"

echo "== a second daemon on one folder"
mkdir -p "$SCRATCH/two"
start "$SCRATCH/two" || bad "no start"
"$TOLLBOOK" serve --home "$SCRATCH/two" --gateway 127.0.0.1:0 --api off --metrics off \
  > /dev/null 2> "$SCRATCH/second"
is 75 $? "the second one ends with 75: $(tail -1 "$SCRATCH/second")"
is 200 "$(pay two)" "the first one goes on"
stop
is 0 $STATUS "and ends with 0"

echo "== injected disk errors"
if ! command -v strace > /dev/null; then
  skip "strace is not installed"
elif ! strace -qq -o /dev/null true 2> /dev/null; then
  skip "strace may not trace here"
else
  for error in EIO ENOSPC; do
    inject "sync-$error" fdatasync "$error" 20+
    inject "write-$error" pwrite64 "$error" 40+
    inject "sync-at-start-$error" fdatasync "$error" 1+
    inject "write-at-start-$error" pwrite64 "$error" 1+
  done
fi

echo "== a full disk"
mkdir -p "$SCRATCH/small"
if mount -t tmpfs -o size=2m,mode=0700 tmpfs "$SCRATCH/small" 2> /dev/null; then
  start "$SCRATCH/small" || bad "no start on the small disk"
  paid= refused=0
  dd if=/dev/zero of="$SCRATCH/small/ballast" bs=1k count=1700 2> /dev/null
  for number in $(seq 1 2000); do
    case $(pay "full-$number") in
      200) [ $refused = 0 ] && paid="$paid full-$number" || bad "full disk: a 200 after a 503" ;;
      503) refused=$((refused + 1)) ;;
      000) break ;;
    esac
  done
  [ $refused -gt 0 ] && ok "full disk: 503" || bad "full disk: nobody was told 503"
  ended
  is 8 $STATUS "full disk: the process ends with 8"
  rm "$SCRATCH/small/ballast"
  recovers "$SCRATCH/small" "full disk" "$(echo "$paid" | tr ' ' '\n' | tail -50)"
  TOLLBOOK_MIN_FREE_MB=64 start "$SCRATCH/small" || bad "no start below the minimum"
  is 503 "$(pay below)" "below TOLLBOOK_MIN_FREE_MB new money is refused"
  grep -q DISK_LOW "$SCRATCH/answer" && ok "with DISK_LOW" || bad "without DISK_LOW"
  stop
  mount -o remount,ro "$SCRATCH/small" 2> /dev/null && {
    "$TOLLBOOK" serve --home "$SCRATCH/small" --gateway 127.0.0.1:0 --api off --metrics off \
      > /dev/null 2> "$SCRATCH/err"
    STATUS=$?
    [ $STATUS != 0 ] && ok "read-only disk: refused with $STATUS: $(tail -1 "$SCRATCH/err")" ||
      bad "read-only disk: it started"
  }
else
  skip "no tmpfs may be mounted here"
fi

[ $FAILED = 0 ] && echo "fault: all held" || echo "fault: FAILED"
exit $FAILED
