public import JSON

/// What a payment that we make ourselves has beside its parties: who lets it, who carries it out.
public struct ProviderCall: Equatable, Sendable {
  /// The approved intent that this payment uses up.
  public let intent: IntentID
  /// The company or endpoint that moves the money, e.g. `fake`.
  public let provider: Text
  /// The provider's idempotency key: it takes the money at most once under it.
  public let providerKey: Text
  /// The address that pays, when one is configured.
  public let wallet: Text?
  public let component: Text?
  public let business: Text?

  func write(to out: inout JSONWriter) {
    out.field("intent_id", intent.text)
    out.field("provider", provider)
    out.field("provider_key", providerKey)
    out.optional("wallet", wallet)
    out.optional("component", component)
    out.optional("business_id", business)
  }

  init(from fields: inout FieldReader) throws(FieldError) {
    guard let intent = IntentID(try fields.text("intent_id")) else {
      throw .invalid("intent_id", "is not an identifier: 1 to 128 bytes of [A-Za-z0-9._:-]")
    }
    self.intent = intent
    provider = try fields.cachedText("provider")
    providerKey = try fields.text("provider_key")
    wallet = try fields.optionalCachedText("wallet")
    component = try fields.optionalCachedText("component")
    business = try fields.optionalCachedText("business_id")
  }

  init(
    intent: IntentID, provider: Text, providerKey: Text, wallet: Text?, component: Text?,
    business: Text?
  ) {
    self.intent = intent
    self.provider = provider
    self.providerKey = providerKey
    self.wallet = wallet
    self.component = component
    self.business = business
  }
}

/// A payment was refused before any money could move.
///
/// Wire: `payment.refused`. Follows: nothing. Terminal: there is no payment of this id.
public struct PaymentRefused: EventData {
  public let transaction: TransactionID
  public let parties: PaymentParties
  public let amount: Money
  /// The stable code that the asker got.
  public let code: Text
  public let intent: IntentID?
  /// For a limit: how much passes, in USDC.
  public let limit: Money?
  /// For a limit of a day or month: what was completed in it.
  public let used: Money?
  /// For a limit of a day or month: what had begun and not ended.
  public let held: Money?

  var subject: Text { transaction.text }

  func write(to out: inout JSONWriter) {
    parties.write(to: &out)
    out.field("amount", amount)
    out.field("code", code)
    out.optional("intent_id", intent?.text)
    if let limit { out.amount("limit", limit) }
    if let used { out.amount("used", used) }
    if let held { out.amount("held", held) }
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    transaction = try FieldReader.named(subject.transaction)
    parties = try PaymentParties(from: &fields)
    amount = try fields.money("amount")
    code = try fields.cachedText("code")
    intent = try fields.optionalIdentifier("intent_id")
    limit = try fields.optionalAmount("limit", .usdc)
    used = try fields.optionalAmount("used", .usdc)
    held = try fields.optionalAmount("held", .usdc)
  }

  init(
    transaction: TransactionID, parties: PaymentParties, amount: Money, code: Text,
    intent: IntentID?, excess: BudgetExcess?
  ) {
    self.transaction = transaction
    self.parties = parties
    self.amount = amount
    self.code = code
    self.intent = intent
    limit = excess?.limit
    used = excess?.used
    held = excess?.held
  }
}

/// The provider was asked in vain and will be asked again, under the same key.
///
/// Wire: `payment.retried`. Follows: started. The payment stays pending.
public struct PaymentRetried: EventData {
  public let transaction: TransactionID
  /// How often the provider had been asked, from 1.
  public let attempt: Int64
  /// Why in vain: `connect`, `timeout`, `5xx`, `429`.
  public let errorClass: Text
  /// How long it is waited before the next time.
  public let delayMilliseconds: Int64

  var subject: Text { transaction.text }

  func write(to out: inout JSONWriter) {
    out.field("attempt", attempt)
    out.field("error_class", errorClass)
    out.field("delay_ms", delayMilliseconds)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    transaction = try FieldReader.named(subject.transaction)
    attempt = try fields.integer("attempt")
    errorClass = try fields.cachedText("error_class")
    delayMilliseconds = try fields.integer("delay_ms")
  }

  init(
    transaction: TransactionID, attempt: Int64, errorClass: Text, delayMilliseconds: Int64
  ) {
    self.transaction = transaction
    self.attempt = attempt
    self.errorClass = errorClass
    self.delayMilliseconds = delayMilliseconds
  }
}

/// Money may have moved and there is no evidence yet: it stays held, and is never paid again.
///
/// Wire: `payment.unknown`. Follows: started. Next: completed or failed, with evidence only.
public struct PaymentUnknown: EventData {
  public let transaction: TransactionID
  public let parties: PaymentParties
  public let amount: Money
  public let provider: Text
  /// What to ask the provider for.
  public let providerKey: Text
  /// What hides the outcome: `timeout`, `reset`, `unreadable`, `5xx`, `pending`, `restart`.
  public let errorClass: Text
  /// How often the provider was asked; 0 when that was not recorded.
  public let attempts: Int64

  var subject: Text { transaction.text }

  func write(to out: inout JSONWriter) {
    parties.write(to: &out)
    out.field("amount", amount)
    out.field("provider", provider)
    out.field("provider_key", providerKey)
    out.field("error_class", errorClass)
    out.field("attempts", attempts)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    transaction = try FieldReader.named(subject.transaction)
    parties = try PaymentParties(from: &fields)
    amount = try fields.money("amount")
    provider = try fields.cachedText("provider")
    providerKey = try fields.text("provider_key")
    errorClass = try fields.cachedText("error_class")
    attempts = try fields.integer("attempts")
  }

  init(
    transaction: TransactionID, parties: PaymentParties, amount: Money, provider: Text,
    providerKey: Text, errorClass: Text, attempts: Int64
  ) {
    self.transaction = transaction
    self.parties = parties
    self.amount = amount
    self.provider = provider
    self.providerKey = providerKey
    self.errorClass = errorClass
    self.attempts = attempts
  }
}

/// An operator says how an unknown payment ended, and on what evidence.
///
/// Wire: `payment.resolved`. Follows: unknown. In one unit with the completed or failed that it
/// leads to.
public struct PaymentResolved: EventData {
  public let transaction: TransactionID
  /// `completed` or `failed`.
  public let outcome: Text
  public let by: Text
  public let evidence: Text

  var subject: Text { transaction.text }

  func write(to out: inout JSONWriter) {
    out.field("outcome", outcome)
    out.field("by", by)
    out.field("evidence", evidence)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    transaction = try FieldReader.named(subject.transaction)
    outcome = try fields.cachedText("outcome")
    by = try fields.cachedText("by")
    evidence = try fields.text("evidence")
  }

  init(transaction: TransactionID, outcome: Text, by: Text, evidence: Text) {
    self.transaction = transaction
    self.outcome = outcome
    self.by = by
    self.evidence = evidence
  }
}
