/// Gives pairs of words dense numbers in the order of their first appearance.
struct PairTable: Sendable {
  /// Two words, as they were given.
  typealias Pair = (high: UInt64, low: UInt64)

  private var pairs: [Pair] = []
  /// Upper half: bits of the hash. Lower half: number + 1; 0 is free. A power of two of them.
  private var slots: [UInt64] = Array(repeating: 0, count: 16)

  var count: Int { pairs.count }

  /// The number of a pair, given out now if it is new.
  mutating func intern(_ pair: Pair) -> UInt32 {
    if (pairs.count + 1) * 2 > slots.count { grow() }
    let tag = ByteWords.hash(pair.high, pair.low)
    let slot = place(of: pair, tag)
    if slots[slot] != 0 { return UInt32(truncatingIfNeeded: slots[slot]) - 1 }
    let number = addHidden(pair)
    slots[slot] = UInt64(tag) << 32 | UInt64(number + 1)
    return number
  }

  /// Gives out a number for a pair that `find` shall not find.
  mutating func addHidden(_ pair: Pair) -> UInt32 {
    pairs.append(pair)
    return UInt32(pairs.count - 1)
  }

  /// The number of a pair, nil when it never came.
  func find(_ pair: Pair) -> UInt32? {
    let slot = place(of: pair, ByteWords.hash(pair.high, pair.low))
    return slots[slot] == 0 ? nil : UInt32(truncatingIfNeeded: slots[slot]) - 1
  }

  /// The pair behind a number that this table gave out.
  subscript(number: UInt32) -> Pair { pairs[Int(number)] }

  /// The slot that holds a pair, or the free one where it would go.
  @inline(__always)
  private func place(of pair: Pair, _ tag: UInt32) -> Int {
    let mask = slots.count - 1
    var slot = Int(tag) & mask
    while slots[slot] != 0 {
      if UInt32(truncatingIfNeeded: slots[slot] >> 32) == tag {
        let known = pairs[Int(UInt32(truncatingIfNeeded: slots[slot]) - 1)]
        if known.high == pair.high, known.low == pair.low { break }
      }
      slot = (slot + 1) & mask
    }
    return slot
  }

  /// Doubles the slots; the tags alone say where each number moves.
  private mutating func grow() {
    let old = slots
    slots = Array(repeating: 0, count: old.count * 2)
    let mask = slots.count - 1
    for entry in old where entry != 0 {
      var slot = Int(UInt32(truncatingIfNeeded: entry >> 32)) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = entry
    }
  }
}

extension PairTable: Equatable {
  /// The same pairs under the same numbers; where they hash to does not count.
  static func == (left: PairTable, right: PairTable) -> Bool {
    left.pairs.elementsEqual(right.pairs) { $0.high == $1.high && $0.low == $1.low }
  }
}
