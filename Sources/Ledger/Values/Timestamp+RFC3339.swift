public import JSON

extension Timestamp {
  /// Reads the log's own form, exactly `YYYY-MM-DDTHH:MM:SS.mmmZ` (24 bytes).
  public init?(canonical bytes: Span<UInt8>) {
    guard bytes.count == 24,
      let date = Timestamp.digits(
        bytes, 0, like: 0x2D30_302D_3030_3030, isDigit: 0x00FF_FF00_FFFF_FFFF),
      let clock = Timestamp.digits(
        bytes, 8, like: 0x3030_3A30_3054_3030, isDigit: 0xFFFF_00FF_FF00_FFFF),
      let rest = Timestamp.digits(
        bytes, 16, like: 0x5A30_3030_2E30_303A, isDigit: 0x00FF_FFFF_00FF_FF00)
    else { return nil }
    let hour = Timestamp.two(clock, 3)
    let minute = Timestamp.two(clock, 6)
    let second = Timestamp.two(rest, 1)
    guard hour < 24, minute < 60, second < 60,
      let day = Day(
        year: Timestamp.two(date, 0) * 100 + Timestamp.two(date, 2),
        month: Timestamp.two(date, 5), day: Timestamp.two(clock, 0))
    else { return nil }
    let milliseconds = Timestamp.two(rest, 4) * 10 + Int(rest >> 48 & 0xFF)
    let seconds = hour * 3_600 + minute * 60 + second
    self.init(
      milliseconds: Int64(day.number) * 86_400_000 + Int64(seconds * 1_000 + milliseconds))
  }

  /// Eight bytes of a form as the values of its digits; nil when one is not as the form says.
  ///
  /// `like` has `0` for each digit and the very byte elsewhere, `isDigit` all ones for each digit.
  @inline(__always)
  private static func digits(
    _ bytes: Span<UInt8>, _ start: Int, like form: UInt64, isDigit: UInt64
  ) -> UInt64? {
    let values = UInt64(littleEndian: ByteWords.word(bytes, start)) ^ form
    // Adding moves a digit above 9, and any other difference, into bit 7 of its byte.
    let limit = 0x7F7F_7F7F_7F7F_7F7F - (0x0909_0909_0909_0909 & isDigit)
    let tooLarge = (values & 0x7F7F_7F7F_7F7F_7F7F) &+ limit | values
    return tooLarge & 0x8080_8080_8080_8080 == 0 ? values : nil
  }

  /// Two neighbouring digits, the first in the byte of that index.
  @inline(__always)
  private static func two(_ digits: UInt64, _ index: Int) -> Int {
    let pair = digits >> UInt64(index * 8)
    return Int(pair & 0xFF) * 10 + Int(pair >> 8 & 0xFF)
  }

  /// Reads RFC 3339 from outside: `2025-11-16T03:00:00Z`, `…03:00:00.123456+02:00`.
  ///
  /// Upper-case `T` and `Z`, or a blank for `T`. Digits past the millisecond are cut. Without
  /// `offsetRequired` a time with no offset is taken as UTC (Genesis writes naive UTC). Nil for
  /// anything else, also second 60 and dates that do not exist.
  public init?(rfc3339 bytes: Span<UInt8>, offsetRequired: Bool) {
    guard bytes.count >= 19, bytes.count <= 40,
      bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[10] == 0x54 || bytes[10] == 0x20,
      bytes[13] == 0x3A, bytes[16] == 0x3A,
      let century = Timestamp.twoDigits(bytes, 0), let years = Timestamp.twoDigits(bytes, 2),
      let month = Timestamp.twoDigits(bytes, 5), let dayOfMonth = Timestamp.twoDigits(bytes, 8),
      let hour = Timestamp.twoDigits(bytes, 11), hour < 24,
      let minute = Timestamp.twoDigits(bytes, 14), minute < 60,
      let second = Timestamp.twoDigits(bytes, 17), second < 60,
      let day = Day(year: century * 100 + years, month: month, day: dayOfMonth)
    else { return nil }
    var index = 19
    guard let fraction = Timestamp.fraction(bytes, &index),
      let offset = Timestamp.offset(bytes, index, required: offsetRequired)
    else { return nil }
    let seconds = hour * 3_600 + minute * 60 + second - offset * 60
    let milliseconds = Int64(day.number) * 86_400_000 + Int64(seconds * 1_000 + fraction)
    self.init(milliseconds: milliseconds)
    // An offset may lead out of the range, and then the moment is another one.
    guard self.milliseconds == milliseconds else { return nil }
  }

  public init?(rfc3339 text: Text, offsetRequired: Bool) {
    let bytes = Array(text.string.utf8)
    self.init(rfc3339: bytes.span, offsetRequired: offsetRequired)
  }

