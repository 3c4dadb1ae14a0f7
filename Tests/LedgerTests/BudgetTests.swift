import JSON
import Ledger
import Testing

/// Which limit is in force, and who may change it.
///
/// Source: BUD-04 to BUD-10, BUD-16, X-02, X-03; DESIGN section 5.
struct BudgetTests {
  private let intents = Counter()

  /// A new number each time.
  private final class Counter {
    private var last: UInt64 = 0

    func next() -> UInt64 {
      last += 1
      return last
    }
  }

  private func set(
    _ amount: Text, _ kind: BudgetKind, agent: Text = "builder_agent", ticket: Text? = nil
  ) throws -> SetBudgetLimit {
    SetBudgetLimit(
      intent: IntentID(ULID(high: 9, low: intents.next())), agent: agent, kind: kind,
      amount: try .usdc(amount), ticket: ticket, approvedBy: "operator",
      reason: "season")
  }

  private func limits(_ scenario: Scenario, _ agent: Text = "builder_agent") -> [Text] {
    BudgetKind.allCases.map {
      scenario.state.budgetLimit(of: agent, $0, book: scenario.book).amount.decimal
    }
  }

  @Test func `without any setting the limits are 100, 1000 and 10`() throws {
    #expect(limits(try Scenario()) == ["100.000000", "1000.000000", "10.000000"])
  }

  @Test func `an agent's setting is found by the agent's id, others keep the default`() throws {
    let scenario = try Scenario(settings: [
      "X402_CODE_REVIEW_AGENT_MONTHLY_LIMIT_USDC": "2000.0", "X402_DAILY_LIMIT_USDC": "7",
      "X402_RESEARCH_AGENT_PER_TRANSACTION_MAX_USDC": "5.0",
    ])
    #expect(limits(scenario, "code-review.agent") == ["7.000000", "2000.000000", "10.000000"])
    #expect(limits(scenario, "research_agent") == ["7.000000", "1000.000000", "5.000000"])
    #expect(limits(scenario) == ["7.000000", "1000.000000", "10.000000"])
  }

  @Test func `a payment's limit rises only when the hard limit rises with it`() throws {
    let own: Text = "X402_BUILDER_AGENT_PER_TRANSACTION_MAX_USDC"
    let hard: Text = "X402_HARD_LIMIT_USDC"
    #expect(limits(try Scenario(settings: [own: "50"]))[2] == "10.000000")
    #expect(limits(try Scenario(settings: [hard: "50"]))[2] == "10.000000")
    #expect(limits(try Scenario(settings: [own: "50", hard: "40"]))[2] == "40.000000")
    #expect(limits(try Scenario(settings: [hard: "3"]))[2] == "3.000000")
  }

  @Test func `of setting and event the later change holds`() throws {
    let name: Text = "X402_BUILDER_AGENT_DAILY_LIMIT_USDC"
    var scenario = try Scenario(settings: [name: "150"])
    #expect(limits(scenario)[0] == "150.000000")
    try scenario.submit(set("80", .daily))
    #expect(limits(scenario)[0] == "80.000000")
    // The same settings at the next start are no change.
    #expect(try scenario.submit(ApplySettings(settings: [name: "150"])) == .unchanged)
    #expect(limits(scenario)[0] == "80.000000")
    try scenario.submit(ApplySettings(settings: [name: "160"]))
    #expect(limits(scenario)[0] == "160.000000")
    try scenario.submit(ApplySettings(settings: [:]))
    #expect(limits(scenario)[0] == "80.000000")
  }

  @Test func `limits belong to a book and an agent`() throws {
    var scenario = try Scenario()
    try scenario.submit(set("0", .daily))
    #expect(limits(scenario)[0] == "0.000000")
    #expect(limits(scenario, "other")[0] == "100.000000")
    scenario.book = .fake
    #expect(limits(scenario)[0] == "100.000000")
  }

  @Test func `more than the monthly limit needs a ticket, exactly it does not`() throws {
    var scenario = try Scenario()
    let refusal = Rejection.fieldInvalid(
      field: "ticket", reason: "must name what allows a higher monthly limit")
    #expect(try scenario.rejection(of: set("1000", .monthly)) == nil)
    #expect(try scenario.rejection(of: set("1000.000001", .monthly)) == refusal)
    #expect(try scenario.rejection(of: set("2000", .monthly, ticket: "")) == refusal)
    try scenario.submit(set("2000", .monthly, ticket: "T-7"))
    #expect(limits(scenario)[1] == "2000.000000")
  }

  @Test(arguments: ["-1", "1e3", "1,5", "0.0000001", "inf", "nan", ""])
  func `a setting that is no amount of USDC is refused`(value: Text) throws {
    let name: Text = "X402_BUILDER_AGENT_DAILY_LIMIT_USDC"
    let command = ApplySettings(settings: [name: value])
    let expected: Rejection? = value.isEmpty ? nil : .settingUnreadable(name: name, value: value)
    #expect(try Scenario().rejection(of: command) == expected)
  }

  @Test func `names of limits are told from others`() {
    for name in ["X402_HARD_LIMIT_USDC", "X402_MONTHLY_LIMIT_USDC", "X402_A_DAILY_LIMIT_USDC"] {
      #expect(BudgetSettings.isName(Text(name)), "\(name)")
    }
    for name in ["X402__DAILY_LIMIT_USD", "X402_a-b_DAILY_LIMIT_USDC", "X402__WALLET_ADDRESS", ""] {
      #expect(!BudgetSettings.isName(Text(name)), "\(name)")
    }
  }
}
