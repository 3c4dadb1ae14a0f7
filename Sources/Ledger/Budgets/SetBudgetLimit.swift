public import JSON

/// Sets what an agent may spend a day, a month or at once, from now on.
public struct SetBudgetLimit: Command {
  public static var name: StaticString { "budget.set" }

  /// The id of the intent that a higher limit goes through.
  public let intent: IntentID
  public let agent: Text
  public let kind: BudgetKind
  public let amount: Money
  public let ticket: Text?
  public let approvedBy: Text
  public let reason: Text

  public init(
    intent: IntentID, agent: Text, kind: BudgetKind, amount: Money, ticket: Text?, approvedBy: Text,
    reason: Text
  ) {
    self.intent = intent
    self.agent = agent
    self.kind = kind
    self.amount = amount
    self.ticket = ticket
    self.approvedBy = approvedBy
    self.reason = reason
  }

  public func writePrint(to out: inout JSONWriter) {
    out.field("agent_id", agent)
    out.field("kind", kind.name)
    out.field("amount", amount)
    out.optional("ticket", ticket)
    out.field("approved_by", approvedBy)
    out.field("reason", reason)
  }

  /// - Throws: `Rejection.fieldInvalid`; a higher monthly limit needs a ticket.
  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    // A limit for an id that cannot spend would be a typing error that nobody sees.
    try SpendRequest.checkName("agent_id", agent)
    guard amount.asset == .usdc else {
      throw .fieldInvalid(field: "asset", reason: "must be USDC")
    }
    guard (0...1_000_000_000_000_000_000).contains(amount.units) else {
      throw .fieldInvalid(field: "amount", reason: "must be 0 to 1000000000000 USDC")
    }
    guard !reason.isEmpty else {
      throw .fieldInvalid(field: "reason", reason: "must say why the limit changes")
    }
    guard !approvedBy.isEmpty else {
      throw .fieldInvalid(field: "approved_by", reason: "must say who allows it")
    }
    let limit = state.budgetLimit(of: agent, kind, book: book)
    let isTicketed = ticket.map { !$0.isEmpty } ?? false
    guard kind != .monthly || amount.units <= limit.amount.units || isTicketed else {
      throw .fieldInvalid(
        field: "ticket", reason: "must name what allows a higher monthly limit")
    }
    let isRaise = amount.units > limit.amount.units
    guard !isRaise || state[book].intents[intent] == nil else {
      throw .fieldInvalid(field: "intent_id", reason: "names an intent that exists already")
    }
    let use = state.budgetUse(of: agent, on: .base, book: book, at: now)
    let set = BudgetLimitSet(
      agent: agent, kind: kind, amount: amount, ticket: ticket?.cutForEvent,
      approvedBy: approvedBy.cutForEvent, reason: reason.cutForEvent,
      intent: isRaise ? intent : nil)
    return .accepted((isRaise ? raise(use, at: now) : []) + [.budgetLimitSet(set)])
  }

  /// A raise is a wish like any other: submitted, decided by who allows it, used at once.
  private func raise(_ use: BudgetUse, at now: Timestamp) -> [Event] {
    let request = BudgetLimitSet.request(agent, kind, amount)
    return [
      .intentSubmitted(
        IntentSubmitted(intent: intent, request: request, purpose: reason.cutForEvent)),
      .intentApproved(
        IntentApproved(
          intent: intent, request: request, rule: "manual", evaluator: approvedBy.cutForEvent,
          reason: reason.cutForEvent, ticket: ticket?.cutForEvent,
          expiresAt: now.advanced(byMilliseconds: 1), use: use)),
    ]
  }
}
