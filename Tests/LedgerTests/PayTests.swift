import JSON
import Ledger
import Testing

/// A wish to spend, to be changed field by field.
struct SpendFixture {
  var agent: Text = "builder_agent"
  var vendor: Text = "shop"
  var network: Text = "base"
  var amount: Text = "1.000000"

  func request() throws -> SpendRequest {
    SpendRequest(
      parties: PaymentParties(agent: agent, vendor: vendor, network: try .named(network)),
      amount: try .usdc(amount), component: "media", strategy: nil, business: nil)
  }

  func pay(_ number: UInt64, intent: IntentID? = nil) throws -> Pay {
    Pay(
      transaction: TransactionID(ULID(high: 1, low: number)), newIntent: id(number),
      request: try request(), intent: intent, serviceURL: nil, purpose: nil, provider: "fake",
      wallet: nil)
  }

  func submit(_ number: UInt64) throws -> SubmitIntent {
    SubmitIntent(intent: id(number), request: try request(), purpose: nil)
  }
}

/// The intent of a number.
private func id(_ number: UInt64) -> IntentID { IntentID(ULID(high: 2, low: number)) }

/// The payment of a number.
private func tx(_ number: UInt64) -> TransactionID { TransactionID(ULID(high: 1, low: number)) }

extension Scenario {
  /// Settings under which one payment may be as large as a day's budget.
  static func wide(_ more: [Text: Text] = [:]) throws -> Scenario {
    let wide: [Text: Text] = [
      "X402_HARD_LIMIT_USDC": "5000", "X402_PER_TRANSACTION_MAX_USDC": "5000",
    ]
    return try Scenario(settings: wide.merging(more) { $1 })
  }

  fileprivate mutating func settle(
    _ number: UInt64, _ outcome: CallOutcome,
    _ occasion: SettlePayment.Occasion = .payment
  ) throws -> Decision {
    try submit(SettlePayment(transaction: tx(number), outcome: outcome, occasion: occasion))
  }

  fileprivate var use: BudgetUse {
    state.budgetUse(of: "builder_agent", on: .base, book: book, at: now)
  }

  /// The code that a payment is refused with, on record.
  fileprivate mutating func refusal(of pay: Pay) throws -> Text? {
    guard case .refused(let rejection, let events) = try submit(pay) else { return nil }
    guard case .paymentRefused(let refused)? = events.last else { return nil }
    #expect(refused.code == Text("\(rejection.code)"))
    return refused.code
  }
}

private let done = CallOutcome.completed(chainHash: nil, receipt: "fake_1")

/// Money out in the core: intent, budget, start, end, in one durable step each.
///
/// Source: APR-01 to APR-06, BUD-08 to BUD-20, PAY-16, T-08, T-15, T-16, T-49, T-50.
@Suite struct PayTests {
  @Test func `within the budget an intent is made, approved and used in one unit`() throws {
    var scenario = try Scenario()
    let decision = try scenario.submit(SpendFixture().pay(1))
    guard case .accepted(let events) = decision else { throw BadFixture(text: "refused") }
    #expect(events.map(\.type) == [.intentSubmitted, .intentApproved, .paymentStarted])
    guard case .intentApproved(let approved) = events[1] else { throw BadFixture(text: "order") }
    #expect(approved.rule == "auto_within_budget")
    #expect(approved.evaluator == "GenesisMetaAgent")
    #expect(approved.request.component == "media")
    #expect(approved.use.dailyLimit == (try .usdc("100")))
    let book = scenario.state[.real]
    #expect(book.intents[id(1)]?.phase == .used)
    #expect(book.payments[tx(1)]?.phase == .pending)
    #expect(book.payments.call(of: tx(1))?.providerKey == tx(1).text)
    #expect(scenario.use.held == (try .usdc("1")))
    #expect(scenario.violations.isEmpty)
  }

