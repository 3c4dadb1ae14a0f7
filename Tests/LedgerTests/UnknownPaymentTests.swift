import JSON
import Ledger
import Testing

/// A payment that nobody knows the end of: held, never paid again, closed by evidence only.
@Suite struct UnknownPaymentTests {
  private func unknown() throws -> Scenario {
    var scenario = try Scenario()
    try scenario.submit(SpendFixture().pay(1))
    _ = try scenario.settle(1, .unknown(errorClass: "timeout"))
    return scenario
  }

  @Test func `it stays held and open`() throws {
    let scenario = try unknown()
    let payments = scenario.state[.real].payments
    #expect(payments[paymentID(1)]?.phase == .unknown)
    #expect(payments[paymentID(1)]?.closedAt == nil)
    #expect(payments.openCount == 1)
    #expect(payments.calls.unknownCount == 1)
    #expect(payments.call(of: paymentID(1))?.doubt?.errorClass == "timeout")
    #expect(scenario.use.held == (try .usdc("1")))
    #expect(scenario.use.daySpent == .zero(.usdc))
  }

  @Test func `a late word of the payment itself changes nothing, evidence closes it`() throws {
    var scenario = try unknown()
    #expect(try scenario.settle(1, paid) == .unchanged)
    #expect(
      try scenario.settle(1, .unknown(errorClass: "reset"), .reconcile(evidence: "no answer"))
        == .unchanged)
    let decision = try scenario.settle(1, paid, .reconcile(evidence: "fake says completed"))
    guard case .accepted(let events) = decision, case .paymentCompleted(let end)? = events.first
    else { throw BadFixture(text: "not closed") }
    #expect(end.source == .reconcile)
    #expect(end.evidence == "fake says completed")
    #expect(end.latencyMilliseconds == nil)
    #expect(scenario.state[.real].payments.calls.count == 0)
    #expect(scenario.use.held == .zero(.usdc))
    #expect(scenario.use.daySpent == (try .usdc("1")))
    #expect(try scenario.settle(1, paid, .reconcile(evidence: "again")) == .unchanged)
  }

  @Test(arguments: [true, false])
  func `an operator closes it with evidence, once`(isCompleted: Bool) throws {
    var scenario = try unknown()
    func resolve(_ completed: Bool, _ evidence: Text = "statement") -> ResolvePayment {
      ResolvePayment(
        transaction: paymentID(1), isCompleted: completed, chainHash: nil, by: "ops",
        evidence: evidence)
    }
    for blank in ["", "  ", " \n\t"] as [Text] {
      #expect(
        scenario.rejection(of: resolve(isCompleted, blank))
          == .fieldInvalid(field: "evidence", reason: "must say what shows it"))
    }
    let events = try scenario.submit(resolve(isCompleted)).events.0
    #expect(
      events.map(\.type)
        == (isCompleted
          ? [.paymentResolved, .paymentCompleted, .vendorCapabilityObserved]
          : [.paymentResolved, .paymentFailed]))
    #expect(
      scenario.state[.real].payments[paymentID(1)]?.phase == (isCompleted ? .completed : .failed))
    #expect(try scenario.submit(resolve(isCompleted)) == .unchanged)
    guard case .refused(.illegalTransition, let told) = try scenario.submit(resolve(!isCompleted))
    else { throw BadFixture(text: "turned round") }
    #expect(told.map(\.type) == [.transitionRefused])
    #expect(scenario.violations.isEmpty)
  }

  @Test func `a pending payment is not an operator's to close`() throws {
    var scenario = try Scenario()
    try scenario.submit(SpendFixture().pay(1))
    let resolve = ResolvePayment(
      transaction: paymentID(1), isCompleted: true, chainHash: nil, by: "ops", evidence: "e")
    guard case .refused(.illegalTransition, _) = try scenario.submit(resolve) else {
      throw BadFixture(text: "closed")
    }
    #expect(scenario.state[.real].payments[paymentID(1)]?.phase == .pending)
    #expect(
      scenario.rejection(
        of: ResolvePayment(
          transaction: paymentID(2), isCompleted: true, chainHash: nil, by: "ops", evidence: "e"))
        == .paymentNotFound(paymentID(2)))
  }

  @Test func `retries are counted, and the end says how often it was asked`() throws {
    var scenario = try Scenario()
    try scenario.submit(SpendFixture().pay(1))
    for name in ["5xx", "connect"] as [Text] {
      try scenario.submit(
        NoteRetry(transaction: paymentID(1), errorClass: name, delayMilliseconds: 500))
    }
    let events = try scenario.settle(1, paid).events.0
    guard case .paymentCompleted(let end)? = events.first else { throw BadFixture(text: "end") }
    #expect(end.attempts == 3)
    let calls = scenario.state[.real].payments.calls
    #expect(calls.retriedPayments == 1)
    #expect(calls.retriesByClass == ["5xx": 1, "connect": 1])
    #expect(
      try scenario.submit(
        NoteRetry(transaction: paymentID(1), errorClass: "5xx", delayMilliseconds: 1)) == .unchanged
    )
  }

  @Test func `an import cannot end a payment of our own`() throws {
    var scenario = try Scenario()
    try scenario.submit(SpendFixture().pay(1))
    let fixture = ImportFixture.completed.with {
      $0.transaction = paymentID(1).text
      $0.vendor = "shop"
      $0.amount = "1"
      $0.serviceURL = nil
      $0.occurredAt = "2026-11-16T12:00:00.000Z"
    }
    #expect(try scenario.rejection(of: fixture.command())?.code.description == "IMPORT_CONFLICT")
    #expect(scenario.state[.real].payments[paymentID(1)]?.phase == .pending)
  }
}
