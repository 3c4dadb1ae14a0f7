/// Gives identifiers dense numbers; own ones take 17 bytes and a slot, foreign ones their text too.
struct IdentifierTable<Kind: IdentifierKind>: Equatable, Sendable {
  /// By number: the 128 bits of an own id; of a foreign one, hidden, its number in `foreign`.
  private var pairs = PairTable()
  private var isForeign: [Bool] = []
  private var foreign = TextTable()
  /// The number here of each foreign id.
  private var foreignNumbers: [UInt32] = []

  var count: Int { pairs.count }

  /// The number of this id, given out now if it is new.
  mutating func intern(_ identifier: Identifier<Kind>) -> UInt32 {
    guard let bits = identifier.ownBits else { return internForeign(identifier) }
    let number = pairs.intern(bits)
    if Int(number) == isForeign.count { isForeign.append(false) }
    return number
  }

  /// The number of this id, nil when it never came.
  func find(_ identifier: Identifier<Kind>) -> UInt32? {
    guard let bits = identifier.ownBits else {
      return foreign.find(identifier.text).map { foreignNumbers[Int($0)] }
    }
    return pairs.find(bits)
  }

  /// The id behind a number that this table gave out.
  subscript(number: UInt32) -> Identifier<Kind>? {
    let pair = pairs[number]
    guard isForeign[Int(number)] else { return Identifier(ULID(high: pair.high, low: pair.low)) }
    return Identifier(foreign[UInt32(truncatingIfNeeded: pair.low)])
  }

  func feed(_ number: UInt32, into sink: inout StateSink) {
    let pair = pairs[number]
    guard isForeign[Int(number)] else {
      // No length of a foreign id, so that the two cannot run together.
      sink.word(UInt64.max)
      sink.word(pair.high)
      sink.word(pair.low)
      return
    }
    foreign.feed(UInt32(truncatingIfNeeded: pair.low), into: &sink)
  }

  private mutating func internForeign(_ identifier: Identifier<Kind>) -> UInt32 {
    let text = foreign.intern(identifier.text)
    guard Int(text) == foreignNumbers.count else { return foreignNumbers[Int(text)] }
    let number = pairs.addHidden((0, UInt64(text)))
    foreignNumbers.append(number)
    isForeign.append(true)
    return number
  }
}
