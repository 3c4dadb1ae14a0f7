/// A JSON number as it was written; no digit is ever lost to a binary float.
///
/// `1e400` is a number here (RFC 8259 section 6 is grammar only); whoever asks for an amount
/// checks range and scale.
public struct JSONNumber: Equatable, Sendable {
  /// The bytes as written, e.g. `-1.50e+3`. Equality compares these, so `1.0` is not `1`.
  public let text: Text

  /// Takes text that is exactly one number of RFC 8259 section 6; nil when it is anything else.
  public init?(_ text: Text) {
    let isNumber = text.withUTF8 { bytes in
      guard case .number(let length) = NumberScan.number(in: bytes) else { return false }
      return length == bytes.count
    }
    guard isNumber else { return nil }
    self.text = text
  }

  /// Writes an integer as a number.
  public init(_ value: Int64) {
    text = Text(String(value))
  }

  /// Takes text that the parser has just scanned.
  init(scanned text: Text) {
    self.text = text
  }

  /// The value when the text is `-?` and digits and fits 64 signed bits, else nil.
  ///
  /// `1.0` and `1e2` are nil: an integer is written as one. `-0` is 0.
  public func integer() -> Int64? {
    Int64(text.string)
  }

  /// Whether the text is an optional minus sign and digits only.
  var isWrittenAsInteger: Bool {
    text.withUTF8 { bytes in bytes.allSatisfy { $0 == 0x2D || $0 &- 0x30 < 10 } }
  }
}

/// Finds out how far a number of RFC 8259 section 6 reaches.
enum NumberScan {
  /// What stands at the beginning of a buffer.
  enum Outcome: Equatable {
    /// A number of so many bytes; what follows it is not looked at, except for digits.
    case number(length: Int)
    /// A fault, so many bytes from the beginning.
    case fault(at: Int, JSONError.Reason)
  }

  /// Reads the longest number at the beginning of the buffer.
  static func number(in bytes: UnsafeBufferPointer<UInt8>) -> Outcome {
    var index = 0
    if index < bytes.count, bytes[index] == 0x2D { index += 1 }
    let integerStart = index
    guard skipDigits(bytes, &index) else { return missingDigit(bytes, at: index) }
    if bytes[integerStart] == 0x30, index > integerStart + 1 {
      return .fault(at: integerStart, .leadingZero)
    }
    if index < bytes.count, bytes[index] == 0x2E {
      index += 1
      guard skipDigits(bytes, &index) else { return missingDigit(bytes, at: index) }
    }
    if index < bytes.count, bytes[index] | 0x20 == 0x65 {
      index += 1
      if index < bytes.count, bytes[index] == 0x2B || bytes[index] == 0x2D { index += 1 }
      guard skipDigits(bytes, &index) else { return missingDigit(bytes, at: index) }
    }
    return .number(length: index)
  }

  /// Moves past digits; false when there was not one.
  private static func skipDigits(
    _ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int
  ) -> Bool {
    let start = index
    while index < bytes.count, bytes[index] &- 0x30 < 10 { index += 1 }
    return index > start
  }

  private static func missingDigit(
    _ bytes: UnsafeBufferPointer<UInt8>, at index: Int
  ) -> Outcome {
    .fault(at: index, index < bytes.count ? .expectedDigit : .unexpectedEnd)
  }
}
