/// How text looks in the cells of a terminal.
package enum DisplayText {
  /// Columns that the text takes, for the common cases: combining marks take none, East Asian wide
  /// characters and emoji take two.
  package static func width(_ text: String) -> Int {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
    return text.reduce(0) { $0 + width($1) }
  }

  /// The text without characters that would steer the terminal or turn its direction.
  ///
  /// Names in the log come from strangers; an escape sequence in one must not reach the screen.
  package static func safe(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isSteering) else { return text }
    var safe = ""
    for scalar in text.unicodeScalars {
      safe.unicodeScalars.append(isSteering(scalar) ? "\u{FFFD}" : scalar)
    }
    return safe
  }

  /// The text in at most so many columns, its end replaced by `…` where it is longer.
  package static func cut(_ text: String, toWidth limit: Int) -> String {
    guard width(text) > limit else { return text }
    guard limit > 0 else { return "" }
    var kept = ""
    var used = 0
    for character in text {
      let next = width(character)
      guard used + next < limit else { break }
      kept.append(character)
      used += next
    }
    return kept + "…"
  }

  private static func width(_ character: Character) -> Int {
    var widest = 0
    for scalar in character.unicodeScalars {
      // Variation selector 16 asks for the picture, which is two columns wide.
      widest = max(widest, scalar.value == 0xFE0F ? 2 : width(scalar))
    }
    return widest
  }

  private static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x0300...0x036F, 0x1AB0...0x1AFF, 0x1DC0...0x1DFF, 0x200B...0x200F, 0x20D0...0x20FF,
      0xFE00...0xFE0F, 0xFE20...0xFE2F, 0xFEFF:
      0
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
      0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF,
      0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      2
    default: 1
    }
  }

  private static func isSteering(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F, 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