  @Test func `completed and held move from one to the other and never both`() throws {
    var scenario = try Scenario()
    try scenario.submit(SpendFixture().pay(1))
    try scenario.submit(SpendFixture().pay(2))
    _ = try scenario.settle(1, done)
    #expect(scenario.use.daySpent == (try .usdc("1")))
    #expect(scenario.use.monthSpent == (try .usdc("1")))
    #expect(scenario.use.held == (try .usdc("1")))
    _ = try scenario.settle(2, .failed(code: "VENDOR_REFUSED", error: "no", vendorFault: true))
    #expect(scenario.use.daySpent == (try .usdc("1")))
    #expect(scenario.use.held == .zero(.usdc))
  }

  @Test(arguments: [
    ("X402_DAILY_LIMIT_USDC", "DAILY_BUDGET_EXCEEDED"),
    ("X402_MONTHLY_LIMIT_USDC", "MONTHLY_BUDGET_EXCEEDED"),
  ])
  func `exactly the limit passes, one atomic unit more does not`(
    setting: String, code: String
  ) throws {
    var scenario = try Scenario.wide([Text(setting): "10.000000"])
    var fixture = SpendFixture()
    // Ten times 0.1 is one: no float would say so.
    fixture.amount = "0.1"
    for number in UInt64(1)...10 {
      try scenario.submit(fixture.pay(number))
      _ = try scenario.settle(number, done)
    }
    fixture.amount = "9"
    var more = fixture
    more.amount = "9.000001"
    #expect(try scenario.refusal(of: more.pay(11)) == Text(code))
    try scenario.submit(fixture.pay(12))
    #expect(scenario.state[.real].payments[tx(12)]?.phase == .pending)
    // Now all is held or spent.
    more.amount = "0.000001"
    let decision = try scenario.submit(more.pay(13))
    guard case .refused(.budgetExceeded(let excess), let events) = decision,
      case .paymentRefused(let refused)? = events.last
    else { throw BadFixture(text: "not refused") }
    #expect(excess.used == (try .usdc("1")))
    #expect(excess.held == (try .usdc("9")))
    #expect(excess.limit == (try .usdc("10")))
    #expect(excess.asked == (try .usdc("0.000001")))
    #expect(refused.limit == excess.limit && refused.used == excess.used)
    #expect(refused.held == excess.held)
    #expect(events.map(\.type) == [.intentSubmitted, .intentDenied, .paymentRefused])
  }

  @Test func `one payment has a limit of its own, and the hard one above it`() throws {
    var scenario = try Scenario(settings: [
      "X402_BUILDER_AGENT_PER_TRANSACTION_MAX_USDC": "5", "X402_HARD_LIMIT_USDC": "8",
    ])
    for (amount, code) in [
      ("5", nil), ("5.000001", "PER_TRANSACTION_LIMIT"), ("8", "PER_TRANSACTION_LIMIT"),
      ("8.000001", "HARD_LIMIT"),
    ] as [(Text, Text?)] {
      var fixture = SpendFixture()
      fixture.amount = amount
      let number = scenario.state.seq
      #expect(try scenario.refusal(of: fixture.pay(number)) == code)
    }
  }

  @Test func `days and months end at midnight UTC, holds do not`() throws {
    var scenario = try Scenario.wide(["X402_DAILY_LIMIT_USDC": "10"])
    scenario.now = try .of("2026-11-30T23:59:59.999Z")
    var fixture = SpendFixture()
    fixture.amount = "6"
    try scenario.submit(fixture.pay(1))
    _ = try scenario.settle(1, done)
    fixture.amount = "4"
    try scenario.submit(fixture.pay(2))
    #expect(try scenario.refusal(of: SpendFixture().pay(3)) == "DAILY_BUDGET_EXCEEDED")
    scenario.now = try .of("2026-12-01T00:00:00.000Z")
    #expect(scenario.use.daySpent == .zero(.usdc))
    #expect(scenario.use.monthSpent == .zero(.usdc))
    #expect(scenario.use.held == (try .usdc("4")))
    // It is spent in the month in which it ends, and so leaves the sum as it was.
    _ = try scenario.settle(2, done)
    #expect(scenario.use.daySpent == (try .usdc("4")))
    #expect(scenario.use.monthSpent == (try .usdc("4")))
  }

