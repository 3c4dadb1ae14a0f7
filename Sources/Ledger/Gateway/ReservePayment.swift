public import JSON

/// Takes a payer's signed promise for one request, before anybody is asked about it.
///
/// A promise that pays for this very request already, in whatever state, is a repetition; one
/// that pays for another request is refused.
public struct ReserveGatewayPayment: Command {
  public static var name: StaticString { "gateway.reserve" }

  /// The id that the receipt gets if the promise is taken.
  public let receipt: ReceiptID
  /// Method and pattern, e.g. `POST /agent/task`.
  public let route: Text
  public let path: Text
  public let requestHash: Fingerprint
  /// Of x402: 1 or 2.
  public let version: Int64
  public let promise: SignedPromise
  public let amount: Money
  public let validBefore: Timestamp
  public let flow: PaymentFlow
  /// Set while only what is known already may be answered.
  public var refusal: NewMoneyRefusal?

  public init(
    receipt: ReceiptID, route: Text, path: Text, requestHash: Fingerprint, version: Int64,
    promise: SignedPromise, amount: Money, validBefore: Timestamp, flow: PaymentFlow
  ) {
    self.receipt = receipt
    self.route = route
    self.path = path
    self.requestHash = requestHash
    self.version = version
    self.promise = promise
    self.amount = amount
    self.validBefore = validBefore
    self.flow = flow
  }

  public func writePrint(to out: inout JSONWriter) {
    out.field("request_hash", requestHash)
  }

  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    guard let policy = state.controls.gateway, policy.mode == .facilitator,
      let receiver = policy.receiver
    else { throw .gatewayNotConfigured }
    // What was begun for this request goes on, whatever the price is by now.
    if let known = state[book].receipts.place(of: promise) {
      guard known.requestHash == requestHash else { throw .proofReused(proof: promise.nonce.hex) }
      return .repeated(first: known.seq)
    }
    guard !state.controls.arePaymentsDisabled else { throw .newMoneyRefused(.paymentsDisabled) }
    if let refusal { throw .newMoneyRefused(refusal) }
    guard promise.network == policy.network else {
      throw .fieldInvalid(field: "network", reason: "is not the one of the offer")
    }
    let sale = try state.controls.sale(of: route, policy)
    guard flow == sale.flow else {
      throw .fieldInvalid(field: "flow", reason: "is not the one of the route")
    }
    // Exactly: what is signed moves whole, and nobody gives change.
    guard amount == sale.price else { throw .underpaid(required: sale.price, provided: amount) }
    guard now < validBefore else {
      throw .fieldInvalid(field: "valid_before", reason: "has passed")
    }
    try state[book].checkCaps(
      amount, perRequest: policy.perRequestCap, session: sale.sessionCap, sale.policy)
    guard state[book].receipts[receipt] == nil else {
      throw .fieldInvalid(field: "receipt", reason: "names a receipt that exists already")
    }
    return .accepted([
      .gatewayReserved(
        GatewayReserved(
          receipt: receipt, route: route, path: path.cutForEvent, requestHash: requestHash,
          version: version, promise: promise, amount: amount, receiver: receiver,
          validBefore: validBefore, flow: flow, policy: sale.policy))
    ])
  }
}

extension BookState {
  /// Whether the caps of a policy let an amount pass; exactly at the cap passes.
  ///
  /// What is reserved and has not ended counts as spent.
  func checkCaps(
    _ amount: Money, perRequest: Money?, session: Money?, _ policy: Text
  ) throws(Rejection) {
    if let cap = perRequest, amount.units > cap.units {
      throw .perRequestCapExceeded(cap: cap, asked: amount, policy: policy)
    }
    guard let cap = session else { return }
    let spent = committed(policy: policy) ?? .zero(amount.asset)
    guard spent.units.addingClamped(amount.units) <= cap.units else {
      throw .sessionCapExceeded(cap: cap, spent: spent, asked: amount, policy: policy)
    }
  }
}

/// Records that the facilitator is about to be asked, and the answer where it was made before.
public struct BeginSettlement: Command {
  public static var name: StaticString { "gateway.begin_settlement" }

  public let receipt: ReceiptID
  /// The answer; nil in the upfront flow, where none was made yet.
  public let answer: GatewayAnswer?
  /// The decoded payment header, as it came.
  public let payment: Text
  /// What we asked for.
  public let requirements: Text

  public init(receipt: ReceiptID, answer: GatewayAnswer?, payment: Text, requirements: Text) {
    self.receipt = receipt
    self.answer = answer
    self.payment = payment
    self.requirements = requirements
  }

  public func writePrint(to out: inout JSONWriter) { out.field("receipt_id", receipt.text) }

  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    let (place, open) = try state[book].receipts.reservation(receipt)
    guard place.phase == .reserved, let open else { return .unchanged }
    guard (answer == nil) == (open.reserved.flow == .upfront) else {
      throw .fieldInvalid(field: "answer", reason: "does not fit the flow of the payment")
    }
    var events: [Event] = []
    if let answer { events.append(.gatewayResponseRecorded(answer.event(of: receipt))) }
    events.append(
      .gatewaySettleStarted(
        GatewaySettleStarted(receipt: receipt, payment: payment, requirements: requirements)))
    return .accepted(events)
  }
}

/// Records the answer to what was paid upfront.
public struct RecordAnswer: Command {
  public static var name: StaticString { "gateway.record_answer" }

  public let receipt: ReceiptID
  public let answer: GatewayAnswer

  public init(receipt: ReceiptID, answer: GatewayAnswer) {
    self.receipt = receipt
    self.answer = answer
  }

  public func writePrint(to out: inout JSONWriter) { out.field("receipt_id", receipt.text) }

  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    let (place, _) = try state[book].receipts.reservation(receipt)
    guard place.answerSeq == 0 else { return .unchanged }
    guard place.phase == .accepted else {
      throw .illegalTransition(
        subject: receipt.text, from: Text("\(place.phase.name)"), to: "answered")
    }
    return .accepted([.gatewayResponseRecorded(answer.event(of: receipt))])
  }
}

/// An answer as it is recorded.
public struct GatewayAnswer: Equatable, Sendable {
  /// 100 to 599.
  public let status: Int
  public let headers: [GatewayResponseRecorded.Header]
  public let body: RecordedBody

  public init(status: Int, headers: [GatewayResponseRecorded.Header], body: RecordedBody) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  func event(of receipt: ReceiptID) -> GatewayResponseRecorded {
    GatewayResponseRecorded(receipt: receipt, status: status, headers: headers, body: body)
  }
}

extension Receipts {
  /// A payment that began with a reservation.
  func reservation(
    _ id: ReceiptID
  ) throws(Rejection) -> (place: ReceiptPlace, open: OpenReceipt?) {
    guard let place = self[id] else { throw .receiptNotFound(id) }
    return (place, open(id))
  }
}
