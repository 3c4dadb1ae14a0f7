package import JSON

/// Writes a number of JSON out without its exponent, digit for digit.
///
/// `1e-2` becomes `0.01` and `12.5E1` becomes `125`. No digit is added but zeros and none is lost,
/// so whoever reads the result decides exactly about decimals: `1e-7` has seven of them.
package enum PlainDecimal {
  /// Exponents further from zero than this are no amounts.
  private static let furthest = 100

  /// The number as digits and at most one point, without a sign; nil when it is out of range.
  ///
  /// - Parameter number: without a minus sign.
  package static func text(of number: JSONNumber) -> Text? {
    let bytes = Array(number.text.string.utf8)
    guard let mark = bytes.firstIndex(where: { $0 | 0x20 == 0x65 }) else { return number.text }
    guard let exponent = exponent(bytes[(mark + 1)...]) else { return nil }
    let mantissa = bytes[..<mark]
    let point = mantissa.firstIndex(of: 0x2E) ?? mark
    let digits = mantissa.filter { $0 != 0x2E }
    return Text(String(decoding: plain(digits, point: point + exponent), as: UTF8.self))
  }

  /// The digits with a point before the one at an index, which may lie outside of them.
  private static func plain(_ digits: [UInt8], point: Int) -> [UInt8] {
    let zero: UInt8 = 0x30
    var whole: [UInt8] = []
    var part: [UInt8] = []
    if point <= 0 {
      part = [UInt8](repeating: zero, count: -point) + digits
    } else if point >= digits.count {
      whole = digits + [UInt8](repeating: zero, count: point - digits.count)
    } else {
      whole = Array(digits[..<point])
      part = Array(digits[point...])
    }
    whole = Array(whole.drop { $0 == zero })
    if whole.isEmpty { whole = [zero] }
    return part.isEmpty ? whole : whole + [0x2E] + part
  }

  private static func exponent(_ bytes: ArraySlice<UInt8>) -> Int? {
    let isNegative = bytes.first == 0x2D
    var value = 0
    for byte in bytes where byte != 0x2B && byte != 0x2D {
      value = min(value * 10 + Int(byte &- 0x30), furthest + 1)
    }
    guard value <= furthest else { return nil }
    return isNegative ? -value : value
  }
}
