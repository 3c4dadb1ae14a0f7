internal import HTTP
internal import JSON
internal import Ledger
internal import Rails

/// What clients are told.
extension X402Desk {
  /// Answers with how a payment stands; money that moved is answered with what it bought.
  func tell(_ exchange: Exchange, _ sale: X402Sale, _ receipt: ReceiptID) {
    let book = book
    let (place, seq) = bookkeeper.read { state, _ in state[book].receipts[receipt] }
    let requestID = exchange.request.requestID
    switch place?.phase {
    case .accepted where place?.answerSeq ?? 0 > 0, .refused:
      bookkeeper.whenDurable(seq) { [self] isDurable in
        guard isDurable, let place else { return exchange.respond(Problem.ledgerUnavailable) }
        tell(exchange, sale, place)
      }
    case .unknown:
      bookkeeper.release(exchange, .unknown(receipt, requestID: requestID), after: seq)
    case .reserved, .answered, .settling, .settled, .accepted, nil:
      bookkeeper.release(exchange, .underWay(receipt, requestID: requestID), after: seq)
    }
  }

  /// Answers from the log with what came of a payment that has ended.
  private func tell(_ exchange: Exchange, _ sale: X402Sale, _ place: ReceiptPlace) {
    guard place.phase == .accepted else {
      return answers.readRecords(at: [place.endSeq]) { records in
        guard case .gatewayRefused(let refused) = records?.first?.event else {
          return exchange.respond(Problem.internalError)
        }
        exchange.respond(
          .offer(
            sale.offer(saying: refused.reason ?? refused.code), code: refused.code,
            requestID: Text(exchange.request.requestID)))
      }
    }
    answers.readRecords(at: [place.seq, place.answerSeq, place.endSeq]) { records in
      guard let records, let settled = SettledAnswer(records) else {
        return exchange.respond(Problem.internalError)
      }
      exchange.respond(settled.response(replayed: true))
    }
  }

  /// A 402: nothing was taken, and this is how to pay.
  func offer(
    _ exchange: Exchange, _ sale: X402Sale, _ reason: OfferReason, code: Text, _ error: Text
  ) {
    let (isDisabled, seq) = bookkeeper.read { state, _ in state.controls.arePaymentsDisabled }
    let requestID = exchange.request.requestID
    guard !isDisabled else {
      return bookkeeper.release(
        exchange, Problem.paymentsDisabled.response(requestID: requestID), after: seq)
    }
    offers.count(reason)
    bookkeeper.release(
      exchange, .offer(sale.offer(saying: error), code: code, requestID: Text(requestID)),
      after: seq)
  }

  /// Says why a promise was not taken.
  func refuse(
    _ exchange: Exchange, _ sale: X402Sale, _ rejection: Rejection, after seq: UInt64
  ) {
    let requestID = exchange.request.requestID
    switch rejection {
    case .proofReused:
      offers.count(.proofReused)
      let response = Response.offer(
        sale.offer(saying: "This payment has paid for another request"),
        code: "PAYMENT_PROOF_REUSED", requestID: Text(requestID))
      bookkeeper.release(exchange, response, after: seq)
    case .idempotencyConflict:
      bookkeeper.release(exchange, .conflict(requestID: requestID), after: seq)
    case .perRequestCapExceeded, .sessionCapExceeded:
      bookkeeper.release(exchange, .capExceeded(rejection, exchange.request), after: seq)
    case .newMoneyRefused(.diskLow): exchange.respond(Problem.diskLow)
    case .newMoneyRefused(.paymentsDisabled):
      bookkeeper.release(
        exchange, Problem.paymentsDisabled.response(requestID: requestID), after: seq)
    case .gatewayNotConfigured: exchange.respond(Problem.gatewayNotConfigured)
    case .underpaid, .fieldInvalid:
      // The price or the window changed between our check and the decision.
      offers.count(.proofInvalid)
      let response = Response.offer(
        sale.offer(saying: "No matching payment requirements"), code: "WRONG_TERMS",
        requestID: Text(requestID))
      bookkeeper.release(exchange, response, after: seq)
    default: exchange.respond(Problem.internalError)
    }
  }

