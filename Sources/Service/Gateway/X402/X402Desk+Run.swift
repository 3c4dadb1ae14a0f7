internal import Glibc
internal import HTTP
internal import JSON
internal import Ledger
internal import Rails

/// The way of one payment, from its reservation to its end; each step blocks a thread of the pool.
extension X402Desk {
  /// The answer may take what the promise is good for, less what settling takes.
  private static let settleMilliseconds: Int64 = 10_000
  /// What is paid already may take so long.
  private static let owedMilliseconds: Int64 = 30_000

  /// Begins with a promise that was just reserved.
  func lead(_ run: Run, after seq: UInt64) {
    guard begin(run.receipt) else { return join(run.exchange, run.sale, run.receipt) }
    bookkeeper.whenDurable(seq) { [self] isDurable in
      guard isDurable else { return lose(run) }
      onPool(run) { [self] in start(run) }
    }
  }

  /// Goes on with a reservation, or an answer that is owed, that an earlier process left.
  func resume(_ exchange: Exchange, _ sale: X402Sale, _ receipt: ReceiptID) {
    guard let run = run(again: exchange, sale, receipt) else {
      end(receipt)
      return tell(exchange, sale, receipt)
    }
    let book = book
    let phase = bookkeeper.read { state, _ in state[book].receipts[receipt]?.phase }.value
    if phase == .accepted { return serve(run) }
    start(run)
  }

  /// The run of a payment that comes again; nil when its header does not fit any more.
  private func run(again exchange: Exchange, _ sale: X402Sale, _ receipt: ReceiptID) -> Run? {
    guard let payment = X402Desk.read(exchange.request) else { return nil }
    let book = book
    let reserved = bookkeeper.read { state, _ in state[book].receipts.open(receipt)?.reserved }
      .value
    let terms = sale.offer.terms.first { terms in
      payment.isOn(terms.network) && payment.promise(under: terms) == reserved?.promise
    }
    guard let terms else { return nil }
    return Run(
      exchange: exchange, sale: sale, receipt: receipt, payment: payment, terms: terms)
  }

  private func start(_ run: Run) {
    // Settling is the check where the money moves first.
    if run.terms.flow == .upfront { return beginSettling(run, answer: nil) }
    var run = run
    switch verify(&run) {
    case .some(let refusal): fail(run, refusal)
    case .none: handle(run)
    }
  }

  /// Why a payment comes to nothing before any money could move.
  private enum Failure {
    /// The payment is not good: a fresh one may be.
    case payment(code: Text, reason: Text)
    /// Nobody could be asked: the same payment may be sent again.
    case facilitator
    case handler(Response)
  }

  /// Nil when the promise is good.
  private func verify(_ run: inout Run) -> Failure? {
    let reply = options.facilitator.ask(.verify, body(of: run), about: run.receipt.text)
    guard case .answered(let status, let body) = reply else { return .facilitator }
    switch X402VerifyAnswer.read(status: status, body: body) {
    case .noAnswer: return .facilitator
    case .invalid(let reason, _):
      return .payment(code: X402Reason.code(of: reason), reason: reason)
    case .valid(let payer):
      let from = run.payment.authorization.from
      if let payer, payer.asciiLowercased != from.asciiLowercased {
        run.anomalies.append(
          GatewayAnomaly(receipt: run.receipt, kind: "other_payer", expected: from, got: payer))
      }
      return nil
    }
  }

  private func handle(_ run: Run) {
    let now = bookkeeper.read { _, now in now }.value
    let left =
      run.payment.authorization.end.milliseconds(since: now) - X402Desk.settleMilliseconds
    guard left > 0 else {
      return fail(
        run,
        .payment(
          code: "EXPIRED", reason: "invalid_exact_evm_payload_authorization_valid_before"))
    }
    switch run.sale.handler(run.exchange.request, run.receipt, left) {
    case .answer(let answer): beginSettling(run, answer: answer)
    case .failed(let response): fail(run, .handler(response))
    }
  }