  @Test func `imported spend counts on its own day, play money and other books apart`() throws {
    var scenario = try Scenario.wide(["X402_DAILY_LIMIT_USDC": "2"])
    try scenario.submit(
      ImportFixture.completed.with { $0.occurredAt = "2026-11-16T01:00:00Z" }.command())
    var fixture = SpendFixture()
    fixture.amount = "0.75"
    var more = fixture
    more.amount = "0.750001"
    #expect(try scenario.refusal(of: more.pay(1)) == "DAILY_BUDGET_EXCEEDED")
    try scenario.submit(fixture.pay(2))
    fixture.network = "base-sepolia"
    fixture.amount = "2"
    try scenario.submit(fixture.pay(3))
    #expect(scenario.state[.real].payments[tx(3)]?.phase == .pending)
    #expect(scenario.use.held == (try .usdc("0.75")))
    scenario.book = .fake
    fixture.network = "base"
    try scenario.submit(fixture.pay(4))
    #expect(scenario.state[.fake].payments[tx(4)]?.phase == .pending)
  }

  @Test func `what cannot be told from its day's limit is refused whole`() throws {
    var scenario = try Scenario()
    for amount in ["0", "0.000000"] as [Text] {
      var fixture = SpendFixture()
      fixture.amount = amount
      let before = scenario.state.seq
      #expect(
        try scenario.rejection(of: fixture.pay(1))
          == .fieldInvalid(
            field: "amount", reason: "must be more than 0 and at most 1000000000000 USDC"))
      #expect(scenario.state.seq == before)
    }
    for name in ["", "a b", "../x", "a\"b", "a\nb", "\u{0}", "é"] as [Text] {
      var fixture = SpendFixture()
      fixture.vendor = name
      let rejection = try scenario.rejection(of: fixture.pay(1))
      #expect(rejection?.code.description == "FIELD_INVALID", "\(name)")
    }
    try scenario.submit(SpendFixture().pay(1))
    #expect(try scenario.rejection(of: SpendFixture().pay(1))?.code.description == "FIELD_INVALID")
  }

  @Test func `kill switch, doubtful clock and no provider are refusals on record`() throws {
    var scenario = try Scenario()
    for (refusal, code) in [
      (NewMoneyRefusal.clockSuspect, "CLOCK_SUSPECT"), (.noProvider, "PROVIDER_NOT_CONFIGURED"),
    ] as [(NewMoneyRefusal, Text)] {
      var pay = try SpendFixture().pay(1)
      pay.refusal = refusal
      #expect(try scenario.refusal(of: pay) == code)
    }
    var pay = try SpendFixture().pay(1)
    pay.refusal = .diskLow
    #expect(scenario.rejection(of: pay) == .newMoneyRefused(.diskLow))
    try scenario.submit(SpendFixture().pay(2))
    try scenario.submit(EngageKillSwitch(reason: "drill", by: "operator"))
    #expect(try scenario.refusal(of: SpendFixture().pay(1)) == "PAYMENTS_DISABLED")
    // What had left is still told.
    _ = try scenario.settle(2, done)
    #expect(scenario.state[.real].payments[tx(2)]?.phase == .completed)
    #expect(scenario.state[.real].tallies.refusalsByCode["PAYMENTS_DISABLED"] == 1)
    #expect(scenario.state[.real].payments[tx(1)] == nil)
  }

  @Test func `a thousand wishes of one against a limit of ten make ten payments`() throws {
    var scenario = try Scenario(settings: ["X402_BUILDER_AGENT_DAILY_LIMIT_USDC": "10"])
    var paid = 0
    for number in UInt64(1)...1_000 {
      if case .accepted = try scenario.submit(SpendFixture().pay(number)) { paid += 1 }
    }
    #expect(paid == 10)
    #expect(scenario.use.held == (try .usdc("10")))
  }

  @Test func `a refusal uses up no key, a payment does`() throws {
    var scenario = try Scenario(settings: ["X402_BUILDER_AGENT_DAILY_LIMIT_USDC": "1"])
    let key = KeyBinding(key: "k", op: "payment.pay", print: fingerprint(1))
    try scenario.submit(SpendFixture().pay(1), key: key)
    let first = scenario.state.seq - 2
    #expect(try scenario.submit(SpendFixture().pay(2), key: key) == .repeated(first: first))
    #expect(scenario.state[.real].payments.started(within: first...first + 2)?.id == tx(1))
    let other = KeyBinding(key: "k2", op: "payment.pay", print: fingerprint(1))
    #expect(try scenario.submit(SpendFixture().pay(2), key: other).events.isKeyed == false)
    #expect(scenario.state[.real].keyCount == 1)
    _ = try scenario.settle(1, .failed(code: "NO", error: "no", vendorFault: false))
    try scenario.submit(SpendFixture().pay(3), key: other)
    #expect(scenario.state[.real].keyCount == 2)
  }
}

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
    #expect(payments[tx(1)]?.phase == .unknown)
    #expect(payments[tx(1)]?.closedAt == nil)
    #expect(payments.openCount == 1)
    #expect(payments.calls.unknownCount == 1)
    #expect(payments.call(of: tx(1))?.doubt?.errorClass == "timeout")
    #expect(scenario.use.held == (try .usdc("1")))
    #expect(scenario.use.daySpent == .zero(.usdc))
  }

  @Test func `a late word of the payment itself changes nothing, evidence closes it`() throws {
    var scenario = try unknown()
    #expect(try scenario.settle(1, done) == .unchanged)
    #expect(
      try scenario.settle(1, .unknown(errorClass: "reset"), .reconcile(evidence: "no answer"))
        == .unchanged)
    let decision = try scenario.settle(1, done, .reconcile(evidence: "fake says completed"))
    guard case .accepted(let events) = decision, case .paymentCompleted(let end)? = events.first
    else { throw BadFixture(text: "not closed") }
    #expect(end.source == .reconcile)
    #expect(end.evidence == "fake says completed")
    #expect(end.latencyMilliseconds == nil)
    #expect(scenario.state[.real].payments.calls.count == 0)
    #expect(scenario.use.held == .zero(.usdc))
    #expect(scenario.use.daySpent == (try .usdc("1")))
    #expect(try scenario.settle(1, done, .reconcile(evidence: "again")) == .unchanged)
  }

  @Test(arguments: [true, false])
  func `an operator closes it with evidence, once`(isCompleted: Bool) throws {
    var scenario = try unknown()
    func resolve(_ completed: Bool, _ evidence: Text = "statement") -> ResolvePayment {
      ResolvePayment(
        transaction: tx(1), isCompleted: completed, chainHash: nil, by: "ops",
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
    #expect(scenario.state[.real].payments[tx(1)]?.phase == (isCompleted ? .completed : .failed))
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
      transaction: tx(1), isCompleted: true, chainHash: nil, by: "ops", evidence: "e")
    guard case .refused(.illegalTransition, _) = try scenario.submit(resolve) else {
      throw BadFixture(text: "closed")
    }
    #expect(scenario.state[.real].payments[tx(1)]?.phase == .pending)
    #expect(
      scenario.rejection(
        of: ResolvePayment(
          transaction: tx(2), isCompleted: true, chainHash: nil, by: "ops", evidence: "e"))
        == .paymentNotFound(tx(2)))
  }

  @Test func `retries are counted, and the end says how often it was asked`() throws {
    var scenario = try Scenario()
    try scenario.submit(SpendFixture().pay(1))
    for name in ["5xx", "connect"] as [Text] {
      try scenario.submit(
        NoteRetry(transaction: tx(1), errorClass: name, delayMilliseconds: 500))
    }
    let events = try scenario.settle(1, done).events.0
    guard case .paymentCompleted(let end)? = events.first else { throw BadFixture(text: "end") }
    #expect(end.attempts == 3)
    let calls = scenario.state[.real].payments.calls
    #expect(calls.retriedPayments == 1)
    #expect(calls.retriesByClass == ["5xx": 1, "connect": 1])
    #expect(
      try scenario.submit(
        NoteRetry(transaction: tx(1), errorClass: "5xx", delayMilliseconds: 1)) == .unchanged)
  }

  @Test func `an import cannot end a payment of our own`() throws {
    var scenario = try Scenario()
    try scenario.submit(SpendFixture().pay(1))
    let fixture = ImportFixture.completed.with {
      $0.transaction = tx(1).text
      $0.vendor = "shop"
      $0.amount = "1"
      $0.serviceURL = nil
      $0.occurredAt = "2026-11-16T12:00:00.000Z"
    }
    #expect(try scenario.rejection(of: fixture.command())?.code.description == "IMPORT_CONFLICT")
    #expect(scenario.state[.real].payments[tx(1)]?.phase == .pending)
  }
}

