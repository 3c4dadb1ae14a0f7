/// A W3C `traceparent` of version 00 (Trace Context, section 3.2.2).
public struct TraceParent: Hashable, Sendable, CustomStringConvertible {
  /// 32 lower-case hex digits, not all zero.
  public let traceID: String
  /// 16 lower-case hex digits, not all zero: the caller's span.
  public let parentID: String
  /// Bit 0 says that the caller samples this trace.
  public let flags: UInt8

  /// Reads a field value; nil for anything that the recommendation calls invalid.
  ///
  /// A later version is read by the rule for 00 when more follows after a dash.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count >= 55, bytes.count <= 512 else { return nil }
    guard bytes[2] == 0x2D, bytes[35] == 0x2D, bytes[52] == 0x2D else { return nil }
    guard TraceParent.isHex(bytes[0..<2]), TraceParent.isHex(bytes[3..<35]),
      TraceParent.isHex(bytes[36..<52]), TraceParent.isHex(bytes[53..<55])
    else { return nil }
    let version = String(decoding: bytes[0..<2], as: UTF8.self)
    if version == "ff" { return nil }
    if bytes.count > 55 && (version == "00" || bytes[55] != 0x2D) { return nil }
    if bytes[3..<35].allSatisfy({ $0 == 0x30 }) { return nil }
    if bytes[36..<52].allSatisfy({ $0 == 0x30 }) { return nil }
    guard let flags = UInt8(String(decoding: bytes[53..<55], as: UTF8.self), radix: 16)
    else { return nil }
    traceID = String(decoding: bytes[3..<35], as: UTF8.self)
    parentID = String(decoding: bytes[36..<52], as: UTF8.self)
    self.flags = flags
  }

  /// The field value in version 00.
  public var description: String {
    let hex = String(flags, radix: 16)
    return "00-\(traceID)-\(parentID)-\(hex.utf8.count == 1 ? "0" + hex : hex)"
  }

  private static func isHex(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.allSatisfy { ByteClass.isDigit($0) || ($0 >= 0x61 && $0 <= 0x66) }
  }
}
