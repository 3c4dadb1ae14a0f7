import JSON
import Ledger
import Testing

/// What vendors offer: seen, aged, and asked before money leaves.
///
/// Source: VEN-02 to VEN-07.
@Suite struct VendorTests {
  private func offer(
    _ prices: [Text: Text] = [:], tokens: [Text] = ["USDC"], chains: [Text] = ["base"]
  ) throws -> VendorOffer {
    VendorOffer(
      pricing: try prices.mapValues { try .usdc($0) }, tokens: tokens, chains: chains,
      capabilities: ["image"])
  }

  private func observe(_ offer: VendorOffer, vendor: Text = "shop") -> ObserveVendor {
    ObserveVendor(vendor: vendor, offer: offer, source: .fetch, reason: nil)
  }

  private func types(_ decision: Decision) -> [EventType] { decision.events.0.map(\.type) }

  /// The code that a wish is refused with, checked against all three records of it.
  private func refusal(_ wish: SpendFixture, _ scenario: inout Scenario, _ number: UInt64) throws
    -> Text?
  {
    let decision = try scenario.submit(try wish.pay(number))
    guard case .refused(let rejection, let events) = decision else { return nil }
    #expect(events.map(\.type) == [.intentSubmitted, .intentDenied, .paymentRefused])
    guard case .intentDenied(let denied) = events[1], case .paymentRefused(let refused) = events[2]
    else { throw BadFixture(text: "records") }
    let code = Text("\(rejection.code)")
    #expect(denied.code == code)
    #expect(refused.code == code)
    let rules: [Text: Text] = [
      "VENDOR_PRICE_EXCEEDED": "deny_vendor_price", "VENDOR_TOKEN_UNSUPPORTED": "deny_vendor_token",
      "VENDOR_CHAIN_UNSUPPORTED": "deny_vendor_chain",
    ]
    #expect(denied.rule == rules[code])
    #expect(scenario.state[scenario.book].payments.count == 0)
    return code
  }

