public import JSON

/// What a budget limits.
public enum BudgetKind: UInt8, CaseIterable, Sendable {
  /// The spend of a UTC day.
  case daily
  /// The spend of a UTC month.
  case monthly
  /// One payment.
  case perTransaction

  /// As it stands in the log.
  public var name: StaticString {
    switch self {
    case .daily: "daily"
    case .monthly: "monthly"
    case .perTransaction: "per_transaction"
    }
  }

  /// Looks a kind up by its name; nil when there is none of it.
  public init?(_ name: Text) {
    guard let kind = BudgetKind.allCases.first(where: { Text("\($0.name)") == name }) else {
      return nil
    }
    self = kind
  }
}

/// An operator set what an agent may spend from now on.
///
/// Wire: `budget.limit_set`. Subject: the agent. Limits of the past stay what they were.
public struct BudgetLimitSet: EventData {
  public let agent: Text
  public let kind: BudgetKind
  /// Zero or more, in USDC; exactly the limit passes.
  public let amount: Money
  /// Where it was asked for and allowed.
  public let ticket: Text?
  public let approvedBy: Text
  public let reason: Text
  /// The approved intent that a higher limit used up.
  public let intent: IntentID?

  /// The wish behind a higher limit.
  static func request(_ agent: Text, _ kind: BudgetKind, _ amount: Money) -> SpendRequest {
    SpendRequest(
      parties: PaymentParties(agent: agent, vendor: "tollbook", network: .base), amount: amount,
      component: Text("budget.\(kind.name)"), strategy: nil, business: nil)
  }

  var subject: Text { agent }

  func write(to out: inout JSONWriter) {
    out.field("kind", kind.name)
    out.field("amount", amount)
    out.optional("ticket", ticket)
    out.field("approved_by", approvedBy)
    out.field("reason", reason)
    out.optional("intent_id", intent?.text)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    agent = subject.text
    guard let kind = BudgetKind(try fields.text("kind")) else {
      throw .invalid("kind", "is not a kind of limit that this binary knows")
    }
    self.kind = kind
    amount = try fields.money("amount")
    ticket = try fields.optionalText("ticket")
    approvedBy = try fields.text("approved_by")
    reason = try fields.text("reason")
    intent = try fields.optionalIdentifier("intent_id")
  }

  init(
    agent: Text, kind: BudgetKind, amount: Money, ticket: Text?, approvedBy: Text, reason: Text,
    intent: IntentID?
  ) {
    self.agent = agent
    self.kind = kind
    self.amount = amount
    self.ticket = ticket
    self.approvedBy = approvedBy
    self.reason = reason
    self.intent = intent
  }
}
