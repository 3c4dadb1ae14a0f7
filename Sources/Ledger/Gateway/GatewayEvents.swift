public import JSON

/// How the proof of a payment was checked.
public enum VerifierMode: UInt8, CaseIterable, Sendable {
  /// The form, the amount, and that the proof is new.
  case strict
  /// Any payment header; for fakes only.
  case stub
  /// x402 itself: a facilitator checks the signature and moves the money.
  case facilitator

  /// The word in settings and events, lower case.
  public var name: StaticString {
    switch self {
    case .strict: "strict"
    case .stub: "stub"
    case .facilitator: "facilitator"
    }
  }

  /// The word in events: what the proof is worth.
  var proofWord: StaticString {
    switch self {
    case .strict, .stub: name
    case .facilitator: "settled"
    }
  }

  /// Reads what `proofWord` wrote.
  init?(proofWord word: Text) {
    for mode in VerifierMode.allCases where word.isEqualIgnoringCase(mode.proofWord) {
      self = mode
      return
    }
    return nil
  }

  /// Looks a mode up, ASCII case ignored.
  public init?(_ name: Text) {
    for mode in VerifierMode.allCases where name.isEqualIgnoringCase(mode.name) {
      self = mode
      return
    }
    return nil
  }
}

/// We took a payment for one request; its answer follows in the same unit.
///
/// Wire: `gateway.payment_accepted`. Follows: nothing. Terminal.
public struct GatewayPaymentAccepted: EventData {
  public let receipt: ReceiptID
  public let method: Text
  /// The path as requested, without the query; at most 1 KiB.
  public let path: Text
  /// Fingerprint of the request that the proof paid for.
  public let requestHash: Fingerprint
  public let proofID: Text
  public let mode: VerifierMode
  /// What the payer gave: at least the price.
  public let amount: Money
  /// What the route asked for, same asset.
  public let price: Money
  public let network: Network
  /// The address that payments go to, as configured.
  public let receiver: Text?
  /// The spending policy that the amount counts in, e.g. `default`.
  public let policy: Text
  /// The transaction that moved the money; none where no money was seen to move.
  public let chainHash: ChainHash?
  /// The address that paid; none where no money was seen to move.
  public let payer: Text?

  var subject: Text { receipt.text }

  func write(to out: inout JSONWriter) {
    out.field("method", method)
    out.field("path", path)
    out.field("request_hash", requestHash)
    out.field("proof_id", proofID)
    out.field("proof_mode", mode.proofWord)
    out.field("amount", amount)
    out.amount("price", price)
    out.field("network", network.name)
    out.optional("receiver", receiver)
    out.field("policy_id", policy)
    out.optional("tx_hash", chainHash)
    out.optional("payer", payer)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    receipt = try FieldReader.named(subject.receipt)
    method = try fields.cachedText("method")
    path = try fields.cachedText("path")
    requestHash = try fields.fingerprint("request_hash")
    proofID = try fields.text("proof_id")
    guard let mode = VerifierMode(proofWord: try fields.cachedText("proof_mode")) else {
      throw .invalid("proof_mode", "is not a mode that this binary knows")
    }
    self.mode = mode
    amount = try fields.money("amount")
    price = try fields.amount("price", amount.asset)
    network = try fields.network("network")
    receiver = try fields.optionalCachedText("receiver")
    policy = try fields.cachedText("policy_id")
    chainHash = try fields.optionalHash("tx_hash")
    payer = try fields.optionalCachedText("payer")
  }

  init(
    receipt: ReceiptID, method: Text, path: Text, requestHash: Fingerprint, proofID: Text,
    mode: VerifierMode, amount: Money, price: Money, network: Network, receiver: Text?,
    policy: Text, chainHash: ChainHash? = nil, payer: Text? = nil
  ) {
    self.chainHash = chainHash
    self.payer = payer
    self.receipt = receipt
    self.method = method
    self.path = path
    self.requestHash = requestHash
    self.proofID = proofID
    self.mode = mode
    self.amount = amount
    self.price = price
    self.network = network
    self.receiver = receiver
    self.policy = policy
  }
}

