import JSON
import Ledger
import Testing

/// A promise that a test makes.
private struct PromiseFixture {
  var receipt: UInt64 = 1
  var request: UInt64 = 7
  var nonce: UInt64 = 1
  var payer: Text = "0xPayer"
  var amount: Text = "0.010000"
  var flow = PaymentFlow.authorization
  var route: Text = "POST /agent/task"

  var id: ReceiptID { ReceiptID(ULID(high: 0, low: receipt)) }

  func command(at now: Timestamp) throws -> ReserveGatewayPayment {
    ReserveGatewayPayment(
      receipt: id, route: route, path: "/agent/task",
      requestHash: fingerprint(request), version: 2,
      promise: SignedPromise(
        network: .base, token: "0xToken", payer: payer, nonce: Fingerprint((nonce, 0, 0, 0))),
      amount: try .usdc(amount), validBefore: now.advanced(byMilliseconds: 60_000), flow: flow)
  }
}

/// Payments of signed promises: reserved, answered, settled, unknown, refused.
@Suite struct ReservationTests {
  private static let settings: [Text: Text] = [
    "PAYMENT_VERIFIER_MODE": "facilitator", "X402_WALLET_ADDRESS": "0xFeed",
  ]
  private static let hash = ChainHash(Text("0x" + String(repeating: "a", count: 64)))
  private static let answer = GatewayAnswer(
    status: 200, headers: [.init(name: "content-type", value: "text/plain")], body: .text("hi"))

  private func scenario(_ more: [Text: Text] = [:]) throws -> Scenario {
    try Scenario(settings: ReservationTests.settings.merging(more) { $1 })
  }

  @discardableResult
  private func reserve(
    _ scenario: inout Scenario, _ fixture: PromiseFixture, key: KeyBinding? = nil
  ) throws -> ReceiptID {
    try scenario.submit(try fixture.command(at: scenario.now), key: key)
    return fixture.id
  }

  private func begin(_ receipt: ReceiptID) -> BeginSettlement {
    BeginSettlement(
      receipt: receipt, answer: ReservationTests.answer, payment: "{}", requirements: "{}")
  }

  private func settle(
    _ receipt: ReceiptID, _ outcome: GatewayOutcome, evidence: Text? = nil
  ) -> SettleReservation {
    SettleReservation(
      receipt: receipt, outcome: outcome, source: evidence == nil ? .provider : .reconcile,
      evidence: evidence, anomalies: [])
  }

  private var paid: GatewayOutcome { .settled(ReservationTests.hash, payer: "0xPAYER") }
  private let lost = GatewayOutcome.unknown(errorClass: "timeout", nil)
  private let refusal = GatewayOutcome.refused(stage: .settle, code: "REPLAY", reason: nil)

  private func phase(_ scenario: Scenario, _ receipt: ReceiptID) -> ReceiptPhase? {
    scenario.state[.real].receipts[receipt]?.phase
  }

