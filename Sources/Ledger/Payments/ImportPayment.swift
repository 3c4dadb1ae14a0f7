public import JSON

/// Takes in a payment that somebody else made: a fact, never refused for what it cost.
///
/// Idempotent by transaction id: the same fields again change nothing, pending may become
/// completed or failed, any other difference is a conflict that names the field.
public struct ImportPayment: Command {
  public static var name: StaticString { "payment.import" }

  public let transaction: TransactionID
  public let parties: PaymentParties
  public let amount: Money
  public let phase: PaymentPhase
  public let occurredAt: Timestamp
  public let chainHash: ChainHash?
  public let error: Text?
  public let vendorFault: Bool
  public let latencyMilliseconds: Int64?
  public let serviceURL: Text?
  public let facilitatorReceipt: Text?
  /// The amount as it was written, when it had to be rounded; stands in the log beside it.
  public var amountText: Text?

  public init(
    transaction: TransactionID, parties: PaymentParties, amount: Money, phase: PaymentPhase,
    occurredAt: Timestamp, chainHash: ChainHash?, error: Text?, vendorFault: Bool,
    latencyMilliseconds: Int64?, serviceURL: Text?, facilitatorReceipt: Text?
  ) {
    self.transaction = transaction
    self.parties = parties
    self.amount = amount
    self.phase = phase
    self.occurredAt = occurredAt
    self.chainHash = chainHash
    self.error = error?.cutForEvent
    self.vendorFault = vendorFault
    self.latencyMilliseconds = latencyMilliseconds
    self.serviceURL = serviceURL?.cutForEvent
    self.facilitatorReceipt = facilitatorReceipt?.cutForEvent
  }