  /// The payment header of a request that came before; nil when it cannot be read.
  static func read(_ request: Request) -> X402Payment? {
    do throws(X402PaymentFault) {
      return try payment(of: request)
    } catch {
      return nil
    }
  }
}

extension Response {
  /// 402 in both versions of the protocol at once.
  static func offer(_ offer: X402Offer, code: Text, requestID: Text) -> Response {
    var headers: Headers = ["Content-Type": "application/json", "Cache-Control": "no-store"]
    headers.append(X402Header.offer, offer.headerValue.string)
    var response = Response(
      status: 402, headers: headers, body: offer.body(code: code, requestID: requestID))
    response.annotation = code.string
    return response
  }

  /// The same after a settlement that certainly moved no money.
  static func settleRefused(
    _ offer: X402Offer, _ payment: X402Payment, _ terms: X402Terms, code: Text, reason: Text,
    requestID: Text
  ) -> Response {
    var response = Response.offer(offer, code: code, requestID: requestID)
    response.headers.append(
      payment.version == 1 ? X402Header.legacyReceipt : X402Header.receipt,
      X402Receipt.refused(version: payment.version, reason: reason, network: terms.network)
        .string)
    return response
  }

  /// 503: the same payment again gets the end of this one, and no other payment is needed.
  static func underWay(_ receipt: ReceiptID, requestID: String) -> Response {
    waiting(
      receipt, "PAYMENT_UNDER_WAY", state: "in_flight", seconds: 2,
      "This payment is being settled. Send the same request with the same payment again.",
      requestID)
  }

  /// 503: the money may have moved, so nobody is offered to pay again.
  static func unknown(_ receipt: ReceiptID, requestID: String) -> Response {
    waiting(
      receipt, "PAYMENT_UNKNOWN", state: "unknown", seconds: 5,
      "Whether this payment moved money is not known yet. Do not pay again: send the same "
        + "request with the same payment, or ask the status URL.",
      requestID)
  }

  private static func waiting(
    _ receipt: ReceiptID, _ code: StaticString, state: StaticString, seconds: Int,
    _ message: String, _ requestID: String
  ) -> Response {
    let place = "/payments/\(receipt)"
    var out = JSONWriter(reserving: 512)
    out.beginObject()
    out.key("error")
    out.beginObject()
    out.field("code", code)
    out.field("message", message)
    out.field("receiptId", receipt.text)
    out.field("paymentState", state)
    out.field("retryAction", "retry_same_payment")
    out.field("retryAfterSeconds", seconds)
    out.field("statusUrl", place)
    out.endObject()
    out.field("requestId", requestID)
    out.endObject()
    var headers: Headers = ["Content-Type": "application/json", "Cache-Control": "no-store"]
    headers.append("Retry-After", String(seconds))
    headers.append("Location", place)
    var response = Response(status: 503, headers: headers, body: out.bytes)
    response.annotation = "\(code)"
    return response
  }

  /// 403: a spending policy says no.
  static func capExceeded(_ rejection: Rejection, _ request: Request) -> Response {
    var facts: [(StaticString, Text)] = []
    switch rejection {
    case .perRequestCapExceeded(let cap, let asked, let name):
      facts = [
        ("policyId", name), ("policyMax", cap.decimal), ("requiredAmount", asked.decimal),
      ]
    case .sessionCapExceeded(let cap, let spent, let asked, let name):
      facts = [
        ("policyId", name), ("sessionCapUsd", cap.decimal), ("sessionSpentUsd", spent.decimal),
        ("requestAmountUsd", asked.decimal),
      ]
    default: break
    }
    return .capExceeded(rejection.code, facts + [("currency", "USD")], request)
  }
}

extension Problem {
  static let facilitatorUnavailable = Problem(
    status: 503, code: "FACILITATOR_UNAVAILABLE",
    detail: "The payment could not be checked and was not used. Nothing was charged: send the "
      + "same request with the same payment again.",
    retryAfterSeconds: 5)
}
