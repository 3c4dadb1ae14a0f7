import Digest
public import JSON
public import Ledger

/// A payment header, decoded: who signed what, unchanged in what is passed on.
///
/// Source: x402 specification, `exact` on EVM: `TransferWithAuthorization` of EIP-3009. Only the
/// form is read here; the signature is the facilitator's to check.
public struct X402Payment: Equatable, Sendable {
  static let scheme: Text = "exact"
  /// Bytes of the longest header that is decoded.
  public static let maximumHeaderBytes = 16_384
  private static let limits = JSONLimits(depth: 16, bytes: maximumHeaderBytes, values: 1_000)

  /// 1 or 2.
  public let version: Int
  public let scheme: Text
  /// As the header spells it.
  public let networkName: Text
  public let authorization: X402Authorization
  /// What the payer says it accepted; version 2 only.
  public let accepted: JSONObject?
  /// The payer's own name for the payment.
  public let identifier: Text?
  /// The decoded object as JSON: members, order and numbers as they came.
  public let json: Text

  /// Reads `PAYMENT-SIGNATURE`, version 2.
  public static func read(header: Text) throws(X402PaymentFault) -> X402Payment {
    try X402Payment(try object(header), version: 2)
  }

  /// Reads `X-PAYMENT`, version 1.
  public static func read(legacyHeader header: Text) throws(X402PaymentFault) -> X402Payment {
    try X402Payment(try object(header), version: 1)
  }

  /// Takes a payment up again from what was kept of it.
  public static func read(json: Text) throws(X402PaymentFault) -> X402Payment {
    let object = try parse(Array(json.string.utf8))
    guard case .number(let number) = object["x402Version"] else { throw .version }
    return try X402Payment(object, version: number.integer() == 1 ? 1 : 2)
  }

  private static func object(_ header: Text) throws(X402PaymentFault) -> JSONObject {
    guard !header.hasPrefix("v1:") else { throw .seedForm }
    guard header.utf8Count <= maximumHeaderBytes else { throw .tooLong }
    guard
      let bytes = Base64.decode(
        Array(header.string.utf8), alphabet: .standard, padding: .required), !bytes.isEmpty
    else { throw .base64 }
    return try parse(bytes)
  }

  private static func parse(_ bytes: [UInt8]) throws(X402PaymentFault) -> JSONObject {
    let object: JSONObject?
    do throws(JSONError) {
      object = try JSONParser.parse(bytes, limits: limits).object
    } catch {
      throw .json
    }
    guard let object else { throw .json }
    return object
  }

  private init(_ object: JSONObject, version: Int) throws(X402PaymentFault) {
    guard case .number(let number) = object["x402Version"], number.integer() == Int64(version)
    else { throw .version }
    guard let payload = object["payload"]?.object,
      let signed = payload["authorization"]?.object, let signature = payload["signature"]?.text
    else { throw .payload }
    guard X402Payment.isSignature(signature) else { throw .signature }
    let accepted = object["accepted"]?.object
    let terms = version == 1 ? object : accepted
    guard let scheme = terms?["scheme"]?.text, let network = terms?["network"]?.text else {
      throw version == 1 ? .payload : .accepted
    }
    var out = JSONWriter()
    out.value(.object(object), sortingMembers: false)
    self.version = version
    self.scheme = scheme
    networkName = network
    authorization = try X402Authorization(signed)
    self.accepted = version == 1 ? nil : accepted
    identifier = try X402Payment.identifier(of: object)
    json = Text(String(decoding: out.bytes, as: UTF8.self))
  }

  private static func identifier(of object: JSONObject) throws(X402PaymentFault) -> Text? {
    let info = object["extensions"]?.object?[Text("\(X402PaymentIdentifier.name)")]?.object?["info"]
    guard let id = info?.object?["id"] else { return nil }
    guard let id = id.text, X402PaymentIdentifier.isWellFormed(id) else { throw .identifier }
    return id
  }

  /// `0x` and bytes in hexadecimal: 65 of a key, more of a contract's wallet.
  private static func isSignature(_ text: Text) -> Bool {
    let bytes = text.string.utf8
    return bytes.count >= 132 && bytes.count <= 8_192 && bytes.count.isMultiple(of: 2)
      && X402Authorization.isHex(text)
  }

  /// Whether the payment names a chain, by the name of its version.
  public func isOn(_ network: X402Network) -> Bool {
    networkName == (version == 1 ? network.legacy : network.caip2)
  }

  /// What makes the payment the same one, however its header is spelled.
  public func promise(under terms: X402Terms) -> SignedPromise {
    SignedPromise(
      network: terms.network.network, token: terms.coin.address, payer: authorization.from,
      nonce: authorization.nonce)
  }
}