  public func writePrint(to out: inout JSONWriter) {
    out.field("transaction_id", transaction.text)
    parties.write(to: &out)
    out.field("amount", amount)
    out.field("status", phase.name)
    out.field("occurred_at", occurredAt)
    out.optional("blockchain_tx_hash", chainHash)
    out.optional("error", error)
    out.field("vendor_fault", vendorFault)
    out.optional("latency_ms", latencyMilliseconds)
    out.optional("service_url", serviceURL)
    out.optional("facilitator_receipt", facilitatorReceipt)
    out.optional("amount_text", amountText)
  }

  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    try checkNames()
    guard phase == .pending || phase == .completed || phase == .failed else {
      throw .fieldInvalid(field: "status", reason: "must be pending, completed or failed")
    }
    let payments = state[book].payments
    guard let known = payments[transaction] else {
      return .accepted([.paymentStarted(started)] + closing)
    }
    try compareStart(known, payments)
    // A file that tells of the start and of the end may come again: the start is known.
    if phase == .pending, known.startedAt == occurredAt { return .unchanged }
    if known.phase == phase {
      try compareTime(known)
      try compareEnd(known, payments)
      return .unchanged
    }
    // What a payment of our own came to only its provider or an operator can say.
    guard known.phase == .pending, !known.isDirect else {
      throw conflict("status", Text("\(known.phase.name)"), Text("\(phase.name)"))
    }
    return .accepted(closing)
  }

  private func checkNames() throws(Rejection) {
    for (field, value) in [("agent_id", parties.agent), ("vendor", parties.vendor)] {
      guard (1...256).contains(value.utf8Count) else {
        throw .fieldInvalid(field: Text(field), reason: "must have 1 to 256 bytes")
      }
    }
    guard amount.units >= 0 else {
      throw .fieldInvalid(field: "amount", reason: "must not be negative")
    }
    // Far beyond any payment, and a hundred million of these still add up exactly.
    guard amount.units <= 1_000_000_000_000_000_000_000_000_000_000 else {
      throw .fieldInvalid(field: "amount", reason: "must not be above 10^30 atomic units")
    }
    if let latencyMilliseconds, latencyMilliseconds < 0 {
      throw .fieldInvalid(field: "latency_ms", reason: "must not be negative")
    }
  }

  /// What a payment begins with may not change, also when it ends.
  private func compareStart(_ known: Payment, _ payments: Payments) throws(Rejection) {
    if known.agent != parties.agent { throw conflict("agent_id", known.agent, parties.agent) }
    if known.vendor != parties.vendor { throw conflict("vendor", known.vendor, parties.vendor) }
    if known.network != parties.network {
      throw conflict("network", known.network.name, parties.network.name)
    }
    if known.amount != amount {
      throw conflict("amount", Text("\(known.amount)"), Text("\(amount)"))
    }
    if payments.checks(of: transaction)?.serviceURL != Payments.check(serviceURL) {
      throw conflict("service_url", "another", serviceURL ?? "none")
    }
  }

  /// A payment that was pending for a while carries the time of its end.
  private func compareTime(_ known: Payment) throws(Rejection) {
    let knownAt = known.closedAt ?? known.startedAt
    if knownAt != occurredAt {
      throw conflict("timestamp", knownAt.rfc3339, occurredAt.rfc3339)
    }
  }

  private func compareEnd(_ known: Payment, _ payments: Payments) throws(Rejection) {
    guard known.phase != .pending else { return }
    if known.chainHash != chainHash {
      throw conflict(
        "blockchain_tx_hash", known.chainHash?.text ?? "none", chainHash?.text ?? "none")
    }
    if known.latencyMilliseconds != latencyMilliseconds {
      throw conflict(
        "latency_ms", ImportPayment.text(known.latencyMilliseconds),
        ImportPayment.text(latencyMilliseconds))
    }
    if known.phase == .failed {
      if known.error != failureText {
        throw conflict("error", known.error ?? "none", failureText)
      }
      if known.vendorFault != vendorFault {
        throw conflict("vendor_fault", Text("\(known.vendorFault)"), Text("\(vendorFault)"))
      }
    } else if payments.checks(of: transaction)?.receipt != Payments.check(facilitatorReceipt) {
      throw conflict("facilitator_receipt", "another", facilitatorReceipt ?? "none")
    }
  }

  private static func text(_ milliseconds: Int64?) -> Text {
    milliseconds.map { Text("\($0)") } ?? "none"
  }

  private func conflict(_ field: Text, _ known: Text, _ given: Text) -> Rejection {
    .importConflict(transaction: transaction, field: field, known: known, given: given)
  }

  private var failureText: Text { error ?? "no error given" }

  private var started: PaymentStarted {
    PaymentStarted(
      transaction: transaction, parties: parties, amount: amount, source: .external,
      occurredAt: occurredAt, serviceURL: serviceURL,
      amountText: amountText?.cutForEvent, call: nil)
  }

  private var closing: [Event] {
    switch phase {
    case .pending, .unknown, .authorized, .cancelled: []
    case .completed:
      [
        .paymentCompleted(
          PaymentCompleted(
            transaction: transaction, parties: parties, settled: amount, chainHash: chainHash,
            latencyMilliseconds: latencyMilliseconds, source: .external, occurredAt: occurredAt,
            facilitatorReceipt: facilitatorReceipt, attempts: nil, evidence: nil))
      ]
    case .failed:
      [
        .paymentFailed(
          PaymentFailed(
            transaction: transaction, parties: parties, code: "EXTERNAL_FAILURE",
            error: failureText, vendorFault: vendorFault, chainHash: chainHash,
            latencyMilliseconds: latencyMilliseconds, source: .external, occurredAt: occurredAt,
            attempts: nil, evidence: nil))
      ]
    }
  }
}

extension Payments {
  /// The checks of a payment's free texts; nil when there is no such payment.
  func checks(of id: TransactionID) -> (serviceURL: UInt32, receipt: UInt32)? {
    guard let number = ids.find(id) else { return nil }
    let entry = entries[Int(number)]
    return (entry.serviceURLCheck, entry.receiptCheck)
  }
}
