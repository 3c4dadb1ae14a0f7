/// The strict reader of RFC 8259: takes all of a text or nothing.
///
/// It accepts every `y_` text of the nst/JSONTestSuite classification but two, and refuses every
/// `n_` text. The two are its `y_` texts with a duplicated key: RFC 8259 section 4 lets a reader
/// choose, and for money two answers to one name are one too many, so they are refused.
///
/// What the RFC leaves open (the `i_` texts):
/// - refused: bytes that are not UTF-8 (overlong forms, encoded surrogates, above U+10FFFF,
///   UTF-16 with or without mark), a byte order mark, lone or swapped surrogates in escapes, more
///   nesting than the limit (so 500 levels under `JSONLimits.standard`);
/// - accepted: numbers of any size and precision (`1e400`, `-0`, 400 digits), because they stay
///   text; escaped noncharacters such as `\uFFFE`; 500 levels under `JSONLimits.file`.
///
/// Traps: never, on any bytes.
public enum JSONParser {
  /// Reads one value with nothing but white space around it.
  public static func parse(
    _ bytes: UnsafeRawBufferPointer, limits: JSONLimits
  ) throws(JSONError) -> JSONValue {
    guard bytes.count <= limits.bytes else {
      throw JSONError(offset: max(0, limits.bytes), reason: .tooLong(limit: limits.bytes))
    }
    guard let base = bytes.baseAddress else {
      throw JSONError(offset: 0, reason: .unexpectedEnd)
    }
    var scanner = DocumentScanner(
      bytes: base.assumingMemoryBound(to: UInt8.self), end: bytes.count, limits: limits)
    return try scanner.document()
  }

  /// Reads one value with nothing but white space around it.
  public static func parse(
    _ bytes: [UInt8], limits: JSONLimits
  ) throws(JSONError) -> JSONValue {
    try bytes.span.bytes.withUnsafeBytes { (buffer) throws(JSONError) in
      try parse(buffer, limits: limits)
    }
  }
}
