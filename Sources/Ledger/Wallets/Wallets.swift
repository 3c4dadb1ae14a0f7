public import JSON

/// The wallets of one book: whose they are and were, and what they hold; order-dependent.
public struct Wallets: Equatable, Sendable {
  /// An address on a network; two writings of one address are the same place.
  private struct Place: Hashable {
    let network: Network
    let address: WalletAddress
  }

  /// One owner's wallets, the present one last.
  private struct Tenures: Equatable, Sendable {
    var present: Int
    var all: [WalletTenure]
  }

  /// In the order of their registration.
  public private(set) var all: [Wallet] = []
  private var indices: [WalletID: Int] = [:]
  private var places: [Place: Int] = [:]
  private var owners: [Text: Tenures] = [:]
  /// By the agents of payments so far, the wallet that funds them: says nothing that `owners` does
  /// not say, and saves making a name of each payment's agent.
  private var funding: [Text: Int] = [:]

  public subscript(id: WalletID) -> Wallet? { indices[id].map { all[$0] } }

  /// The wallet of an address, however its letters are written.
  public func wallet(at address: WalletAddress, on network: Network) -> Wallet? {
    places[Place(network: network, address: address)].map { all[$0] }
  }

  /// The owner's present wallet; nil when none was registered for just this owner.
  public func wallet(of owner: WalletOwner) -> Wallet? {
    owners[owner.key].map { all[$0.present] }
  }

  /// The wallet that funds an agent: its own, else the default one.
  public func wallet(funding agent: Text) -> Wallet? {
    wallet(of: .agent(agent)) ?? wallet(of: .everybody)
  }

  /// The address that pays for an agent there; nil when its wallet lies on another network.
  func address(paying parties: PaymentParties) -> Text? {
    guard let wallet = wallet(funding: parties.agent), wallet.network == parties.network else {
      return nil
    }
    return wallet.address.text
  }

  /// Whether the owner's payments came from there before, and no longer do.
  func isFormer(_ wallet: Wallet, of owner: WalletOwner) -> Bool {
    guard let tenures = owners[owner.key], all[tenures.present].id != wallet.id else {
      return false
    }
    return tenures.all.contains { $0.wallet == wallet.id }
  }

  /// Every tenure of every owner, the default one first, in the order of time.
  public var tenures: [WalletTenure] {
    owners.sorted { $0.key < $1.key }.flatMap(\.value.all)
  }

  /// Those that last.
  public var presentTenures: [WalletTenure] { tenures.filter { $0.until == nil } }

  /// Wallets that fund somebody at present, in the order of their registration.
  public var present: [Wallet] {
    Set(owners.values.map(\.present)).sorted().map { all[$0] }
  }

  // MARK: taking in events

  mutating func apply(_ event: WalletRegistered, at record: Record) -> Violation.Reason? {
    let key = event.owner.key
    let place = Place(network: event.network, address: event.address)
    let known = indices[event.wallet]
    guard known == places[place], event.replaces == owners[key].map({ all[$0.present].id }),
      event.replaces != event.wallet
    else { return .walletMismatch }
    let index = known ?? all.count
    if known == nil {
      all.append(Wallet(event, at: record))
      indices[event.wallet] = index
      places[place] = index
    }
    let tenure = WalletTenure(
      owner: event.owner, wallet: event.wallet, since: record.at, seq: record.seq,
      reason: event.reason, until: nil)
    var tenures = owners[key] ?? Tenures(present: index, all: [])
    if let last = tenures.all.indices.last { tenures.all[last].until = record.at }
    tenures.present = index
    tenures.all.append(tenure)
    owners[key] = tenures
    funding = [:]
    return nil
  }

  mutating func apply(_ event: BalanceObserved, at record: Record) -> Violation.Reason? {
    guard let index = indices[event.wallet] else { return .walletUnknown }
    guard all[index].address == event.address, event.balance.asset == .usdc else {
      return .walletMismatch
    }
    all[index].observe(event, at: record)
    return nil
  }

  /// Takes in that money has left for a vendor.
  ///
  /// - Parameter moment: when it did, if that was told; else just now.
  @inline(__always)
  mutating func spend(_ amount: Money, by parties: PaymentParties, at moment: Timestamp?) {
    if owners.isEmpty { return }
    charge(amount, parties, moment)
  }

  @inline(never)
  private mutating func charge(_ amount: Money, _ parties: PaymentParties, _ moment: Timestamp?) {
    let agent = parties.agent
    var index = funding[agent]
    if index == nil {
      let own = owners[WalletOwner.agent(agent).key]
      index = (own ?? owners[WalletOwner.everybody.key])?.present
      funding[agent] = index
    }
    guard let index, all[index].network == parties.network else { return }
    all[index].spend(amount, at: moment)
  }

  func feed(into sink: inout StateSink) {
    sink.word(all.count)
    for wallet in all { wallet.feed(into: &sink) }
    let tenures = tenures
    sink.word(tenures.count)
    for tenure in tenures {
      sink.text(tenure.owner.name)
      sink.text(tenure.wallet.text)
      sink.moment(tenure.since)
      sink.word(tenure.seq)
      sink.text(tenure.reason)
      sink.moment(tenure.until)
    }
  }
}

/// Money that left a wallet and that no payment on record tells of.
public struct UnexplainedOutflow: Equatable, Sendable {
  public let wallet: Wallet
  public let observation: BalanceObservation
  /// What payments of its agents that are under way hold at present: it may be among them.
  public let held: Money
}

extension State {
  /// Every agent that spends or has a wallet of its own, and the wallet that funds it.
  public func fundedAgents(in book: Book) -> [(agent: Text, wallet: Wallet)] {
    let wallets = self[book].wallets
    var names: [Text: Text] = [:]
    for tenure in wallets.presentTenures {
      if case .agent(let agent) = tenure.owner { names[tenure.owner.key] = agent }
    }
    let spenders = spenders(in: book)
    // An id that payments carry is better than one that was made of a setting's name.
    for agent in spenders { names[WalletOwner.agent(agent).key] = nil }
    return (spenders + names.values).sorted().compactMap { agent in
      wallets.wallet(funding: agent).map { (agent, $0) }
    }
  }

  /// Wallets whose last observation fell by more than the payments on record explain.
  ///
  /// Income is not counted against it, so it errs towards silence where a wallet is also paid to.
  public func unexplainedOutflows(in book: Book) -> [UnexplainedOutflow] {
    let funded = fundedAgents(in: book)
    let calls = self[book].payments.calls
    return self[book].wallets.present.compactMap { wallet in
      guard let observation = wallet.observation, observation.unexplained.units > 0 else {
        return nil
      }
      let held = funded.filter { $0.wallet.id == wallet.id }.reduce(Int128(0)) { sum, pair in
        sum.addingClamped(calls.held(by: pair.agent, onTestNetworks: wallet.network.isTest))
      }
      return UnexplainedOutflow(
        wallet: wallet, observation: observation, held: Money(units: held, asset: .usdc))
    }
  }
}