  /// Records why nothing came of it, and says so.
  private func fail(_ run: Run, _ failure: Failure) {
    let outcome: GatewayOutcome
    let response: Response
    let requestID = Text(run.exchange.request.requestID)
    switch failure {
    case .payment(let code, let reason):
      outcome = .refused(stage: .verify, code: code, reason: reason)
      response = .offer(run.sale.offer(saying: reason), code: code, requestID: requestID)
    case .facilitator:
      outcome = .refused(stage: .verify, code: "FACILITATOR_UNAVAILABLE", reason: nil)
      response = Problem.facilitatorUnavailable.response(requestID: requestID.string)
    case .handler(let failed):
      outcome = .refused(stage: .handler, code: "HANDLER_FAILED", reason: nil)
      response = failed
    }
    finish(run, outcome) { _ in response }
  }

  // MARK: settling

  private func beginSettling(_ run: Run, answer: GatewayAnswer?) {
    let command = BeginSettlement(
      receipt: run.receipt, answer: answer, payment: run.payment.json,
      requirements: run.requirements)
    let outcome: Outcome
    do throws(Unavailable) {
      outcome = try submit(command, run)
    } catch {
      return lose(run, error)
    }
    bookkeeper.whenDurable(outcome.decidedSeq) { [self] isDurable in
      guard isDurable else { return lose(run) }
      onPool(run) { [self] in settle(run, answer) }
    }
  }

  private func settle(_ run: Run, _ answer: GatewayAnswer?) {
    var run = run
    run.answer = answer
    var (outcome, isPending) = ask(&run)
    if isPending {
      // The identical body once more: facilitators look their own settlement up by it. That it
      // settled is news; a refusal is none, as the first call may have spent what is missing.
      usleep(UInt32(options.pendingMilliseconds) * 1_000)
      let (second, _) = ask(&run)
      if case .settled = second { outcome = second }
    }
    if case .settled(let chainHash, _) = outcome { run.chainHash = chainHash }
    if run.terms.flow == .upfront, run.chainHash != nil {
      do throws(Unavailable) {
        _ = try submit(settlement(run, outcome), run)
      } catch {
        return lose(run, error)
      }
      return serve(run)
    }
    finish(run, outcome) { run in
      switch outcome {
      case .settled: run.served
      case .refused(_, let code, let reason):
        .settleRefused(
          run.sale.offer(saying: reason ?? code), run.payment, run.terms, code: code,
          reason: reason ?? code, requestID: Text(run.exchange.request.requestID))
      case .unknown:
        .unknown(run.receipt, requestID: run.exchange.request.requestID)
      }
    }
  }

  /// What the facilitator says to the settlement, and whether that is only that it goes on.
  private func ask(_ run: inout Run) -> (GatewayOutcome, isPending: Bool) {
    let reply = options.facilitator.ask(.settle, body(of: run), about: run.receipt.text)
    let (outcome, anomalies, isPending) = X402Desk.outcome(
      of: reply, run.payment, run.terms, run.receipt)
    run.anomalies += anomalies
    return (outcome, isPending)
  }

  /// What a reply to a settlement means.
  static func outcome(
    of reply: FacilitatorReply, _ payment: X402Payment, _ terms: X402Terms, _ receipt: ReceiptID
  ) -> (GatewayOutcome, anomalies: [GatewayAnomaly], isPending: Bool) {
    guard case .answered(let status, let body) = reply else {
      // Also what was never sent stays open: its answer is recorded, and the same call may be
      // made again.
      let errorClass: Text =
        if case .noAnswer(let reason) = reply { Text(reason) } else { "not_sent" }
      return (.unknown(errorClass: errorClass, nil), [], false)
    }
    func noted(_ anomalies: [X402Anomaly]) -> [GatewayAnomaly] {
      anomalies.map {
        GatewayAnomaly(receipt: receipt, kind: $0.kind, expected: $0.expected, got: $0.got)
      }
    }
    switch X402SettleAnswer.read(status: status, body: body, payment: payment, terms: terms) {
    case .settled(let transaction, let payer, let anomalies):
      return (.settled(transaction, payer: payer), noted(anomalies), false)
    case .refused(let reason):
      return (
        .refused(stage: .settle, code: X402Reason.code(of: reason), reason: reason), [], false
      )
    case .pending(let transaction):
      return (.unknown(errorClass: "pending", transaction), [], true)
    case .unknown(let errorClass, let anomalies):
      return (.unknown(errorClass: errorClass, nil), noted(anomalies), false)
    }
  }

