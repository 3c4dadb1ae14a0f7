import JSON

/// What one (agent, vendor, network) is counted under.
struct Party: Sendable {
  /// The vendor whatever its case, in `PartyTable.vendors`.
  let vendor: UInt32
  /// The (agent, network) that spend is counted for.
  let account: UInt32
}

/// Gives each (agent, vendor, network) one number, in the order of appearance: one look-up per
/// event instead of one per name.
struct PartyTable: Sendable {
  private var triples = TextTable()
  private(set) var parties: [Party] = []
  private var names: [PaymentParties] = []
  /// Vendors in lower case; the same numbers as in `vendors`.
  private var vendorKeys = TextTable()
  /// Vendors as first seen.
  private(set) var vendors: [Text] = []
  private var accountKeys = TextTable()
  private(set) var accountCount = 0
  /// Memory for the next key, kept from call to call.
  private var scratch: [UInt8] = []
  private var memo = PartyMemo()

  var count: Int { parties.count }

  /// The number of these parties, given out now if they are new.
  @inline(__always)
  mutating func intern(_ names: PaymentParties) -> UInt32 {
    let bits = PartyBits(names)
    if let number = memo.find(bits) { return number }
    return internSlowly(names, bits)
  }

  /// The number of these parties, nil when they never came.
  @inline(__always)
  mutating func find(_ names: PaymentParties) -> UInt32? {
    let bits = PartyBits(names)
    if let number = memo.find(bits) { return number }
    return findSlowly(names, bits)
  }

  @inline(never)
  private mutating func internSlowly(_ names: PaymentParties, _ bits: PartyBits) -> UInt32 {
    let key = key(names)
    let number = triples.intern(key.span)
    scratch = key
    if Int(number) == parties.count { add(names) }
    memo.keep(names, bits, as: number, outOf: parties.count)
    return number
  }

  @inline(never)
  private mutating func findSlowly(_ names: PaymentParties, _ bits: PartyBits) -> UInt32? {
    let key = key(names)
    let number = triples.find(key.span)
    scratch = key
    if let number { memo.keep(names, bits, as: number, outOf: parties.count) }
    return number
  }

  /// The names behind a number, the vendor as written there.
  subscript(number: UInt32) -> PaymentParties { names[Int(number)] }

  /// Feeds all parties in order; whatever is kept by their numbers then needs no names.
  func feed(into sink: inout StateSink) {
    sink.word(count)
    for number in 0..<UInt32(count) { triples.feed(number, into: &sink) }
  }

  private mutating func add(_ names: PaymentParties) {
    let vendor = vendorKeys.intern(names.vendor.asciiLowercased)
    if Int(vendor) == vendors.count { vendors.append(names.vendor) }
    var pair = Array(names.agent.string.utf8)
    pair.append(0)
    pair.append(contentsOf: names.network.name.string.utf8)
    parties.append(Party(vendor: vendor, account: accountKeys.intern(pair.span)))
    accountCount = accountKeys.count
    self.names.append(names)
  }

  /// The lengths of the first two first, so that neighbours cannot run together.
  ///
  /// Takes the scratch memory; the caller gives it back.
  private mutating func key(_ names: PaymentParties) -> [UInt8] {
    var key: [UInt8] = []
    swap(&key, &scratch)
    key.removeAll(keepingCapacity: true)
    for count in [names.agent.utf8Count, names.vendor.utf8Count] {
      for shift in [24, 16, 8, 0] { key.append(UInt8(truncatingIfNeeded: count >> shift)) }
    }
    for name in [names.agent, names.vendor, names.network.name] {
      unsafe name.withUTF8 { unsafe key.append(contentsOf: $0) }
    }
    return key
  }
}

extension PartyTable: Equatable {
  /// The same parties under the same numbers.
  static func == (left: PartyTable, right: PartyTable) -> Bool { left.triples == right.triples }
}
