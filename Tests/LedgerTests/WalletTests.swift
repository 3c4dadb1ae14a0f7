import JSON
import Ledger
import Seeded
import Testing

/// Whose payments come from where, what is there, and what left without a payment.
///
/// Source: WAL-01, WAL-10 to WAL-12, EMG-03, X-08, T-35.
@Suite struct WalletTests {
  private static let first: Text = "0x5d5c99EdF529335160FF180fA141Dd4967fc00D2"
  private static let second: Text = "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"

  private func choice(
    _ address: Text, owner: WalletOwner = .everybody, id: UInt64 = 1, reason: Text = "quarterly",
    network: Network = .base
  ) -> WalletChoice {
    WalletChoice(
      fresh: WalletID(ULID(high: 0, low: id)), owner: owner, address: address, network: network,
      reason: reason)
  }

  private func observe(_ balance: Text, id: UInt64 = 1, block: Int64? = nil) throws
    -> ObserveBalance
  {
    ObserveBalance(
      wallet: WalletID(ULID(high: 0, low: id)), balance: try .usdc(balance), block: block,
      confirmations: nil, source: "rpc")
  }

  /// A ledger with the default wallet, looked at once.
  private func scenario(_ balance: Text = "100") throws -> Scenario {
    var scenario = try Scenario()
    try scenario.submit(RegisterWallet(choice(WalletTests.first)))
    try scenario.submit(observe(balance))
    return scenario
  }

  private func pay(_ amount: Text, _ number: Int, agent: Text = "builder_agent") throws
    -> ImportPayment
  {
    try ImportFixture().with {
      $0.transaction = Text("tx-\(number)")
      $0.agent = agent
      $0.amount = amount
      $0.occurredAt = "2026-11-16T12:00:00.001Z"
    }.command()
  }

  private func unexplained(_ scenario: Scenario) -> [Text] {
    scenario.state.unexplainedOutflows(in: .real).map(\.observation.unexplained.decimal)
  }

  // MARK: registration and rotation

  @Test func `registering the same address again changes nothing, however it is written`() throws {
    var scenario = try scenario()
    #expect(try scenario.submit(RegisterWallet(choice(WalletTests.first, id: 2))) == .unchanged)
    let small = WalletTests.first.asciiLowercased
    #expect(try scenario.submit(RegisterWallet(choice(small, id: 2))) == .unchanged)
    #expect(try scenario.submit(RotateWallet(choice(small, id: 2))) == .unchanged)
    let wallet = try #require(scenario.state[.real].wallets.wallet(of: .everybody))
    #expect(wallet.address.text == WalletTests.first)
    #expect(scenario.state[.fake].wallets.all.isEmpty)
  }

