import JSON
import Ledger

/// Lines of holds and of approvals.
extension ViewFold {
  /// A hold stands under its own id: the payment behind it gets its line when it ends, so that
  /// `grep tx_…` finds one whole document.
  static func write(
    _ event: AuthorizationCreated, _ record: Record, to out: inout JSONWriter
  ) {
    out.beginObject()
    out.field("authorization_id", event.authorization.text)
    out.moment("timestamp", record.at)
    writeParties(event.payment, to: &out)
    out.price("price_usdc", event.payment.amount)
    out.field("status", PaymentPhase.pending.name)
    out.field("state", record.event.type.status)
    out.optional("provider_auth_id", event.reference)
    out.end(record)
  }

  static func write(
    _ event: AuthorizationCaptured, _ record: Record, to out: inout JSONWriter
  ) {
    out.beginObject()
    writeHead(event.payment.transaction, record.at, event.payment.parties, to: &out)
    out.price("price_usdc", event.captured)
    out.field("status", PaymentPhase.completed.name)
    out.field("state", record.event.type.status)
    out.orNull("blockchain_tx_hash", event.chainHash?.text)
    out.orNull("error", nil)
    writeTail(event.latencyMilliseconds, nil, to: &out)
    out.optional("facilitator_receipt", event.receipt)
    out.field("authorization_id", event.authorization.text)
    out.key("released_usdc")
    event.released.writeDecimal(into: &out.bytes)
    out.end(record)
  }

  static func write(
    _ event: AuthorizationReleased, _ record: Record, to out: inout JSONWriter
  ) {
    out.beginObject()
    writeHead(event.payment.transaction, record.at, event.payment.parties, to: &out)
    out.price("price_usdc", event.payment.amount)
    out.field("status", PaymentPhase.cancelled.name)
    out.field("state", record.event.type.status)
    out.orNull("blockchain_tx_hash", nil)
    out.orNull("error", event.reason)
    out.field("authorization_id", event.authorization.text)
    out.end(record)
  }

  static func write(
    _ event: AuthorizationFailed, _ record: Record, to out: inout JSONWriter
  ) {
    out.beginObject()
    writeHead(event.payment.transaction, record.at, event.payment.parties, to: &out)
    out.price("price_usdc", event.payment.amount)
    out.field("status", PaymentPhase.failed.name)
    out.field("state", record.event.type.status)
    out.orNull("blockchain_tx_hash", nil)
    out.orNull("error", event.error)
    out.field("code", event.code)
    out.field("authorization_id", event.authorization.text)
    out.end(record)
  }

  private static func writeParties(_ payment: AuthorizedPayment, to out: inout JSONWriter) {
    out.field("agent_id", payment.parties.agent)
    out.field("vendor", payment.parties.vendor)
    out.field("network", payment.parties.network.name)
  }

  // MARK: approvals

  static func write(_ event: IntentApproved, _ record: Record, to out: inout JSONWriter) {
    writeDecision(event.intent, event.request, event.rule, record, to: &out)
    out.field("reason", event.reason)
    out.field("evaluator", event.evaluator)
    out.optional("ticket", event.ticket)
    out.moment("expires_at", event.expiresAt)
    writeNumbers(event.use, to: &out)
    out.end(record)
  }

  static func write(_ event: IntentDenied, _ record: Record, to out: inout JSONWriter) {
    writeDecision(event.intent, event.request, event.rule, record, to: &out)
    out.field("code", event.code)
    out.field("reason", event.reason)
    out.field("evaluator", event.evaluator)
    writeNumbers(event.use, to: &out)
    out.end(record)
  }

  private static func writeDecision(
    _ intent: IntentID, _ request: SpendRequest, _ rule: Text, _ record: Record,
    to out: inout JSONWriter
  ) {
    out.beginObject()
    out.field("intent_id", intent.text)
    out.moment("timestamp", record.at)
    out.field("decision", record.event.type.status)
    out.field("agent_id", request.parties.agent)
    out.field("vendor", request.parties.vendor)
    out.field("network", request.parties.network.name)
    out.orNull("component", request.component)
    out.field("strategy", request.strategy ?? rule)
    out.price("cost_usd", request.amount)
    out.field("rule", rule)
  }

  /// What it was decided on, as exact decimal literals.
  private static func writeNumbers(_ use: BudgetUse, to out: inout JSONWriter) {
    let numbers: [(StaticString, Money)] = [
      ("day_spent", use.daySpent), ("month_spent", use.monthSpent), ("held", use.held),
      ("daily_limit", use.dailyLimit), ("monthly_limit", use.monthlyLimit),
      ("per_transaction_limit", use.perTransactionLimit),
    ]
    for (name, amount) in numbers {
      out.key(name)
      amount.writeDecimal(into: &out.bytes)
    }
  }
}
