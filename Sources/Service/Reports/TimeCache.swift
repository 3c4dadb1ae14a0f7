import Ledger

/// Reads times of the log's fixed form, and remembers the day of the last one.
struct TimeCache {
  private var date: (UInt64, UInt16) = (0, 0)
  private var start: Int64 = 0

  /// Milliseconds since 1970 of the 24 bytes `2026-11-16T03:00:00.123Z`; nil for anything else.
  @inline(__always)
  mutating func milliseconds(_ bytes: UnsafePointer<UInt8>) -> Int64? {
    let raw = UnsafeRawPointer(bytes)
    let year = raw.loadUnaligned(as: UInt64.self)
    let day = raw.loadUnaligned(fromByteOffset: 8, as: UInt16.self)
    guard year == date.0, day == date.1 else { return slow(bytes, year, day) }
    // `03:00:00` and `:00.123Z` without their marks and zeros; the marks become 0.
    let clock =
      UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: 11, as: UInt64.self))
      ^ 0x3030_3A30_303A_3030
    let rest =
      UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
      ^ 0x5A30_3030_2E30_303A
    let marks = clock & 0x0000_FF00_00FF_0000 | rest & 0xFF00_0000_FF00_0000
    guard bytes[10] == 0x54, marks | Digits.wrong(clock) | Digits.wrong(rest) == 0 else {
      return nil
    }
    let pairs = clock &* 10 &+ (clock &>> 8)
    let (hour, minute, second) = (pairs & 0xFF, pairs &>> 24 & 0xFF, pairs &>> 48 & 0xFF)
    guard hour < 24, minute < 60, second < 60 else { return nil }
    let thousandths =
      (rest &>> 32 & 0xFF) &* 100 &+ (rest &>> 40 & 0xFF) &* 10 &+ (rest &>> 48 & 0xFF)
    let seconds = (hour &* 60 &+ minute) &* 60 &+ second
    return start &+ Int64(truncatingIfNeeded: seconds &* 1_000 &+ thousandths)
  }

  @inline(never)
  private mutating func slow(
    _ bytes: UnsafePointer<UInt8>, _ year: UInt64, _ day: UInt16
  ) -> Int64? {
    let text = UnsafeBufferPointer(start: bytes, count: 24)
    guard let moment = Timestamp(canonical: text.span) else { return nil }
    date = (year, day)
    start = moment.day.start.milliseconds
    return moment.milliseconds
  }
}