  @Test func `a wish above the listed price, by one unit, is denied on record`() throws {
    var scenario = try Scenario()
    try scenario.submit(observe(try offer(["media": "1.000000", "default": "0.5"])))
    #expect(
      try refusal(SpendFixture(amount: "1.000001"), &scenario, 1) == "VENDOR_PRICE_EXCEEDED")
    #expect(types(try scenario.submit(try SpendFixture().pay(2))).last == .paymentStarted)
    #expect(scenario.violations == [])
  }

  @Test func `without a price for the component the default counts, without both none`() throws {
    var scenario = try Scenario()
    try scenario.submit(observe(try offer(["Media": "9", "default": "0.999999"])))
    #expect(try refusal(SpendFixture(), &scenario, 1) == "VENDOR_PRICE_EXCEEDED")
    try scenario.submit(observe(try offer(["Media": "0"])))
    #expect(types(try scenario.submit(try SpendFixture().pay(2))).last == .paymentStarted)
  }

  @Test func `an unlisted chain or token is denied, an empty list is nothing known`() throws {
    var scenario = try Scenario()
    try scenario.submit(observe(try offer(chains: ["solana"])))
    #expect(try refusal(SpendFixture(), &scenario, 1) == "VENDOR_CHAIN_UNSUPPORTED")
    try scenario.submit(observe(try offer(tokens: ["DAI"])))
    #expect(try refusal(SpendFixture(), &scenario, 2) == "VENDOR_TOKEN_UNSUPPORTED")
    try scenario.submit(observe(try offer(tokens: ["usdc"], chains: ["solana", "BASE"])))
    #expect(types(try scenario.submit(try SpendFixture().pay(3))).last == .paymentStarted)
    try scenario.submit(observe(try offer(tokens: [], chains: [])))
    #expect(types(try scenario.submit(try SpendFixture().pay(4))).last == .paymentStarted)
  }

  @Test func `the vendor's case does not matter, other letters do`() throws {
    var scenario = try Scenario()
    try scenario.submit(observe(try offer(["default": "0"]), vendor: "SHOP"))
    #expect(try refusal(SpendFixture(), &scenario, 1) == "VENDOR_PRICE_EXCEEDED")
    #expect(
      types(try scenario.submit(try SpendFixture(vendor: "shop2").pay(2))).last == .paymentStarted)
  }

  @Test(
    arguments: [(86_399_999, true), (86_400_000, false), (86_400_001, false)] as [(Int64, Bool)])
  func `at exactly 24 hours an entry is stale and refuses nothing`(
    age: Int64, isFresh: Bool
  ) throws {
    var scenario = try Scenario()
    try scenario.submit(observe(try offer(["default": "0"])))
    let seen = try #require(scenario.state[.real].vendors["shop"]?.main?.at)
    scenario.now = scenario.now.advanced(byMilliseconds: age)
    #expect(scenario.state.controls.vendorCache.isFresh(seen, at: scenario.now) == isFresh)
    let decision = try scenario.submit(try SpendFixture().pay(1))
    #expect((types(decision).last == .paymentRefused) == isFresh)
  }

  @Test func `the recorded setting says how long`() throws {
    var scenario = try Scenario(settings: ["X402_VENDOR_CACHE_TTL": "60"])
    try scenario.submit(observe(try offer(["default": "0"])))
    scenario.now = scenario.now.advanced(byMilliseconds: 59_999)
    #expect(try refusal(SpendFixture(), &scenario, 1) == "VENDOR_PRICE_EXCEEDED")
    scenario.now = scenario.now.advanced(byMilliseconds: 1)
    #expect(types(try scenario.submit(try SpendFixture().pay(2))).last == .paymentStarted)
    for bad in ["0", "31536001", "-1", "1.5", "x", "+60"] as [Text] {
      #expect(
        scenario.rejection(of: ApplySettings(settings: ["X402_VENDOR_CACHE_TTL": bad]))
          == .settingUnreadable(name: "X402_VENDOR_CACHE_TTL", value: bad))
    }
  }

  @Test func `what the fake book knows is nothing in the real one`() throws {
    var scenario = try Scenario()
    scenario.book = .fake
    try scenario.submit(observe(try offer(["default": "0"])))
    scenario.book = .real
    #expect(scenario.state[.real].vendors.count == 0)
    #expect(types(try scenario.submit(try SpendFixture().pay(1))).last == .paymentStarted)
    scenario.book = .fake
    #expect(try refusal(SpendFixture(), &scenario, 2) == "VENDOR_PRICE_EXCEEDED")
  }

  @Test func `an approval that stands does not pass the vendor's list either`() throws {
    var scenario = try Scenario()
    try scenario.submit(try SpendFixture().submit(1))
    try scenario.submit(observe(try offer(["default": "0.5"])))
    let decision = try scenario.submit(try SpendFixture().pay(2))
    guard case .refused(let rejection, let events) = decision else {
      throw BadFixture(text: "refused")
    }
    #expect(rejection.code.description == "VENDOR_PRICE_EXCEEDED")
    #expect(events.map(\.type) == [.paymentRefused])
    let denied = try scenario.submit(try SpendFixture(amount: "2").submit(3))
    #expect(types(denied) == [.intentSubmitted, .intentDenied])
    #expect(scenario.violations == [])
  }

  @Test func `a hold goes through the same gate`() throws {
    var scenario = try Scenario()
    try scenario.submit(observe(try offer(["default": "0.5"])))
    let hold = AuthorizePayment(
      authorization: AuthorizationID(ULID(high: 9, low: 1)),
      transaction: TransactionID(ULID(high: 9, low: 1)),
      newIntent: IntentID(ULID(high: 9, low: 1)), request: try SpendFixture().request(),
      intent: nil, purpose: nil, provider: "fake", wallet: nil, expiresAt: nil)
    let decision = try scenario.submit(hold)
    #expect(types(decision) == [.intentSubmitted, .intentDenied, .paymentRefused])
  }

  // MARK: purchases

  private func settle(_ number: UInt64, _ scenario: inout Scenario) throws -> [EventType] {
    types(
      try scenario.submit(
        SettlePayment(
          transaction: TransactionID(ULID(high: 1, low: number)),
          outcome: .completed(chainHash: nil, receipt: nil), occasion: .payment)))
  }

  @Test func `a purchase is noted in its unit when it shows something new`() throws {
    var scenario = try Scenario()
    try scenario.submit(try SpendFixture().pay(1))
    #expect(try settle(1, &scenario) == [.paymentCompleted, .vendorCapabilityObserved])
    let entry = try #require(scenario.state[.real].vendors["SHOP"])
    #expect(entry.main?.source == .purchase)
    #expect(entry.main?.seq == scenario.state.seq)
    #expect(
      entry.offer
        == VendorOffer(
          pricing: ["media": try .usdc("1")], tokens: ["USDC"], chains: ["base"],
          capabilities: ["media"]))
    // The same again is nothing new, until the entry is 24 hours old.
    try scenario.submit(try SpendFixture().pay(2))
    #expect(try settle(2, &scenario) == [.paymentCompleted])
    scenario.now = scenario.now.advanced(byMilliseconds: 86_400_000)
    try scenario.submit(try SpendFixture().pay(3))
    #expect(try settle(3, &scenario) == [.paymentCompleted, .vendorCapabilityObserved])
    try scenario.submit(try SpendFixture(amount: "1.5").pay(4))
    #expect(try settle(4, &scenario) == [.paymentCompleted, .vendorCapabilityObserved])
    #expect(scenario.state[.real].vendors["shop"]?.offer.pricing == ["media": try .usdc("1.5")])
    #expect(scenario.violations == [])
  }

  @Test func `what was paid once forbids nothing, and does not renew a list`() throws {
    var scenario = try Scenario()
    try scenario.submit(observe(try offer(["media": "5"])))
    let listed = try #require(scenario.state[.real].vendors["shop"]?.main)
    scenario.now = scenario.now.advanced(byMilliseconds: 3_600_000)
    try scenario.submit(try SpendFixture().pay(1))
    #expect(try settle(1, &scenario) == [.paymentCompleted, .vendorCapabilityObserved])
    #expect(scenario.state[.real].vendors["shop"]?.main == listed)
    #expect(scenario.state[.real].vendors["shop"]?.offer.pricing == ["media": try .usdc("5")])
    #expect(
      types(try scenario.submit(try SpendFixture(amount: "5").pay(2))).last == .paymentStarted)
    try scenario.submit(try SpendFixture(vendor: "other").pay(3))
    #expect(try settle(3, &scenario).count == 2)
    let dearer = SpendFixture(vendor: "other", network: "solana", amount: "9")
    #expect(types(try scenario.submit(try dearer.pay(4))).last == .paymentStarted)
  }

  @Test func `a failed payment shows nothing`() throws {
    var scenario = try Scenario()
    try scenario.submit(try SpendFixture().pay(1))
    let failed = SettlePayment(
      transaction: TransactionID(ULID(high: 1, low: 1)),
      outcome: .failed(code: "NO", error: "no", vendorFault: true), occasion: .payment)
    #expect(types(try scenario.submit(failed)) == [.paymentFailed])
    #expect(scenario.state[.real].vendors.count == 0)
  }

  // MARK: what comes from outside

  @Test(arguments: [
    "", ".", "..", "...", "a/b", "a b", "é", "a\u{0}", "%2e%2e", "a\n",
    String(repeating: "v", count: 129),
  ])
  func `a name that could hurt a path or a shell is refused`(name: String) throws {
    let scenario = try Scenario()
    let rejection = scenario.rejection(of: observe(try offer(), vendor: Text(name)))
    guard case .fieldInvalid(let field, _)? = rejection else {
      throw BadFixture(text: "not refused: \(name)")
    }
    #expect(field == "vendor")
  }

  @Test func `lists are cut to what an event may carry, and their names have bounds`() throws {
    var scenario = try Scenario()
    let many = (0..<1_500).map { Text("c\($0)") }
    let long = VendorOffer(
      pricing: Dictionary(uniqueKeysWithValues: many.map { ($0, Money.zero(.usdc)) }),
      tokens: many, chains: many,
      capabilities: (0..<1_000).map { Text("\($0)" + String(repeating: "x", count: 120)) })
    try scenario.submit(observe(long))
    let kept = try #require(scenario.state[.real].vendors["shop"]?.listed?.offer)
    #expect(kept.pricing.count == 1_000)
    #expect(kept.chains == Array(many.prefix(1_000)))
    #expect(kept.capabilities.reduce(0) { $0 + $1.utf8Count } <= 49_152)
    for name in ["", Text(String(repeating: "x", count: 129))] as [Text] {
      #expect(scenario.rejection(of: observe(try offer(chains: [name]))) != nil)
      #expect(scenario.rejection(of: observe(try offer([name: "1"]))) != nil)
    }
    let negative = VendorOffer(
      pricing: ["a": Money(units: -1, asset: .usdc)], tokens: [], chains: [], capabilities: [])
    #expect(scenario.rejection(of: observe(negative)) != nil)
  }

  @Test func `an operator says why, and nobody claims a purchase`() throws {
    let scenario = try Scenario()
    for (source, reason) in [
      (VendorSource.operator, nil), (.operator, ""), (.purchase, "x"),
    ] as [(VendorSource, Text?)] {
      let command = ObserveVendor(
        vendor: "shop", offer: try offer(), source: source, reason: reason)
      #expect(scenario.rejection(of: command) != nil)
    }
  }
}
