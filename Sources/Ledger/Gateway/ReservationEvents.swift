public import JSON

/// A payer's signed promise of one transfer, by what makes it the same promise: EIP-3009 lets a
/// token move once per (network, token, payer, nonce), however the header is spelled.
public struct SignedPromise: Hashable, Sendable {
  public let network: Network
  /// The token's contract, in lower case.
  public let token: Text
  /// The payer's address, in lower case.
  public let payer: Text
  public let nonce: Fingerprint

  public init(network: Network, token: Text, payer: Text, nonce: Fingerprint) {
    self.network = network
    self.token = token.asciiLowercased
    self.payer = payer.asciiLowercased
    self.nonce = nonce
  }

  func write(to out: inout JSONWriter) {
    out.field("network", network.name)
    out.field("token", token)
    out.field("payer", payer)
    out.field("nonce", nonce)
  }

  init(from fields: inout FieldReader) throws(FieldError) {
    network = try fields.network("network")
    token = try fields.cachedText("token")
    payer = try fields.cachedText("payer")
    nonce = try fields.fingerprint("nonce")
  }
}

/// When the money moves: after the answer is there, or before anything is done.
public enum PaymentFlow: UInt8, CaseIterable, Sendable {
  /// Verify, handler, settle: nothing is charged for an answer that failed.
  case authorization
  /// Settle, then handler: nothing is done for a payment that failed.
  case upfront

  public var name: StaticString {
    switch self {
    case .authorization: "authorization"
    case .upfront: "upfront"
    }
  }

  public init?(_ name: Text) {
    for flow in PaymentFlow.allCases where name == Text("\(flow.name)") {
      self = flow
      return
    }
    return nil
  }
}

/// A signed promise was taken for one request, before anybody was asked about it.
///
/// Wire: `gateway.reserved`. Follows: nothing, or the refusal of the same promise. Next: refused,
/// or the start of its settlement.
public struct GatewayReserved: EventData {
  public let receipt: ReceiptID
  /// Method and pattern, e.g. `POST /agent/task`.
  public let route: Text
  /// The path as requested, without the query; at most 1 KiB.
  public let path: Text
  /// Fingerprint of the request that the promise pays for.
  public let requestHash: Fingerprint
  /// Of x402: 1 or 2.
  public let version: Int64
  public let promise: SignedPromise
  /// What will move: exactly the price.
  public let amount: Money
  /// The address that it will move to, as configured.
  public let receiver: Text
  /// From when the promise is worth nothing.
  public let validBefore: Timestamp
  public let flow: PaymentFlow
  /// The spending policy that the amount is held in, e.g. `default`.
  public let policy: Text

  var subject: Text { receipt.text }

  func write(to out: inout JSONWriter) {
    out.field("route", route)
    out.field("path", path)
    out.field("request_hash", requestHash)
    out.field("x402_version", version)
    promise.write(to: &out)
    out.field("amount", amount)
    out.field("pay_to", receiver)
    out.field("valid_before", validBefore)
    out.field("flow", flow.name)
    out.field("policy_id", policy)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    receipt = try FieldReader.named(subject.receipt)
    route = try fields.cachedText("route")
    path = try fields.cachedText("path")
    requestHash = try fields.fingerprint("request_hash")
    version = try fields.integer("x402_version")
    promise = try SignedPromise(from: &fields)
    amount = try fields.money("amount")
    receiver = try fields.cachedText("pay_to")
    validBefore = try fields.moment("valid_before")
    guard let flow = PaymentFlow(try fields.cachedText("flow")) else {
      throw .invalid("flow", "is not a flow that this binary knows")
    }
    self.flow = flow
    policy = try fields.cachedText("policy_id")
  }

  init(
    receipt: ReceiptID, route: Text, path: Text, requestHash: Fingerprint, version: Int64,
    promise: SignedPromise, amount: Money, receiver: Text, validBefore: Timestamp,
    flow: PaymentFlow, policy: Text
  ) {
    self.receipt = receipt
    self.route = route
    self.path = path
    self.requestHash = requestHash
    self.version = version
    self.promise = promise
    self.amount = amount
    self.receiver = receiver
    self.validBefore = validBefore
    self.flow = flow
    self.policy = policy
  }
}

/// The facilitator is about to be asked to move the money: from here on it may have moved.
///
/// Wire: `gateway.settle_started`. Follows: the recorded answer, in the same unit; in the upfront
/// flow, reserved. Next: settled, refused or unknown.
public struct GatewaySettleStarted: EventData {
  public let receipt: ReceiptID
  /// The decoded payment header as it came, JSON in a text: what is sent again must be the same.
  public let payment: Text
  /// What we asked for, JSON in a text, as the facilitator is told.
  public let requirements: Text

  var subject: Text { receipt.text }

  func write(to out: inout JSONWriter) {
    out.field("payment", payment)
    out.field("requirements", requirements)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    receipt = try FieldReader.named(subject.receipt)
    payment = try fields.text("payment")
    requirements = try fields.text("requirements")
  }

  init(receipt: ReceiptID, payment: Text, requirements: Text) {
    self.receipt = receipt
    self.payment = payment
    self.requirements = requirements
  }
}

