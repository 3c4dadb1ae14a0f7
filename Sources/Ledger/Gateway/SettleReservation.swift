public import JSON

/// What a payment at the gateway came to.
public enum GatewayOutcome: Equatable, Sendable {
  /// The money moved in this transaction.
  case settled(ChainHash, payer: Text)
  /// It did not and will not.
  case refused(stage: RefusalStage, code: Text, reason: Text?)
  /// It may have moved; the transaction, when one is known.
  case unknown(errorClass: Text, ChainHash?)
}

/// Records what the facilitator, the chain or an operator says of a reserved payment.
///
/// Whoever comes too late changes nothing: the first end counts.
public struct SettleReservation: Command {
  public static var name: StaticString { "gateway.settle" }

  public let receipt: ReceiptID
  public let outcome: GatewayOutcome
  /// Who tells it: the facilitator at once, the facilitator or chain asked later, an operator.
  public let source: PaymentSource
  /// What shows it; an unknown payment ends by evidence only.
  public let evidence: Text?
  /// What does not fit in what was said.
  public let anomalies: [GatewayAnomaly]

  public init(
    receipt: ReceiptID, outcome: GatewayOutcome, source: PaymentSource, evidence: Text?,
    anomalies: [GatewayAnomaly]
  ) {
    self.receipt = receipt
    self.outcome = outcome
    self.source = source
    self.evidence = evidence
    self.anomalies = anomalies
  }

  public func writePrint(to out: inout JSONWriter) {
    out.field("receipt_id", receipt.text)
    switch outcome {
    case .settled: out.field("outcome", "settled")
    case .refused: out.field("outcome", "refused")
    case .unknown: out.field("outcome", "unknown")
    }
    out.optional("evidence", evidence)
  }

  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    let (place, open) = try state[book].receipts.reservation(receipt)
    guard let open, place.phase != .accepted else { return try late(place) }
    switch outcome {
    case .settled(let chainHash, let payer):
      try checkEnd(place)
      return .accepted(
        anomalies.map { .gatewayAnomaly($0) } + settled(open.reserved, chainHash, payer))
    case .refused(let stage, let code, let reason):
      if place.phase == .reserved {
        guard stage != .settle else { throw impossible(place, "refused") }
      } else {
        try checkEnd(place)
      }
      let refused = GatewayRefused(
        receipt: receipt, stage: stage, code: code, reason: reason?.cutForEvent, source: source,
        evidence: evidence?.cutForEvent)
      return .accepted(anomalies.map { .gatewayAnomaly($0) } + [.gatewayRefused(refused)])
    case .unknown(let errorClass, let chainHash):
      let isNews = open.doubt == nil || (chainHash != nil && open.doubt?.chainHash == nil)
      guard place.phase != .reserved else { throw impossible(place, "unknown") }
      guard isNews else { return .unchanged }
      let unknown = GatewayUnknown(
        receipt: receipt, errorClass: errorClass, chainHash: chainHash)
      return .accepted(anomalies.map { .gatewayAnomaly($0) } + [.gatewayUnknown(unknown)])
    }
  }

  private func settled(
    _ reserved: GatewayReserved, _ chainHash: ChainHash, _ payer: Text
  ) -> [Event] {
    let payer = payer.asciiLowercased
    let settled = GatewaySettled(
      receipt: receipt, chainHash: chainHash, payer: payer, source: source,
      evidence: evidence?.cutForEvent)
    let accepted = GatewayPaymentAccepted(
      receipt: receipt, method: reserved.method, path: reserved.path,
      requestHash: reserved.requestHash, proofID: Text("0x\(reserved.promise.nonce.hex)"),
      mode: .facilitator, amount: reserved.amount, price: reserved.amount,
      network: reserved.promise.network, receiver: reserved.receiver, policy: reserved.policy,
      chainHash: chainHash, payer: payer)
    return [.gatewaySettled(settled), .gatewayPaymentAccepted(accepted)]
  }

  /// An unknown payment is not ended by an answer at once, and not without evidence.
  private func checkEnd(_ place: ReceiptPlace) throws(Rejection) {
    switch place.phase {
    case .answered, .settling: return
    case .unknown:
      guard let evidence, !evidence.isBlank else {
        throw .fieldInvalid(field: "evidence", reason: "is needed to end an unknown payment")
      }
    case .reserved, .settled, .accepted, .refused: throw impossible(place, "accepted")
    }
  }

  /// What is said of a payment that has ended: the same again, or too late to count.
  private func late(_ place: ReceiptPlace) throws(Rejection) -> Decision {
    switch (outcome, place.phase) {
    case (.settled, .accepted), (.refused, .refused), (.unknown, _): return .unchanged
    case (.settled, _): throw impossible(place, "accepted")
    case (.refused, _): throw impossible(place, "refused")
    }
  }

  private func impossible(_ place: ReceiptPlace, _ target: Text) -> Rejection {
    .illegalTransition(subject: receipt.text, from: Text("\(place.phase.name)"), to: target)
  }
}

extension GatewayReserved {
  /// The method at the head of the route.
  var method: Text {
    Text(String(decoding: route.string.utf8.prefix { $0 != 0x20 }, as: UTF8.self))
  }
}
