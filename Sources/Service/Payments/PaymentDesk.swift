package import JSON
package import Ledger
internal import Rails
internal import Synchronization

/// Pays: has the start on disk, then asks the provider, then records what came of it.
///
/// The same for the API, the command line and the simulation. Nobody is answered before what the
/// answer says is durable, and the provider is asked about nothing that is not.
package final class PaymentDesk: Sendable {
  /// What came of a wish to pay.
  package enum Reply: Sendable {
    /// There is a payment; `isRepeated` when the key had been used for it before.
    case payment(Payment, OpenCall?, isRepeated: Bool)
    /// There is a hold; `isRepeated` when this had been asked for before.
    case authorization(Authorization, Payment, isRepeated: Bool)
    case refused(Rejection)
    /// The key was used for a payment that differs in this.
    case conflict(key: Text, difference: String)
    case unavailable(Unavailable)
  }

  /// What is wished, as it came in.
  package struct Wish: Sendable {
    package let request: SpendRequest
    package let intent: IntentID?
    package let serviceURL: Text?
    package let purpose: Text?

    package init(request: SpendRequest, intent: IntentID?, serviceURL: Text?, purpose: Text?) {
      self.request = request
      self.intent = intent
      self.serviceURL = serviceURL
      self.purpose = purpose
    }
  }

  /// How a desk is set up.
  package struct Options: Sendable {
    package let book: Book
    /// Nil when none is configured: nothing can be paid.
    package let provider: (any PaymentProvider)?
    package let retries: RetryPolicy
    /// How long after its start a payment that the provider has never seen counts as not taken.
    package let graceMilliseconds: Int64
    /// The address that pays.
    package let wallet: Text?

    package init(
      book: Book, provider: (any PaymentProvider)?, retries: RetryPolicy,
      graceMilliseconds: Int64, wallet: Text?
    ) {
      self.book = book
      self.provider = provider
      self.retries = retries
      self.graceMilliseconds = graceMilliseconds
      self.wallet = wallet
    }
  }

  /// Called with the reply and the seq that must be durable before it is told.
  package typealias Answer = @Sendable (Reply, UInt64) -> Void

  /// What an order is about.
  enum Subject: Hashable, Sendable {
    case payment(TransactionID)
    case authorization(AuthorizationID)
  }

  /// One order on its way through the provider.
  private struct Run: Sendable {
    let subject: Subject
    /// The payment that it is, or that the hold is for.
    let transaction: TransactionID
    let order: ProviderOrder
    let cause: Text?
    let answer: Answer
    /// How often each class of fault has come.
    var faults: [ProviderAnswer.FaultClass: Int] = [:]
    /// The fault after which the money may have moved.
    var doubt: ProviderAnswer.FaultClass?
  }

  let bookkeeper: Bookkeeper
  let options: Options
  package let pool: CallPool
  private let clocks: Clocks
  private let isDiskLow: @Sendable () -> Bool
  let renewal: VendorRenewal
  /// Who else asked for a payment that is under way.
  private let waiting = Mutex<[Subject: [Answer]]>([:])

  package init(
    _ bookkeeper: Bookkeeper, _ options: Options, pool: CallPool, clocks: Clocks,
    isDiskLow: @escaping @Sendable () -> Bool
  ) {
    self.bookkeeper = bookkeeper
    self.options = options
    self.pool = pool
    self.clocks = clocks
    self.isDiskLow = isDiskLow
    renewal = VendorRenewal(bookkeeper, options.book, pool: pool, boot: clocks.boot)
  }

  var book: Book { options.book }

  // MARK: paying

  /// Decides and pays; answers once, on any thread.
  package func pay(_ wish: Wish, key: Text?, cause: Text?, answer: @escaping Answer) {
    renewal.before(wish.request.parties.vendor, options.provider) { [self] in
      decide(wish, key, cause, answer)
    }
  }

  private func decide(_ wish: Wish, _ key: Text?, _ cause: Text?, _ answer: @escaping Answer) {
    let now = now
    var command = Pay(
      transaction: TransactionID(Mint.ulid(at: now)), newIntent: IntentID(Mint.ulid(at: now)),
      request: wish.request, intent: wish.intent, serviceURL: wish.serviceURL,
      purpose: wish.purpose, provider: options.provider?.name ?? "none", wallet: options.wallet)
    command.refusal = refusal
    run(
      command, actor: Text("agent:\(wish.request.parties.agent)"), key, cause, wish.request, answer
    ) { [self] first in
      guard let id = started(by: first)?.id else {
        fatalError("a key of payment.pay made a payment")
      }
      join(.payment(id), answer)
    }
  }

  /// Decides a wish; what is let out is asked of the provider.
  ///
  /// - Parameters:
  ///   - request: what is to be spent, to say what differs when the key is taken.
  ///   - again: answers for a wish that was granted before, from its unit's first seq.
  func run<Wish: Ledger.Command>(
    _ command: Wish, actor: Text, _ key: Text?, _ cause: Text?, _ request: SpendRequest?,
    _ answer: @escaping Answer, again: (UInt64) -> Void
  ) {
    let binding = key.map {
      KeyBinding(key: $0, op: Text("\(Wish.name)"), print: Fingerprints.command(command))
    }
    do throws(Unavailable) {
      let outcome = try bookkeeper.submit(
        Submission(command, actor: actor, book: book, cause: cause, binding: binding))
      switch outcome.kind {
      case .accepted(let records): begin(records, cause, answer)
      case .repeated(let first): again(first)
      case .unchanged: again(outcome.decidedSeq)
      case .rejected(.idempotencyConflict(let key, let first)):
        answer(
          .conflict(key: key, difference: difference(request, first)), outcome.decidedSeq)
      case .rejected(let rejection): answer(.refused(rejection), outcome.decidedSeq)
      }
    } catch {
      answer(.unavailable(error), 0)
    }
  }

  /// Why no money can be let out at present, as far as only the shell knows.
  var refusal: NewMoneyRefusal? {
    if isDiskLow() { return .diskLow }
    if bookkeeper.isClockSuspect { return .clockSuspect }
    return options.provider == nil ? .noProvider : nil
  }

  var now: Timestamp { clocks.wall() }

  /// Asks the provider for what the unit's last record begins, once that is durable.
  func begin(_ records: [Record], _ cause: Text?, _ answer: @escaping Answer) {
    guard let record = records.last, let run = run(record.event, cause, answer) else {
      fatalError("what is let out begins an order")
    }
    bookkeeper.whenDurable(record.seq) { [self] isDurable in
      guard isDurable else { return answer(.unavailable(.diskLost), 0) }
      let isTaken = pool.add { [self] in ask(run) }
      // The daemon is ending: nobody was asked, so nothing can have moved.
      if !isTaken { giveUp(run, after: .connect) }
    }
  }

  private func run(_ event: Event, _ cause: Text?, _ answer: @escaping Answer) -> Run? {
    if case .paymentStarted(let started) = event, let call = started.call {
      let order = ProviderOrder(
        .pay, key: call.providerKey, amount: started.amount, agent: started.parties.agent,
        vendor: started.parties.vendor, network: started.parties.network,
        serviceURL: started.serviceURL)
      return Run(
        subject: .payment(started.transaction), transaction: started.transaction, order: order,
        cause: cause, answer: answer)
    }
    guard let (id, payment, order) = PaymentDesk.order(event) else { return nil }
    return Run(
      subject: .authorization(id), transaction: payment.transaction, order: order, cause: cause,
      answer: answer)
  }

  private func ask(_ run: Run) {
    guard let provider = options.provider else { fatalError("nobody starts without a provider") }
    var run = run
    switch provider.ask(run.order) {
    case .completed(let hash, let receipt):
      settle(run, .completed(chainHash: hash, receipt: receipt))
    case .failed(let code, let error, let vendorFault):
      settle(run, .failed(code: code, error: error, vendorFault: vendorFault))
    case .notTaken(let fault): again(&run, after: fault)
    case .noAnswer(let fault):
      run.doubt = fault
      again(&run, after: fault)
    case .neverSeen: settle(run, .unknown(errorClass: "unreadable"))
    }
  }

  /// Asks again under the same key, or gives up: as failed only when the money cannot have moved.
  private func again(_ run: inout Run, after fault: ProviderAnswer.FaultClass) {
    run.faults[fault, default: 0] += 1
    let count = run.faults[fault, default: 0]
    var generator = SystemRandomNumberGenerator()
    let chance = Int.random(in: 0...1_000, using: &generator)
    let wait = options.retries.wait(after: fault, count: count, chance: chance)
    guard let wait, mayAsk(run) else {
      giveUp(run, after: fault)
      return
    }
    let note = NoteRetry(
      transaction: run.transaction, errorClass: fault.name, delayMilliseconds: Int64(wait))
    do throws(Unavailable) {
      _ = try submit(note, run.cause)
    } catch {
      tell(run, .unavailable(error), 0)
      return
    }
    let next = run
    let isTaken = pool.add(afterMilliseconds: wait) { [self] in
      if mayAsk(next) { ask(next) } else { giveUp(next, after: fault) }
    }
    if !isTaken { giveUp(run, after: fault) }
  }

  /// Whether the provider may be asked again: the kill switch also stops what waits for another
  /// try, but not what gives money back.
  private func mayAsk(_ run: Run) -> Bool {
    if case .cancel = run.order.action { return true }
    return !bookkeeper.read { state, _ in state.controls.arePaymentsDisabled }.value
  }

  private func giveUp(_ run: Run, after fault: ProviderAnswer.FaultClass) {
    if let doubt = run.doubt { return settle(run, .unknown(errorClass: doubt.name)) }
    settle(
      run,
      .failed(
        code: fault == .tooManyRequests ? "PROVIDER_BUSY" : "PROVIDER_NOT_REACHED",
        error: Text("payment error: the provider was not reached (\(fault.name))"),
        vendorFault: false))
  }

  private func settle(_ run: Run, _ outcome: CallOutcome) {
    do throws(Unavailable) {
      switch run.subject {
      case .payment(let id):
        let command = SettlePayment(transaction: id, outcome: outcome, occasion: .payment)
        _ = try submit(command, run.cause)
      case .authorization(let id):
        let command = SettleAuthorization(
          authorization: id, stepKey: run.order.key, outcome: outcome.ofStep, source: .provider,
          evidence: nil, by: nil)
        _ = try submit(command, run.cause)
      }
    } catch {
      tell(run, .unavailable(error), 0)
      return
    }
    let (reply, seq) = standing(run.subject, isRepeated: false)
    tell(run, reply, seq)
  }

  /// How what was asked for stands now.
  func standing(_ subject: Subject, isRepeated: Bool) -> (Reply, UInt64) {
    let book = book
    let (reply, seq) = bookkeeper.read { state, _ -> Reply? in
      let payments = state[book].payments
      switch subject {
      case .payment(let id):
        return payments[id].map {
          .payment($0, payments.call(of: id), isRepeated: isRepeated)
        }
      case .authorization(let id):
        guard let hold = state[book].authorizations[id], let payment = payments[hold.transaction]
        else { return nil }
        return .authorization(hold, payment, isRepeated: isRepeated)
      }
    }
    guard let reply else { fatalError("what was begun is there") }
    return (reply, seq)
  }

  /// Answers the leader and all who waited for it.
  private func tell(_ run: Run, _ reply: Reply, _ seq: UInt64) {
    let others = waiting.withLock { $0.removeValue(forKey: run.subject) } ?? []
    run.answer(reply, seq)
    for other in others { other(reply.repeated, seq) }
  }

  func submit<Wish: Ledger.Command>(
    _ command: Wish, _ cause: Text?
  ) throws(Unavailable) -> Outcome {
    try bookkeeper.submit(
      Submission(command, actor: "tollbook", book: book, cause: cause, binding: nil))
  }

  // MARK: retries of clients

  /// The payment that a unit began, at once or behind a hold.
  ///
  /// Its start stands first in the unit, or after the intent made for it and its approval.
  private func started(by first: UInt64) -> Payment? {
    let book = book
    return bookkeeper.read { state, _ in
      state[book].payments.started(within: first...first + 2)
    }.value
  }

  /// Answers with how a subject stands, as soon as nobody is asking about it.
  func join(_ subject: Subject, _ answer: @escaping Answer) {
    waiting.withLock { $0[subject, default: []].append(answer) }
    let (reply, seq) = standing(subject, isRepeated: true)
    guard !reply.isUnderWay else { return }
    // Whoever takes the list out answers: the leader may have done so meanwhile.
    let others = waiting.withLock { $0.removeValue(forKey: subject) } ?? []
    for other in others { other(reply, seq) }
  }

  /// What a wish asks for that the payment under the same key did not.
  private func difference(_ request: SpendRequest?, _ first: UInt64) -> String {
    guard let request, let known = started(by: first) else {
      return "it was used for something else"
    }
    let pairs: [(String, Text, Text)] = [
      ("amount", known.amount.decimal, request.amount.decimal),
      ("vendor", known.vendor, request.parties.vendor),
      ("network", known.network.name, request.parties.network.name),
    ]
    let told = pairs.filter { $0.1 != $0.2 }.map { "\($0.0) was \($0.1), is now \($0.2)" }
    return told.isEmpty
      ? "component, strategy, business_id, intent_id, service_url or purpose differ"
      : told.joined(separator: "; ")
  }

  // MARK: the start

  /// Declares unknown what an earlier process started and has left no outcome of.
  package func adoptInterrupted() throws(Unavailable) {
    let book = book
    let (calls, _) = bookkeeper.read { state, _ in
      (
        payments: state[book].payments.openCalls().filter {
          $0.payment.phase == .pending && $0.call.authorization == nil
        }, holds: state[book].authorizations.openOnes.filter(\.isUnderWay)
      )
    }
    for hold in calls.holds {
      let command = SettleAuthorization(
        authorization: hold.id, stepKey: hold.stepKey, outcome: .unknown(errorClass: "restart"),
        source: .provider, evidence: nil, by: nil)
      _ = try submit(command, nil)
    }
    for (payment, _) in calls.payments {
      let command = SettlePayment(
        transaction: payment.id, outcome: .unknown(errorClass: "restart"), occasion: .payment)
      _ = try submit(command, nil)
    }
  }
}
