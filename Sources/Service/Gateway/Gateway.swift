package import HTTP
package import JSON
package import Ledger
internal import Rails
internal import Synchronization

/// Sells one built-in resource, `POST /agent/task`, for a payment header.
///
/// Every answer is released when what it says is durable; a retry gets the recorded bytes.
package final class Gateway: Sendable {
  static let taskPath = "/agent/task"

  let bookkeeper: Bookkeeper
  let book: Book
  /// The `op` of keyed units; another one each run when keys shall not outlive it.
  let keyScope: Text
  let answers: RecordedAnswers
  private let disk: DiskWatch
  package let offers: OfferCounter
  package let calls: CallWindow
  private let x402: X402Desk?
  let x402Settings: X402Settings

  package init(
    bookkeeper: Bookkeeper, book: Book, keyScope: Text, answers: RecordedAnswers,
    disk: DiskWatch, offers: OfferCounter, calls: CallWindow, x402: X402Desk? = nil,
    x402Settings: X402Settings
  ) {
    self.x402 = x402
    self.x402Settings = x402Settings
    self.bookkeeper = bookkeeper
    self.book = book
    self.keyScope = keyScope
    self.answers = answers
    self.disk = disk
    self.offers = offers
    self.calls = calls
  }

  // MARK: the paid task

  /// Answers `POST /agent/task`.
  package func task(_ exchange: Exchange) {
    let (controls, seq) = bookkeeper.read { state, _ in
      (gateway: state.controls.gateway, isDisabled: state.controls.arePaymentsDisabled)
    }
    guard let policy = controls.gateway else {
      exchange.respond(Problem.gatewayNotConfigured)
      return
    }
    if policy.mode == .facilitator {
      guard let x402, let sale = taskSale(policy) else {
        return exchange.respond(Problem.gatewayNotConfigured)
      }
      return x402.sell(exchange, sale)
    }
    let headers = exchange.request.headers
    let claim = SeedPayment.claim(
      payment: headers.values("X-Payment").map { Text($0) },
      paidFlag: headers["X-Paid"].map { Text($0) }, mode: policy.mode)
    switch claim {
    case .missing where controls.isDisabled, .malformed where controls.isDisabled:
      refuse(exchange, .paymentsDisabled, after: seq)
    case .missing:
      refuse(exchange, policy, .paymentRequired, provided: nil, after: seq)
    case .malformed:
      refuse(exchange, policy, .proofInvalid, provided: nil, after: seq)
    case .proof(let proof, let paid):
      accept(exchange, policy, proof: proof, paid: paid)
    }
  }

  private func accept(
    _ exchange: Exchange, _ policy: GatewayPolicy, proof: Text, paid: Money?
  ) {
    let request = exchange.request
    let key: Text?
    let task: Task
    do throws(Problem) {
      key = try Gateway.idempotencyKey(request)
      task = try Task(request)
    } catch {
      exchange.respond(error)
      return
    }
    let print = Fingerprints.request(
      method: request.method.name, path: request.path, query: request.query,
      isJSON: task.isJSON, body: request.body)
    let moment = Timestamp(milliseconds: Clocks.system.wall().milliseconds)
    var command = AcceptGatewayPayment(
      receipt: ReceiptID(Mint.ulid(at: moment)), method: Text(request.method.name),
      path: Text(request.path), requestHash: print, proofID: proof, paid: paid,
      result: task.result(), idempotencyKey: key)
    command.refusal = disk.isLow ? .diskLow : nil
    let submission = Submission(
      command, actor: "anonymous", book: book, cause: Text(request.requestID),
      binding: key.map { KeyBinding(key: $0, op: keyScope, print: print) })
    do throws(Unavailable) {
      let outcome = try bookkeeper.submit(submission)
      answer(exchange, outcome, policy)
    } catch {
      exchange.respond(error.problem)
    }
  }

  private func answer(_ exchange: Exchange, _ outcome: Outcome, _ policy: GatewayPolicy) {
    switch outcome.kind {
    case .accepted(let records):
      guard case .gatewayResponseRecorded(let recorded) = records.last?.event else {
        exchange.respond(Problem.internalError)
        return
      }
      release(exchange, recorded.response(replayed: false), after: outcome.decidedSeq)
    case .repeated(let first):
      replay(exchange, first: first, after: outcome.decidedSeq)
    case .unchanged:
      exchange.respond(Problem.internalError)
    case .rejected(let rejection):
      refuse(exchange, policy, rejection, after: outcome.decidedSeq)
    }
  }

  /// Reads the recorded answer from the log, off the event loop, once it is there.
  private func replay(_ exchange: Exchange, first: UInt64, after seq: UInt64) {
    let answers = answers
    bookkeeper.whenDurable(seq) { isDurable in
      guard isDurable else {
        exchange.respond(Problem.ledgerUnavailable)
        return
      }
      answers.read(seq: first + 1) { recorded in
        guard let recorded else {
          exchange.respond(Problem.internalError)
          return
        }
        exchange.respond(recorded.response(replayed: true))
      }
    }
  }

  // MARK: refusals

  private func refuse(
    _ exchange: Exchange, _ policy: GatewayPolicy, _ rejection: Rejection, after seq: UInt64
  ) {
    switch rejection {
    case .underpaid(_, let provided):
      refuse(exchange, policy, .underpaid, provided: provided, after: seq)
    case .proofReused:
      refuse(exchange, policy, .proofReused, provided: nil, after: seq)
    case .idempotencyConflict:
      release(exchange, .conflict(requestID: exchange.request.requestID), after: seq)
    case .perRequestCapExceeded, .sessionCapExceeded:
      release(exchange, .capExceeded(rejection, exchange.request), after: seq)
    case .newMoneyRefused(.diskLow): exchange.respond(Problem.diskLow)
    case .newMoneyRefused(.paymentsDisabled): refuse(exchange, .paymentsDisabled, after: seq)
    case .newMoneyRefused(.clockSuspect), .newMoneyRefused(.noProvider), .budgetExceeded,
      .vendorObjects,
      .intentRequired, .intentMismatch,
      .intentNotFound, .paymentNotFound, .authorizationNotFound, .stepUnderWay, .alertNotFound,
      .captureAboveHold,
      .walletNotFound, .receiptNotFound, .walletReplaced, .observationStale,
      .illegalTransition, .keyMalformed,
      .gatewayNotConfigured, .importConflict, .settingUnreadable,
      .ledgerAlreadyOpen, .clockNotSuspect, .killSwitchHeldBySetting, .fieldInvalid:
      exchange.respond(Problem.internalError)
    }
  }

  private func refuse(
    _ exchange: Exchange, _ policy: GatewayPolicy, _ reason: OfferReason, provided: Money?,
    after seq: UInt64
  ) {
    offers.count(reason)
    let body = Offer(policy: policy, resource: "agent-task").body(
      code: reason.code, message: reason.message, provided: provided,
      requestID: Text(exchange.request.requestID))
    var response = Response(status: 402, contentType: "application/json", body: body)
    response.headers.append("Cache-Control", "no-store")
    response.annotation = "\(reason.code)"
    release(exchange, response, after: seq)
  }

  /// A problem that follows from the decided state, so it waits like any answer.
  private func refuse(_ exchange: Exchange, _ problem: Problem, after seq: UInt64) {
    release(exchange, problem.response(requestID: exchange.request.requestID), after: seq)
  }

  private func release(_ exchange: Exchange, _ response: Response, after seq: UInt64) {
    bookkeeper.release(exchange, response, after: seq)
  }

  /// The request's key: 1 to 255 visible ASCII characters, once.
  static func idempotencyKey(_ request: Request) throws(Problem) -> Text? {
    let values = request.headers.values("Idempotency-Key")
    guard let value = values.first else { return nil }
    guard values.count == 1, KeyBinding.isWellFormed(key: Text(value)) else {
      throw Problem(
        status: 400, code: "IDEMPOTENCY_KEY_INVALID",
        detail: "Idempotency-Key must be sent once, with 1 to 255 visible ASCII characters.")
    }
    return Text(value)
  }

  // MARK: receipts

  /// Answers `GET /receipts/{id}` from the log.
  package func receipt(_ exchange: Exchange, id: String) {
    guard let receipt = ReceiptID(Text(id)) else {
      exchange.respond(Problem.noSuchReceipt)
      return
    }
    let book = book
    let (known, seq) = bookkeeper.read { state, _ in state[book].receipts[receipt] }
    let place = known.flatMap { $0.phase == .accepted ? $0 : nil }
    let answers = answers
    bookkeeper.whenDurable(seq) { isDurable in
      guard isDurable else {
        exchange.respond(Problem.ledgerUnavailable)
        return
      }
      guard let place else {
        exchange.respond(Problem.noSuchReceipt)
        return
      }
      answers.readReceipt(seq: place.endSeq) { body in
        guard let body else {
          exchange.respond(Problem.internalError)
          return
        }
        exchange.respond(Response(status: 200, contentType: "application/json", body: body))
      }
    }
  }
}

/// Why a request was turned away with a 402.
package enum OfferReason: Int, CaseIterable, Sendable {
  case paymentRequired, proofInvalid, underpaid, proofReused

  /// The stable word in the answer, the counter and the catalogue of errors.
  package var code: StaticString {
    switch self {
    case .paymentRequired: "PAYMENT_REQUIRED"
    case .proofInvalid: "PAYMENT_PROOF_INVALID"
    case .underpaid: "PAYMENT_UNDERPAID"
    case .proofReused: "PAYMENT_PROOF_REUSED"
    }
  }

  var message: StaticString {
    switch self {
    case .paymentRequired: "Payment required for this resource."
    case .proofInvalid:
      "The payment header is malformed. Expected X-Payment: v1:<amount-usd>:<proof-id>."
    case .underpaid: "The amount paid is below the price of this resource."
    case .proofReused: "This proof has paid for another request. Pay with a new proof."
    }
  }
}
