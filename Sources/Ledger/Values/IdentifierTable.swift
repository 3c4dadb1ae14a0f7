/// Gives identifiers dense numbers; own ones take 17 bytes and a slot, foreign ones their text too.
struct IdentifierTable<Kind: IdentifierKind>: Sendable {
  /// By number: the 128 bits of an own id; of a foreign one, `low` is its number in `foreign`.
  private var keys: [(high: UInt64, low: UInt64)] = []
  private var isForeign: [Bool] = []
  /// Own ids. Upper half: bits of the hash. Lower half: number + 1; 0 is free. A power of two.
  private var slots: [UInt64] = Array(repeating: 0, count: 16)
  private var foreign = TextTable()
  /// The number here of each foreign id.
  private var foreignNumbers: [UInt32] = []

  var count: Int { keys.count }

  /// The number of this id, given out now if it is new.
  mutating func intern(_ identifier: Identifier<Kind>) -> UInt32 {
    guard let bits = identifier.ownBits else { return internForeign(identifier) }
    if (keys.count + 1) * 2 > slots.count { grow() }
    let tag = ByteWords.hash(bits.high, bits.low)
    let slot = place(of: bits, tag)
    if slots[slot] != 0 { return UInt32(truncatingIfNeeded: slots[slot]) - 1 }
    let number = UInt32(keys.count)
    keys.append(bits)
    isForeign.append(false)
    slots[slot] = UInt64(tag) << 32 | UInt64(number + 1)
    return number
  }

  /// The number of this id, nil when it never came.
  func find(_ identifier: Identifier<Kind>) -> UInt32? {
    guard let bits = identifier.ownBits else {
      return foreign.find(identifier.text).map { foreignNumbers[Int($0)] }
    }
    let slot = place(of: bits, ByteWords.hash(bits.high, bits.low))
    return slots[slot] == 0 ? nil : UInt32(truncatingIfNeeded: slots[slot]) - 1
  }

  /// The id behind a number that this table gave out.
  subscript(number: UInt32) -> Identifier<Kind>? {
    let key = keys[Int(number)]
    guard isForeign[Int(number)] else { return Identifier(ULID(high: key.high, low: key.low)) }
    return Identifier(foreign[UInt32(truncatingIfNeeded: key.low)])
  }

  func feed(_ number: UInt32, into sink: inout StateSink) {
    let key = keys[Int(number)]
    guard isForeign[Int(number)] else {
      // No length of a foreign id, so that the two cannot run together.
      sink.word(UInt64.max)
      sink.word(key.high)
      sink.word(key.low)
      return
    }
    foreign.feed(UInt32(truncatingIfNeeded: key.low), into: &sink)
  }

  private mutating func internForeign(_ identifier: Identifier<Kind>) -> UInt32 {
    let text = foreign.intern(identifier.text)
    guard Int(text) == foreignNumbers.count else { return foreignNumbers[Int(text)] }
    let number = UInt32(keys.count)
    foreignNumbers.append(number)
    keys.append((0, UInt64(text)))
    isForeign.append(true)
    return number
  }

  /// The slot that holds these bits, or the free one where they would go.
  @inline(__always)
  private func place(of bits: (high: UInt64, low: UInt64), _ tag: UInt32) -> Int {
    let mask = slots.count - 1
    var slot = Int(tag) & mask
    while slots[slot] != 0 {
      if UInt32(truncatingIfNeeded: slots[slot] >> 32) == tag {
        let key = keys[Int(UInt32(truncatingIfNeeded: slots[slot]) - 1)]
        if key.high == bits.high, key.low == bits.low { break }
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

extension IdentifierTable: Equatable {
  /// The same ids under the same numbers; where they hash to does not count.
  static func == (left: IdentifierTable, right: IdentifierTable) -> Bool {
    left.isForeign == right.isForeign && left.foreign == right.foreign
      && left.keys.elementsEqual(right.keys) { $0.high == $1.high && $0.low == $1.low }
  }
}
