public import JSON

/// Who pays whom, and on which network; the same in all events of a payment.
///
/// The closing events repeat these, so that one line answers `grep` and totals need no join.
public struct PaymentParties: Equatable, Sendable {
  /// The spender, e.g. `builder_agent`.
  public let agent: Text
  /// The payee as written; compared without ASCII case.
  public let vendor: Text
  public let network: Network

  func write(to out: inout JSONWriter) {
    out.field("agent_id", agent)
    out.field("vendor", vendor)
    out.field("network", network.name)
  }

  public init(agent: Text, vendor: Text, network: Network) {
    self.agent = agent
    self.vendor = vendor
    self.network = network
  }

  @inline(__always)
  init(from fields: inout FieldReader) throws(FieldError) {
    agent = try fields.cachedText("agent_id")
    vendor = try fields.cachedText("vendor")
    network = try fields.network("network")
  }
}

/// Where the knowledge of a payment comes from.
public enum PaymentSource: UInt8, CaseIterable, Sendable {
  /// Imported: somebody else moved the money, we only take the fact in.
  case external
  /// A start of our own: we ask a provider to move the money.
  case direct
  /// An end that the provider told when it was asked to pay.
  case provider
  /// An end that the provider told when it was asked about an unknown payment.
  case reconcile
  /// An end that an operator names, with evidence.
  case `operator`

  public var name: StaticString {
    switch self {
    case .external: "external"
    case .direct: "direct"
    case .provider: "provider"
    case .reconcile: "reconcile"
    case .operator: "operator"
    }
  }

  static func read(_ fields: inout FieldReader) throws(FieldError) -> PaymentSource {
    // Without making a text of it.
    try unsafe fields.withString("source") { bytes throws(FieldError) in
      for source in PaymentSource.allCases where unsafe bytes.span.isEqual(source.name) {
        return source
      }
      throw .invalid("source", "is not a source that this binary knows")
    }
  }
}

/// A payment has begun; its money may move from now on.
///
/// Wire: `payment.started`. Follows: nothing. Next: completed, failed. Never changes; shared, not
/// copied, as are all large events.
public final class PaymentStarted: EventData {
  public let transaction: TransactionID
  public let parties: PaymentParties
  public let amount: Money
  public let source: PaymentSource
  /// When it happened, for source `external`; else the record's `at` counts.
  public let occurredAt: Timestamp?
  /// The address that was bought from, as given; at most 1 KiB.
  public let serviceURL: Text?
  /// The amount as it was written, when it had to be rounded to the asset's scale.
  public let amountText: Text?
  /// Who lets it and carries it out: for source `direct`, and for that only.
  public let call: ProviderCall?

  var subject: Text { transaction.text }

  func write(to out: inout JSONWriter) {
    parties.write(to: &out)
    out.field("amount", amount)
    out.field("source", source.name)
    out.optional("occurred_at", occurredAt)
    out.optional("service_url", serviceURL)
    out.optional("amount_text", amountText)
    call?.write(to: &out)
  }

  @inline(__always)
  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    transaction = try FieldReader.named(subject.transaction)
    parties = try PaymentParties(from: &fields)
    amount = try fields.money("amount")
    source = try PaymentSource.read(&fields)
    occurredAt = try fields.optionalMoment("occurred_at")
    serviceURL = try fields.optionalText("service_url")
    amountText = try fields.optionalText("amount_text")
    call = source == .direct ? try ProviderCall(from: &fields) : nil
  }

  init(
    transaction: TransactionID, parties: PaymentParties, amount: Money,
    source: PaymentSource, occurredAt: Timestamp?, serviceURL: Text?, amountText: Text?,
    call: ProviderCall?
  ) {
    self.transaction = transaction
    self.parties = parties
    self.amount = amount
    self.source = source
    self.occurredAt = occurredAt
    self.serviceURL = serviceURL
    self.amountText = amountText
    self.call = call
  }

  public static func == (left: PaymentStarted, right: PaymentStarted) -> Bool {
    left === right
      || (left.transaction == right.transaction && left.parties == right.parties
        && left.amount == right.amount && left.source == right.source
        && left.occurredAt == right.occurredAt && left.serviceURL == right.serviceURL
        && left.amountText == right.amountText && left.call == right.call)
  }
}

/// The money has arrived: this and nothing else counts as spend.
///
/// Wire: `payment.completed`. Follows: started. Terminal. Never changes; shared, not copied.
public final class PaymentCompleted: EventData {
  public let transaction: TransactionID
  public let parties: PaymentParties
  /// What was really paid.
  public let settled: Money
  public let chainHash: ChainHash?
  /// From start to completion, when known.
  public let latencyMilliseconds: Int64?
  public let source: PaymentSource
  public let occurredAt: Timestamp?
  /// What the facilitator said of it, as given; at most 1 KiB.
  public let facilitatorReceipt: Text?
  /// How often the provider was asked, for a payment of our own.
  public let attempts: Int64?
  /// Why an unknown payment is known to have ended so; at most 1 KiB.
  public let evidence: Text?

