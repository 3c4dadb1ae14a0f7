package import HTTP
internal import JSON
package import Ledger
internal import Rails

/// What the operator API does about money, whichever way it is asked: over HTTP by agents and
/// operators, over the socket by the command line, or within the command line itself.
///
/// Each operation is one line of `operations`; it answers with a response and the seq that must
/// be durable before the response may leave.
package struct OperatorAPI: Sendable {
  /// One request, taken apart.
  package struct Call: Sendable {
    package let path: PathParameters
    package let query: String?
    package let body: [UInt8]
    /// All values of `Idempotency-Key`.
    package let keys: [String]
    package let requestID: String

    package init(
      path: PathParameters, query: String?, body: [UInt8], keys: [String], requestID: String
    ) {
      self.path = path
      self.query = query
      self.body = body
      self.keys = keys
      self.requestID = requestID
    }
  }

  /// Called once, on any thread.
  package typealias Answer = @Sendable (Response, UInt64) -> Void

  /// One line of the list.
  package struct Operation: Sendable {
    package let method: Method
    package let pattern: PathPattern
    /// Whether it needs the operator's token.
    package let isWrite: Bool
    let run: @Sendable (OperatorAPI, Call, @escaping Answer) -> Void

    init(
      _ method: Method, _ pattern: String,
      _ run: @escaping @Sendable (OperatorAPI, Call, @escaping Answer) -> Void
    ) {
      self.method = method
      self.pattern = PathPattern(pattern)
      isWrite = method != .get
      self.run = run
    }
  }

  /// Everything that can be asked, more special paths first.
  package static let operations: [Operation] = [
    Operation(.post, "/api/payments") { $0.pay($1, $2) },
    Operation(.post, "/api/payments/reconcile") { $0.reconcile($1, $2) },
    Operation(.get, "/api/payments/unknown") { $0.unknown($1, $2) },
    Operation(.get, "/api/payments/wallet-balance") { $0.walletBalance($1, $2) },
    Operation(.post, "/api/payments/authorizations") { $0.authorize($1, $2) },
    Operation(.post, "/api/payments/authorizations/expire") { $0.expire($1, $2) },
    Operation(.get, "/api/payments/authorizations/{id}") { $0.authorization($1, $2) },
    Operation(.post, "/api/payments/authorizations/{id}/capture") { $0.capture($1, $2) },
    Operation(.post, "/api/payments/authorizations/{id}/cancel") { $0.cancel($1, $2) },
    Operation(.post, "/api/payments/authorizations/{id}/resolve") { $0.resolveHold($1, $2) },
    Operation(.get, "/api/payments/{id}") { $0.payment($1, $2) },
    Operation(.post, "/api/payments/{id}/resolve") { $0.resolve($1, $2) },
    Operation(.post, "/api/intents") { $0.submitIntent($1, $2) },
    Operation(.get, "/api/intents/{id}") { $0.intent($1, $2) },
    Operation(.post, "/api/intents/{id}/approve") { $0.decideIntent(.approve, $1, $2) },
    Operation(.post, "/api/intents/{id}/deny") { $0.decideIntent(.deny, $1, $2) },
    Operation(.get, "/api/budgets/{agent}") { $0.budget($1, $2) },
    Operation(.post, "/api/vendors/{vendor}/refresh") { $0.refreshVendor($1, $2) },
  ]

  let desk: PaymentDesk
  let clocks: Clocks
  /// Where payments go when the caller names no network.
  let network: Network
  /// The one way out of this machine.
  let outside: OutsideClient
  /// Sells for signed payments; nil in the other modes.
  let x402: X402Desk?

  package init(
    _ desk: PaymentDesk, clocks: Clocks, network: Network, outside: OutsideClient,
    x402: X402Desk? = nil
  ) {
    self.x402 = x402
    self.outside = outside
    self.desk = desk
    self.clocks = clocks
    self.network = network
  }

  var bookkeeper: Bookkeeper { desk.bookkeeper }

  /// Runs the operation of a method and a path; nil when there is none.
  package func run(
    _ method: Method, _ path: String, body: [UInt8], key: String?, requestID: String,
    _ answer: @escaping Answer
  ) -> Bool {
    let segments = path.split(separator: "/").map(String.init)
    for operation in OperatorAPI.operations where operation.method == method {
      guard let parameters = operation.pattern.parameters(of: segments) else { continue }
      let call = Call(
        path: parameters, query: nil, body: body, keys: key.map { [$0] } ?? [],
        requestID: requestID)
      operation.run(self, call, answer)
      return true
    }
    return false
  }

  // MARK: payments

  func pay(_ call: Call, _ answer: @escaping Answer) {
    let wish: PaymentDesk.Wish
    let key: Text
    do throws(Problem) {
      key = try call.requiredKey()
      let body = try RequestBody(call.body)
      try body.allow(OperatorAPI.wishMembers + ["service_url"])
      wish = try self.wish(body)
    } catch {
      answer(error.response(requestID: call.requestID), 0)
      return
    }
    let requestID = call.requestID
    desk.pay(wish, key: key, cause: Text(requestID)) { reply, seq in
      answer(PaymentAnswer.response(reply, requestID: requestID), seq)
    }
  }

  /// What a wish to let money out may say.
  static let wishMembers: [Text] = [
    "agent_id", "amount", "asset", "vendor", "network", "component", "strategy", "business_id",
    "intent_id", "purpose",
  ]

  func wish(_ body: RequestBody) throws(Problem) -> PaymentDesk.Wish {
    PaymentDesk.Wish(
      request: try spendRequest(body), intent: try body.identifier("intent_id"),
      serviceURL: try body.optionalText("service_url"),
      purpose: try body.optionalText("purpose"))
  }

  private func spendRequest(_ body: RequestBody) throws(Problem) -> SpendRequest {
    SpendRequest(
      parties: PaymentParties(
        agent: try body.text("agent_id"), vendor: try body.text("vendor"),
        network: try body.network("network") ?? network),
      amount: try body.money(), component: try body.optionalText("component"),
      strategy: try body.optionalText("strategy"),
      business: try body.optionalText("business_id"))
  }

  private func payment(_ call: Call, _ answer: @escaping Answer) {
    let id = TransactionID(Text(call.path["id"]))
    let book = desk.book
    let (found, seq) = bookkeeper.read { state, _ in
      id.flatMap { id in
        state[book].payments[id].map { (payment: $0, call: state[book].payments.call(of: id)) }
      }
    }
    guard let found else {
      answer(Problem.noSuchPayment.response(requestID: call.requestID), seq)
      return
    }
    answer(PaymentAnswer.document(found.payment, found.call, status: 200), seq)
  }

  private func unknown(_ call: Call, _ answer: @escaping Answer) {
    let book = desk.book
    let (calls, seq) = bookkeeper.read { state, _ in
      state[book].payments.openCalls().filter { $0.payment.phase == .unknown }
    }
    var out = JSONWriter()
    out.beginArray()
    for (payment, open) in calls { PaymentAnswer.write(payment, open, to: &out) }
    out.endArray()
    answer(.json(200, out), seq)
  }

  private func resolve(_ call: Call, _ answer: @escaping Answer) {
    if let receipt = receipt(named: call.path["id"]) {
      return resolve(receipt, call, answer)
    }
    guard let id = TransactionID(Text(call.path["id"])) else {
      answer(Problem.noSuchPayment.response(requestID: call.requestID), 0)
      return
    }
    write(call, answer) { body throws(Problem) in
      try body.allow(["outcome", "evidence", "by", "blockchain_tx_hash"])
      let outcome = try body.text("outcome")
      guard outcome == "completed" || outcome == "failed" else {
        throw .invalid("outcome", "must be completed or failed")
      }
      return ResolvePayment(
        transaction: id, isCompleted: outcome == "completed",
        chainHash: try body.optionalText("blockchain_tx_hash").map { ChainHash($0) },
        by: try body.optionalText("by") ?? "operator", evidence: try body.text("evidence"))
    } then: { [desk] _, _ in
      guard
        case (.payment(let payment, let open, _), let seq) =
          desk.standing(.payment(id), isRepeated: false)
      else { return nil }
      return (PaymentAnswer.document(payment, open, status: 200), seq)
    }
  }

  private func reconcile(_ call: Call, _ answer: @escaping Answer) {
    let requestID = call.requestID
    let isTaken = desk.pool.add { [desk, x402] in
      do throws(Unavailable) {
        let (result, _) = try desk.reconcile(cause: Text(requestID))
        let receipts = x402?.reconcile(cause: Text(requestID)) ?? []
        answer(
          PaymentAnswer.response(result.findings + receipts),
          desk.bookkeeper.read { state, _ in state.seq }.value)
      } catch {
        answer(error.problem.response(requestID: requestID), 0)
      }
    }
    if !isTaken { answer(Problem.ending.response(requestID: requestID), 0) }
  }

  // MARK: intents

  private func submitIntent(_ call: Call, _ answer: @escaping Answer) {
    let id = IntentID(Mint.ulid(at: clocks.wall()))
    write(call, answer) { body throws(Problem) in
      try body.allow([
        "agent_id", "amount", "asset", "vendor", "network", "component", "strategy",
        "business_id", "purpose",
      ])
      return SubmitIntent(
        intent: id, request: try spendRequest(body), purpose: try body.optionalText("purpose"))
    } then: { [bookkeeper, desk] first, isRepeated in
      let book = desk.book
      let (found, seq) = bookkeeper.read { state, now in
        (intent: state[book].intents.submitted(at: first), now: now)
      }
      return found.intent.map {
        (IntentAnswer.document($0, at: found.now, status: isRepeated ? 200 : 201), seq)
      }
    }
  }

  private func decideIntent(
    _ verdict: DecideIntent.Verdict, _ call: Call, _ answer: @escaping Answer
  ) {
    guard let id = IntentID(Text(call.path["id"])) else {
      answer(Problem.noSuchIntent.response(requestID: call.requestID), 0)
      return
    }
    write(call, answer) { body throws(Problem) in
      try body.allow(["reason", "by", "ticket"])
      return DecideIntent(
        intent: id, verdict: verdict, reason: try body.text("reason"),
        by: try body.optionalText("by") ?? "operator", ticket: try body.optionalText("ticket"))
    } then: { [bookkeeper, desk] _, _ in
      let book = desk.book
      let (found, seq) = bookkeeper.read { state, now in
        (intent: state[book].intents[id], now: now)
      }
      return found.intent.map { (IntentAnswer.document($0, at: found.now, status: 200), seq) }
    }
  }

  private func intent(_ call: Call, _ answer: @escaping Answer) {
    let book = desk.book
    let id = IntentID(Text(call.path["id"]))
    let (found, seq) = bookkeeper.read { state, now in
      (intent: id.flatMap { state[book].intents[$0] }, now: now)
    }
    guard let intent = found.intent else {
      answer(Problem.noSuchIntent.response(requestID: call.requestID), seq)
      return
    }
    answer(IntentAnswer.document(intent, at: found.now, status: 200), seq)
  }

  // MARK: budgets

  private func budget(_ call: Call, _ answer: @escaping Answer) {
    let agent = Text(call.path["agent"])
    let book = desk.book
    let network = network
    let (use, seq) = bookkeeper.read { state, now in
      state.budgetUse(of: agent, on: network, book: book, at: now)
    }
    var out = JSONWriter()
    use.writeDocument(agent, to: &out)
    answer(.json(200, out), seq)
  }
}

