public import JSON

/// Why no new money is taken at present; what was paid and answered is answered all the same.
public enum NewMoneyRefusal: Equatable, Sendable {
  /// The ledger's disk is nearly full.
  case diskLow
  /// The kill switch is on.
  case paymentsDisabled
  /// The wall clock is not believed, so no day and month can be told; for money out only.
  case clockSuspect
  /// Nobody is configured who could move the money; for money out only.
  case noProvider
}

/// Takes a payment for one request and records its answer, as one unit.
public struct AcceptGatewayPayment: Command {
  public static var name: StaticString { "gateway.accept" }

  /// The id that the receipt gets if the payment is taken.
  public let receipt: ReceiptID
  public let method: Text
  public let path: Text
  public let requestHash: Fingerprint
  public let proofID: Text
  /// What the proof says was paid; nil when it says nothing and so counts as the price.
  public let paid: Money?
  /// What the paid request came to; stands in the answer before its receipt.
  public let result: JSONValue
  public let idempotencyKey: Text?
  /// Set while only what is known already may be answered.
  public var refusal: NewMoneyRefusal?

  public init(
    receipt: ReceiptID, method: Text, path: Text, requestHash: Fingerprint, proofID: Text,
    paid: Money?, result: JSONValue, idempotencyKey: Text?
  ) {
    self.receipt = receipt
    self.method = method
    self.path = path
    self.requestHash = requestHash
    self.proofID = proofID
    self.paid = paid
    self.result = result
    self.idempotencyKey = idempotencyKey
  }

  public func writePrint(to out: inout JSONWriter) {
    out.field("request_hash", requestHash)
  }

  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    guard let policy = state.controls.gateway, policy.mode != .facilitator else {
      throw .gatewayNotConfigured
    }
    // What was paid and answered is answered again, whatever the price is by now.
    let place = policy.mode == .strict ? state[book].receipts.place(ofProof: proofID) : nil
    if let place, place.requestHash == requestHash { return .repeated(first: place.seq) }
    guard !state.controls.arePaymentsDisabled else { throw .newMoneyRefused(.paymentsDisabled) }
    if let refusal { throw .newMoneyRefused(refusal) }
    let amount = paid ?? policy.price
    guard amount.asset == policy.price.asset, amount.units >= policy.price.units else {
      throw .underpaid(required: policy.price, provided: amount)
    }
    guard place == nil else { throw .proofReused(proof: proofID) }
    try state[book].checkCaps(
      amount, perRequest: policy.perRequestCap, session: policy.sessionCap, policy.policy)
    guard state[book].receipts[receipt] == nil else {
      throw .fieldInvalid(field: "receipt", reason: "names a receipt that exists already")
    }
    let accepted = GatewayPaymentAccepted(
      receipt: receipt, method: method, path: path.cutForEvent, requestHash: requestHash,
      proofID: proofID, mode: policy.mode, amount: amount, price: policy.price,
      network: policy.network, receiver: policy.receiver, policy: policy.policy)
    return .accepted([
      .gatewayPaymentAccepted(accepted),
      .gatewayResponseRecorded(
        GatewayResponseRecorded(
          receipt: receipt, status: 200,
          headers: [.init(name: "content-type", value: "application/json")],
          body: .text(answer(accepted, at: now)))),
    ])
  }

  /// `{"status":"accepted","result":…,"receipt":…,"idempotencyKey":…}`.
  private func answer(_ accepted: GatewayPaymentAccepted, at now: Timestamp) -> Text {
    var out = JSONWriter()
    out.beginObject()
    out.field("status", "accepted")
    out.key("result")
    out.value(result, sortingMembers: false)
    out.key("receipt")
    Receipt(accepted, paidAt: now).write(to: &out, position: nil)
    out.key("idempotencyKey")
    if let idempotencyKey { out.string(idempotencyKey) } else { out.null() }
    out.endObject()
    return Text(String(decoding: out.bytes, as: UTF8.self))
  }
}

/// What a payer gets to show for a payment: built from the event, nothing invented.
///
/// `settlement` is `format_only` where no money was seen to move: then there is no transaction
/// hash and no payer.
public struct Receipt: Equatable, Sendable {
  private let event: GatewayPaymentAccepted
  private let paidAt: Timestamp

  public init(_ event: GatewayPaymentAccepted, paidAt: Timestamp) {
    self.event = event
    self.paidAt = paidAt
  }

  /// Whether money was seen to move: only then does the receipt count as income.
  public var settlement: StaticString { event.chainHash == nil ? "format_only" : "settled" }

  /// Where the payment's record stands in the log.
  public struct Position: Equatable, Sendable {
    public let seq: UInt64
    /// Of the record's line, 64 hexadecimal digits.
    public let hash: Text

    public init(seq: UInt64, hash: Text) {
      self.seq = seq
      self.hash = hash
    }
  }

  /// - Parameter position: none inside the answer itself, whose line is not yet written then.
  public func write(to out: inout JSONWriter, position: Position?) {
    out.beginObject()
    out.field("paid", true)
    out.field("receiptId", event.receipt.text)
    out.field("settlement", settlement)
    out.field("network", event.network.name)
    Receipt.write("txHash", event.chainHash?.text, to: &out)
    Receipt.write("payer", event.payer, to: &out)
    Receipt.write("receiver", event.receiver, to: &out)
    out.key("amount")
    out.beginObject()
    out.field("currency", "USD")
    out.amount("value", event.amount)
    out.field("asset", event.amount.asset.code)
    out.endObject()
    out.key("paidAt")
    out.quotedASCII { paidAt.write(into: &$0) }
    if let position {
      out.field("seq", position.seq)
      out.field("hash", position.hash)
    }
    out.endObject()
  }
}

extension Receipt {
  private static func write(_ key: StaticString, _ text: Text?, to out: inout JSONWriter) {
    out.key(key)
    if let text { out.string(text) } else { out.null() }
  }
}

/// Notes how many requests were turned away unpaid in the last minute.
public struct CountOffers: Command {
  public static var name: StaticString { "gateway.count_offers" }

  public let from: Timestamp
  public let byCode: [Text: Int]

  public init(from: Timestamp, byCode: [Text: Int]) {
    self.from = from
    self.byCode = byCode
  }

  public func writePrint(to out: inout JSONWriter) { out.field("by_code", map: byCode) }

  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    let counted = GatewayOffersCounted(from: min(from, now), to: now, byCode: byCode)
    return counted.count > 0 ? .accepted([.gatewayOffersCounted(counted)]) : .unchanged
  }
}

/// Notes how many requests came too fast in the last minute.
public struct CountRateLimitTrips: Command {
  public static var name: StaticString { "ratelimit.count_trips" }

  public let scope: Text
  public let from: Timestamp
  public let count: Int
  public let clients: Int

  public init(scope: Text, from: Timestamp, count: Int, clients: Int) {
    self.scope = scope
    self.from = from
    self.count = count
    self.clients = clients
  }

  public func writePrint(to out: inout JSONWriter) { out.field("count", count) }

  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    guard count > 0 else { return .unchanged }
    return .accepted([
      .rateLimitTripsCounted(
        RateLimitTripsCounted(
          scope: scope, from: min(from, now), to: now, count: count, clients: clients))
    ])
  }
}