/// What the payer signed: EIP-3009's fields.
public struct X402Authorization: Equatable, Sendable {
  /// `0x` and 40 hexadecimal digits, as sent.
  public let from: Text
  public let to: Text
  /// Atomic units in decimal, without zeros in front; up to 256 bits.
  public let value: Text
  /// Unix seconds; what does not fit counts as the end of time.
  public let validAfter: Int64
  public let validBefore: Int64
  public let nonce: Fingerprint

  init(_ object: JSONObject) throws(X402PaymentFault) {
    guard let from = object["from"]?.text, let to = object["to"]?.text,
      X402Authorization.isAddress(from), X402Authorization.isAddress(to)
    else { throw .address }
    guard let value = X402Authorization.number(object["value"]) else { throw .amount }
    guard let after = X402Authorization.number(object["validAfter"]),
      let before = X402Authorization.number(object["validBefore"])
    else { throw .window }
    guard let nonce = object["nonce"]?.text, nonce.utf8Count == 66,
      X402Authorization.isHex(nonce)
    else { throw .nonce }
    let digits = Array(nonce.asciiLowercased.string.utf8.dropFirst(2))
    guard let print = Fingerprint(hex: digits.span) else { throw .nonce }
    self.from = from
    self.to = to
    self.value = value
    validAfter = PlainNumber.read(ArraySlice(value: after)) ?? .max
    validBefore = PlainNumber.read(ArraySlice(value: before)) ?? .max
    self.nonce = print
  }

  /// The moment from which the promise is worth nothing; at most the end of the year 9999.
  public var end: Timestamp { Timestamp(milliseconds: min(validBefore, 253_402_300_799) * 1_000) }

  static func isAddress(_ text: Text) -> Bool { text.utf8Count == 42 && isHex(text) }

  /// `0x` and hexadecimal digits of either case.
  static func isHex(_ text: Text) -> Bool {
    guard text.hasPrefix("0x") else { return false }
    return text.string.utf8.dropFirst(2).allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
      default: false
      }
    }
  }

  /// A text of decimal digits that fits into 256 bits, without zeros in front; else nil.
  private static func number(_ value: JSONValue?) -> Text? {
    guard let text = value?.text, (1...78).contains(text.utf8Count),
      text.string.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    let digits = text.string.drop { $0 == "0" }
    let plain = digits.isEmpty ? Text("0") : Text(String(digits))
    guard plain.utf8Count < 78 || plain <= largest else { return nil }
    return plain
  }

  /// 2^256 - 1.
  private static let largest: Text =
    "115792089237316195423570985008687907853269984665640564039457584007913129639935"
}

extension ArraySlice<UInt8> {
  fileprivate init(value: Text) { self = Array(value.string.utf8)[...] }
}

/// Why a payment header cannot be read; each is a 402 with a fresh offer.
public enum X402PaymentFault: Error, Hashable, Sendable, CaseIterable {
  /// More than `X402Payment.maximumHeaderBytes`.
  case tooLong
  /// Not base64 in the standard alphabet, padded.
  case base64
  /// Not one JSON object, or one with a name twice, too deep, too large.
  case json
  /// `v1:…`, which only the modes of the seed take.
  case seedForm
  /// `x402Version` is not the header's.
  case version
  /// No `payload` with `authorization` and `signature`, or in version 1 no scheme and network.
  case payload
  /// No `accepted` with scheme and network.
  case accepted
  case signature
  case address
  case amount
  case window
  case nonce
  case identifier

  /// A promise to clients that never changes.
  public var code: Text { "PAYMENT_PROOF_INVALID" }

  /// What is wrong, in one line.
  public var sentence: Text {
    switch self {
    case .tooLong: "The payment header is longer than 16384 bytes."
    case .base64: "The payment header is not base64 in the standard alphabet with padding."
    case .json: "The payment header is not base64 of one JSON object."
    case .seedForm: "This gateway takes signed payments, not v1:<amount-usd>:<proof-id>."
    case .version:
      "x402Version is not the one of the header: 2 in PAYMENT-SIGNATURE, 1 in X-PAYMENT."
    case .payload: "The payment has no payload with authorization and signature."
    case .accepted: "The payment names no accepted requirement."
    case .signature: "The signature is not 0x and at least 65 bytes in hexadecimal."
    case .address: "from and to must be 0x and 40 hexadecimal digits."
    case .amount: "value must be a text of decimal digits within 256 bits."
    case .window: "validAfter and validBefore must be texts of decimal digits within 256 bits."
    case .nonce: "nonce must be 0x and 64 hexadecimal digits."
    case .identifier: "The payment identifier must be 16 to 128 of [A-Za-z0-9_-]."
    }
  }
}
