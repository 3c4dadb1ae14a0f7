import JSON

/// What one (agent, vendor, network) is counted under.
struct Party: Sendable {
  /// The vendor whatever its case, in `PartyTable.vendors`.
  let vendor: UInt32
  /// The (agent, network) that spend is counted for.
  let account: UInt32
}

/// Gives each (agent, vendor, network) one number, in the order of appearance.
struct PartyTable: Sendable {
  /// Agents, vendors and networks.
  private var names = NameTable()
  /// The numbers of agent and vendor, and that of the network.
  private var triples = PairTable()
  private(set) var parties: [Party] = []
  private var known: [PaymentParties] = []
  /// Vendors in lower case; the same numbers as in `vendors`.
  private var vendorKeys = TextTable()
  /// Vendors as first seen.
  private(set) var vendors: [Text] = []
  /// The numbers of agent and network.
  private var accounts = PairTable()
  /// By agent; says nothing that `accounts` does not say.
  private var accountsByAgent: [Text: [Account]] = [:]

  /// One (agent, network).
  struct Account: Sendable {
    let number: UInt32
    /// Whether its money is play money.
    let isTest: Bool
  }

  var count: Int { parties.count }
  var accountCount: Int { accounts.count }

  /// The number of these parties, given out now if they are new.
  mutating func intern(_ parties: PaymentParties) -> UInt32 {
    let agent = names.intern(parties.agent)
    let vendor = names.intern(parties.vendor)
    let network = names.intern(parties.network.name)
    let number = triples.intern((UInt64(agent) << 32 | UInt64(vendor), UInt64(network)))
    if Int(number) == count { add(parties, account: (UInt64(agent), UInt64(network))) }
    return number
  }

  /// The number of these parties, nil when they never came.
  mutating func find(_ parties: PaymentParties) -> UInt32? {
    guard let agent = names.find(parties.agent), let vendor = names.find(parties.vendor),
      let network = names.find(parties.network.name)
    else { return nil }
    return triples.find((UInt64(agent) << 32 | UInt64(vendor), UInt64(network)))
  }

  /// As `find`, remembering nothing: for questions.
  func number(of parties: PaymentParties) -> UInt32? {
    guard let agent = names.number(of: parties.agent),
      let vendor = names.number(of: parties.vendor),
      let network = names.number(of: parties.network.name)
    else { return nil }
    return triples.find((UInt64(agent) << 32 | UInt64(vendor), UInt64(network)))
  }

  /// The names behind a number, the vendor as written there.
  subscript(number: UInt32) -> PaymentParties { known[Int(number)] }

  /// The accounts of one agent, in order of appearance.
  func accounts(of agent: Text) -> [Account] { accountsByAgent[agent] ?? [] }

  /// All agents, in no order.
  var agents: [Text] { Array(accountsByAgent.keys) }

  /// Feeds all parties in order; whatever is kept by their numbers then needs no names.
  func feed(into sink: inout StateSink) {
    names.feed(into: &sink)
    sink.word(count)
    for number in 0..<UInt32(count) {
      sink.word(triples[number].high)
      sink.word(triples[number].low)
    }
  }

  @inline(never)
  private mutating func add(_ parties: PaymentParties, account: PairTable.Pair) {
    let vendor = vendorKeys.intern(parties.vendor.asciiLowercased)
    if Int(vendor) == vendors.count { vendors.append(parties.vendor) }
    let number = accounts.intern(account)
    if accountsByAgent[parties.agent]?.contains(where: { $0.number == number }) != true {
      accountsByAgent[parties.agent, default: []].append(
        Account(number: number, isTest: parties.network.isTest))
    }
    self.parties.append(Party(vendor: vendor, account: number))
    known.append(parties)
  }
}

extension PartyTable: Equatable {
  /// The same parties under the same numbers.
  static func == (left: PartyTable, right: PartyTable) -> Bool {
    left.names == right.names && left.triples == right.triples
  }
}
