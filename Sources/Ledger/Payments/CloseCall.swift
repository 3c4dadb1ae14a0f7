public import JSON

/// What a provider's call came to.
public enum CallOutcome: Equatable, Sendable {
  /// The money has moved.
  case completed(chainHash: ChainHash?, receipt: Text?)
  /// The money has certainly not moved.
  case failed(code: Text, error: Text, vendorFault: Bool)
  /// It may have moved.
  case unknown(errorClass: Text)
}

/// Notes that a provider was asked in vain and will be asked again under the same key.
public struct NoteRetry: Command {
  public static var name: StaticString { "payment.retry" }

  public let transaction: TransactionID
  public let errorClass: Text
  public let delayMilliseconds: Int64

  public init(transaction: TransactionID, errorClass: Text, delayMilliseconds: Int64) {
    self.transaction = transaction
    self.errorClass = errorClass
    self.delayMilliseconds = delayMilliseconds
  }

  public func writePrint(to out: inout JSONWriter) {
    out.field("transaction_id", transaction.text)
    out.field("error_class", errorClass)
  }

  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    let payments = state[book].payments
    guard let payment = payments[transaction], let call = payments.call(of: transaction),
      payment.phase == .pending || payment.phase == .authorized
    else { return .unchanged }
    return .accepted([
      .paymentRetried(
        PaymentRetried(
          transaction: transaction, attempt: Int64(call.retries + 1), errorClass: errorClass,
          delayMilliseconds: delayMilliseconds))
    ])
  }
}

/// Records what the provider's answer, or the want of one, says of a payment of ours.
public struct SettlePayment: Command {
  /// When the provider told.
  public enum Occasion: Equatable, Sendable {
    /// When it was asked to pay.
    case payment
    /// When it was asked about an unknown payment; with what it said.
    case reconcile(evidence: Text)
  }

  public static var name: StaticString { "payment.settle" }

  public let transaction: TransactionID
  public let outcome: CallOutcome
  public let occasion: Occasion

  public init(transaction: TransactionID, outcome: CallOutcome, occasion: Occasion) {
    self.transaction = transaction
    self.outcome = outcome
    self.occasion = occasion
  }

  public func writePrint(to out: inout JSONWriter) {
    out.field("transaction_id", transaction.text)
  }

  /// An end that stands is not touched: who comes late changes nothing.
  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    let payments = state[book].payments
    guard let payment = payments[transaction] else { throw .paymentNotFound(transaction) }
    let wanted: PaymentPhase = occasion == .payment ? .pending : .unknown
    guard payment.phase == wanted, let call = payments.call(of: transaction),
      call.authorization == nil
    else { return .unchanged }
    let attempts = Int64(call.retries + 1)
    var evidence: Text?
    if case .reconcile(let told) = occasion { evidence = told.cutForEvent }
    if case .unknown(let errorClass) = outcome {
      // Asked and still not known: it is on record already.
      guard payment.phase == .pending else { return .unchanged }
      return .accepted([
        .paymentUnknown(
          PaymentUnknown(
            transaction: transaction, parties: payment.parties, amount: payment.amount,
            provider: call.provider, providerKey: call.providerKey, errorClass: errorClass,
            attempts: attempts))
      ])
    }
    // How long a doubt lasted says nothing of the provider's speed.
    let latency = evidence == nil ? now.milliseconds(since: payment.startedAt) : nil
    return .accepted(
      [
        payment.end(
          outcome, source: evidence == nil ? .provider : .reconcile, latency: latency,
          attempts: attempts, evidence: evidence)
      ] + payment.purchase(outcome, call, state, book, at: now))
  }
}

/// An operator closes an unknown payment, by what he has seen elsewhere.
public struct ResolvePayment: Command {
  public static var name: StaticString { "payment.resolve" }

  public let transaction: TransactionID
  public let isCompleted: Bool
  public let chainHash: ChainHash?
  public let by: Text
  public let evidence: Text

