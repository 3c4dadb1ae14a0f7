internal import JSON
internal import Ledger

/// An amount by its value, however it was written: `1.5`, `1.50` and `15e-1` are one.
///
/// No binary float is ever made of it, so `0.30000000000000004` stays what it is.
struct ExactDecimal: Hashable {
  /// Digits without needless zeros, e.g. `12.5`, `-0.25`, `0`.
  let text: String

  /// Reads a JSON number, or a text that is one; nil for anything else.
  init?(_ value: JSONValue) {
    switch value {
    case .number(let number): self.init(number)
    case .string(let text):
      guard let number = JSONNumber(text) else { return nil }
      self.init(number)
    default: return nil
    }
  }

  init(_ money: Money) { text = ExactDecimal.shortest(money.decimal.string) }

  private init?(_ number: JSONNumber) {
    let written = number.text.string
    let isNegative = written.hasPrefix("-")
    guard let magnitude = JSONNumber(Text(String(isNegative ? written.dropFirst() : written[...]))),
      let plain = PlainDecimal.text(of: magnitude)
    else { return nil }
    let shortest = ExactDecimal.shortest(plain.string)
    text = isNegative && shortest != "0" ? "-\(shortest)" : shortest
  }

  /// Without the zeros at the end of the decimals, and without a point before nothing.
  private static func shortest(_ plain: String) -> String {
    guard plain.utf8.contains(0x2E) else { return plain }
    var bytes = Array(plain.utf8)
    while bytes.last == 0x30 { bytes.removeLast() }
    if bytes.last == 0x2E { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}
