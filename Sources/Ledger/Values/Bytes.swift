public import JSON

extension Span where Element == UInt8 {
  /// Byte equality with an ASCII literal.
  @inline(__always)
  func isEqual(_ literal: StaticString) -> Bool {
    let length = literal.utf8CodeUnitCount
    guard count == length else { return false }
    let start = unsafe UnsafeRawPointer(literal.utf8Start)
    guard length >= 8 else {
      for index in 0..<length {
        guard unsafe self[index] == start.load(fromByteOffset: index, as: UInt8.self) else {
          return false
        }
      }
      return true
    }
    var index = 0
    while index < length {
      // The last word overlaps the one before it; with a literal the words become constants.
      let place = Swift.min(index, length - 8)
      let word = unsafe start.loadUnaligned(fromByteOffset: place, as: UInt64.self)
      guard ByteWords.word(self, place) == word else { return false }
      index += 8
    }
    return true
  }
}

extension Text {
  /// The string's two words: the same ones mean the same text, other ones mean nothing, as long
  /// as a copy of the text is held.
  @inline(__always)
  var bits: (UInt64, UInt64) { unsafe unsafeBitCast(string, to: (UInt64, UInt64).self) }
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