  public init(
    transaction: TransactionID, isCompleted: Bool, chainHash: ChainHash?, by: Text,
    evidence: Text
  ) {
    self.transaction = transaction
    self.isCompleted = isCompleted
    self.chainHash = chainHash
    self.by = by
    self.evidence = evidence
  }

  public func writePrint(to out: inout JSONWriter) {
    out.field("transaction_id", transaction.text)
    out.field("completed", isCompleted)
    out.optional("blockchain_tx_hash", chainHash)
    out.field("by", by)
    out.field("evidence", evidence)
  }

  /// - Throws: `Rejection.paymentNotFound`, `.fieldInvalid`. What is not unknown is refused, and
  ///   that is recorded.
  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    guard !evidence.isBlank else {
      throw .fieldInvalid(field: "evidence", reason: "must say what shows it")
    }
    guard !by.isEmpty else { throw .fieldInvalid(field: "by", reason: "must say who decides") }
    let payments = state[book].payments
    guard let payment = payments[transaction] else { throw .paymentNotFound(transaction) }
    let wanted: PaymentPhase = isCompleted ? .completed : .failed
    if let authorization = payments.call(of: transaction)?.authorization {
      throw .fieldInvalid(
        field: "transaction_id",
        reason: Text("is held by \(authorization): tollbook auth resolve \(authorization)"))
    }
    if payment.phase == wanted { return .unchanged }
    guard payment.phase == .unknown, let call = payments.call(of: transaction) else {
      let from = Text("\(payment.phase.name)")
      let to = Text("\(wanted.name)")
      return .refused(
        .illegalTransition(subject: transaction.text, from: from, to: to),
        recording: [
          .transitionRefused(
            TransitionRefused(
              subject: transaction.text, machine: "payment", from: from, to: to,
              source: "operator"))
        ])
    }
    let told = evidence.cutForEvent
    let outcome: CallOutcome =
      isCompleted
      ? .completed(chainHash: chainHash, receipt: nil)
      : .failed(code: "RESOLVED_AS_FAILED", error: told, vendorFault: false)
    return .accepted(
      [
        .paymentResolved(
          PaymentResolved(
            transaction: transaction, outcome: Text("\(wanted.name)"), by: by.cutForEvent,
            evidence: told)),
        payment.end(
          outcome, source: .operator, latency: nil, attempts: Int64(call.retries + 1),
          evidence: told),
      ] + payment.purchase(outcome, call, state, book, at: now))
  }
}

extension Payment {
  var parties: PaymentParties {
    PaymentParties(agent: agent, vendor: vendor, network: network)
  }

  /// What a payment that went through shows of its vendor; nothing when that is known.
  fileprivate func purchase(
    _ outcome: CallOutcome, _ call: OpenCall, _ state: State, _ book: Book, at now: Timestamp
  ) -> [Event] {
    guard case .completed = outcome else { return [] }
    return state.purchase(of: parties, for: amount, call.component, book, at: now)
  }

  /// The event that ends this payment; the outcome must be one that does.
  fileprivate func end(
    _ outcome: CallOutcome, source: PaymentSource, latency: Int64?, attempts: Int64,
    evidence: Text?
  ) -> Event {
    switch outcome {
    case .completed(let chainHash, let receipt):
      .paymentCompleted(
        PaymentCompleted(
          transaction: id, parties: parties, settled: amount, chainHash: chainHash,
          latencyMilliseconds: latency.map { max(0, $0) }, source: source, occurredAt: nil,
          facilitatorReceipt: receipt?.cutForEvent, attempts: attempts, evidence: evidence))
    case .failed(let code, let error, let vendorFault):
      .paymentFailed(
        PaymentFailed(
          transaction: id, parties: parties, code: code, error: error.cutForEvent,
          vendorFault: vendorFault, chainHash: nil,
          latencyMilliseconds: latency.map { max(0, $0) }, source: source, occurredAt: nil,
          attempts: attempts, evidence: evidence))
    case .unknown:
      fatalError("an unknown outcome ends no payment")
    }
  }
}
