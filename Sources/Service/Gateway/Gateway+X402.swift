package import HTTP
internal import JSON
internal import Ledger

/// The built-in task for signed payments, and how a payment at the gateway stands.
extension Gateway {
  /// The built-in task as it is sold for signed payments; nil when no address is paid.
  func taskSale(_ policy: GatewayPolicy) -> X402Sale? {
    let offer = x402Settings.offer(
      policy, price: policy.price, .authorization, path: Gateway.taskPath, "The built-in task",
      mimeType: "application/json")
    guard let offer else { return nil }
    return X402Sale(
      route: GatewayPolicy.taskRoute, offer: offer, keyScope: keyScope, isJSON: true
    ) { request, receipt, _ in
      do throws(Problem) {
        return .answer(try Gateway.taskAnswer(request, receipt))
      } catch {
        return .failed(error.response(requestID: request.requestID))
      }
    }
  }

  /// `{"status":"accepted","result":…,"receipt":{…},"idempotencyKey":…}`; the money moves later,
  /// so the receipt says where it will stand.
  private static func taskAnswer(
    _ request: Request, _ receipt: ReceiptID
  ) throws(Problem) -> GatewayAnswer {
    let task = try Task(request)
    var out = JSONWriter()
    out.beginObject()
    out.field("status", "accepted")
    out.key("result")
    out.value(task.result(), sortingMembers: false)
    out.key("receipt")
    out.beginObject()
    out.field("receiptId", receipt.text)
    out.field("url", "/receipts/\(receipt)")
    out.endObject()
    out.key("idempotencyKey")
    if let key = request.headers["Idempotency-Key"] { out.string(key) } else { out.null() }
    out.endObject()
    return GatewayAnswer(
      status: 200, headers: [.init(name: "content-type", value: "application/json")],
      body: RecordedBody(out.bytes))
  }

  // MARK: the state of a payment

  /// Answers `GET /payments/{id}`: how a payment at the gateway stands.
  package func payment(_ exchange: Exchange, id: String) {
    guard let receipt = ReceiptID(Text(id)) else {
      return exchange.respond(Problem.noSuchReceipt)
    }
    let book = book
    let (found, seq) = bookkeeper.read { state, _ in
      (place: state[book].receipts[receipt], open: state[book].receipts.open(receipt))
    }
    bookkeeper.whenDurable(seq) { [answers] isDurable in
      guard isDurable else { return exchange.respond(Problem.ledgerUnavailable) }
      guard let place = found.place else { return exchange.respond(Problem.noSuchReceipt) }
      guard place.endSeq > 0 else {
        return exchange.respond(PaymentState(receipt, place, found.open, nil).response)
      }
      answers.readRecords(at: [place.endSeq]) { records in
        exchange.respond(PaymentState(receipt, place, found.open, records?.first).response)
      }
    }
  }
}

/// How a payment at the gateway stands, as a payer is told.
private struct PaymentState {
  private let receipt: ReceiptID
  private let place: ReceiptPlace
  private let open: OpenReceipt?
  private let end: Record?

  init(_ receipt: ReceiptID, _ place: ReceiptPlace, _ open: OpenReceipt?, _ end: Record?) {
    self.receipt = receipt
    self.place = place
    self.open = open
    self.end = end
  }

  var response: Response {
    var out = JSONWriter()
    out.beginObject()
    out.field("receiptId", receipt.text)
    out.field("status", place.phase.name)
    out.field("charged", charged)
    if end == nil, let reserved = open?.reserved {
      out.field("amount", reserved.amount.decimal)
      out.field("asset", reserved.amount.asset.code)
      out.field("network", reserved.promise.network.name)
    }
    if let doubt = open?.doubt {
      out.field("reason", doubt.errorClass)
      out.moment("unknownSince", doubt.since)
      out.optional("txHash", doubt.chainHash?.text)
    }
    switch end?.event {
    case .gatewayPaymentAccepted(let accepted):
      out.field("amount", accepted.amount.decimal)
      out.field("asset", accepted.amount.asset.code)
      out.field("network", accepted.network.name)
      out.optional("txHash", accepted.chainHash?.text)
      out.field("receiptUrl", "/receipts/\(receipt)")
    case .gatewayRefused(let refused):
      out.field("code", refused.code)
      out.optional("reason", refused.reason)
    default: break
    }
    out.endObject()
    var response = Response.json(200, out)
    if place.phase != .accepted, place.phase != .refused {
      response.headers.append("Retry-After", "5")
    }
    return response
  }

  /// What can be said of the money: `yes`, `no`, or `unknown`.
  private var charged: StaticString {
    switch place.phase {
    case .reserved, .refused: "no"
    case .answered, .settling, .unknown: "unknown"
    case .settled, .accepted: "yes"
    }
  }
}
