import JSON
import Ledger
import Testing

/// Commands about the ledger itself.
@Suite struct ControlCommandTests {
  private func seal(_ segment: Text, bytes: Int = 10) -> SealSegment {
    SealSegment(
      segment: segment, firstSeq: 1, lastSeq: 2, lastHash: fingerprint(1), bytes: bytes,
      sha256: fingerprint(2))
  }

  @Test func `a ledger is opened once`() throws {
    var scenario = try Scenario()
    #expect(scenario.state.controls.ledgerID == "L1")
    #expect(throws: Rejection.ledgerAlreadyOpen) {
      try scenario.submit(OpenLedger(ledgerID: "L2", software: "s"))
    }
  }

  @Test func `a segment names its predecessor and the last seq before it`() throws {
    var scenario = try Scenario()
    let decision = try scenario.submit(OpenSegment(predecessor: "first.jsonl"))
    guard case .accepted(let events) = decision, let first = events.first else {
      Issue.record("not accepted")
      return
    }
    #expect(
      String(decoding: dataBytes(first), as: UTF8.self)
        == #"{"predecessor":"first.jsonl","last_seq":2}"#)
  }

  @Test func `a segment is sealed once`() throws {
    var scenario = try Scenario()
    try scenario.submit(seal("a.jsonl"))
    #expect(try scenario.submit(seal("a.jsonl")) == .unchanged)
    #expect(try scenario.submit(seal("a.jsonl", bytes: 11)) == .unchanged)
    try scenario.submit(seal("b.jsonl"))
    #expect(scenario.state.controls.seals.map(\.segment) == ["a.jsonl", "b.jsonl"])
  }

  @Test func `a repair and a restore are noted`() throws {
    var scenario = try Scenario()
    try scenario.submit(
      NoteTailRepair(file: "a.jsonl", bytesDropped: 7, quarantineFile: "q", lastGoodSeq: 2))
    try scenario.submit(
      RestoreLedger(
        reason: Text(String(repeating: "r", count: 2_000)), by: "operator", lastGoodSeq: 2,
        lastGoodHash: fingerprint(3), markSeq: nil, quarantine: nil))
    #expect(scenario.state.controls.repairs.map(\.bytesDropped) == [7])
    #expect(scenario.state.controls.restores == 1)
    guard case .ledgerRestored(let event)? = scenario.log.last?.event else {
      Issue.record("not restored")
      return
    }
    #expect(event.reason.utf8Count == 1_024)
  }

  @Test func `accepting the clock needs a reason and may go back in time`() throws {
    var scenario = try Scenario()
    let earlier = scenario.now.advanced(byMilliseconds: -3_600_000)
    #expect(
      scenario.rejection(of: AcceptClock(wall: earlier, reason: "", by: "operator"))
        == .fieldInvalid(field: "reason", reason: "must say why the clock is right"))
    let from = scenario.now
    scenario.now = earlier
    try scenario.submit(AcceptClock(wall: earlier, reason: "ntp was off", by: "operator"))
    guard case .clockAdjusted(let event)? = scenario.log.last?.event else {
      Issue.record("not adjusted")
      return
    }
    #expect(event.from == from && event.to == earlier)
    #expect(scenario.state.at == earlier)
    #expect(scenario.violations.isEmpty)
  }

  @Test func `only what changed is applied`() throws {
    var scenario = try Scenario(settings: ["X402_PRICE_USD": "0.01", "X402_NETWORK": "base"])
    let state = scenario.state
    let same: [Text: Text] = ["X402_PRICE_USD": "0.01", "X402_NETWORK": "base"]
    #expect(try scenario.submit(ApplySettings(settings: same)) == .unchanged)
    #expect(scenario.state == state)
    let decision = try scenario.submit(ApplySettings(settings: ["X402_PRICE_USD": "0.02"]))
    guard case .accepted(let events) = decision, let first = events.first else {
      Issue.record("not accepted")
      return
    }
    #expect(
      String(decoding: dataBytes(first), as: UTF8.self)
        == #"{"settings":{"X402_NETWORK":"","X402_PRICE_USD":"0.02"}}"#)
    #expect(scenario.state.controls.settings == ["X402_PRICE_USD": "0.02"])
    #expect(scenario.state.controls.gateway?.price == (try .usdc("0.02")))
  }

  @Test func `an empty value takes a setting back`() throws {
    var scenario = try Scenario(settings: ["X402_WALLET_ADDRESS": "0xfeed"])
    #expect(scenario.state.controls.gateway?.receiver == "0xfeed")
    try scenario.submit(ApplySettings(settings: ["X402_WALLET_ADDRESS": ""]))
    #expect(scenario.state.controls.settings.isEmpty)
    #expect(scenario.state.controls.gateway?.receiver == nil)
    let again = ApplySettings(settings: ["X402_WALLET_ADDRESS": ""])
    #expect(try scenario.submit(again) == .unchanged)
  }

  @Test(
    arguments: [
      ("X402_PRICE_USD", "0"), ("X402_PRICE_USD", "-1"), ("X402_PRICE_USD", "inf"),
      ("X402_PRICE_USD", "1e-2"), ("X402_PRICE_USD", "0.0000001"), ("X402_NETWORK", "a b"),
      ("PAYMENT_VERIFIER_MODE", "lax"), ("WALLET_POLICY_PER_REQUEST_CAP_USD", "none"),
      ("WALLET_POLICY_PER_REQUEST_CAP_USD", "-1"), ("WALLET_POLICY_SESSION_CAP_USD", "1,5"),
    ] as [(Text, Text)])
  func `a setting that cannot be read is refused by its name`(name: Text, value: Text) throws {
    let scenario = try Scenario()
    #expect(
      scenario.rejection(of: ApplySettings(settings: [name: value]))
        == .settingUnreadable(name: name, value: value))
  }

  @Test func `the defaults are the seeds'`() throws {
    let policy = try #require(try Scenario().state.controls.gateway)
    #expect(policy.mode == .strict)
    #expect(policy.price == (try .usdc("0.01")))
    #expect(policy.network == .base)
    #expect(policy.policy == "default")
    #expect(policy.receiver == nil && policy.perRequestCap == nil && policy.sessionCap == nil)
  }

  @Test func `counters are written only when there is something to count`() throws {
    var scenario = try Scenario()
    let now = scenario.now
    #expect(try scenario.submit(CountOffers(from: now, byCode: [:])) == .unchanged)
    #expect(try scenario.submit(CountOffers(from: now, byCode: ["A": 0])) == .unchanged)
    try scenario.submit(CountOffers(from: now, byCode: ["A": 2, "B": 3]))
    try scenario.submit(CountOffers(from: now, byCode: ["A": 1]))
    #expect(scenario.state[.real].tallies.offersByCode == ["A": 3, "B": 3])
    let none = CountRateLimitTrips(scope: "gateway", from: now, count: 0, clients: 0)
    #expect(try scenario.submit(none) == .unchanged)
    try scenario.submit(CountRateLimitTrips(scope: "gateway", from: now, count: 4, clients: 2))
    #expect(scenario.state[.real].tallies.rateLimitTrips == 4)
  }

  @Test func `counts that do not fit do not trap`() throws {
    var scenario = try Scenario()
    let most: [Text: Int] = ["A": .max, "B": .max]
    try scenario.submit(CountOffers(from: scenario.now, byCode: most))
    try scenario.submit(CountOffers(from: scenario.now, byCode: most))
    #expect(scenario.state[.real].tallies.offersByCode == most)
  }

  @Test func `a count never begins after it ends`() throws {
    var scenario = try Scenario()
    let later = scenario.now.advanced(byMilliseconds: 1)
    try scenario.submit(CountOffers(from: later, byCode: ["A": 1]))
    guard case .gatewayOffersCounted(let event)? = scenario.log.last?.event else {
      Issue.record("not counted")
      return
    }
    #expect(event.from == scenario.now && event.to == scenario.now)
  }
}