extension OperatorAPI {
  /// Reads a body, submits the command that it makes, and answers with what then stands.
  ///
  /// - Parameter then: the answer, from the seq of the unit's first record and whether the key
  ///   had been used before; nil for what cannot be.
  func write<Wish: Ledger.Command>(
    _ call: Call, _ answer: @escaping Answer,
    _ make: (RequestBody) throws(Problem) -> Wish,
    then: (_ first: UInt64, _ isRepeated: Bool) -> (Response, UInt64)?
  ) {
    let outcome: Outcome
    do throws(Problem) {
      let key = try call.key()
      let command = try make(try RequestBody(call.body))
      outcome = try submit(command, key: key, requestID: call.requestID)
    } catch {
      answer(error.response(requestID: call.requestID), 0)
      return
    }
    var made: (Response, UInt64)?
    switch outcome.kind {
    case .accepted(let records):
      made = then(records.first?.seq ?? outcome.decidedSeq, false)
    case .repeated(let first):
      made = then(first, true)
      made?.0.headers.append("Idempotency-Replayed", "true")
    case .unchanged: made = then(outcome.decidedSeq, true)
    case .rejected(let rejection):
      let problem = rejection.problem
      answer(problem.response(requestID: call.requestID), outcome.decidedSeq)
      return
    }
    let (response, seq) =
      made ?? (Problem.internalError.response(requestID: call.requestID), outcome.decidedSeq)
    answer(response, max(seq, outcome.decidedSeq))
  }

