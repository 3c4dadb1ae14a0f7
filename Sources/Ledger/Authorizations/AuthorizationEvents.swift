public import JSON

/// What every event of an authorization says again, so that one line answers `grep`.
public struct AuthorizedPayment: Equatable, Sendable {
  /// The payment that the hold is for.
  public let transaction: TransactionID
  public let parties: PaymentParties
  /// What is held.
  public let amount: Money

  func write(to out: inout JSONWriter) {
    out.field("transaction_id", transaction.text)
    parties.write(to: &out)
    out.field("amount", amount)
  }

  init(from fields: inout FieldReader) throws(FieldError) {
    guard let transaction = TransactionID(try fields.text("transaction_id")) else {
      throw .invalid(
        "transaction_id", "is not an identifier: 1 to 128 bytes of [A-Za-z0-9._:-]")
    }
    self.transaction = transaction
    parties = try PaymentParties(from: &fields)
    amount = try fields.money("amount")
  }

  init(transaction: TransactionID, parties: PaymentParties, amount: Money) {
    self.transaction = transaction
    self.parties = parties
    self.amount = amount
  }
}

/// What a provider is asked to do about a hold.
public enum AuthorizationStep: UInt8, CaseIterable, Sendable {
  case authorize, capture, cancel

  public var name: StaticString {
    switch self {
    case .authorize: "authorize"
    case .capture: "capture"
    case .cancel: "cancel"
    }
  }

  static func read(_ fields: inout FieldReader) throws(FieldError) -> AuthorizationStep {
    let name = try fields.cachedText("during")
    for step in AuthorizationStep.allCases where Text("\(step.name)") == name { return step }
    throw .invalid("during", "is not a step that this binary knows")
  }
}

/// A provider is asked to hold money for a payment; from now on it counts as held.
///
/// Wire: `authorization.requested`. Follows: an approved intent. Next: created, failed, unknown.
public struct AuthorizationRequested: EventData {
  public let authorization: AuthorizationID
  public let payment: AuthorizedPayment
  /// From this moment on it can only be cancelled.
  public let expiresAt: Timestamp?
  /// Who lets it and carries it out.
  public let call: ProviderCall

  var subject: Text { authorization.text }

  func write(to out: inout JSONWriter) {
    payment.write(to: &out)
    out.optional("expires_at", expiresAt)
    call.write(to: &out)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    authorization = try FieldReader.named(AuthorizationID(subject.text))
    payment = try AuthorizedPayment(from: &fields)
    expiresAt = try fields.optionalMoment("expires_at")
    call = try ProviderCall(from: &fields)
  }

  init(
    authorization: AuthorizationID, payment: AuthorizedPayment, expiresAt: Timestamp?,
    call: ProviderCall
  ) {
    self.authorization = authorization
    self.payment = payment
    self.expiresAt = expiresAt
    self.call = call
  }
}

/// The provider holds the money.
///
/// Wire: `authorization.created`. Follows: requested. Next: a step is requested.
public struct AuthorizationCreated: EventData {
  public let authorization: AuthorizationID
  public let payment: AuthorizedPayment
  /// What the provider calls the hold.
  public let reference: Text?
  public let latencyMilliseconds: Int64?
  public let source: PaymentSource
  /// Why an unknown step is known to have ended so.
  public let evidence: Text?

  var subject: Text { authorization.text }

  func write(to out: inout JSONWriter) {
    payment.write(to: &out)
    out.optional("provider_auth_id", reference)
    out.optional("latency_ms", latencyMilliseconds)
    out.field("source", source.name)
    out.optional("evidence", evidence)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    authorization = try FieldReader.named(AuthorizationID(subject.text))
    payment = try AuthorizedPayment(from: &fields)
    reference = try fields.optionalText("provider_auth_id")
    latencyMilliseconds = try fields.optionalInteger("latency_ms")
    source = try PaymentSource.read(&fields)
    evidence = try fields.optionalText("evidence")
  }

