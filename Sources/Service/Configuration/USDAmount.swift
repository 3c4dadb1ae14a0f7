/// A positive amount of US dollars as the operator wrote it.
///
/// Grammar: 1 to 12 digits without a leading zero (`0` itself may stand before a point), then at
/// most one point with 1 to 6 digits. No sign, exponent, blank, `inf` or `nan`.
package struct USDAmount: Equatable, Sendable {
  /// The amount as it was written, e.g. `0.01`.
  package let text: String
  /// The same amount in millionths of a dollar, 1 or more.
  package let micros: Int64

  /// Reads an amount; nil when the text breaks the grammar or the amount is zero.
  package init?(_ text: String) {
    let parts = text.utf8.split(separator: 0x2E, maxSplits: 1, omittingEmptySubsequences: false)
    let whole = parts[0]
    guard (1...12).contains(whole.count), whole.count == 1 || whole.first != 0x30 else {
      return nil
    }
    var fraction = whole.dropFirst(whole.count)
    if parts.count == 2 {
      fraction = parts[1]
      guard (1...6).contains(fraction.count) else { return nil }
    }
    var total: Int64 = 0
    for byte in [whole, fraction].joined() {
      guard (0x30...0x39).contains(byte) else { return nil }
      total = total * 10 + Int64(byte - 0x30)
    }
    for _ in fraction.count..<6 { total *= 10 }
    guard total > 0 else { return nil }
    self.text = text
    micros = total
  }
}