  @Test func `a rotation keeps the old wallet known, and a setting does not undo it`() throws {
    var scenario = try scenario()
    scenario.now = scenario.now.advanced(byMilliseconds: 5)
    let rotated = try scenario.submit(RotateWallet(choice(WalletTests.second, id: 2)))
    guard case .accepted(let events) = rotated, case .walletRegistered(let event) = events[0] else {
      Issue.record("not registered")
      return
    }
    #expect(event.replaces == WalletID(ULID(high: 0, low: 1)))
    let wallets = scenario.state[.real].wallets
    #expect(wallets.wallet(of: .everybody)?.address.text == WalletTests.second)
    #expect(wallets.present.map(\.address.text) == [WalletTests.second])
    #expect(wallets.all.map(\.address.text) == [WalletTests.first, WalletTests.second])
    #expect(wallets.tenures.map(\.until) == [scenario.now, nil])
    #expect(
      scenario.rejection(of: RegisterWallet(choice(WalletTests.first, id: 3)))
        == .walletReplaced(owner: "default", by: WalletTests.second))
    // An operator may go back, and then it is the same wallet.
    try scenario.submit(RotateWallet(choice(WalletTests.first, id: 3)))
    #expect(scenario.state[.real].wallets.wallet(of: .everybody)?.id == wallets.all[0].id)
    #expect(scenario.state[.real].wallets.all.count == 2)
  }

  @Test func `an agent's own wallet goes before the default one, found by the agent's id`() throws {
    var scenario = try scenario()
    let agent = WalletOwner.agent("code_review")
    try scenario.submit(RegisterWallet(choice(WalletTests.second, owner: agent, id: 2)))
    let wallets = scenario.state[.real].wallets
    #expect(wallets.wallet(funding: "code-review")?.address.text == WalletTests.second)
    #expect(wallets.wallet(funding: "CODE.REVIEW")?.address.text == WalletTests.second)
    #expect(wallets.wallet(funding: "code_reviews")?.address.text == WalletTests.first)
    try scenario.submit(pay("1", 1, agent: "code-review"))
    try scenario.submit(pay("1", 2, agent: "auditor"))
    let funded = scenario.state.fundedAgents(in: .real)
    #expect(funded.map(\.agent) == ["auditor", "code-review"])
    #expect(funded.map(\.wallet.address.text) == [WalletTests.first, WalletTests.second])
  }

  @Test func `owners may share a wallet: it is one`() throws {
    var scenario = try scenario()
    let agent = WalletOwner.agent("auditor")
    try scenario.submit(RegisterWallet(choice(WalletTests.first, owner: agent, id: 2)))
    #expect(scenario.state[.real].wallets.present.count == 1)
    #expect(scenario.state[.real].wallets.presentTenures.map(\.owner) == [.everybody, agent])
  }

  @Test(arguments: [
    ("0x5d5c99EdF529335160FF180fA141Dd4967fc00D", "address"),
    ("0x5d5c99EdF529335160FF180fA141Dd4967fc00D22", "address"),
    ("0X5d5c99EdF529335160FF180fA141Dd4967fc00D2", "address"),
    ("5d5c99EdF529335160FF180fA141Dd4967fc00D2ab", "address"),
    ("0xgd5c99EdF529335160FF180fA141Dd4967fc00D2", "address"), ("", "address"),
  ])
  func `an address is 0x and 40 hex digits`(address: String, field: Text) throws {
    let wish = RotateWallet(choice(Text(address)))
    guard case .fieldInvalid(field, _) = try Scenario().rejection(of: wish) else {
      Issue.record("taken: \(address)")
      return
    }
  }

  @Test func `a reason is needed, and no agent is called like the default wallet`() throws {
    let scenario = try Scenario()
    for wish in [
      choice(WalletTests.first, reason: ""), choice(WalletTests.first, owner: .agent("Default")),
      choice(WalletTests.first, owner: .agent("")), choice(WalletTests.first, owner: .agent("a b")),
    ] {
      guard case .fieldInvalid = scenario.rejection(of: RotateWallet(wish)) else {
        Issue.record("taken: \(wish)")
        continue
      }
    }
  }

  @Test func `a rotation is overdue after 92 days and not at them`() throws {
    let scenario = try scenario()
    let tenure = try #require(scenario.state[.real].wallets.presentTenures.first)
    let edge = tenure.since.advanced(byMilliseconds: 92 * 86_400_000)
    #expect(!tenure.isOverdue(asOf: edge))
    #expect(tenure.isOverdue(asOf: edge.advanced(byMilliseconds: 1)))
    var later = scenario
    later.now = edge.advanced(byMilliseconds: 1)
    try later.submit(RotateWallet(choice(WalletTests.second, id: 2)))
    #expect(!later.state[.real].wallets.tenures.contains { $0.isOverdue(asOf: later.now) })
  }

  // MARK: observations

  @Test func `an observation is of a known wallet, in USDC, and of no older block`() throws {
    var scenario = try scenario()
    #expect(
      scenario.rejection(of: try observe("1", id: 9))
        == .walletNotFound(WalletID(ULID(high: 0, low: 9)).text))
    try scenario.submit(observe("1", block: 7))
    try scenario.submit(observe("2", block: 7))
    #expect(
      scenario.rejection(of: try observe("1", block: 6))
        == .observationStale(wallet: WalletID(ULID(high: 0, low: 1)), block: 6, last: 7))
    try scenario.submit(observe("3"))
    let seen = try #require(scenario.state[.real].wallets.all[0].observation)
    #expect(seen.balance.decimal == "3.000000")
    #expect(seen.block == nil)
    #expect(seen.seq == scenario.state.seq)
    for (units, asset) in [(-1, Asset.usdc), (1, .eurc)] {
      let wish = ObserveBalance(
        wallet: WalletID(ULID(high: 0, low: 1)), balance: Money(units: Int128(units), asset: asset),
        block: nil, confirmations: nil, source: "rpc")
      guard case .fieldInvalid("balance", _) = scenario.rejection(of: wish) else {
        Issue.record("taken: \(units)")
        continue
      }
    }
  }

  // MARK: what left without a payment

  @Test func `a fall by exactly what was paid is explained, one unit more is not`() throws {
    var scenario = try scenario()
    #expect(unexplained(scenario) == [])
    try scenario.submit(pay("10", 1))
    var exact = scenario
    try exact.submit(observe("90"))
    #expect(unexplained(exact) == [])
    try scenario.submit(observe("89.999999"))
    #expect(unexplained(scenario) == ["0.000001"])
    let found = try #require(scenario.state.unexplainedOutflows(in: .real).first)
    #expect(found.observation.fell.decimal == "10.000001")
    #expect(found.observation.explained.decimal == "10.000000")
    // The next look begins anew.
    try scenario.submit(observe("89.999999"))
    #expect(unexplained(scenario) == [])
  }

  @Test func `a node that lags one look behind the ledger raises nothing`() throws {
    var scenario = try scenario()
    try scenario.submit(pay("10", 1))
    try scenario.submit(observe("100"))
    try scenario.submit(observe("90"))
    #expect(unexplained(scenario) == [])
    // What was not seen to fall twice is no longer waited for.
    try scenario.submit(pay("10", 2))
    try scenario.submit(observe("90"))
    try scenario.submit(observe("90"))
    try scenario.submit(observe("80"))
    #expect(unexplained(scenario) == ["10.000000"])
  }

  @Test func `only completed USDC of the wallet's agents, network and time explains`() throws {
    func fell(_ change: (inout ImportFixture) -> Void) throws -> [Text] {
      var scenario = try scenario()
      let agent = WalletOwner.agent("auditor")
      try scenario.submit(RegisterWallet(choice(WalletTests.second, owner: agent, id: 2)))
      let fixture = ImportFixture().with {
        $0.occurredAt = "2026-11-16T12:00:00.001Z"
        $0.amount = "1"
      }
      try scenario.submit(fixture.with(change).command())
      try scenario.submit(observe("99"))
      return unexplained(scenario)
    }
    #expect(try fell { _ in } == [])
    #expect(try fell { $0.agent = "auditor" } == ["1.000000"])
    #expect(try fell { $0.network = "base-sepolia" } == ["1.000000"])
    #expect(try fell { $0.asset = .eurc } == ["1.000000"])
    #expect(try fell { $0.phase = .failed } == ["1.000000"])
    #expect(try fell { $0.phase = .pending } == ["1.000000"])
    // It had left when the wallet was looked at, so it is in that balance.
    #expect(try fell { $0.occurredAt = "2026-11-16T12:00:00Z" } == ["1.000000"])
  }

  @Test func `what was captured of a hold explains, what went back does not`() throws {
    var scenario = try scenario()
    let hold = AuthorizationID(ULID(high: 5, low: 1))
    var fixture = SpendFixture()
    fixture.amount = "5"
    try scenario.submit(
      AuthorizePayment(
        authorization: hold, transaction: TransactionID(ULID(high: 6, low: 1)),
        newIntent: IntentID(ULID(high: 7, low: 1)), request: try fixture.request(), intent: nil,
        purpose: nil, provider: "fake", wallet: nil, expiresAt: nil))
    func settle() throws {
      let key = try #require(scenario.state[.real].authorizations[hold]?.stepKey)
      try scenario.submit(
        SettleAuthorization(
          authorization: hold, stepKey: key, outcome: .done(reference: "r", chainHash: nil),
          source: .provider, evidence: nil, by: nil))
    }
    try settle()
    try scenario.submit(CaptureAuthorization(authorization: hold, amount: try .usdc("3")))
    try settle()
    try scenario.submit(observe("95"))
    #expect(unexplained(scenario) == ["2.000000"])
    let requested = scenario.log.compactMap { record -> Text? in
      guard case .authorizationRequested(let event) = record.event else { return nil }
      return event.call.wallet
    }
    #expect(requested == [WalletTests.first])
  }

  @Test func `a payment under way does not explain, but it is told of`() throws {
    var scenario = try scenario()
    try scenario.submit(SpendFixture().pay(1))
    try scenario.submit(observe("99"))
    #expect(unexplained(scenario) == ["1.000000"])
    #expect(scenario.state.unexplainedOutflows(in: .real).map(\.held.decimal) == ["1.000000"])
  }

  @Test func `a payment of ours names the address that funds it`() throws {
    var scenario = try scenario()
    try scenario.submit(SpendFixture().pay(1))
    guard case .paymentStarted(let started) = scenario.log.last?.event else {
      Issue.record("not started")
      return
    }
    #expect(started.call?.wallet == WalletTests.first)
  }

  @Test(arguments: UInt64(0)..<100)
  func `a chain that is one look late raises nothing, and a theft is found in full`(
    seed: UInt64
  ) throws {
    var random = SplitMix64(seed: seed)
    var scenario = try scenario("1000000")
    var balance: Int128 = 1_000_000_000_000
    var late: Int128 = 0
    var found: Int128 = 0
    let theft = Int128(random.below(5_000_000) + 1)
    let theftAt = random.below(30)
    for look in 0..<31 {
      let old = late
      late = 0
      for number in 0..<random.below(4) {
        let amount = Int128(random.below(9_000_000) + 1)
        try scenario.submit(
          pay(Money(units: amount, asset: .usdc).decimal, look * 4 + number))
        // From the theft on the chain is prompt, so that nothing can hide it.
        if random.below(2) == 0, look < theftAt - 1 { late += amount } else { balance -= amount }
      }
      balance -= old
      if look == theftAt { balance -= theft }
      try scenario.submit(observe(Money(units: balance, asset: .usdc).decimal))
      let now = scenario.state[.real].wallets.all[0].observation?.unexplained.units ?? 0
      #expect(look == theftAt || now == 0, "look \(look)")
      found += now
    }
    #expect(found == theft)
  }
}
