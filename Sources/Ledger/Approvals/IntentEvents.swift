public import JSON

/// What an agent wishes to spend, and what for.
public struct SpendRequest: Equatable, Sendable {
  public let parties: PaymentParties
  /// More than zero, in USDC.
  public let amount: Money
  /// The part of the agent that asks, e.g. `media_helper`.
  public let component: Text?
  /// The agent's own word for how it spends, e.g. `cheapest`.
  public let strategy: Text?
  /// The business that it is for.
  public let business: Text?

  public init(
    parties: PaymentParties, amount: Money, component: Text?, strategy: Text?, business: Text?
  ) {
    self.parties = parties
    self.amount = amount
    self.component = component
    self.strategy = strategy
    self.business = business
  }

  func write(to out: inout JSONWriter) {
    parties.write(to: &out)
    out.field("amount", amount)
    out.optional("component", component)
    out.optional("strategy", strategy)
    out.optional("business_id", business)
  }

  init(from fields: inout FieldReader) throws(FieldError) {
    parties = try PaymentParties(from: &fields)
    amount = try fields.money("amount")
    component = try fields.optionalCachedText("component")
    strategy = try fields.optionalCachedText("strategy")
    business = try fields.optionalCachedText("business_id")
  }
}

/// An agent wishes to spend; nothing has moved and nothing is held.
///
/// Wire: `intent.submitted`. Follows: nothing. Next: approved, denied.
public struct IntentSubmitted: EventData {
  public let intent: IntentID
  public let request: SpendRequest
  /// Why, in the agent's words; at most 1 KiB.
  public let purpose: Text?

  var subject: Text { intent.text }

  func write(to out: inout JSONWriter) {
    request.write(to: &out)
    out.optional("purpose", purpose)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    intent = try FieldReader.named(IntentID(subject.text))
    request = try SpendRequest(from: &fields)
    purpose = try fields.optionalText("purpose")
  }

  init(intent: IntentID, request: SpendRequest, purpose: Text?) {
    self.intent = intent
    self.request = request
    self.purpose = purpose
  }
}

/// The intent may be paid once, up to its amount, until it lapses.
///
/// Wire: `intent.approved`. Follows: submitted. Next: used by `payment.started`, or lapsed.
public struct IntentApproved: EventData {
  public let intent: IntentID
  public let request: SpendRequest
  /// The rule that allowed it: `auto_within_budget` or `manual`.
  public let rule: Text
  /// `GenesisMetaAgent` for the policy, else who approved it.
  public let evaluator: Text
  public let reason: Text
  public let ticket: Text?
  /// At this moment it is lapsed.
  public let expiresAt: Timestamp
  /// The numbers that it was decided on.
  public let use: BudgetUse

  var subject: Text { intent.text }

  func write(to out: inout JSONWriter) {
    request.write(to: &out)
    out.field("rule", rule)
    out.field("evaluator", evaluator)
    out.field("reason", reason)
    out.optional("ticket", ticket)
    out.field("expires_at", expiresAt)
    use.write(to: &out)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    intent = try FieldReader.named(IntentID(subject.text))
    request = try SpendRequest(from: &fields)
    rule = try fields.cachedText("rule")
    evaluator = try fields.cachedText("evaluator")
    reason = try fields.cachedText("reason")
    ticket = try fields.optionalText("ticket")
    expiresAt = try fields.moment("expires_at")
    use = try BudgetUse(from: &fields)
  }

  init(
    intent: IntentID, request: SpendRequest, rule: Text, evaluator: Text, reason: Text,
    ticket: Text?, expiresAt: Timestamp, use: BudgetUse
  ) {
    self.intent = intent
    self.request = request
    self.rule = rule
    self.evaluator = evaluator
    self.reason = reason
    self.ticket = ticket
    self.expiresAt = expiresAt
    self.use = use
  }
}

/// The intent will never be paid.
///
/// Wire: `intent.denied`. Follows: submitted. Terminal.
public struct IntentDenied: EventData {
  public let intent: IntentID
  public let request: SpendRequest
  /// The rule that forbade it: `manual`, or `deny_` and what stands against it.
  public let rule: Text
  /// The stable code that the asker gets.
  public let code: Text
  public let evaluator: Text
  public let reason: Text
  /// The numbers that it was decided on.
  public let use: BudgetUse

  var subject: Text { intent.text }

  func write(to out: inout JSONWriter) {
    request.write(to: &out)
    out.field("rule", rule)
    out.field("code", code)
    out.field("evaluator", evaluator)
    out.field("reason", reason)
    use.write(to: &out)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    intent = try FieldReader.named(IntentID(subject.text))
    request = try SpendRequest(from: &fields)
    rule = try fields.cachedText("rule")
    code = try fields.cachedText("code")
    evaluator = try fields.cachedText("evaluator")
    reason = try fields.cachedText("reason")
    use = try BudgetUse(from: &fields)
  }

  init(
    intent: IntentID, request: SpendRequest, rule: Text, code: Text, evaluator: Text,
    reason: Text, use: BudgetUse
  ) {
    self.intent = intent
    self.request = request
    self.rule = rule
    self.code = code
    self.evaluator = evaluator
    self.reason = reason
    self.use = use
  }
}

/// Somebody wished a step that the state machine does not have; nobody was asked to do it.
///
/// Wire: `transition.refused`. Changes nothing.
public struct TransitionRefused: EventData {
  /// The id of what should have changed.
  public let subject: Text
  /// Whose states these are: `intent`, `payment`, `authorization`.
  public let machine: Text
  public let from: Text
  public let to: Text
  /// Who wished it: `operator`, `agent`.
  public let source: Text

  func write(to out: inout JSONWriter) {
    out.field("machine", machine)
    out.field("from", from)
    out.field("to", to)
    out.field("source", source)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    self.subject = subject.text
    machine = try fields.cachedText("machine")
    from = try fields.cachedText("from")
    to = try fields.cachedText("to")
    source = try fields.cachedText("source")
  }

  init(subject: Text, machine: Text, from: Text, to: Text, source: Text) {
    self.subject = subject
    self.machine = machine
    self.from = from
    self.to = to
    self.source = source
  }
}