  init(
    authorization: AuthorizationID, payment: AuthorizedPayment, reference: Text?,
    latencyMilliseconds: Int64?, source: PaymentSource, evidence: Text?
  ) {
    self.authorization = authorization
    self.payment = payment
    self.reference = reference
    self.latencyMilliseconds = latencyMilliseconds
    self.source = source
    self.evidence = evidence
  }
}

/// The provider is asked to take some or all of the hold, or to release it.
///
/// Wire: `authorization.step_requested`. Follows: created. Next: captured, cancelled, expired,
/// failed, unknown.
public struct AuthorizationStepRequested: EventData {
  public let authorization: AuthorizationID
  public let payment: AuthorizedPayment
  public let step: AuthorizationStep
  /// The provider's idempotency key of this step.
  public let providerKey: Text
  /// To capture: more than zero, never more than the hold; the rest is to be released.
  public let wanted: Money?
  /// To cancel: why.
  public let reason: Text?

  var subject: Text { authorization.text }

  func write(to out: inout JSONWriter) {
    payment.write(to: &out)
    out.field("during", step.name)
    out.field("provider_key", providerKey)
    if let wanted { out.amount("wanted", wanted) }
    out.optional("reason", reason)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    authorization = try FieldReader.named(AuthorizationID(subject.text))
    payment = try AuthorizedPayment(from: &fields)
    step = try AuthorizationStep.read(&fields)
    providerKey = try fields.text("provider_key")
    wanted = try fields.optionalAmount("wanted", payment.amount.asset)
    reason = try fields.optionalText("reason")
  }

  init(
    authorization: AuthorizationID, payment: AuthorizedPayment, step: AuthorizationStep,
    providerKey: Text, wanted: Money?, reason: Text?
  ) {
    self.authorization = authorization
    self.payment = payment
    self.step = step
    self.providerKey = providerKey
    self.wanted = wanted
    self.reason = reason
  }
}

/// Some or all of the hold was taken, the rest released: this counts as spend.
///
/// Wire: `authorization.captured`. Follows: a capture requested. Terminal.
public struct AuthorizationCaptured: EventData {
  public let authorization: AuthorizationID
  public let payment: AuthorizedPayment
  /// What was really paid.
  public let captured: Money
  /// What went back.
  public let released: Money
  public let chainHash: ChainHash?
  /// From the request to capture.
  public let latencyMilliseconds: Int64?
  public let source: PaymentSource
  public let receipt: Text?
  /// Why an unknown step is known to have ended so.
  public let evidence: Text?

  var subject: Text { authorization.text }

  func write(to out: inout JSONWriter) {
    payment.write(to: &out)
    out.amount("captured", captured)
    out.amount("released", released)
    out.optional("blockchain_tx_hash", chainHash)
    out.optional("latency_ms", latencyMilliseconds)
    out.field("source", source.name)
    out.optional("facilitator_receipt", receipt)
    out.optional("evidence", evidence)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    authorization = try FieldReader.named(AuthorizationID(subject.text))
    payment = try AuthorizedPayment(from: &fields)
    captured = try fields.amount("captured", payment.amount.asset)
    released = try fields.amount("released", payment.amount.asset)
    chainHash = try fields.optionalHash("blockchain_tx_hash")
    latencyMilliseconds = try fields.optionalInteger("latency_ms")
    source = try PaymentSource.read(&fields)
    receipt = try fields.optionalText("facilitator_receipt")
    evidence = try fields.optionalText("evidence")
  }

  init(
    authorization: AuthorizationID, payment: AuthorizedPayment, captured: Money, released: Money,
    chainHash: ChainHash?, latencyMilliseconds: Int64?, source: PaymentSource, receipt: Text?,
    evidence: Text?
  ) {
    self.authorization = authorization
    self.payment = payment
    self.captured = captured
    self.released = released
    self.chainHash = chainHash
    self.latencyMilliseconds = latencyMilliseconds
    self.source = source
    self.receipt = receipt
    self.evidence = evidence
  }
}