  /// Makes the answer to what was paid upfront; one that failed stays owed.
  private func serve(_ run: Run) {
    let answer: GatewayAnswer
    switch run.sale.handler(run.exchange.request, run.receipt, X402Desk.owedMilliseconds) {
    case .answer(let made): answer = made
    case .failed(var response):
      // The same payment comes again and gets another try; how it stands is told meanwhile.
      end(run.receipt)
      response.headers.append("Tollbook-Receipt", run.receipt.text.string)
      return run.exchange.respond(response)
    }
    let decided: Outcome
    do throws(Unavailable) {
      decided = try submit(RecordAnswer(receipt: run.receipt, answer: answer), run)
    } catch {
      return lose(run, error)
    }
    end(run.receipt)
    var run = run
    run.answer = answer
    guard let response = run.served else {
      // Paid in an earlier process: the transaction stands in the log.
      return tell(run.exchange, run.sale, run.receipt)
    }
    bookkeeper.release(run.exchange, response, after: decided.decidedSeq)
  }

  // MARK: the end of a run

  /// Records an outcome and answers; without a response, with how the payment then stands.
  private func finish(
    _ run: Run, _ outcome: GatewayOutcome, _ response: (Run) -> Response?
  ) {
    let decided: Outcome
    do throws(Unavailable) {
      decided = try submit(settlement(run, outcome), run)
    } catch {
      return lose(run, error)
    }
    end(run.receipt)
    guard let response = response(run), case .accepted = decided.kind else {
      return tell(run.exchange, run.sale, run.receipt)
    }
    bookkeeper.release(run.exchange, response, after: decided.decidedSeq)
  }

  private func settlement(_ run: Run, _ outcome: GatewayOutcome) -> SettleReservation {
    SettleReservation(
      receipt: run.receipt, outcome: outcome, source: .provider, evidence: nil,
      anomalies: run.anomalies)
  }

  private func submit<Wish: Ledger.Command>(
    _ command: Wish, _ run: Run
  ) throws(Unavailable) -> Outcome {
    try submit(command, cause: Text(run.exchange.request.requestID))
  }

  func submit<Wish: Ledger.Command>(
    _ command: Wish, cause: Text?
  ) throws(Unavailable) -> Outcome {
    try bookkeeper.submit(
      Submission(command, actor: "tollbook", book: book, cause: cause, binding: nil))
  }

  private func body(of run: Run) -> [UInt8] {
    X402Request.body(
      version: run.payment.version, payment: run.payment.json, requirements: run.requirements)
  }

  private func onPool(_ run: Run, _ job: @escaping @Sendable () -> Void) {
    guard !pool.add(job) else { return }
    // The daemon is ending: what is recorded is taken up after the next start.
    end(run.receipt)
    run.exchange.respond(
      .underWay(run.receipt, requestID: run.exchange.request.requestID))
  }

  private func lose(_ run: Run, _ error: Unavailable = .diskLost) {
    end(run.receipt)
    run.exchange.respond(error.problem)
  }
}

extension X402Desk.Run {
  /// What the payer gets, once it is made and paid.
  fileprivate var served: Response? {
    guard let answer, let chainHash else { return nil }
    return SettledAnswer(
      receipt: receipt, version: payment.version, answer: answer, network: terms.network,
      chainHash: chainHash, payer: payment.authorization.from
    ).response(replayed: false)
  }

  /// What we asked for, as the facilitator is told.
  var requirements: Text {
    terms.requirements(version: payment.version, of: sale.offer.resource)
  }
}
