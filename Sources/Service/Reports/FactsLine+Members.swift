import JSON
import Ledger

/// How single members are read.
extension FactsLine {
  /// The bytes of a string that stands unescaped in the line.
  @inline(__always)
  static func plain(
    _ fields: inout FieldReader, _ key: StaticString, _ line: UnsafeRawBufferPointer
  ) throws(FieldError) -> Bytes {
    try fields.withString(key) { (bytes) throws(FieldError) in try inside(bytes, line) }
  }

  /// The bytes themselves when they lie in the line; a decoded copy would not outlive the call.
  @inline(__always)
  static func inside(
    _ bytes: Bytes, _ line: UnsafeRawBufferPointer
  ) throws(FieldError) -> Bytes {
    guard let start = bytes.baseAddress, let base = line.baseAddress,
      UnsafeRawPointer(start) >= base, UnsafeRawPointer(start) < base + line.count
    else { throw .unpredicted }
    return bytes
  }

  @inline(__always)
  static func skip(_ fields: inout FieldReader, _ key: StaticString) throws(FieldError) {
    _ = try fields.withOptionalString(key) { _ throws(FieldError) in }
  }

  @inline(__always)
  static func moment(
    _ fields: inout FieldReader, _ key: StaticString, _ times: inout TimeCache
  ) throws(FieldError) -> Int64 {
    var cache = times
    let moment = try fields.withString(key) { (bytes) throws(FieldError) in
      guard let moment = cache.milliseconds(bytes) else { throw .unpredicted }
      return moment
    }
    times = cache
    return moment
  }

  @inline(__always)
  static func optionalMoment(
    _ fields: inout FieldReader, _ times: inout TimeCache
  ) throws(FieldError) -> Int64? {
    var cache = times
    let moment = try fields.withOptionalString("occurred_at") { (bytes) throws(FieldError) in
      guard let moment = cache.milliseconds(bytes) else { throw .unpredicted }
      return moment
    }
    times = cache
    return moment
  }

  @inline(__always)
  static func readSource(_ data: inout FieldReader) throws(FieldError) {
    try data.withString("source") { (bytes) throws(FieldError) in
      guard bytes.count == 8, Words.load8(bytes, 0) == Words.word("external") else {
        throw .unpredicted
      }
    }
  }

  /// `payment.started`, `payment.completed` or `payment.failed`.
  @inline(__always)
  static func paymentType(_ bytes: Bytes) -> EventType? {
    guard bytes.count >= 14, Words.load8(bytes, 0) == Words.word("payment.") else { return nil }
    switch bytes.count {
    case 15: return Words.load8(bytes, 7) == Words.word(".started") ? .paymentStarted : nil
    case 17:
      let isCompleted = Words.load8(bytes, 9) == Words.word("ompleted") && bytes[8] == 0x63
      return isCompleted ? .paymentCompleted : nil
    case 14: return Words.load8(bytes, 6) == Words.word("t.failed") ? .paymentFailed : nil
    default: return nil
    }
  }

  @inline(__always)
  static func asset(_ bytes: Bytes) -> Asset? {
    guard bytes.count == 4 else { return nil }
    return Words.load8(bytes, 0) & 0xFFFF_FFFF == 0x4344_5355 ? .usdc : nil
  }

  /// A decimal at exactly the scale, of at most 18 digits.
  @inline(__always)
  static func units(_ bytes: Bytes, scale: Int) -> Int128? {
    let point = bytes.count - scale - 1
    guard point > 0, bytes.count <= 18, bytes[point] == 0x2E else { return nil }
    guard point == 1 || bytes[0] != 0x30 else { return nil }
    var units: UInt64 = 0
    for index in 0..<bytes.count where index != point {
      let digit = bytes[index] &- 0x30
      guard digit < 10 else { return nil }
      units = units &* 10 &+ UInt64(digit)
    }
    return Int128(units)
  }

  /// 1 to 128 bytes of `[A-Za-z0-9._:-]` and `_`.
  @inline(__always)
  static func isIdentifier(_ bytes: Bytes) -> Bool {
    guard (1...128).contains(bytes.count) else { return false }
    // One bit for each byte from 0x00 to 0x3F (`-`, `.`, digits, `:`) and from 0x40 to 0x7F.
    let low: UInt64 = 0x07FF_6000_0000_0000
    let high: UInt64 = 0x07FF_FFFE_87FF_FFFE
    for byte in bytes {
      let bits = byte < 0x40 ? low : byte < 0x80 ? high : 0
      if bits &>> UInt64(byte & 63) & 1 == 0 { return false }
    }
    return true
  }

  /// 64 lower-case hex digits.
  @inline(__always)
  static func isHash(_ bytes: Bytes) -> Bool {
    guard bytes.count == 64, let base = bytes.baseAddress else { return false }
    let raw = UnsafeRawPointer(base)
    let isHex =
      hexDigits(raw, 0) .& hexDigits(raw, 16) .& hexDigits(raw, 32) .& hexDigits(raw, 48)
    let words = unsafeBitCast(isHex, to: SIMD2<UInt64>.self)
    return words[0] & words[1] == .max
  }

  /// Which of 16 bytes are lower-case hex digits.
  @inline(__always)
  private static func hexDigits(
    _ bytes: UnsafeRawPointer, _ offset: Int
  ) -> SIMDMask<SIMD16<Int8>> {
    typealias Vector = SIMD16<UInt8>
    let text = bytes.loadUnaligned(fromByteOffset: offset, as: Vector.self)
    return ((text &- Vector(repeating: 0x30)) .< Vector(repeating: 10))
      .| ((text &- Vector(repeating: 0x61)) .< Vector(repeating: 6))
  }
}