  private static func twoDigits(_ bytes: Span<UInt8>, _ index: Int) -> Int? {
    let tens = bytes[index] &- 0x30
    let ones = bytes[index + 1] &- 0x30
    guard tens < 10, ones < 10 else { return nil }
    return Int(tens) * 10 + Int(ones)
  }

  /// Milliseconds of an optional `.digits` part; nil when a point has no digits.
  private static func fraction(_ bytes: Span<UInt8>, _ index: inout Int) -> Int? {
    guard index < bytes.count, bytes[index] == 0x2E else { return 0 }
    index += 1
    let start = index
    var value = 0
    while index < bytes.count, let digit = bytes[index].decimalDigit {
      if index - start < 3 { value = value * 10 + Int(digit) }
      index += 1
    }
    guard index > start else { return nil }
    for _ in (index - start)..<max(3, index - start) { value *= 10 }
    return value
  }

  /// Minutes east of UTC; nil when the rest is not an offset.
  private static func offset(_ bytes: Span<UInt8>, _ index: Int, required: Bool) -> Int? {
    if index == bytes.count { return required ? nil : 0 }
    if bytes[index] == 0x5A { return index + 1 == bytes.count ? 0 : nil }
    guard bytes[index] == 0x2B || bytes[index] == 0x2D, index + 6 == bytes.count,
      bytes[index + 3] == 0x3A,
      let hours = twoDigits(bytes, index + 1), hours < 24,
      let minutes = twoDigits(bytes, index + 4), minutes < 60
    else { return nil }
    let total = hours * 60 + minutes
    return bytes[index] == 0x2D ? -total : total
  }

  /// Appends the log's form, 24 ASCII bytes.
  public func write(into bytes: inout [UInt8]) {
    let day = self.day
    day.write(into: &bytes)
    let rest = Int(milliseconds - Int64(day.number) * 86_400_000)
    bytes.append(0x54)
    Timestamp.appendTwo(rest / 3_600_000, to: &bytes)
    bytes.append(0x3A)
    Timestamp.appendTwo(rest / 60_000 % 60, to: &bytes)
    bytes.append(0x3A)
    Timestamp.appendTwo(rest / 1_000 % 60, to: &bytes)
    bytes.append(0x2E)
    let millisecond = rest % 1_000
    bytes.append(0x30 &+ UInt8(truncatingIfNeeded: millisecond / 100))
    Timestamp.appendTwo(millisecond % 100, to: &bytes)
    bytes.append(0x5A)
  }

  /// Appends 0...99 as two digits.
  static func appendTwo(_ value: Int, to bytes: inout [UInt8]) {
    bytes.append(0x30 &+ UInt8(truncatingIfNeeded: value / 10))
    bytes.append(0x30 &+ UInt8(truncatingIfNeeded: value % 10))
  }

  /// The log's form, e.g. `2026-11-16T03:00:00.123Z`.
  public var rfc3339: Text {
    var bytes: [UInt8] = []
    write(into: &bytes)
    return Text(String(decoding: bytes, as: UTF8.self))
  }
}

extension Timestamp: CustomStringConvertible {
  public var description: String { rfc3339.string }
}

extension Day: CustomStringConvertible {
  /// `2026-11-16`.
  public var description: String {
    var bytes: [UInt8] = []
    write(into: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends `YYYY-MM-DD`.
  public func write(into bytes: inout [UInt8]) {
    let civil = self.civil
    Timestamp.appendTwo(civil.year / 100, to: &bytes)
    Timestamp.appendTwo(civil.year % 100, to: &bytes)
    bytes.append(0x2D)
    Timestamp.appendTwo(civil.month, to: &bytes)
    bytes.append(0x2D)
    Timestamp.appendTwo(civil.day, to: &bytes)
  }

  /// Reads exactly `YYYY-MM-DD`.
  public init?(_ text: Text) {
    let bytes = Array(text.string.utf8)
    guard bytes.count == 10 else { return nil }
    let whole = bytes + Array("T00:00:00Z".utf8)
    guard let moment = Timestamp(rfc3339: whole.span, offsetRequired: true) else { return nil }
    self = moment.day
  }
}

extension Month: CustomStringConvertible {
  /// `2026-11`.
  public var description: String {
    var bytes: [UInt8] = []
    Timestamp.appendTwo(year / 100, to: &bytes)
    Timestamp.appendTwo(year % 100, to: &bytes)
    bytes.append(0x2D)
    Timestamp.appendTwo(month, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Reads exactly `YYYY-MM`.
  public init?(_ text: Text) {
    guard let day = Day(Text(text.string + "-01")) else { return nil }
    self.init(of: day)
  }
}
