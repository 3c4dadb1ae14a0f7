import JSON

/// Gives names that repeat dense numbers, in the order of their first appearance.
///
/// Remembers numbers by where a text lies, so that names which share their memory, as a decoder's
/// do, are not read again. It holds the texts that it remembers, so no other text can come to lie
/// there; what it remembers is a matter of speed only.
struct NameTable: Sendable {
  private static let longest = 4_096

  private var texts = TextTable()
  private var bits: [(UInt64, UInt64)] = []
  private var numbers: [UInt32] = []
  private var held: [Text] = []

  var count: Int { texts.count }

  /// The number of this name, given out now if it is new.
  @inline(__always)
  mutating func intern(_ name: Text) -> UInt32 {
    if let number = known(name.bits) { return number }
    let number = texts.intern(name)
    keep(name, as: number)
    return number
  }

  /// The number of this name, nil when it never came.
  @inline(__always)
  mutating func find(_ name: Text) -> UInt32? {
    if let number = known(name.bits) { return number }
    guard let number = texts.find(name) else { return nil }
    keep(name, as: number)
    return number
  }

  /// As `find`, remembering nothing: for questions.
  func number(of name: Text) -> UInt32? { known(name.bits) ?? texts.find(name) }

  func feed(into sink: inout StateSink) {
    sink.word(count)
    for number in 0..<UInt32(count) { texts.feed(number, into: &sink) }
  }

  /// Each text has two slots that are neighbours.
  @inline(__always)
  private func known(_ wanted: (UInt64, UInt64)) -> UInt32? {
    guard !bits.isEmpty else { return nil }
    let slot = slot(of: wanted)
    if bits[slot] == wanted { return numbers[slot] }
    return bits[slot ^ 1] == wanted ? numbers[slot ^ 1] : nil
  }

  @inline(__always)
  private func slot(of wanted: (UInt64, UInt64)) -> Int {
    let product = (wanted.0 ^ 0x9E37_79B9_7F4A_7C15)
      .multipliedFullWidth(by: wanted.1 ^ 0xE703_7ED1_A0B4_28DB)
    return Int(truncatingIfNeeded: product.high ^ product.low) & (bits.count - 1)
  }

  /// Remembers a number in place of what had the slot; begins again when there are many names.
  @inline(never)
  private mutating func keep(_ name: Text, as number: UInt32) {
    if bits.count < min(4 * count, NameTable.longest) {
      let size = max(64, bits.count * 2)
      // No string has two words of zeros.
      bits = Array(repeating: (0, 0), count: size)
      numbers = Array(repeating: 0, count: size)
      held = Array(repeating: name, count: size)
    }
    let slot = slot(of: name.bits)
    swap(slot, slot ^ 1)
    bits[slot] = name.bits
    numbers[slot] = number
    held[slot] = name
  }

  private mutating func swap(_ left: Int, _ right: Int) {
    bits.swapAt(left, right)
    numbers.swapAt(left, right)
    held.swapAt(left, right)
  }
}

extension NameTable: Equatable {
  /// The same names under the same numbers.
  static func == (left: NameTable, right: NameTable) -> Bool { left.texts == right.texts }
}
