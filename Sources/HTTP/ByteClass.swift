/// The byte classes of RFC 9110 and RFC 9112, as pure questions about one byte.
enum ByteClass {
  static let tab: UInt8 = 0x09
  static let lineFeed: UInt8 = 0x0A
  static let carriageReturn: UInt8 = 0x0D
  static let space: UInt8 = 0x20
  static let colon: UInt8 = 0x3A
  static let percent: UInt8 = 0x25

  /// `tchar` of RFC 9110 section 5.6.2: what a method and a field name are made of.
  @inline(__always)
  static func isToken(_ byte: UInt8) -> Bool {
    // Two bitmaps instead of a table: no lazy global, no bounds check.
    let low: UInt64 = 0x03FF_6CFA_0000_0000
    let high: UInt64 = 0x57FF_FFFF_C7FF_FFFE
    if byte < 64 { return (low >> UInt64(byte)) & 1 == 1 }
    if byte < 128 { return (high >> UInt64(byte &- 64)) & 1 == 1 }
    return false
  }

  /// Visible ASCII, space, tab or obs-text: what a field value is made of.
  @inline(__always)
  static func isFieldValue(_ byte: UInt8) -> Bool {
    (byte >= 0x20 && byte != 0x7F) || byte == tab
  }

  /// Visible ASCII without `#`, which never travels in a request target.
  @inline(__always)
  static func isTarget(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte < 0x7F && byte != 0x23
  }

  @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  /// The value of one hexadecimal digit of either case, nil for anything else.
  @inline(__always)
  static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }

  /// ASCII lower case; every other byte stays what it is.
  @inline(__always)
  static func lowered(_ byte: UInt8) -> UInt8 {
    byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
  }

  /// Whether the bytes are the lower-case ASCII text, ignoring ASCII case.
  @inline(__always)
  static func equal(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    if bytes.count != count { return false }
    let other = text.utf8Start
    for index in 0..<count where lowered(bytes[index]) != other[index] { return false }
    return true
  }
}
