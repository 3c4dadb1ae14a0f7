/// Strict reading of small texts from settings and options.
///
/// Ignoring case means ASCII only, and digits are `0` to `9` only.
package enum SettingText {
  /// The text with `A` to `Z` made small; every other byte stays as it is.
  package static func lowercased(_ text: String) -> String {
    String(
      decoding: text.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
  }

  /// The text with `a` to `z` made big; every other byte stays as it is.
  package static func uppercased(_ text: String) -> String {
    String(
      decoding: text.utf8.map { (0x61...0x7A).contains($0) ? $0 & 0xDF : $0 }, as: UTF8.self)
  }

  /// Reads decimal digits without sign or leading zero; nil outside the range.
  package static func integer(_ text: String, in range: ClosedRange<Int>) -> Int? {
    let digits = text.utf8
    guard (1...18).contains(digits.count), digits.count == 1 || digits.first != 0x30 else {
      return nil
    }
    var value = 0
    for byte in digits {
      guard (0x30...0x39).contains(byte) else { return nil }
      value = value * 10 + Int(byte - 0x30)
    }
    return range.contains(value) ? value : nil
  }

  /// Whether two texts have the same bytes once their ASCII letters are made small.
  package static func sameIgnoringCase(_ left: String, _ right: String) -> Bool {
    lowercased(left).utf8.elementsEqual(lowercased(right).utf8)
  }

  /// Text from outside, made safe to stand in a message on a terminal: control characters become
  /// `?`, and more than 80 characters are cut.
  package static func quotable(_ text: String) -> String {
    var safe = ""
    for scalar in text.unicodeScalars.prefix(80) {
      let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
      safe.unicodeScalars.append(isControl ? "?" : scalar)
    }
    return text.unicodeScalars.count > 80 ? safe + "…" : safe
  }
}