/// The money moved; `gateway.payment_accepted` follows in the same unit.
///
/// Wire: `gateway.settled`. Follows: the start of the settlement, or unknown.
public struct GatewaySettled: EventData {
  public let receipt: ReceiptID
  public let chainHash: ChainHash
  /// The address that paid, in lower case.
  public let payer: Text
  public let source: PaymentSource
  /// What shows it, when it was unknown before.
  public let evidence: Text?

  var subject: Text { receipt.text }

  func write(to out: inout JSONWriter) {
    out.optional("tx_hash", chainHash)
    out.field("payer", payer)
    out.field("source", source.name)
    out.optional("evidence", evidence)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    receipt = try FieldReader.named(subject.receipt)
    chainHash = try fields.chainHash("tx_hash")
    payer = try fields.cachedText("payer")
    source = try PaymentSource.read(&fields)
    evidence = try fields.optionalText("evidence")
  }

  init(
    receipt: ReceiptID, chainHash: ChainHash, payer: Text, source: PaymentSource, evidence: Text?
  ) {
    self.receipt = receipt
    self.chainHash = chainHash
    self.payer = payer
    self.source = source
    self.evidence = evidence
  }
}

/// Where a payment at the gateway came to nothing.
public enum RefusalStage: UInt8, CaseIterable, Sendable {
  case verify, handler, settle

  public var name: StaticString {
    switch self {
    case .verify: "verify"
    case .handler: "handler"
    case .settle: "settle"
    }
  }

  init?(_ name: Text) {
    for stage in RefusalStage.allCases where name == Text("\(stage.name)") {
      self = stage
      return
    }
    return nil
  }
}

/// No money moved and none will: promise, key and cap are free again, no answer is given away.
///
/// Wire: `gateway.refused`. Follows: reserved, the start of the settlement, or unknown. Terminal.
public struct GatewayRefused: EventData {
  public let receipt: ReceiptID
  public let stage: RefusalStage
  /// The stable code that the asker gets.
  public let code: Text
  /// In the facilitator's own words, when it gave any.
  public let reason: Text?
  public let source: PaymentSource
  /// What shows it, when it was unknown before.
  public let evidence: Text?

  var subject: Text { receipt.text }

  func write(to out: inout JSONWriter) {
    out.field("stage", stage.name)
    out.field("code", code)
    out.optional("reason", reason)
    out.field("source", source.name)
    out.optional("evidence", evidence)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    receipt = try FieldReader.named(subject.receipt)
    guard let stage = RefusalStage(try fields.cachedText("stage")) else {
      throw .invalid("stage", "is not a stage that this binary knows")
    }
    self.stage = stage
    code = try fields.cachedText("code")
    reason = try fields.optionalText("reason")
    source = try PaymentSource.read(&fields)
    evidence = try fields.optionalText("evidence")
  }

  init(
    receipt: ReceiptID, stage: RefusalStage, code: Text, reason: Text?, source: PaymentSource,
    evidence: Text?
  ) {
    self.receipt = receipt
    self.stage = stage
    self.code = code
    self.reason = reason
    self.source = source
    self.evidence = evidence
  }
}

/// The money may have moved: nobody knows yet.
///
/// Wire: `gateway.unknown`. Follows: the start of the settlement; or unknown, when a transaction
/// becomes known. Next: settled or refused, by evidence only.
public struct GatewayUnknown: EventData {
  public let receipt: ReceiptID
  /// Why: `timeout`, `reset`, `unreadable`, `5xx`, `pending`, `restart`, ….
  public let errorClass: Text
  /// The transaction that was sent to the chain, when one is known.
  public let chainHash: ChainHash?

  var subject: Text { receipt.text }

  func write(to out: inout JSONWriter) {
    out.field("error_class", errorClass)
    out.optional("tx_hash", chainHash)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    receipt = try FieldReader.named(subject.receipt)
    errorClass = try fields.cachedText("error_class")
    chainHash = try fields.optionalHash("tx_hash")
  }

  init(receipt: ReceiptID, errorClass: Text, chainHash: ChainHash?) {
    self.receipt = receipt
    self.errorClass = errorClass
    self.chainHash = chainHash
  }
}

/// The facilitator said something that does not fit: noted, and decides nothing.
///
/// Wire: `gateway.anomaly`.
public struct GatewayAnomaly: EventData {
  public let receipt: ReceiptID
  /// What does not fit: `other_payer`, `other_network`, ….
  public let kind: Text
  public let expected: Text?
  public let got: Text?

  var subject: Text { receipt.text }

  func write(to out: inout JSONWriter) {
    out.field("kind", kind)
    out.optional("expected", expected)
    out.optional("got", got)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    receipt = try FieldReader.named(subject.receipt)
    kind = try fields.cachedText("kind")
    expected = try fields.optionalText("expected")
    got = try fields.optionalText("got")
  }

  public init(receipt: ReceiptID, kind: Text, expected: Text?, got: Text?) {
    self.receipt = receipt
    self.kind = kind
    self.expected = expected?.cutForEvent
    self.got = got?.cutForEvent
  }
}
