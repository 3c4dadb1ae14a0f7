package import HTTP
internal import JSON
package import Ledger
internal import Rails
internal import Synchronization

/// Sells for signed payments: reserves, has verified, runs, records, has settled, then answers.
///
/// Each step is durable before the next one begins, so that after a crash at any point the same
/// header leads to the right end: never a second charge, and never a second run after its answer
/// was recorded. Nobody who may have paid is offered to pay again.
package final class X402Desk: Sendable {
  /// How a desk is set up.
  package struct Options: Sendable {
    package let book: Book
    package let facilitator: any Facilitator
    /// Reads the chain of a network; nil when no node is configured.
    package let chain: @Sendable (Network) -> ChainReader?
    /// How long somebody waits who sends a payment that is under way.
    package var twinMilliseconds = 10_000
    /// How long it is waited before a pending settlement is asked about again.
    package var pendingMilliseconds = 1_000

    package init(
      book: Book, facilitator: any Facilitator,
      chain: @escaping @Sendable (Network) -> ChainReader?
    ) {
      self.book = book
      self.facilitator = facilitator
      self.chain = chain
    }
  }

  /// Somebody who waits for a payment that is under way.
  struct Waiter: Sendable {
    let number: Int
    let exchange: Exchange
    let sale: X402Sale
  }

  /// Payments under way in this process, and who waits for each.
  private struct Runs: Sendable {
    var waiters: [ReceiptID: [Waiter]] = [:]
    var next = 0
  }

  /// One payment on its way.
  struct Run: Sendable {
    let exchange: Exchange
    let sale: X402Sale
    let receipt: ReceiptID
    let payment: X402Payment
    let terms: X402Terms
    var anomalies: [GatewayAnomaly] = []
    /// What is sold, once it is made.
    var answer: GatewayAnswer?
    /// The transaction, once the money has moved.
    var chainHash: ChainHash?
  }

  let bookkeeper: Bookkeeper
  let options: Options
  let pool: CallPool
  let answers: RecordedAnswers
  let offers: OfferCounter
  private let isDiskLow: @Sendable () -> Bool
  private let runs = Mutex(Runs())

  package init(
    _ bookkeeper: Bookkeeper, _ options: Options, pool: CallPool, answers: RecordedAnswers,
    offers: OfferCounter, isDiskLow: @escaping @Sendable () -> Bool
  ) {
    self.bookkeeper = bookkeeper
    self.options = options
    self.pool = pool
    self.answers = answers
    self.offers = offers
    self.isDiskLow = isDiskLow
  }

  var book: Book { options.book }

  // MARK: selling

  /// Answers a request for something that is sold, at once or when its payment has ended.
  package func sell(_ exchange: Exchange, _ sale: X402Sale) {
    let payment: X402Payment?
    do throws(X402PaymentFault) {
      payment = try X402Desk.payment(of: exchange.request)
    } catch {
      return offer(exchange, sale, .proofInvalid, code: error.code, error.sentence)
    }
    guard let payment else {
      return offer(exchange, sale, .paymentRequired, code: "PAYMENT_REQUIRED", "Payment required")
    }
    let key: Text?
    do throws(Problem) {
      key = try Gateway.idempotencyKey(exchange.request) ?? payment.identifier
    } catch {
      return exchange.respond(error)
    }
    let print = sale.fingerprint(of: exchange.request)
    // What this very promise paid for is answered whatever its window and our price are by now.
    if let (known, hash) = receipt(of: payment, sale) {
      guard hash == print else {
        let seq = bookkeeper.read { state, _ in state.seq }.seq
        return refuse(exchange, sale, .proofReused(proof: ""), after: seq)
      }
      return join(exchange, sale, known)
    }
    let terms: X402Terms
    do throws(X402Refusal) {
      let now = bookkeeper.read { _, now in now.milliseconds / 1_000 }.value
      terms = try sale.offer.terms(for: payment, at: now)
    } catch {
      return offer(exchange, sale, .proofInvalid, code: error.code, error.reason)
    }
    reserve(exchange, sale, payment, terms, key, print)
  }

  /// The one payment header of a request; nil when there is none.
  static func payment(
    of request: Request
  ) throws(X402PaymentFault) -> X402Payment? {
    let present = request.headers.values(X402Header.payment)
    let legacy = request.headers.values(X402Header.legacyPayment)
    guard present.count + legacy.count <= 1 else { throw .json }
    if let header = present.first, !header.isEmpty {
      return try X402Payment.read(header: Text(header))
    }
    if let header = legacy.first, !header.isEmpty {
      return try X402Payment.read(legacyHeader: Text(header))
    }
    return nil
  }

  /// The payment at the gateway that the promise began, and what it is bound to.
  private func receipt(
    of payment: X402Payment, _ sale: X402Sale
  ) -> (ReceiptID, Fingerprint)? {
    let book = book
    return bookkeeper.read { state, _ in
      for terms in sale.offer.terms where payment.isOn(terms.network) {
        let promise = payment.promise(under: terms)
        guard let id = state[book].receipts.receipt(of: promise),
          let place = state[book].receipts[id]
        else { continue }
        return (id, place.requestHash)
      }
      return nil
    }.value
  }

  private func reserve(
    _ exchange: Exchange, _ sale: X402Sale, _ payment: X402Payment, _ terms: X402Terms,
    _ key: Text?, _ print: Fingerprint
  ) {
    let request = exchange.request
    let now = bookkeeper.read { _, now in now }.value
    var command = ReserveGatewayPayment(
      receipt: ReceiptID(Mint.ulid(at: now)), route: sale.route, path: Text(request.path),
      requestHash: print, version: Int64(payment.version), promise: payment.promise(under: terms),
      amount: terms.amount, validBefore: payment.authorization.end,
      flow: terms.flow)
    command.refusal = isDiskLow() ? .diskLow : nil
    let submission = Submission(
      command, actor: payment.authorization.from.asciiLowercased, book: book,
      cause: Text(request.requestID),
      binding: key.map { KeyBinding(key: $0, op: sale.keyScope, print: print) })
    do throws(Unavailable) {
      let outcome = try bookkeeper.submit(submission)
      switch outcome.kind {
      case .accepted:
        lead(
          Run(
            exchange: exchange, sale: sale, receipt: command.receipt, payment: payment,
            terms: terms), after: outcome.decidedSeq)
      case .repeated(let first):
        let book = book
        let known = bookkeeper.read { state, _ in
          state[book].receipts.receipt(begunAt: first)
        }.value
        guard let known else { return exchange.respond(Problem.internalError) }
        join(exchange, sale, known)
      case .unchanged: exchange.respond(Problem.internalError)
      case .rejected(let rejection): refuse(exchange, sale, rejection, after: outcome.decidedSeq)
      }
    } catch {
      exchange.respond(error.problem)
    }
  }

  // MARK: payments under way

  /// Notes that a payment is under way; false when it was already.
  func begin(_ receipt: ReceiptID) -> Bool {
    runs.withLock { runs in
      guard runs.waiters[receipt] == nil else { return false }
      runs.waiters[receipt] = []
      return true
    }
  }

  /// Ends a run: whoever waited for it is answered with how the payment stands now.
  func end(_ receipt: ReceiptID) {
    let waiters = runs.withLock { $0.waiters.removeValue(forKey: receipt) } ?? []
    for waiter in waiters { tell(waiter.exchange, waiter.sale, receipt) }
  }

  /// Answers with a payment's end when there is one, waits for one under way, and takes up one
  /// that nobody is busy with.
  func join(_ exchange: Exchange, _ sale: X402Sale, _ receipt: ReceiptID) {
    let number: Int? = runs.withLock { runs in
      guard runs.waiters[receipt] != nil else { return nil }
      runs.next += 1
      runs.waiters[receipt]?.append(Waiter(number: runs.next, exchange: exchange, sale: sale))
      return runs.next
    }
    guard let number else { return takeUp(exchange, sale, receipt) }
    let isTaken = pool.add(afterMilliseconds: options.twinMilliseconds) { [self] in
      giveUpWaiting(receipt, number)
    }
    if !isTaken { giveUpWaiting(receipt, number) }
  }

  /// The client has waited long enough: it is told where to ask.
  private func giveUpWaiting(_ receipt: ReceiptID, _ number: Int) {
    let waiter: Waiter? = runs.withLock { runs in
      guard let index = runs.waiters[receipt]?.firstIndex(where: { $0.number == number }) else {
        return nil
      }
      return runs.waiters[receipt]?.remove(at: index)
    }
    guard let waiter else { return }
    let seq = bookkeeper.read { state, _ in state.seq }.seq
    bookkeeper.release(
      waiter.exchange, .underWay(receipt, requestID: waiter.exchange.request.requestID),
      after: seq)
  }

  /// Goes on with a payment that nobody in this process is busy with.
  private func takeUp(_ exchange: Exchange, _ sale: X402Sale, _ receipt: ReceiptID) {
    let book = book
    let found = bookkeeper.read { state, _ in
      (place: state[book].receipts[receipt], open: state[book].receipts.open(receipt))
    }.value
    let phase = found.place?.phase
    let isOwed = phase == .accepted && found.open != nil
    guard phase == .reserved || phase == .unknown || isOwed, begin(receipt) else {
      return tell(exchange, sale, receipt)
    }
    let isTaken = pool.add { [self] in
      if phase == .unknown {
        _ = close(receipt, cause: Text(exchange.request.requestID))
        end(receipt)
        tell(exchange, sale, receipt)
      } else {
        resume(exchange, sale, receipt)
      }
    }
    if !isTaken {
      end(receipt)
      exchange.respond(Problem.ending)
    }
  }
}

extension X402Sale {
  /// What a payment is bound to.
  func fingerprint(of request: Request) -> Fingerprint {
    Fingerprints.request(
      method: request.method.name, path: request.path, query: request.query, isJSON: isJSON,
      body: request.body)
  }
}
