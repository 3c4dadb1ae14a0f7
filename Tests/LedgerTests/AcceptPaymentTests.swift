import JSON
import Ledger
import Testing

/// Taking a payment for one request: each guard on its edge and one unit to each side.
@Suite struct AcceptPaymentTests {
  private func dollars(_ text: Text) throws -> Money { try .usdc(text) }

  @Test func `a payment is accepted and answered as one unit`() throws {
    var scenario = try Scenario()
    let before = scenario.log.count
    try scenario.submit(AcceptFixture().command())
    let unit = Array(scenario.log[before...])
    #expect(unit.map(\.event.type) == [.gatewayPaymentAccepted, .gatewayResponseRecorded])
    #expect(unit.map(\.more) == [true, false])
    #expect(unit.allSatisfy { $0.event.subject == "rcpt_00000000000000000000000001" })
    #expect(scenario.violations.isEmpty)
    let receipt = try #require(scenario.state[.real].receipts[.named(unit[0].event.subject)])
    #expect(receipt.seq == unit[0].seq)
    #expect(receipt.requestHash == fingerprint(7))
  }

  @Test func `the answer has exactly these bytes`() throws {
    let settings: [Text: Text] = ["X402_WALLET_ADDRESS": "0xfeed"]
    var scenario = try Scenario(settings: settings)
    var fixture = AcceptFixture()
    fixture.key = "k-1"
    try scenario.submit(fixture.command())
    let last = try #require(scenario.log.last)
    guard case .gatewayResponseRecorded(let response) = last.event else {
      Issue.record("the unit does not end in its answer")
      return
    }
    #expect(response.status == 200)
    #expect(response.headers == [.init(name: "content-type", value: "application/json")])
    let body: Text =
      #"{"status":"accepted","result":"done","receipt":{"paid":true,"receiptId":"rcpt_00000000000000000000000001","settlement":"format_only","network":"base","txHash":null,"payer":null,"receiver":"0xfeed","amount":{"currency":"USD","value":"0.010000","asset":"USDC"},"paidAt":"2026-11-16T12:00:00.000Z"},"idempotencyKey":"k-1"}"#
    #expect(response.body == .text(body))
  }

