import JSON
import Ledger
import Testing

/// Holds in the core, against the table of states.
///
/// Source: STG-01 to STG-07, the illegal-attempt table, T-01, T-07, T-35.
@Suite struct AuthorizationTests {
  private static let hold = AuthorizationID(ULID(high: 5, low: 1))
  private static let payment = TransactionID(ULID(high: 6, low: 1))

  private func authorize(
    _ amount: Text = "5", expiresAt: Timestamp? = nil
  ) throws -> AuthorizePayment {
    var fixture = SpendFixture()
    fixture.amount = amount
    return AuthorizePayment(
      authorization: AuthorizationTests.hold, transaction: AuthorizationTests.payment,
      newIntent: IntentID(ULID(high: 7, low: 1)), request: try fixture.request(), intent: nil,
      purpose: nil, provider: "fake", wallet: nil, expiresAt: expiresAt)
  }

  private func capture(_ amount: Text? = nil) throws -> CaptureAuthorization {
    CaptureAuthorization(
      authorization: AuthorizationTests.hold, amount: try amount.map { try .usdc($0) })
  }

  private var cancel: CancelAuthorization {
    CancelAuthorization(
      authorization: AuthorizationTests.hold, reason: "deploy failed", isExpiry: false)
  }

  private var expire: CancelAuthorization {
    CancelAuthorization(authorization: AuthorizationTests.hold, reason: nil, isExpiry: true)
  }

