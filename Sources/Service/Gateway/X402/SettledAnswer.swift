internal import HTTP
internal import JSON
internal import Ledger
internal import Rails

/// What a payer gets for money that moved: the recorded answer and what shows the payment.
///
/// Made of what the log says, so that it is the same bytes whenever it is asked for again.
struct SettledAnswer {
  let receipt: ReceiptID
  /// Of x402: 1 or 2.
  let version: Int
  let answer: GatewayAnswer
  let network: X402Network
  let chainHash: ChainHash
  let payer: Text

  init(
    receipt: ReceiptID, version: Int, answer: GatewayAnswer, network: X402Network,
    chainHash: ChainHash, payer: Text
  ) {
    self.receipt = receipt
    self.version = version
    self.answer = answer
    self.network = network
    self.chainHash = chainHash
    self.payer = payer.asciiLowercased
  }

  /// Of the reservation, the answer and the acceptance; nil when these are not those.
  init?(_ records: [Record]) {
    guard records.count == 3, case .gatewayReserved(let reserved) = records[0].event,
      case .gatewayResponseRecorded(let recorded) = records[1].event,
      case .gatewayPaymentAccepted(let accepted) = records[2].event,
      let network = X402Network.named(accepted.network.name), let hash = accepted.chainHash,
      let payer = accepted.payer
    else { return nil }
    self.init(
      receipt: reserved.receipt, version: Int(reserved.version),
      answer: GatewayAnswer(
        status: recorded.status, headers: recorded.headers, body: recorded.body),
      network: network, chainHash: hash, payer: payer)
  }

  func response(replayed: Bool) -> Response {
    var headers = Headers(answer.headers)
    headers.append("Cache-Control", "private")
    headers.append(
      version == 1 ? X402Header.legacyReceipt : X402Header.receipt,
      X402Receipt.settled(
        version: version, transaction: chainHash.text, network: network, payer: payer
      ).string)
    headers.append("Tollbook-Receipt", receipt.text.string)
    headers.append("Idempotency-Replayed", replayed ? "true" : "false")
    var response = Response(status: answer.status, headers: headers, body: answer.body.bytes)
    response.annotation = replayed ? Daemon.replayMark : Daemon.paidMark
    return response
  }
}