/// The hold was released whole: no money has moved.
///
/// Wire: `authorization.cancelled`, or `authorization.expired` when its time had run out. Follows:
/// a cancel requested. Terminal.
public struct AuthorizationReleased: EventData {
  public let authorization: AuthorizationID
  public let payment: AuthorizedPayment
  /// What went back.
  public let released: Money
  /// Why it was asked for.
  public let reason: Text?
  public let source: PaymentSource
  /// Why an unknown step is known to have ended so.
  public let evidence: Text?

  var subject: Text { authorization.text }

  func write(to out: inout JSONWriter) {
    payment.write(to: &out)
    out.amount("released", released)
    out.optional("reason", reason)
    out.field("source", source.name)
    out.optional("evidence", evidence)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    authorization = try FieldReader.named(AuthorizationID(subject.text))
    payment = try AuthorizedPayment(from: &fields)
    released = try fields.amount("released", payment.amount.asset)
    reason = try fields.optionalText("reason")
    source = try PaymentSource.read(&fields)
    evidence = try fields.optionalText("evidence")
  }

  init(
    authorization: AuthorizationID, payment: AuthorizedPayment, released: Money, reason: Text?,
    source: PaymentSource, evidence: Text?
  ) {
    self.authorization = authorization
    self.payment = payment
    self.released = released
    self.reason = reason
    self.source = source
    self.evidence = evidence
  }
}

/// The provider did not do a step. Without a hold that is the end; else the hold stands as before.
///
/// Wire: `authorization.failed`. Follows: any request.
public struct AuthorizationFailed: EventData {
  public let authorization: AuthorizationID
  public let payment: AuthorizedPayment
  public let step: AuthorizationStep
  public let code: Text
  public let error: Text
  /// Whether the payee is to blame.
  public let vendorFault: Bool
  public let source: PaymentSource
  /// Why an unknown step is known to have ended so.
  public let evidence: Text?

  var subject: Text { authorization.text }

  func write(to out: inout JSONWriter) {
    payment.write(to: &out)
    out.field("during", step.name)
    out.field("code", code)
    out.field("error", error)
    out.field("vendor_fault", vendorFault)
    out.field("source", source.name)
    out.optional("evidence", evidence)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    authorization = try FieldReader.named(AuthorizationID(subject.text))
    payment = try AuthorizedPayment(from: &fields)
    step = try AuthorizationStep.read(&fields)
    code = try fields.cachedText("code")
    error = try fields.text("error")
    vendorFault = try fields.boolean("vendor_fault")
    source = try PaymentSource.read(&fields)
    evidence = try fields.optionalText("evidence")
  }

  init(
    authorization: AuthorizationID, payment: AuthorizedPayment, step: AuthorizationStep, code: Text,
    error: Text, vendorFault: Bool, source: PaymentSource, evidence: Text?
  ) {
    self.authorization = authorization
    self.payment = payment
    self.step = step
    self.code = code
    self.error = error
    self.vendorFault = vendorFault
    self.source = source
    self.evidence = evidence
  }
}

/// A step may have been done and there is no evidence yet: the whole amount stays held.
///
/// Wire: `authorization.unknown`. Follows: any request. Next: an end of that step, with evidence.
public struct AuthorizationUnknown: EventData {
  public let authorization: AuthorizationID
  public let payment: AuthorizedPayment
  public let step: AuthorizationStep
  /// What to ask the provider for.
  public let providerKey: Text
  public let errorClass: Text

  var subject: Text { authorization.text }

  func write(to out: inout JSONWriter) {
    payment.write(to: &out)
    out.field("during", step.name)
    out.field("provider_key", providerKey)
    out.field("error_class", errorClass)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    authorization = try FieldReader.named(AuthorizationID(subject.text))
    payment = try AuthorizedPayment(from: &fields)
    step = try AuthorizationStep.read(&fields)
    providerKey = try fields.text("provider_key")
    errorClass = try fields.cachedText("error_class")
  }

  init(
    authorization: AuthorizationID, payment: AuthorizedPayment, step: AuthorizationStep,
    providerKey: Text, errorClass: Text
  ) {
    self.authorization = authorization
    self.payment = payment
    self.step = step
    self.providerKey = providerKey
    self.errorClass = errorClass
  }
}