  private func settle(
    _ scenario: inout Scenario, _ outcome: AuthorizationOutcome,
    _ source: PaymentSource = .provider, evidence: Text? = nil
  ) throws -> Decision {
    let key = try #require(
      scenario.state[.real].authorizations[AuthorizationTests.hold]?.stepKey)
    return try scenario.submit(
      SettleAuthorization(
        authorization: AuthorizationTests.hold, stepKey: key, outcome: outcome, source: source,
        evidence: evidence, by: nil))
  }

  private let done = AuthorizationOutcome.done(reference: "fake_1", chainHash: nil)
  private let no = AuthorizationOutcome.failed(code: "NO", error: "no", vendorFault: true)
  private let doubt = AuthorizationOutcome.unknown(errorClass: "timeout")

  private func held(_ amount: Text = "5", expiresAt: Timestamp? = nil) throws -> Scenario {
    var scenario = try Scenario()
    try scenario.submit(authorize(amount, expiresAt: expiresAt))
    _ = try settle(&scenario, done)
    return scenario
  }

  private func phase(_ scenario: Scenario) -> AuthorizationPhase? {
    scenario.state[.real].authorizations[AuthorizationTests.hold]?.phase
  }

  private func use(_ scenario: Scenario) -> BudgetUse {
    scenario.state.budgetUse(of: "builder_agent", on: .base, book: .real, at: scenario.now)
  }

  /// The states that a refusal on record names.
  private func refused(_ decision: Decision) -> [Text] {
    guard case .refused(let rejection, let events) = decision,
      case .transitionRefused(let event)? = events.last
    else { return [] }
    #expect(rejection.code.description == "INVALID_TRANSITION")
    #expect(event.machine == "authorization")
    return [event.from, event.to]
  }

  @Test func `a hold counts from the request on, and a partial capture gives the rest back`()
    throws
  {
    var scenario = try Scenario()
    let events = try scenario.submit(authorize()).events.0
    #expect(events.map(\.type) == [.intentSubmitted, .intentApproved, .authorizationRequested])
    #expect(use(scenario).held == (try .usdc("5")))
    _ = try settle(&scenario, done)
    #expect(phase(scenario) == .authorized)
    #expect(scenario.state[.real].payments[AuthorizationTests.payment]?.phase == .authorized)
    let asked = try scenario.submit(capture("3.5")).events.0
    #expect(asked.map(\.type) == [.authorizationStepRequested])
    #expect(use(scenario).held == (try .usdc("5")))
    let ended = try settle(&scenario, done).events.0
    guard case .authorizationCaptured(let captured)? = ended.first else {
      throw BadFixture(text: "not captured")
    }
    #expect(captured.captured == (try .usdc("3.5")))
    #expect(captured.released == (try .usdc("1.5")))
    #expect(ended.map(\.type) == [.authorizationCaptured, .vendorCapabilityObserved])
    #expect(scenario.state[.real].vendors["shop"]?.bought?.offer.tokens == ["USDC"])
    #expect(use(scenario).held == .zero(.usdc))
    #expect(use(scenario).daySpent == (try .usdc("3.5")))
    let payment = scenario.state[.real].payments[AuthorizationTests.payment]
    #expect(payment?.phase == .completed)
    #expect(payment?.amount == (try .usdc("3.5")))
    #expect(scenario.state[.real].tallies.payments.allOutcomes.completed == 1)
    #expect(scenario.violations.isEmpty)
  }

  @Test func `the same capture again is answered, any other is refused as the table says`()
    throws
  {
    var scenario = try held()
    #expect(refused(try scenario.submit(capture("5.000001"))) == ["authorized", "captured"])
    try scenario.submit(capture())
    #expect(
      scenario.rejection(of: try capture())
        == .stepUnderWay(subject: AuthorizationTests.hold.text, step: "capture"))
    #expect(
      scenario.rejection(of: cancel)
        == .stepUnderWay(subject: AuthorizationTests.hold.text, step: "capture"))
    _ = try settle(&scenario, done)
    #expect(try scenario.submit(capture()) == .unchanged)
    #expect(try scenario.submit(capture("5")) == .unchanged)
    #expect(refused(try scenario.submit(capture("4"))) == ["captured", "captured"])
    #expect(refused(try scenario.submit(cancel)) == ["captured", "cancelled"])
    #expect(
      scenario.rejection(of: try capture("0"))
        == .fieldInvalid(
          field: "amount", reason: "must be more than 0; to take nothing, cancel"))
    #expect(use(scenario).daySpent == (try .usdc("5")))
  }

  @Test func `a cancelled hold is given back, also while payments are disabled`() throws {
    var scenario = try held()
    try scenario.submit(EngageKillSwitch(reason: "drill", by: "operator"))
    guard
      case .refused(.newMoneyRefused(.paymentsDisabled), let events) =
        try scenario.submit(capture())
    else { throw BadFixture(text: "captured") }
    #expect(events.map(\.type) == [.transitionRefused])
    try scenario.submit(cancel)
    _ = try settle(&scenario, done)
    #expect(phase(scenario) == .cancelled)
    #expect(scenario.state[.real].payments[AuthorizationTests.payment]?.phase == .cancelled)
    #expect(use(scenario).held == .zero(.usdc))
    #expect(use(scenario).daySpent == .zero(.usdc))
    #expect(try scenario.submit(cancel) == .unchanged)
    #expect(refused(try scenario.submit(capture())) == ["cancelled", "captured"])
    let outcomes = scenario.state[.real].tallies.payments.allOutcomes
    #expect((outcomes.failed, outcomes.completed, outcomes.cancelled) == (0, 0, 1))
  }

  @Test func `time ends a hold at its moment: it can only be given back then`() throws {
    let expiry = try Timestamp.of("2026-11-16T13:00:00Z")
    var scenario = try held(expiresAt: expiry)
    scenario.now = expiry.advanced(byMilliseconds: -1)
    #expect(try scenario.submit(expire) == .unchanged)
    #expect(scenario.rejection(of: try capture()) == nil)
    scenario.now = expiry
    #expect(refused(try scenario.submit(capture())) == ["expired", "captured"])
    try scenario.submit(expire)
    let events = try settle(&scenario, done).events.0
    #expect(events.map(\.type) == [.authorizationExpired])
    #expect(phase(scenario) == .expired)
    #expect(refused(try scenario.submit(cancel)) == ["expired", "cancelled"])
    #expect(
      try Scenario().rejection(of: authorize(expiresAt: try .of("2026-11-16T12:00:00Z")))
        == .fieldInvalid(field: "expires_at", reason: "must lie in the future"))
  }

  @Test func `a refused authorize ends it, a refused step leaves the hold as it was`() throws {
    var scenario = try Scenario()
    try scenario.submit(authorize())
    _ = try settle(&scenario, no)
    #expect(phase(scenario) == .failed)
    #expect(use(scenario).held == .zero(.usdc))
    #expect(scenario.state[.real].tallies.payments.streakRows().first?.failures == 1)
    #expect(refused(try scenario.submit(capture())) == ["failed", "captured"])
    for step in [try capture() as any Command, cancel] {
      var scenario = try held()
      try scenario.submit(step)
      _ = try settle(&scenario, no)
      #expect(phase(scenario) == .authorized)
      #expect(use(scenario).held == (try .usdc("5")))
      #expect(scenario.state[.real].tallies.payments.allOutcomes.failed == 0)
      try scenario.submit(capture())
      _ = try settle(&scenario, done)
      #expect(phase(scenario) == .captured)
    }
  }

  @Test func `an unknown step keeps all of it held, and evidence ends that step`() throws {
    for step in [nil, try capture("2") as any Command, cancel] {
      var scenario = try Scenario()
      try scenario.submit(authorize())
      if let step {
        _ = try settle(&scenario, done)
        try scenario.submit(step)
      }
      _ = try settle(&scenario, doubt)
      #expect(phase(scenario) == .unknown)
      #expect(use(scenario).held == (try .usdc("5")))
      #expect(scenario.state[.real].payments.calls.unknownCount == 1)
      // The provider's late word, or another wish, does not close it.
      #expect(try settle(&scenario, done) == .unchanged)
      if step == nil { #expect(refused(try scenario.submit(cancel)) == ["unknown", "cancelled"]) }
      _ = try settle(&scenario, done, .reconcile, evidence: "fake says done")
      let expected: AuthorizationPhase =
        step == nil ? .authorized : step is CaptureAuthorization ? .captured : .cancelled
      #expect(phase(scenario) == expected)
      #expect(scenario.state[.real].payments.calls.unknownCount == 0)
      #expect(scenario.violations.isEmpty)
    }
  }

  @Test func `an answer to an earlier step changes nothing`() throws {
    var scenario = try held()
    try scenario.submit(cancel)
    _ = try settle(&scenario, no)
    try scenario.submit(capture())
    let late = SettleAuthorization(
      authorization: AuthorizationTests.hold,
      stepKey: Text("\(AuthorizationTests.hold.text).1"), outcome: done, source: .provider,
      evidence: nil, by: nil)
    #expect(try scenario.submit(late) == .unchanged)
    #expect(phase(scenario) == .capturing)
  }

  @Test func `an operator closes the step, not the payment behind it`() throws {
    var scenario = try Scenario()
    try scenario.submit(authorize())
    _ = try settle(&scenario, doubt)
    let resolve = ResolvePayment(
      transaction: AuthorizationTests.payment, isCompleted: true, chainHash: nil, by: "ops",
      evidence: "e")
    #expect(scenario.rejection(of: resolve)?.code.description == "FIELD_INVALID")
    _ = try settle(&scenario, no, .operator, evidence: "ops: statement")
    #expect(phase(scenario) == .failed)
  }

  @Test func `stale is strictly older than the age, open holds only`() throws {
    var scenario = try held()
    let holds = scenario.state[.real].authorizations
    func stale(_ milliseconds: Int64) -> Int {
      holds.stale(olderThan: 900_000, asOf: scenario.now.advanced(byMilliseconds: milliseconds))
        .count
    }
    #expect(stale(900_000) == 0)
    #expect(stale(900_001) == 1)
    try scenario.submit(cancel)
    _ = try settle(&scenario, done)
    #expect(
      scenario.state[.real].authorizations.stale(olderThan: 0, asOf: .latest).isEmpty)
  }

  @Test func `a hold and payments share the budget`() throws {
    var scenario = try Scenario(settings: ["X402_BUILDER_AGENT_DAILY_LIMIT_USDC": "6"])
    try scenario.submit(authorize())
    _ = try settle(&scenario, done)
    var fixture = SpendFixture()
    fixture.amount = "1.000001"
    guard case .refused(.budgetExceeded(let excess), _) = try scenario.submit(fixture.pay(1))
    else { throw BadFixture(text: "paid") }
    #expect(excess.held == (try .usdc("5")))
    fixture.amount = "1"
    try scenario.submit(fixture.pay(2))
    guard
      case .refused(.budgetExceeded, let events) = try scenario.submit(
        AuthorizePayment(
          authorization: AuthorizationID(ULID(high: 5, low: 2)),
          transaction: TransactionID(ULID(high: 6, low: 2)),
          newIntent: IntentID(ULID(high: 7, low: 2)), request: try fixture.request(), intent: nil,
          purpose: nil, provider: "fake", wallet: nil, expiresAt: nil))
    else { throw BadFixture(text: "held") }
    #expect(events.last?.type == .paymentRefused)
  }

  @Test func `events that the table does not have are violations`() throws {
    var scenario = try held()
    let id = AuthorizationTests.hold.text
    let held =
      #""transaction_id":"\#(AuthorizationTests.payment)","agent_id":"builder_agent","vendor":"shop","network":"base","amount":"5.000000","asset":"USDC""#
    func given(_ type: EventType, _ rest: String) throws -> Event {
      try event(type, id, "{\(held),\(rest)}")
    }
    let captured = #""captured":"5.000000","released":"0.000000","source":"provider""#
    let step = #""during":"capture","provider_key":"k","wanted":"5.000000""#
    let bad: [(Event, Violation.Reason)] = [
      (try given(.authorizationCaptured, captured), .illegalStep),
      (
        try given(.authorizationCancelled, #""released":"5.000000","source":"provider""#),
        .illegalStep
      ),
      (try given(.authorizationCreated, #""source":"provider""#), .illegalStep),
      (
        try given(
          .authorizationUnknown, #""during":"capture","provider_key":"k","error_class":"x""#),
        .illegalStep
      ),
      (
        try given(.authorizationStepRequested, #""during":"authorize","provider_key":"k""#),
        .illegalStep
      ),
      (
        try given(
          .authorizationStepRequested,
          #""during":"capture","provider_key":"k","wanted":"5.000001""#), .illegalStep
      ),
      (
        try given(
          .authorizationStepRequested, #""during":"cancel","provider_key":"k","wanted":"1.000000""#),
        .illegalStep
      ),
      (
        try event(
          .paymentCompleted, AuthorizationTests.payment.text,
          #"{"agent_id":"builder_agent","vendor":"shop","network":"base","settled":"5.000000","asset":"USDC","source":"provider"}"#
        ), .wrongSource
      ),
    ]
    for (event, reason) in bad {
      let before = scenario.state[.real]
      scenario.append(event)
      #expect(scenario.violations.last == reason, "\(event.type)")
      #expect(scenario.state[.real] == before)
    }
    scenario.append(try given(.authorizationStepRequested, step))
    let more = try given(
      .authorizationCaptured,
      #""captured":"5.000000","released":"1.000000","source":"provider""#)
    scenario.append(more)
    #expect(scenario.violations.last == .illegalStep)
    scenario.append(try given(.authorizationCaptured, captured))
    #expect(scenario.violations.count == bad.count + 1)
    #expect(phase(scenario) == .captured)
  }
}
