public import JSON

extension Span where Element == UInt8 {
  /// Byte equality with an ASCII literal.
  func isEqual(_ literal: StaticString) -> Bool {
    guard count == literal.utf8CodeUnitCount else { return false }
    let start = unsafe literal.utf8Start
    for index in indices where unsafe self[index] != start[index] { return false }
    return true
  }
}

extension Text {
  /// Byte equality with a literal, ASCII letters compared without case.
  func isEqualIgnoringCase(_ literal: StaticString) -> Bool {
    let bytes = string.utf8
    guard bytes.count == literal.utf8CodeUnitCount else { return false }
    let start = unsafe literal.utf8Start
    var index = 0
    for byte in bytes {
      guard unsafe byte.asciiLowercased == start[index].asciiLowercased else { return false }
      index += 1
    }
    return true
  }

  /// The same text with ASCII letters in lower case; everything else as it is.
  public var asciiLowercased: Text {
    guard string.utf8.contains(where: { (0x41...0x5A).contains($0) }) else { return self }
    return Text(String(decoding: string.utf8.map(\.asciiLowercased), as: UTF8.self))
  }
}

extension UInt8 {
  /// The lower-case form of an ASCII letter, any other byte unchanged.
  var asciiLowercased: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }

  /// The value of a decimal digit, nil for any other byte.
  var decimalDigit: UInt8? {
    let value = self &- 0x30
    return value < 10 ? value : nil
  }
}