  @Test func `a promise is reserved, answered, settled and accepted`() throws {
    var scenario = try scenario()
    let before = scenario.log.count
    let receipt = try reserve(&scenario, PromiseFixture())
    #expect(phase(scenario, receipt) == .reserved)
    try scenario.submit(begin(receipt))
    #expect(phase(scenario, receipt) == .answered)
    try scenario.submit(settle(receipt, paid))
    let records = scenario.log[before...]
    #expect(
      records.map(\.event.type) == [
        .gatewayReserved, .gatewayResponseRecorded, .gatewaySettleStarted, .gatewaySettled,
        .gatewayPaymentAccepted,
      ])
    #expect(records.map(\.more) == [false, true, false, true, false])
    let place = try #require(scenario.state[.real].receipts[receipt])
    #expect(place.phase == .accepted)
    let seqs = records.map(\.seq)
    #expect(place.seq == seqs[0] && place.answerSeq == seqs[1] && place.endSeq == seqs[4])
    #expect(scenario.state[.real].receipts.openOnes.isEmpty)
    #expect(scenario.state[.real].receipts.receipt(begunAt: place.seq) == receipt)
    #expect(scenario.violations.isEmpty)
    guard case .gatewayPaymentAccepted(let accepted) = scenario.log.last?.event else { return }
    #expect(accepted.payer == "0xpayer")
    #expect(accepted.chainHash == ReservationTests.hash)
    var out = JSONWriter()
    Receipt(accepted, paidAt: scenario.now).write(to: &out, position: nil)
    let text = String(decoding: out.bytes, as: UTF8.self)
    #expect(text.contains(#""settlement":"settled""#) && text.contains(#""payer":"0xpayer""#))
  }

  @Test func `what is paid upfront is settled before it is answered`() throws {
    var scenario = try scenario()
    try scenario.submit(
      ApplyRoutes(routes: [
        AppliedRoute(
          name: "GET /w", price: try .usdc("0.01"), flow: .upfront, sessionCap: nil,
          upstream: "http://127.0.0.1:9")
      ]))
    var fixture = PromiseFixture()
    fixture.flow = .upfront
    fixture.route = "GET /w"
    let receipt = try reserve(&scenario, fixture)
    #expect(throws: Rejection.self) { try scenario.submit(begin(receipt)) }
    #expect(throws: Rejection.self) {
      try scenario.submit(RecordAnswer(receipt: receipt, answer: ReservationTests.answer))
    }
    try scenario.submit(
      BeginSettlement(receipt: receipt, answer: nil, payment: "{}", requirements: "{}"))
    try scenario.submit(settle(receipt, paid))
    #expect(phase(scenario, receipt) == .accepted)
    // The answer is still owed.
    #expect(scenario.state[.real].receipts.open(receipt) != nil)
    try scenario.submit(RecordAnswer(receipt: receipt, answer: ReservationTests.answer))
    #expect(scenario.state[.real].receipts.open(receipt) == nil)
    let again = try scenario.submit(RecordAnswer(receipt: receipt, answer: ReservationTests.answer))
    #expect(again == .unchanged)
    #expect(scenario.violations.isEmpty)
  }

  @Test func `the same promise pays for one request, however it is spelled`() throws {
    var scenario = try scenario()
    try reserve(&scenario, PromiseFixture())
    let first = scenario.state.seq
    var same = PromiseFixture(receipt: 2)
    same.payer = "0xPAYER"
    #expect(
      try scenario.submit(try same.command(at: scenario.now)) == .repeated(first: first))
    var other = same
    other.request = 8
    let wish = try other.command(at: scenario.now)
    let reused = Rejection.proofReused(proof: wish.promise.nonce.hex)
    #expect(scenario.rejection(of: wish) == reused)
    var fresh = other
    fresh.nonce = 2
    #expect(scenario.rejection(of: try fresh.command(at: scenario.now)) == nil)
    // Also for ever after it was accepted.
    try scenario.submit(begin(PromiseFixture().id))
    try scenario.submit(settle(PromiseFixture().id, paid))
    #expect(scenario.rejection(of: wish) == reused)
    #expect(
      try scenario.submit(try same.command(at: scenario.now)) == .repeated(first: first))
  }

  @Test(arguments: [RefusalStage.verify, .handler])
  func `a refusal frees promise, key and cap`(stage: RefusalStage) throws {
    var scenario = try scenario(["WALLET_POLICY_SESSION_CAP_USD": "0.01"])
    let key = KeyBinding(key: "k", op: "POST /agent/task", print: fingerprint(7))
    let receipt = try reserve(&scenario, PromiseFixture(), key: key)
    var second = PromiseFixture(receipt: 2)
    second.nonce = 2
    guard case .sessionCapExceeded = scenario.rejection(of: try second.command(at: scenario.now))
    else {
      Issue.record("what is reserved counts")
      return
    }
    #expect(scenario.rejection(of: settle(receipt, refusal)) != nil)
    try scenario.submit(
      settle(receipt, .refused(stage: stage, code: "INSUFFICIENT_FUNDS", reason: "low")))
    #expect(phase(scenario, receipt) == .refused)
    #expect(scenario.state[.real].committed(policy: "default")?.units == 0)
    // The same header and key again are a new payment.
    let again = try scenario.submit(
      try PromiseFixture(receipt: 3).command(at: scenario.now), key: key)
    guard case .accepted = again else {
      Issue.record("\(again)")
      return
    }
    #expect(scenario.violations.isEmpty)
  }

  @Test func `an unknown payment ends by evidence only`() throws {
    var scenario = try scenario()
    let receipt = try reserve(&scenario, PromiseFixture())
    #expect(scenario.rejection(of: settle(receipt, lost)) != nil)
    try scenario.submit(begin(receipt))
    try scenario.submit(settle(receipt, lost))
    #expect(phase(scenario, receipt) == .unknown)
    #expect(try scenario.submit(settle(receipt, lost)) == .unchanged)
    try scenario.submit(settle(receipt, .unknown(errorClass: "pending", ReservationTests.hash)))
    #expect(
      scenario.state[.real].receipts.open(receipt)?.doubt?.chainHash == ReservationTests.hash)
    for outcome in [paid, refusal] {
      for evidence in [nil, "", " "] as [Text?] {
        #expect(scenario.rejection(of: settle(receipt, outcome, evidence: evidence)) != nil)
      }
    }
    var other = scenario
    try other.submit(settle(receipt, refusal, evidence: "unused at block 9"))
    #expect(phase(other, receipt) == .refused)
    try scenario.submit(settle(receipt, paid, evidence: "block 7"))
    #expect(phase(scenario, receipt) == .accepted)
    #expect(scenario.violations.isEmpty && other.violations.isEmpty)
  }

  @Test func `the first end counts`() throws {
    var scenario = try scenario()
    let receipt = try reserve(&scenario, PromiseFixture())
    try scenario.submit(begin(receipt))
    var refused = scenario
    try scenario.submit(settle(receipt, paid))
    #expect(try scenario.submit(settle(receipt, paid)) == .unchanged)
    #expect(try scenario.submit(settle(receipt, lost)) == .unchanged)
    #expect(scenario.rejection(of: settle(receipt, refusal)) != nil)
    try refused.submit(settle(receipt, refusal))
    #expect(try refused.submit(settle(receipt, refusal)) == .unchanged)
    #expect(refused.rejection(of: settle(receipt, paid)) != nil)
  }

  @Test(
    arguments: [
      ("0.009999", false), ("0.010000", true), ("0.010001", false),
    ] as [(Text, Bool)])
  func `exactly the price is reserved`(amount: Text, isTaken: Bool) throws {
    let scenario = try scenario()
    var fixture = PromiseFixture()
    fixture.amount = amount
    let rejection = scenario.rejection(of: try fixture.command(at: scenario.now))
    #expect((rejection == nil) == isTaken)
  }

  @Test func `a route goes by its own price, flow and cap`() throws {
    var scenario = try scenario(["WALLET_POLICY_SESSION_CAP_USD": "0.01"])
    let route = AppliedRoute(
      name: "GET /w", price: try .usdc("0.02"), flow: .authorization,
      sessionCap: try .usdc("0.03"), upstream: "http://127.0.0.1:9")
    try scenario.submit(ApplyRoutes(routes: [route]))
    #expect(try scenario.submit(ApplyRoutes(routes: [route])) == .unchanged)
    #expect(scenario.rejection(of: ApplyRoutes(routes: [route, route])) != nil)
    var fixture = PromiseFixture()
    fixture.route = "GET /w"
    #expect(scenario.rejection(of: try fixture.command(at: scenario.now)) != nil)
    fixture.amount = "0.020000"
    fixture.flow = .upfront
    #expect(scenario.rejection(of: try fixture.command(at: scenario.now)) != nil)
    fixture.flow = .authorization
    try reserve(&scenario, fixture)
    #expect(scenario.state[.real].committed(policy: "GET /w")?.units == 20_000)
    fixture = PromiseFixture(receipt: 2)
    fixture.route = "GET /w"
    fixture.nonce = 2
    fixture.amount = "0.020000"
    guard case .sessionCapExceeded = scenario.rejection(of: try fixture.command(at: scenario.now))
    else {
      Issue.record("the route's own cap holds")
      return
    }
    fixture.route = "GET /gone"
    #expect(scenario.rejection(of: try fixture.command(at: scenario.now)) != nil)
  }

  @Test func `without an address, or in another mode, nothing is reserved`() throws {
    for settings in [
      ["PAYMENT_VERIFIER_MODE": "facilitator"], ["X402_WALLET_ADDRESS": "0xFeed"],
    ] as [[Text: Text]] {
      let scenario = try Scenario(settings: settings)
      let wish = try PromiseFixture().command(at: scenario.now)
      #expect(scenario.rejection(of: wish) == .gatewayNotConfigured)
    }
    let scenario = try scenario()
    #expect(scenario.rejection(of: try AcceptFixture().command()) == .gatewayNotConfigured)
  }

  @Test func `a promise is worth something until its last moment`() throws {
    var scenario = try scenario()
    let wish = try PromiseFixture().command(at: scenario.now)
    scenario.now = wish.validBefore.advanced(byMilliseconds: -1)
    #expect(scenario.rejection(of: wish) == nil)
    scenario.now = wish.validBefore
    #expect(scenario.rejection(of: wish) != nil)
  }

  @Test func `the kill switch stops new promises and lets begun ones finish`() throws {
    var scenario = try scenario()
    let receipt = try reserve(&scenario, PromiseFixture())
    try scenario.submit(EngageKillSwitch(reason: "drill", by: "ops"))
    var fresh = PromiseFixture(receipt: 2)
    fresh.nonce = 2
    #expect(
      scenario.rejection(of: try fresh.command(at: scenario.now))
        == .newMoneyRefused(.paymentsDisabled))
    try scenario.submit(begin(receipt))
    try scenario.submit(settle(receipt, paid))
    #expect(phase(scenario, receipt) == .accepted)
  }

  @Test func `lines written by hand that skip a step are listed and not applied`() throws {
    var scenario = try scenario()
    let receipt = try reserve(&scenario, PromiseFixture())
    let reserved = try #require(scenario.log.last)
    try scenario.submit(begin(receipt))
    let begun = scenario.log.suffix(2).map(\.event)
    try scenario.submit(settle(receipt, paid))
    let ended = scenario.log.suffix(2).map(\.event)
    var illegal = try Scenario(settings: ReservationTests.settings)
    for event in begun + ended { illegal.append(event, more: true) }
    #expect(
      illegal.violations == [
        .answerWithoutPayment, .reservationUnknown, .reservationUnknown, .reservationUnknown,
      ])
    illegal.append(reserved.event)
    illegal.append(reserved.event)
    let data = String(decoding: dataBytes(reserved.event), as: UTF8.self)
    illegal.append(try event(.gatewayReserved, "rcpt_other", data))
    illegal.append(begun[1])
    illegal.append(ended[0], more: true)
    illegal.append(ended[1])
    illegal.append(begun[0])
    #expect(
      Array(illegal.violations.dropFirst(4)) == [
        .receiptUsedTwice, .promiseUsedTwice, .illegalGatewayStep, .illegalGatewayStep,
        .illegalGatewayStep, .answerWithoutPayment,
      ])
  }
}
