/// Bytes as base64, so that every byte string has exactly one accepted spelling.
///
/// Source: RFC 4648 sections 3.2 to 3.5, 4 and 5.
public enum Base64 {
  /// Which two characters stand for 62 and 63.
  public enum Alphabet: Sendable {
    /// `+` and `/`, section 4.
    case standard
    /// `-` and `_`, section 5.
    case url
  }

  /// What stands at the end of a text whose bytes are no multiple of three.
  public enum Padding: Sendable {
    /// `=` up to a multiple of four characters, and nothing else is read.
    case required
    /// No `=`, and none is read.
    case forbidden
  }

  /// Four characters for every three bytes.
  public static func encode(
    _ bytes: [UInt8], alphabet: Alphabet = .standard, padding: Padding = .required
  ) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var bits: UInt32 = 0
      for byte in group { bits = bits << 8 | UInt32(byte) }
      bits <<= UInt32(8 * (3 - group.count))
      for place in 0...group.count {
        let sextet = UInt8(truncatingIfNeeded: bits >> UInt32(18 - 6 * place)) & 63
        text.append(character(of: sextet, alphabet))
      }
      if padding == .required {
        for _ in group.count..<3 { text.append(UInt8(ascii: "=")) }
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Reads what `encode` writes with the same alphabet and padding, and nothing else.
  ///
  /// Nil on a foreign character (spaces and line ends too), missing, surplus or misplaced
  /// padding, a single character left over, and unused bits that are not zero.
  public static func decode(
    _ text: [UInt8], alphabet: Alphabet = .standard, padding: Padding = .required
  ) -> [UInt8]? {
    var characters = text[...]
    if padding == .required {
      guard text.count % 4 == 0 else { return nil }
      for _ in 0..<2 where characters.last == UInt8(ascii: "=") { characters.removeLast() }
    }
    guard characters.count % 4 != 1 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(characters.count / 4 * 3 + 2)
    var bits: UInt32 = 0
    var held = 0
    for character in characters {
      guard let sextet = value(of: character, alphabet) else { return nil }
      bits = bits << 6 | UInt32(sextet)
      held += 6
      if held >= 8 {
        held -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
        bits &= (1 << UInt32(held)) - 1
      }
    }
    return bits == 0 ? bytes : nil
  }

  /// Reads what `encode` writes with the same alphabet and padding, and nothing else.
  public static func decode(
    _ text: String, alphabet: Alphabet = .standard, padding: Padding = .required
  ) -> [UInt8]? {
    decode(Array(text.utf8), alphabet: alphabet, padding: padding)
  }

  private static func character(of sextet: UInt8, _ alphabet: Alphabet) -> UInt8 {
    switch sextet {
    case 0..<26: UInt8(ascii: "A") + sextet
    case 26..<52: UInt8(ascii: "a") + sextet - 26
    case 52..<62: UInt8(ascii: "0") + sextet - 52
    case 62: alphabet == .standard ? UInt8(ascii: "+") : UInt8(ascii: "-")
    default: alphabet == .standard ? UInt8(ascii: "/") : UInt8(ascii: "_")
    }
  }

  private static func value(of character: UInt8, _ alphabet: Alphabet) -> UInt8? {
    switch (character, alphabet) {
    case (UInt8(ascii: "A")...UInt8(ascii: "Z"), _): character - UInt8(ascii: "A")
    case (UInt8(ascii: "a")...UInt8(ascii: "z"), _): character - UInt8(ascii: "a") + 26
    case (UInt8(ascii: "0")...UInt8(ascii: "9"), _): character - UInt8(ascii: "0") + 52
    case (UInt8(ascii: "+"), .standard), (UInt8(ascii: "-"), .url): 62
    case (UInt8(ascii: "/"), .standard), (UInt8(ascii: "_"), .url): 63
    default: nil
    }
  }
}
