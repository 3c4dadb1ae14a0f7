/// Bytes as hexadecimal digits. Source: RFC 4648 section 8, but written in lower case.
public enum Hex {
  /// Two lower-case digits for each byte.
  public static func encode(_ bytes: [UInt8]) -> String {
    String(unsafeUninitializedCapacity: 2 * bytes.count) { buffer in
      for (index, byte) in bytes.enumerated() {
        buffer[2 * index] = digit(byte >> 4)
        buffer[2 * index + 1] = digit(byte & 15)
      }
      return 2 * bytes.count
    }
  }

  /// Reads pairs of digits; nil on an odd length or any byte that is not a digit.
  ///
  /// Upper-case digits are refused unless asked for; then both cases may be mixed.
  public static func decode(_ text: [UInt8], acceptingUpperCase: Bool = false) -> [UInt8]? {
    guard text.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 2)
    for index in stride(from: 0, to: text.count, by: 2) {
      guard
        let high = value(of: text[index], acceptingUpperCase),
        let low = value(of: text[index + 1], acceptingUpperCase)
      else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  /// Reads pairs of digits; nil on an odd length or any character that is not a digit.
  public static func decode(_ text: String, acceptingUpperCase: Bool = false) -> [UInt8]? {
    decode(Array(text.utf8), acceptingUpperCase: acceptingUpperCase)
  }

  private static func digit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
  }

  private static func value(of byte: UInt8, _ acceptingUpperCase: Bool) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F") where acceptingUpperCase:
      byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