/// Intents: who must decide, how often an approval pays, and until when.
@Suite struct IntentTests {
  private func decide(
    _ number: UInt64, _ verdict: DecideIntent.Verdict, reason: Text = "season"
  ) -> DecideIntent {
    DecideIntent(
      intent: id(number), verdict: verdict, reason: reason, by: "ops", ticket: "T-1")
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
    #expect(scenario.state[.real].payments[tx(1)] != nil)
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
    #expect(scenario.state[.real].intents[id(2)]?.phase == .used)
    #expect(try scenario.refusal(of: fixture.pay(5)) == "INTENT_REQUIRED")
    #expect(scenario.state[.real].intents.count == 3)
  }

  @Test func `an approval is for one agent, vendor and network, and at most its amount`() throws {
    var scenario = try careful()
    var fixture = SpendFixture()
    fixture.amount = "6"
    try scenario.submit(fixture.submit(1))
    #expect(try scenario.refusal(of: fixture.pay(1, intent: id(1))) == "INTENT_REQUIRED")
    try scenario.submit(decide(1, .approve))
    for change in [
      { $0.agent = "other" }, { $0.vendor = "Shop" }, { $0.network = "base-sepolia" },
      { $0.amount = "6.000001" },
    ] as [(inout SpendFixture) -> Void] {
      var other = fixture
      change(&other)
      #expect(try scenario.refusal(of: other.pay(1, intent: id(1))) == "INTENT_MISMATCH")
    }
    fixture.amount = "5.5"
    try scenario.submit(fixture.pay(2, intent: id(1)))
    #expect(scenario.state[.real].payments[tx(2)]?.amount == (try .usdc("5.5")))
    #expect(try scenario.refusal(of: fixture.pay(3, intent: id(1))) == "INTENT_REQUIRED")
    #expect(try scenario.refusal(of: fixture.pay(3, intent: id(9))) == "INTENT_REQUIRED")
  }