/// The bytes of a body as a line can carry them.
public enum RecordedBody: Equatable, Sendable {
  /// UTF-8 whose escaped form is not longer than its base64.
  case text(Text)
  /// RFC 4648 base64 of anything else.
  case base64(Text)
}

/// What we answered to a paid request, byte for byte, so that a retry gets the same.
///
/// Wire: `gateway.response_recorded`. Follows: accepted, in the same unit.
public struct GatewayResponseRecorded: EventData {
  public let receipt: ReceiptID
  /// 100...599.
  public let status: Int
  /// In the order sent, names in lower case; from an allow-list, at most 16 KiB.
  public let headers: [Header]
  public let body: RecordedBody

  /// One recorded header.
  public struct Header: Equatable, Sendable {
    public let name: Text
    public let value: Text

    public init(name: Text, value: Text) {
      self.name = name
      self.value = value
    }
  }

  var subject: Text { receipt.text }

  func write(to out: inout JSONWriter) {
    out.field("status", status)
    out.key("headers")
    out.beginObject()
    for header in headers {
      out.key(header.name)
      out.string(header.value)
    }
    out.endObject()
    switch body {
    case .text(let text): out.field("body", text)
    case .base64(let text): out.field("body_base64", text)
    }
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    receipt = try FieldReader.named(subject.receipt)
    let status = try fields.integer("status")
    guard (100...599).contains(status) else { throw .invalid("status", "is not 100 to 599") }
    self.status = Int(status)
    headers = try fields.textMap("headers").map { Header(name: $0.0, value: $0.1) }
    if let text = try fields.optionalText("body") {
      body = .text(text)
    } else {
      body = .base64(try fields.text("body_base64"))
    }
  }

  init(receipt: ReceiptID, status: Int, headers: [Header], body: RecordedBody) {
    self.receipt = receipt
    self.status = status
    self.headers = headers
    self.body = body
  }
}

/// How many requests were turned away unpaid since the last such line; one a minute at most.
///
/// Wire: `gateway.offers_counted`. Strangers cannot make the log grow faster than this.
public struct GatewayOffersCounted: EventData {
  public let from: Timestamp
  public let to: Timestamp
  public let count: Int
  /// By error code, e.g. `PAYMENT_REQUIRED`.
  public let byCode: [Text: Int]

  var subject: Text { "gateway" }

  func write(to out: inout JSONWriter) {
    out.field("from", from)
    out.field("to", to)
    out.field("count", count)
    out.field("by_code", map: byCode)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    from = try fields.moment("from")
    to = try fields.moment("to")
    count = Int(try fields.integer("count"))
    byCode = try fields.counts("by_code")
  }

  init(from: Timestamp, to: Timestamp, byCode: [Text: Int]) {
    self.from = from
    self.to = to
    self.byCode = byCode
    count = byCode.values.reduce(0) { $0.addingClamped(max(0, $1)) }
  }
}

/// How many requests were refused for coming too fast since the last such line.
///
/// Wire: `ratelimit.trips_counted`. One a minute at most; clients are counted, not named.
public struct RateLimitTripsCounted: EventData {
  /// What was limited, e.g. `gateway`.
  public let scope: Text
  public let from: Timestamp
  public let to: Timestamp
  public let count: Int
  /// Different clients among them.
  public let clients: Int

  var subject: Text { scope }

  func write(to out: inout JSONWriter) {
    out.field("from", from)
    out.field("to", to)
    out.field("count", count)
    out.field("clients", clients)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    scope = subject.text
    from = try fields.moment("from")
    to = try fields.moment("to")
    count = Int(try fields.integer("count"))
    clients = Int(try fields.integer("clients"))
  }

  init(scope: Text, from: Timestamp, to: Timestamp, count: Int, clients: Int) {
    self.scope = scope
    self.from = from
    self.to = to
    self.count = count
    self.clients = clients
  }
}
