import JSON
import Ledger
import Testing

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
    #expect(book.intents[intentID(1)]?.phase == .used)
    #expect(book.payments[paymentID(1)]?.phase == .pending)
    #expect(book.payments.call(of: paymentID(1))?.providerKey == paymentID(1).text)
    #expect(scenario.use.held == (try .usdc("1")))
    #expect(scenario.violations.isEmpty)
  }

  @Test func `completed and held move from one to the other and never both`() throws {
    var scenario = try Scenario()
    try scenario.submit(SpendFixture().pay(1))
    try scenario.submit(SpendFixture().pay(2))
    _ = try scenario.settle(1, paid)
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
      _ = try scenario.settle(number, paid)
    }
    fixture.amount = "9"
    var more = fixture
    more.amount = "9.000001"
    #expect(try scenario.refusal(of: more.pay(11)) == Text(code))
    try scenario.submit(fixture.pay(12))
    #expect(scenario.state[.real].payments[paymentID(12)]?.phase == .pending)
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
    _ = try scenario.settle(1, paid)
    fixture.amount = "4"
    try scenario.submit(fixture.pay(2))
    #expect(try scenario.refusal(of: SpendFixture().pay(3)) == "DAILY_BUDGET_EXCEEDED")
    scenario.now = try .of("2026-12-01T00:00:00.000Z")
    #expect(scenario.use.daySpent == .zero(.usdc))
    #expect(scenario.use.monthSpent == .zero(.usdc))
    #expect(scenario.use.held == (try .usdc("4")))
    // It is spent in the month in which it ends, and so leaves the sum as it was.
    _ = try scenario.settle(2, paid)
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
    #expect(scenario.state[.real].payments[paymentID(3)]?.phase == .pending)
    #expect(scenario.use.held == (try .usdc("0.75")))
    scenario.book = .fake
    fixture.network = "base"
    try scenario.submit(fixture.pay(4))
    #expect(scenario.state[.fake].payments[paymentID(4)]?.phase == .pending)
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

  @Test(arguments: [
    ("https://shop.example/a?b=c", true), ("http://127.0.0.1:1", true), ("", false),
    ("ftp://shop", false), ("https://a b", false), ("https://a\n", false), ("https://é", false),
    ("../../etc/passwd", false),
  ])
  func `an address is one, or the payment is refused whole`(address: String, isGood: Bool) throws {
    let scenario = try Scenario()
    let plain = try SpendFixture().pay(1)
    let pay = Pay(
      transaction: plain.transaction, newIntent: plain.newIntent, request: plain.request,
      intent: nil, serviceURL: Text(address), purpose: nil, provider: "fake", wallet: nil)
    let rejection = scenario.rejection(of: pay)
    #expect((rejection == nil) == isGood)
    if !isGood { #expect(rejection?.code.description == "FIELD_INVALID") }
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
    _ = try scenario.settle(2, paid)
    #expect(scenario.state[.real].payments[paymentID(2)]?.phase == .completed)
    #expect(scenario.state[.real].tallies.refusalsByCode["PAYMENTS_DISABLED"] == 1)
    #expect(scenario.state[.real].payments[paymentID(1)] == nil)
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
    #expect(scenario.state[.real].payments.started(within: first...first + 2)?.id == paymentID(1))
    let other = KeyBinding(key: "k2", op: "payment.pay", print: fingerprint(1))
    #expect(try scenario.submit(SpendFixture().pay(2), key: other).events.isKeyed == false)
    #expect(scenario.state[.real].keyCount == 1)
    _ = try scenario.settle(1, .failed(code: "NO", error: "no", vendorFault: false))
    try scenario.submit(SpendFixture().pay(3), key: other)
    #expect(scenario.state[.real].keyCount == 2)
  }
}
