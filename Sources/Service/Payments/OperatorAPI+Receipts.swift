internal import HTTP
internal import JSON
internal import Ledger

/// What an operator does about payments at the gateway.
extension OperatorAPI {
  /// The payment at the gateway of this name; nil when there is none in the present book.
  func receipt(named id: String) -> ReceiptID? {
    guard let receipt = ReceiptID(Text(id)) else { return nil }
    let book = desk.book
    let isKnown = bookkeeper.read { state, _ in state[book].receipts[receipt] != nil }.value
    return isKnown ? receipt : nil
  }

  /// Ends a payment at the gateway that nobody knows the end of, as the operator says.
  func resolve(_ receipt: ReceiptID, _ call: Call, _ answer: @escaping Answer) {
    let book = desk.book
    let payer = bookkeeper.read { state, _ in
      state[book].receipts.open(receipt)?.reserved.promise.payer
    }.value
    write(call, answer) { body throws(Problem) in
      try body.allow(["outcome", "evidence", "by", "blockchain_tx_hash"])
      let evidence = try body.text("evidence")
      let by = try body.optionalText("by") ?? "operator"
      return SettleReservation(
        receipt: receipt, outcome: try outcome(body, payer ?? ""), source: .operator,
        evidence: evidence.isBlank ? nil : Text("\(by): \(evidence)"), anomalies: [])
    } then: { [bookkeeper] _, _ in
      let (place, seq) = bookkeeper.read { state, _ in state[book].receipts[receipt] }
      guard let place else { return nil }
      var out = JSONWriter()
      out.beginObject()
      out.field("receipt_id", receipt.text)
      out.field("status", place.phase.name)
      out.endObject()
      return (.json(200, out), seq)
    }
  }

  private func outcome(
    _ body: RequestBody, _ payer: Text
  ) throws(Problem) -> GatewayOutcome {
    switch try body.text("outcome") {
    case "failed": return .refused(stage: .settle, code: "RESOLVED", reason: nil)
    case "completed":
      guard let text = try body.optionalText("blockchain_tx_hash"),
        case .evm(let hash) = ChainHash(text)
      else {
        throw .invalid("blockchain_tx_hash", "must be the transaction that paid: 0x and 64 digits")
      }
      return .settled(.evm(hash), payer: payer)
    default: throw .invalid("outcome", "must be completed or failed")
    }
  }
}
