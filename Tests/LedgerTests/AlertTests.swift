import JSON
import Ledger
import Testing

/// What is told, once until it clears.
///
/// Source: ALT-03, ALT-04, ALT-05, ALT-09, ALT-10, ALT-14, ALT-23, BUD-11 to BUD-13, X-04, X-05,
/// X-39, T-34, T-35.
@Suite struct AlertTests {
  private static let ids = (UInt64(1)...8).map { AlertID(ULID(high: 8, low: $0)) }

  /// Looks at the rules; gives what was raised and what was resolved, by fingerprint.
  private func look(_ scenario: inout Scenario) throws -> (raised: [Text], resolved: [Text]) {
    let used = scenario.state[.real].alerts.all.count
    let ids = (0..<8).map { AlertID(ULID(high: 8, low: UInt64(used * 8 + $0))) }
    var raised: [Text] = []
    var resolved: [Text] = []
    for event in try scenario.submit(EvaluateAlerts(ids: ids)).events.0 {
      if case .alertRaised(let alert) = event { raised.append(alert.fingerprint) }
      if case .alertResolved(let alert) = event { resolved.append(alert.fingerprint) }
    }
    return (raised, resolved)
  }

  private func spend(_ scenario: inout Scenario, _ amount: Text, _ number: UInt64) throws {
    var fixture = SpendFixture()
    fixture.amount = amount
    try scenario.submit(fixture.pay(number))
    try scenario.submit(
      SettlePayment(
        transaction: TransactionID(ULID(high: 1, low: number)),
        outcome: .completed(chainHash: nil, receipt: nil), occasion: .payment))
  }