  @Test func `an approval lapses at its moment and not before`() throws {
    var scenario = try careful()
    var fixture = SpendFixture()
    fixture.amount = "6"
    for number in [1, 2] as [UInt64] {
      try scenario.submit(fixture.submit(number))
      try scenario.submit(decide(number, .approve))
    }
    let expiry = try #require(scenario.state[.real].intents[id(1)]?.expiresAt)
    #expect(expiry.milliseconds(since: scenario.now) == 600_000)
    scenario.now = expiry.advanced(byMilliseconds: -1)
    try scenario.submit(fixture.pay(1, intent: id(1)))
    scenario.now = expiry
    #expect(try scenario.refusal(of: fixture.pay(2, intent: id(2))) == "INTENT_REQUIRED")
    #expect(scenario.state[.real].intents[id(2)]?.status(at: scenario.now) == "lapsed")
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
    #expect(try scenario.refusal(of: fixture.pay(1, intent: id(1))) == "INTENT_REQUIRED")
    #expect(scenario.rejection(of: decide(7, .deny)) == .intentNotFound(id(7)))
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
        intent: id(9), agent: "builder_agent", kind: .daily, amount: try .usdc("5.999999"),
        ticket: nil,
        approvedBy: "ops", reason: "stop"))
    try scenario.submit(decide(1, .approve))
    #expect(try scenario.refusal(of: fixture.pay(1, intent: id(1))) == "DAILY_BUDGET_EXCEEDED")
    #expect(scenario.state[.real].intents[id(1)]?.phase == .approved)
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
    #expect(scenario.state[.real].intents.submitted(at: 5)?.id == id(2))
    #expect(scenario.state[.real].intents.submitted(at: 4) == nil)
  }
}
