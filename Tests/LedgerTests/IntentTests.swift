import JSON
import Ledger
import Testing

/// Intents: who must decide, how often an approval pays, and until when.
@Suite struct IntentTests {
  private func decide(
    _ number: UInt64, _ verdict: DecideIntent.Verdict, reason: Text = "season"
  ) -> DecideIntent {
    DecideIntent(
      intent: intentID(number), verdict: verdict, reason: reason, by: "ops", ticket: "T-1")
  }

  private func careful() throws -> Scenario {
    try Scenario(settings: [
      "TOLLBOOK_APPROVAL_ABOVE_USDC": "5", "TOLLBOOK_APPROVAL_MINUTES": "10",
    ])
  }

  @Test func `above the amount an operator decides, and then the same payment passes`() throws {
    var scenario = try careful()
    var fixture = SpendFixture()
    fixture.amount = "5"
    try scenario.submit(fixture.pay(1))
    #expect(scenario.state[.real].payments[paymentID(1)] != nil)
    fixture.amount = "5.000001"
    #expect(try scenario.refusal(of: fixture.pay(2)) == "INTENT_REQUIRED")
    #expect(scenario.state[.real].intents.waitingCount == 1)
    // Asking again does not submit again.
    #expect(try scenario.refusal(of: fixture.pay(3)) == "INTENT_REQUIRED")
    #expect(scenario.state[.real].intents.count == 2)
    try scenario.submit(decide(2, .approve))
    #expect(scenario.state[.real].intents.waitingCount == 0)
    let events = try scenario.submit(fixture.pay(4)).events.0
    #expect(events.map(\.type) == [.paymentStarted])
    #expect(scenario.state[.real].intents[intentID(2)]?.phase == .used)
    #expect(try scenario.refusal(of: fixture.pay(5)) == "INTENT_REQUIRED")
    #expect(scenario.state[.real].intents.count == 3)
  }

  @Test func `an approval is for one agent, vendor and network, and at most its amount`() throws {
    var scenario = try careful()
    var fixture = SpendFixture()
    fixture.amount = "6"
    try scenario.submit(fixture.submit(1))
    #expect(try scenario.refusal(of: fixture.pay(1, intent: intentID(1))) == "INTENT_REQUIRED")
    try scenario.submit(decide(1, .approve))
    for change in [
      { $0.agent = "other" }, { $0.vendor = "Shop" }, { $0.network = "base-sepolia" },
      { $0.amount = "6.000001" },
    ] as [(inout SpendFixture) -> Void] {
      var other = fixture
      change(&other)
      #expect(try scenario.refusal(of: other.pay(1, intent: intentID(1))) == "INTENT_MISMATCH")
    }
    fixture.amount = "5.5"
    try scenario.submit(fixture.pay(2, intent: intentID(1)))
    #expect(scenario.state[.real].payments[paymentID(2)]?.amount == (try .usdc("5.5")))
    #expect(try scenario.refusal(of: fixture.pay(3, intent: intentID(1))) == "INTENT_REQUIRED")
    #expect(try scenario.refusal(of: fixture.pay(3, intent: intentID(9))) == "INTENT_REQUIRED")
  }

  @Test func `an approval lapses at its moment and not before`() throws {
    var scenario = try careful()
    var fixture = SpendFixture()
    fixture.amount = "6"
    for number in [1, 2] as [UInt64] {
      try scenario.submit(fixture.submit(number))
      try scenario.submit(decide(number, .approve))
    }
    let expiry = try #require(scenario.state[.real].intents[intentID(1)]?.expiresAt)
    #expect(expiry.milliseconds(since: scenario.now) == 600_000)
    scenario.now = expiry.advanced(byMilliseconds: -1)
    try scenario.submit(fixture.pay(1, intent: intentID(1)))
    scenario.now = expiry
    #expect(try scenario.refusal(of: fixture.pay(2, intent: intentID(2))) == "INTENT_REQUIRED")
    #expect(scenario.state[.real].intents[intentID(2)]?.status(at: scenario.now) == "lapsed")
    #expect(scenario.violations.isEmpty)
  }

  @Test func `a denied intent is never paid, and a verdict is not turned round`() throws {
    var scenario = try careful()
    var fixture = SpendFixture()
    fixture.amount = "6"
    try scenario.submit(fixture.submit(1))
    try scenario.submit(decide(1, .deny))
    #expect(try scenario.submit(decide(1, .deny)) == .unchanged)
    guard
      case .refused(.illegalTransition(_, let from, let to), let events) =
        try scenario.submit(decide(1, .approve))
    else { throw BadFixture(text: "approved") }
    #expect((from, to) == ("denied", "approved"))
    #expect(events.map(\.type) == [.transitionRefused])
    #expect(try scenario.refusal(of: fixture.pay(1, intent: intentID(1))) == "INTENT_REQUIRED")
    #expect(scenario.rejection(of: decide(7, .deny)) == .intentNotFound(intentID(7)))
    #expect(
      scenario.rejection(of: decide(1, .deny, reason: ""))
        == .fieldInvalid(field: "reason", reason: "must say why"))
  }

  @Test func `an operator's approval does not lift the budgets`() throws {
    var scenario = try careful()
    var fixture = SpendFixture()
    fixture.amount = "6"
    try scenario.submit(fixture.submit(1))
    try scenario.submit(
      SetBudgetLimit(
        intent: intentID(9), agent: "builder_agent", kind: .daily, amount: try .usdc("5.999999"),
        ticket: nil,
        approvedBy: "ops", reason: "stop"))
    try scenario.submit(decide(1, .approve))
    #expect(
      try scenario.refusal(of: fixture.pay(1, intent: intentID(1))) == "DAILY_BUDGET_EXCEEDED")
    #expect(scenario.state[.real].intents[intentID(1)]?.phase == .approved)
  }

  @Test func `submitting alone spends and holds nothing`() throws {
    var scenario = try Scenario()
    let events = try scenario.submit(SpendFixture().submit(1)).events.0
    #expect(events.map(\.type) == [.intentSubmitted, .intentApproved])
    #expect(scenario.use.held == .zero(.usdc))
    var fixture = SpendFixture()
    fixture.amount = "10.000001"
    let denied = try scenario.submit(fixture.submit(2)).events.0
    #expect(denied.map(\.type) == [.intentSubmitted, .intentDenied])
    #expect(scenario.state[.real].intents.submitted(at: 5)?.id == intentID(2))
    #expect(scenario.state[.real].intents.submitted(at: 4) == nil)
  }
}