  @Test func `without settings nothing is sold`() throws {
    var state = State()
    let now = try Timestamp.of("2026-11-16T12:00:00Z")
    let open = Submission(
      OpenLedger(ledgerID: "L", software: "s"), actor: "tollbook", book: .real, cause: nil,
      binding: nil)
    guard case .accepted(let events) = try open.decide(given: state, at: now) else { return }
    for record in open.records(of: events, from: 1, at: now, keyed: true) { state.apply(record) }
    #expect(throws: Rejection.gatewayNotConfigured) {
      try AcceptFixture().command().decide(given: state, book: .real, at: now)
    }
  }

  @Test(
    arguments: [
      ("0", false), ("0.009999", false), ("0.010000", true), ("0.010001", true), ("1000000", true),
    ] as [(Text, Bool)])
  func `exactly the price pays, one unit less does not`(paid: Text, isEnough: Bool) throws {
    let scenario = try Scenario(settings: ["X402_PRICE_USD": "0.01"])
    var fixture = AcceptFixture()
    fixture.paid = paid
    let refusal = Rejection.underpaid(required: try dollars("0.01"), provided: try dollars(paid))
    #expect(try scenario.rejection(of: fixture.command()) == (isEnough ? nil : refusal))
  }

  @Test func `another asset never counts as the price`() throws {
    let scenario = try Scenario()
    let euros = Money(units: 1_000_000, asset: .eurc)
    let command = AcceptGatewayPayment(
      receipt: ReceiptID(ULID(high: 0, low: 1)), method: "POST", path: "/",
      requestHash: fingerprint(1), proofID: "proof123", paid: euros, result: .null,
      idempotencyKey: nil)
    #expect(
      scenario.rejection(of: command)
        == .underpaid(required: try dollars("0.01"), provided: euros))
  }

  @Test func `a proof that says no amount counts as the price`() throws {
    var scenario = try Scenario(settings: ["X402_PRICE_USD": "0.07"])
    var fixture = AcceptFixture()
    fixture.paid = nil
    try scenario.submit(fixture.command())
    #expect(scenario.state[.real].spent(policy: "default") == (try dollars("0.07")))
  }

  @Test(arguments: [("0.049999", true), ("0.050000", true), ("0.050001", false)] as [(Text, Bool)])
  func `exactly the cap of one request passes, one unit more does not`(
    paid: Text, passes: Bool
  ) throws {
    let settings: [Text: Text] = [
      "WALLET_POLICY_PER_REQUEST_CAP_USD": "0.05", "WALLET_POLICY_ID": "p1",
    ]
    let scenario = try Scenario(settings: settings)
    var fixture = AcceptFixture()
    fixture.paid = paid
    let refusal = Rejection.perRequestCapExceeded(
      cap: try dollars("0.05"), asked: try dollars(paid), policy: "p1")
    #expect(try scenario.rejection(of: fixture.command()) == (passes ? nil : refusal))
  }

  @Test(arguments: [("0.099999", true), ("0.100000", true), ("0.100001", false)] as [(Text, Bool)])
  func `a session takes in exactly its cap and not one unit more`(
    last: Text, passes: Bool
  ) throws {
    var scenario = try Scenario(settings: [
      "WALLET_POLICY_SESSION_CAP_USD": "1", "X402_PRICE_USD": "0.1",
    ])
    for number in 0..<9 {
      try scenario.submit(
        AcceptFixture(
          receipt: UInt64(number), request: UInt64(number), proof: Text("proof-\(number)"),
          paid: "0.1"
        ).command())
    }
    #expect(scenario.state[.real].spent(policy: "default") == (try dollars("0.9")))
    let tenth = AcceptFixture(receipt: 99, request: 99, proof: "proof-99", paid: last)
    if last == "0.099999" {
      // One unit below the cap is one unit below the price here, and the price is asked first.
      #expect(
        try scenario.rejection(of: tenth.command())
          == .underpaid(required: dollars("0.1"), provided: dollars(last)))
    } else {
      let refusal = Rejection.sessionCapExceeded(
        cap: try dollars("1"), spent: try dollars("0.9"), asked: try dollars(last),
        policy: "default")
      #expect(try scenario.rejection(of: tenth.command()) == (passes ? nil : refusal))
    }
  }

  @Test func `ten tenths fill a session of one dollar and the eleventh is refused`() throws {
    var scenario = try Scenario(settings: [
      "WALLET_POLICY_SESSION_CAP_USD": "1", "X402_PRICE_USD": "0.1",
    ])
    for number in 0..<10 {
      try scenario.submit(
        AcceptFixture(
          receipt: UInt64(number), request: UInt64(number), proof: Text("proof-\(number)"),
          paid: nil
        ).command())
    }
    let eleventh = AcceptFixture(receipt: 99, request: 99, proof: "proof-99", paid: nil)
    #expect(
      try scenario.rejection(of: eleventh.command())
        == .sessionCapExceeded(
          cap: dollars("1"), spent: dollars("1"), asked: dollars("0.1"), policy: "default"))
    // A restart forgets nothing: the cap is folded from the log.
    #expect(replay(scenario.log)[.real].spent(policy: "default") == (try dollars("1")))
  }

  @Test func `the same proof for the same request is answered again and charges nothing`() throws {
    var scenario = try Scenario()
    try scenario.submit(AcceptFixture().command())
    let state = scenario.state
    var again = AcceptFixture()
    again.receipt = 2
    #expect(try scenario.submit(again.command()) == .repeated(first: 3))
    #expect(scenario.state == state)
  }

  @Test func `what was paid is answered again after the price rose`() throws {
    var scenario = try Scenario()
    try scenario.submit(AcceptFixture().command())
    try scenario.submit(ApplySettings(settings: ["X402_PRICE_USD": "0.02"]))
    #expect(try scenario.submit(AcceptFixture(receipt: 2).command()) == .repeated(first: 3))
    // For another request the same proof is first of all too little.
    #expect(
      try scenario.rejection(of: AcceptFixture(receipt: 2, request: 8).command())
        == .underpaid(required: dollars("0.02"), provided: dollars("0.01")))
  }

  @Test func `the same proof for another request is refused`() throws {
    var scenario = try Scenario()
    try scenario.submit(AcceptFixture().command())
    #expect(
      try scenario.rejection(of: AcceptFixture(receipt: 2, request: 8).command())
        == .proofReused(proof: "proof123"))
    scenario.book = .fake
    #expect(try scenario.rejection(of: AcceptFixture(receipt: 2, request: 8).command()) == nil)
  }

  @Test func `in stub mode a proof may pay again`() throws {
    var scenario = try Scenario(settings: ["PAYMENT_VERIFIER_MODE": "STUB"])
    try scenario.submit(AcceptFixture().command())
    try scenario.submit(AcceptFixture(receipt: 2).command())
    #expect(scenario.state[.real].receipts.count == 2)
    #expect(scenario.violations.isEmpty)
  }

  @Test func `a receipt's id is used once`() throws {
    var scenario = try Scenario()
    try scenario.submit(AcceptFixture().command())
    #expect(
      try scenario.rejection(of: AcceptFixture(request: 8, proof: "proof-8").command())
        == .fieldInvalid(field: "receipt", reason: "names a receipt that exists already"))
  }

  @Test func `income is summed by day, network and asset`() throws {
    var scenario = try Scenario()
    try scenario.submit(AcceptFixture().command())
    try scenario.submit(
      AcceptFixture(receipt: 2, request: 2, proof: "proof-2", paid: "0.03").command())
    scenario.now = try .of("2026-11-17T00:00:00Z")
    try scenario.submit(
      AcceptFixture(receipt: 3, request: 3, proof: "proof-3", paid: "0.04").command())
    let rows = scenario.state[.real].tallies.incomeRows()
    #expect(rows.map(\.day.description) == ["2026-11-16", "2026-11-17"])
    #expect(rows.map(\.total.units) == [40_000, 40_000])
    #expect(rows.map(\.total.count) == [2, 1])
    #expect(scenario.state[.fake].tallies.incomeRows().isEmpty)
    // Money in never counts as spend.
    #expect(scenario.state[.real].tallies.payments.spendRows().isEmpty)
  }
}