  @Test func `each threshold is told once a day, exactly at it, and the day's end clears all`()
    throws
  {
    var scenario = try Scenario.wide()
    func mark(_ percent: Int) -> Text {
      Text("budget_threshold builder_agent \(percent)% 2026-11-16")
    }
    try spend(&scenario, "79.999999", 1)
    #expect(try look(&scenario).raised == [])
    try spend(&scenario, "0.000001", 2)
    #expect(try look(&scenario).raised == [mark(80)])
    #expect(try look(&scenario).raised == [])
    try spend(&scenario, "15", 3)
    #expect(try look(&scenario).raised == [mark(90), mark(95)])
    let text = scenario.state[.real].alerts[mark(95)]?.text
    #expect(
      text
        == "💰 Agent Budget Alert\nAgent: builder_agent\nUsed: 95% of daily budget ($95/$100)\nRemaining: $5.00"
    )
    try spend(&scenario, "5", 4)
    #expect(try look(&scenario).raised == ["budget_exhausted builder_agent"])
    // More is allowed: no longer exhausted, but told once all the same.
    try scenario.submit(
      SetBudgetLimit(
        intent: IntentID(ULID(high: 9, low: 1)), agent: "builder_agent", kind: .daily,
        amount: try .usdc("200"), ticket: nil, approvedBy: "ops", reason: "launch"))
    let after = try look(&scenario)
    #expect(after.raised == [])
    #expect(after.resolved == ["budget_exhausted builder_agent"])
    scenario.now = try .of("2026-11-17T00:00:00Z")
    #expect(try Set(look(&scenario).resolved) == [mark(80), mark(90), mark(95)])
    #expect(scenario.state[.real].alerts.activeOnes.isEmpty)
    #expect(scenario.state[.real].alerts.all.count == 4)
    #expect(scenario.violations.isEmpty)
  }

  @Test(arguments: [
    ("85", [85, 90, 95]), ("92", [92, 95]), ("97", [97]), ("80", [80, 90, 95]), ("90", [90, 95]),
    ("1", [1, 90, 95]),
  ])
  func `the setting replaces the lowest threshold and drops those below it`(
    setting: String, expected: [Int]
  ) throws {
    let scenario = try Scenario(settings: ["X402_ALERT_THRESHOLD_PCT": Text(setting)])
    #expect(scenario.state.controls.spending.thresholds == expected)
  }

  @Test(arguments: ["0", "101", "080", "80.0", "+80", "x"])
  func `a threshold that is none is not put in force`(setting: String) throws {
    let scenario = try Scenario()
    let command = ApplySettings(settings: ["X402_ALERT_THRESHOLD_PCT": Text(setting)])
    #expect(scenario.rejection(of: command)?.code.description == "SETTING_UNREADABLE")
  }

  @Test func `an unknown payment is told until it is closed`() throws {
    var scenario = try Scenario()
    try scenario.submit(SpendFixture().pay(1))
    #expect(try look(&scenario).raised == [])
    try scenario.submit(
      SettlePayment(
        transaction: TransactionID(ULID(high: 1, low: 1)),
        outcome: .unknown(errorClass: "timeout"), occasion: .payment))
    #expect(try look(&scenario).raised == ["payments_unknown payments"])
    let alert = try #require(scenario.state[.real].alerts.activeOnes.first)
    #expect(alert.severity == .critical)
    try scenario.submit(AcknowledgeAlert(alert: alert.id, by: "ops", note: "asked"))
    #expect(
      try scenario.submit(AcknowledgeAlert(alert: alert.id, by: "ops", note: nil)) == .unchanged)
    #expect(scenario.state[.real].alerts[alert.id]?.status.description == "acknowledged")
    try scenario.submit(
      ResolvePayment(
        transaction: TransactionID(ULID(high: 1, low: 1)), isCompleted: true, chainHash: nil,
        by: "ops", evidence: "statement"))
    #expect(try look(&scenario).resolved == ["payments_unknown payments"])
    #expect(scenario.state[.real].alerts[alert.id]?.status.description == "resolved")
    #expect(
      scenario.rejection(
        of: AcknowledgeAlert(alert: AlertTests.ids[7], by: "ops", note: nil))?.code.description
        == "ALERT_NOT_FOUND")
  }

  @Test func `a vendor's streak warns at three, is critical at five, and falls back to none`()
    throws
  {
    var scenario = try Scenario()
    func fail(_ number: Int) throws {
      var fixture = ImportFixture.failed
      fixture.transaction = Text("tx_\(number)")
      try scenario.submit(fixture.command())
    }
    for number in 1...2 { try fail(number) }
    #expect(try look(&scenario).raised == [])
    try fail(3)
    #expect(try look(&scenario).raised == ["vendor_failure_streak vendor a"])
    try fail(4)
    #expect(try look(&scenario).raised == [])
    try fail(5)
    let fifth = try look(&scenario)
    #expect(fifth.raised == ["vendor_failing vendor a"])
    #expect(fifth.resolved == ["vendor_failure_streak vendor a"])
    try scenario.submit(ImportFixture.completed.command())
    #expect(try look(&scenario).resolved == ["vendor_failing vendor a"])
  }

  @Test func `a wallet is low strictly below fifty, until it is funded`() throws {
    var scenario = try Scenario()
    let address = "0x" + String(repeating: "a", count: 40)
    let wallet = Text("wal_00000000000000000000000001")
    func observe(_ balance: String) throws {
      scenario.append(
        try event(
          .walletBalanceObserved, wallet,
          #"{"address":"\#(address)","network":"base","balance":"\#(balance)","asset":"USDC","source":"rpc"}"#
        ))
    }
    scenario.append(
      try event(
        .walletRegistered, wallet,
        #"{"owner":"default","address":"\#(address)","network":"base","reason":"setting"}"#))
    #expect(try look(&scenario).raised == [])
    try observe("50.000000")
    #expect(try look(&scenario).raised == [])
    try observe("49.999999")
    #expect(try look(&scenario).raised == [Text("wallet_balance_low \(address)")])
    #expect(
      scenario.state[.real].alerts.activeOnes.first?.text
        == "⚠️ Payment Wallet Balance Low\nCurrent: $50.00\nThreshold: $50.00\nAction: Fund wallet immediately"
    )
    try observe("50.000000")
    #expect(try look(&scenario).resolved == [Text("wallet_balance_low \(address)")])
    #expect(scenario.violations.isEmpty)
  }

  @Test func `what there is no id for waits for the next look`() throws {
    var scenario = try Scenario.wide()
    try spend(&scenario, "100", 1)
    let events = try scenario.submit(EvaluateAlerts(ids: [AlertTests.ids[0]])).events.0
    #expect(events.count == 1)
    let more = try scenario.submit(EvaluateAlerts(ids: Array(AlertTests.ids))).events.0
    #expect(more.count == 3)
    #expect(try scenario.submit(EvaluateAlerts(ids: Array(AlertTests.ids))) == .unchanged)
  }

  @Test func `an alert is raised once and resolved once`() throws {
    var scenario = try Scenario()
    let raised = try event(
      .alertRaised, "alert_1",
      #"{"rule":"r","severity":"info","fingerprint":"f","about":"a","value":"1","threshold":"0","text":"t"}"#
    )
    let resolved = try event(.alertResolved, "alert_1", #"{"fingerprint":"f"}"#)
    let seen = try event(.alertAcknowledged, "alert_1", #"{"by":"ops"}"#)
    for early in [resolved, seen] {
      scenario.append(early)
      #expect(scenario.violations.last == .notRaised)
    }
    scenario.append(raised)
    scenario.append(raised)
    #expect(scenario.violations.last == .alreadyRaised)
    scenario.append(try event(.alertResolved, "alert_1", #"{"fingerprint":"g"}"#))
    #expect(scenario.violations.last == .notRaised)
    scenario.append(resolved)
    scenario.append(resolved)
    #expect(scenario.violations.count == 5)
    #expect(scenario.state[.real].alerts.activeOnes.isEmpty)
  }

  @Test func `a raise of a budget goes through an intent, a cut does not`() throws {
    var scenario = try Scenario()
    let id = IntentID(ULID(high: 9, low: 1))
    func limit(_ amount: Text, _ intent: IntentID, _ ticket: Text?) throws -> SetBudgetLimit {
      SetBudgetLimit(
        intent: intent, agent: "builder_agent", kind: .monthly, amount: try .usdc(amount),
        ticket: ticket, approvedBy: "ops", reason: "season")
    }
    let events = try scenario.submit(limit("2000", id, "T-7")).events.0
    #expect(events.map(\.type) == [.intentSubmitted, .intentApproved, .budgetLimitSet])
    let intent = try #require(scenario.state[.real].intents[id])
    #expect(intent.phase == .used)
    #expect(intent.request.component == "budget.monthly")
    #expect(intent.rule == "manual")
    let cut = try limit("1", id, nil)
    #expect(try scenario.submit(cut).events.0.map(\.type) == [.budgetLimitSet])
    #expect(
      scenario.rejection(of: try limit("3000", id, "T-8"))?.code.description == "FIELD_INVALID")
    #expect(scenario.violations.isEmpty)
  }
}