  private func submit<Wish: Ledger.Command>(
    _ command: Wish, key: Text?, requestID: String
  ) throws(Problem) -> Outcome {
    let binding = key.map {
      KeyBinding(key: $0, op: Text("\(Wish.name)"), print: Fingerprints.command(command))
    }
    do throws(Unavailable) {
      return try bookkeeper.submit(
        Submission(
          command, actor: "operator", book: desk.book, cause: Text(requestID), binding: binding))
    } catch {
      throw error.problem
    }
  }
}

extension OperatorAPI.Call {
  /// The key of a request that lets money out.
  func requiredKey() throws(Problem) -> Text {
    guard let key = try key() else {
      throw Problem(
        status: 400, code: "IDEMPOTENCY_KEY_REQUIRED",
        detail: "Letting money out needs an Idempotency-Key: send the same one when you try again.")
    }
    return key
  }

  /// The key that was sent: 1 to 255 visible ASCII characters, once; nil when none was.
  func key() throws(Problem) -> Text? {
    guard let first = keys.first else { return nil }
    guard keys.count == 1, KeyBinding.isWellFormed(key: Text(first)) else {
      throw Problem(
        status: 400, code: "IDEMPOTENCY_KEY_INVALID",
        detail: "Idempotency-Key must be sent once, with 1 to 255 visible ASCII characters.")
    }
    return Text(first)
  }
}
