import Ledger

/// Reads times of the log's fixed form, and remembers the day of the last one.
struct TimeCache {
  private var date: (UInt64, UInt16) = (0, 0)
  private var start: Int64 = 0

  /// Milliseconds since 1970 of `2026-11-16T03:00:00.123Z`; nil for anything else.
  @inline(__always)
  mutating func milliseconds(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
    guard bytes.count == 24, let base = bytes.baseAddress else { return nil }
    let raw = UnsafeRawPointer(base)
    let year = raw.loadUnaligned(as: UInt64.self)
    let day = raw.loadUnaligned(fromByteOffset: 8, as: UInt16.self)
    guard year == date.0, day == date.1 else { return slow(bytes, year, day) }
    guard base[10] == 0x54, base[13] == 0x3A, base[16] == 0x3A, base[19] == 0x2E, base[23] == 0x5A
    else { return nil }
    var areDigits = true
    func number(_ index: Int, _ count: Int) -> Int64 {
      var value: Int64 = 0
      for place in index..<index + count {
        let digit = base[place] &- 0x30
        if digit > 9 { areDigits = false }
        value = value &* 10 &+ Int64(digit)
      }
      return value
    }
    let (hour, minute, second) = (number(11, 2), number(14, 2), number(17, 2))
    let rest = number(20, 3)
    guard areDigits, hour < 24, minute < 60, second < 60 else { return nil }
    return start + ((hour * 60 + minute) * 60 + second) * 1_000 + rest
  }

  @inline(never)
  private mutating func slow(
    _ bytes: UnsafeBufferPointer<UInt8>, _ year: UInt64, _ day: UInt16
  ) -> Int64? {
    guard let moment = Timestamp(canonical: bytes.span) else { return nil }
    date = (year, day)
    start = moment.day.start.milliseconds
    return moment.milliseconds
  }
}