  var subject: Text { transaction.text }

  func write(to out: inout JSONWriter) {
    parties.write(to: &out)
    out.field("settled", settled)
    out.optional("blockchain_tx_hash", chainHash)
    out.optional("latency_ms", latencyMilliseconds)
    out.field("source", source.name)
    out.optional("occurred_at", occurredAt)
    out.optional("facilitator_receipt", facilitatorReceipt)
    out.optional("attempts", attempts)
    out.optional("evidence", evidence)
  }

  @inline(__always)
  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    transaction = try FieldReader.named(subject.transaction)
    parties = try PaymentParties(from: &fields)
    settled = try fields.money("settled")
    chainHash = try fields.optionalHash("blockchain_tx_hash")
    latencyMilliseconds = try fields.optionalInteger("latency_ms")
    source = try PaymentSource.read(&fields)
    occurredAt = try fields.optionalMoment("occurred_at")
    facilitatorReceipt = try fields.optionalText("facilitator_receipt")
    attempts = try fields.optionalInteger("attempts")
    evidence = try fields.optionalText("evidence")
  }

  init(
    transaction: TransactionID, parties: PaymentParties, settled: Money,
    chainHash: ChainHash?, latencyMilliseconds: Int64?, source: PaymentSource,
    occurredAt: Timestamp?, facilitatorReceipt: Text?, attempts: Int64?, evidence: Text?
  ) {
    self.transaction = transaction
    self.parties = parties
    self.settled = settled
    self.chainHash = chainHash
    self.latencyMilliseconds = latencyMilliseconds
    self.source = source
    self.occurredAt = occurredAt
    self.facilitatorReceipt = facilitatorReceipt
    self.attempts = attempts
    self.evidence = evidence
  }

  public static func == (left: PaymentCompleted, right: PaymentCompleted) -> Bool {
    left === right
      || (left.transaction == right.transaction && left.parties == right.parties
        && left.settled == right.settled && left.chainHash == right.chainHash
        && left.latencyMilliseconds == right.latencyMilliseconds && left.source == right.source
        && left.occurredAt == right.occurredAt
        && left.facilitatorReceipt == right.facilitatorReceipt
        && left.attempts == right.attempts && left.evidence == right.evidence)
  }
}

/// The payment came to nothing: no money has moved.
///
/// Wire: `payment.failed`. Follows: started. Terminal.
public struct PaymentFailed: EventData {
  public let transaction: TransactionID
  public let parties: PaymentParties
  /// A stable word for the cause, e.g. `EXTERNAL_FAILURE`.
  public let code: Text
  /// The cause as told by whoever failed; at most 1 KiB.
  public let error: Text
  /// Whether the payee is to blame; only then its failure streak grows.
  public let vendorFault: Bool
  public let chainHash: ChainHash?
  public let latencyMilliseconds: Int64?
  public let source: PaymentSource
  public let occurredAt: Timestamp?
  /// How often the provider was asked, for a payment of our own.
  public let attempts: Int64?
  /// Why an unknown payment is known to have ended so; at most 1 KiB.
  public let evidence: Text?

  var subject: Text { transaction.text }

  func write(to out: inout JSONWriter) {
    parties.write(to: &out)
    out.field("code", code)
    out.field("error", error)
    out.field("vendor_fault", vendorFault)
    out.optional("blockchain_tx_hash", chainHash)
    out.optional("latency_ms", latencyMilliseconds)
    out.field("source", source.name)
    out.optional("occurred_at", occurredAt)
    out.optional("attempts", attempts)
    out.optional("evidence", evidence)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    transaction = try FieldReader.named(subject.transaction)
    parties = try PaymentParties(from: &fields)
    code = try fields.cachedText("code")
    error = try fields.text("error")
    vendorFault = try fields.boolean("vendor_fault")
    chainHash = try fields.optionalHash("blockchain_tx_hash")
    latencyMilliseconds = try fields.optionalInteger("latency_ms")
    source = try PaymentSource.read(&fields)
    occurredAt = try fields.optionalMoment("occurred_at")
    attempts = try fields.optionalInteger("attempts")
    evidence = try fields.optionalText("evidence")
  }

  init(
    transaction: TransactionID, parties: PaymentParties, code: Text, error: Text,
    vendorFault: Bool, chainHash: ChainHash?, latencyMilliseconds: Int64?,
    source: PaymentSource, occurredAt: Timestamp?, attempts: Int64?, evidence: Text?
  ) {
    self.transaction = transaction
    self.parties = parties
    self.code = code
    self.error = error
    self.vendorFault = vendorFault
    self.chainHash = chainHash
    self.latencyMilliseconds = latencyMilliseconds
    self.source = source
    self.occurredAt = occurredAt
    self.attempts = attempts
    self.evidence = evidence
  }
}
