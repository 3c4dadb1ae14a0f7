#!/usr/bin/env bash
# Fuzzes every parser with the toolchain's libFuzzer and AddressSanitizer: docs/fuzz.sh [SECONDS]
# The targets and their laws are those of `Workbench fuzz`. TARGETS="json money" takes some of them;
# the corpus that was grown stays in .build/libfuzzer/corpus, a crash in .build/libfuzzer/crashes.
set -uo pipefail
cd "$(dirname "$0")/.."
SECONDS_EACH=${1:-30}
PLACE=.build/libfuzzer
FUZZER=$PLACE/fuzzer
COVERAGE=-sanitize-coverage=edge,indirect-calls,trace-cmp,inline-8bit-counters,pc-table
FAILED=0
# Swift's own trace would come before libFuzzer, which keeps the input.
export SWIFT_BACKTRACE=enable=no

# longest TARGET: bytes of the longest input that still reaches something new.
longest() {
  case $1 in
    money | timestamp) echo 64 ;;
    payment) echo 256 ;;
    *) echo 8192 ;;
  esac
}

# Links and runs a fuzzer of one line, to see that this toolchain has all of the parts.
has_libfuzzer() {
  echo '@_cdecl("LLVMFuzzerTestOneInput")
    public func probe(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt { 0 }' \
    > "$PLACE/probe.swift"
  swiftc -parse-as-library -sanitize=fuzzer,address "$PLACE/probe.swift" -o "$PLACE/probe" \
    > "$PLACE/probe.log" 2>&1 && "$PLACE/probe" -runs=1 >> "$PLACE/probe.log" 2>&1
}

# The workbench's objects and those below it, built to be watched, linked to libFuzzer's main.
# The coverage is what -sanitize=fuzzer asks for; that option itself would refuse a main.swift.
build() {
  # SwiftPM keeps objects whose code did not change, and those of files that are gone: with another
  # coverage the first would stay bare, after a rename the second would be linked twice.
  local form
  form="$COVERAGE $(find Sources -name '*.swift' | sort)"
  [ "$(cat "$PLACE/build/form" 2> /dev/null)" = "$form" ] || rm -rf "$PLACE/build"
  mkdir -p "$PLACE/build" && echo "$form" > "$PLACE/build/form"
  swift build -c release --target Workbench --scratch-path "$PLACE/build" --sanitize address \
    -Xswiftc "$COVERAGE" > "$PLACE/build.log" 2>&1 &&
    find "$PLACE/build/release/" -path '*.build/*.o' ! -path '*/tollbook.build/*' \
      > "$PLACE/objects" &&
    swiftc -sanitize=fuzzer,address "@$PLACE/objects" -o "$FUZZER" >> "$PLACE/build.log" 2>&1
}

# fuzz TARGET: sound inputs first, then SECONDS_EACH of libFuzzer; one line says what was done.
fuzz() {
  local target=$1 corpus=$PLACE/corpus/$1 log=$PLACE/$1.log
  mkdir -p "$corpus/found" "$corpus/seeds"
  FUZZ_TARGET=$target FUZZ_SEEDS=$corpus/seeds "$FUZZER" || return 1
  FUZZ_TARGET=$target "$FUZZER" "$corpus/found" "$corpus/seeds" -dict="$corpus/tokens.dict" \
    -max_total_time="$SECONDS_EACH" -max_len="$(longest "$target")" -timeout=10 \
    -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$PLACE/crashes/$target-" \
    > "$log" 2>&1
  local status=$? runs coverage
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  coverage=$(grep -o 'cov: [0-9]* ft: [0-9]*' "$log" | tail -1)
  if [ $status = 0 ]; then
    echo "libfuzzer $target: ${runs:-?} runs, ${coverage:-no coverage}: nothing found"
    return 0
  fi
  local kept
  kept=$(sed -n 's/.*Test unit written to //p' "$log" | tail -1)
  echo "libfuzzer $target: FOUND after ${runs:-?} runs: $(grep -m1 -E "^fuzz $target|ERROR:" "$log")"
  echo "  the input is in ${kept:-no file, see $log}"
  echo "  again: FUZZ_TARGET=$target $FUZZER ${kept:-}"
  return 1
}

mkdir -p "$PLACE/crashes"
if ! has_libfuzzer; then
  echo "libfuzzer: skipped, this toolchain cannot link it: $(tail -1 "$PLACE/probe.log")"
  exit 0
fi
if ! build; then
  echo "libfuzzer: FAILED to build"
  grep -E 'error|undefined' "$PLACE/build.log" | head -10
  exit 1
fi
for target in ${TARGETS:-json line http money timestamp env payment macaroon authorization webhook signed}; do
  fuzz "$target" || FAILED=1
done
exit $FAILED
