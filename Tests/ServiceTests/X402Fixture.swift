import Digest
import Glibc
import HTTP
import JSON
import Ledger
import Service

/// A payer without a key: makes payment headers that have the right form.
struct X402Payer {
  static let payTo = "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"
  static let asset = "0x036CbD53842c5426634e7929541eC2318f3dCF7e"

  var digits = "00d2"
  var nonce: UInt64
  var version = 2
  var value = "10000"
  var to = X402Payer.payTo
  var validBefore: Int64
  var validAfter: Int64 = 0
  var network = "eip155:84532"
  var scheme = "exact"
  var acceptedAmount = "10000"
  var acceptedAsset = X402Payer.asset
  var identifier: String?
  var isRecased = false

  init(nonce: UInt64, validBefore: Int64) {
    self.nonce = nonce
    self.validBefore = validBefore
  }

  var payer: String { "0x5d5c99edf529335160ff180fa141dd4967fc\(digits)" }

  var object: String {
    let digits = String(nonce, radix: 16)
    var hex = String(repeating: "a", count: 64 - digits.count) + digits
    var from = payer
    if isRecased {
      hex = hex.uppercased()
      from = "0x" + payer.dropFirst(2).uppercased()
    }
    let signed =
      #"{"from":"\#(from)","to":"\#(to)","value":"\#(value)","validAfter":"\#(validAfter)","#
      + #""validBefore":"\#(validBefore)","nonce":"0x\#(hex)"}"#
    let signature = "0x" + String(repeating: "ab", count: 65)
    let payload = #"{"authorization":\#(signed),"signature":"\#(signature)"}"#
    guard version == 2 else {
      return
        #"{"x402Version":1,"scheme":"\#(scheme)","network":"base-sepolia","payload":\#(payload)}"#
    }
    let accepted =
      #"{"scheme":"\#(scheme)","network":"\#(network)","asset":"\#(acceptedAsset)","#
      + #""amount":"\#(acceptedAmount)","payTo":"\#(X402Payer.payTo)","maxTimeoutSeconds":60,"#
      + #""extra":{"name":"USDC","version":"2"}}"#
    let extensions =
      identifier.map {
        #","extensions":{"payment-identifier":{"info":{"required":false,"id":"\#($0)"}}}"#
      } ?? ""
    return #"{"x402Version":2,"payload":\#(payload),"accepted":\#(accepted)\#(extensions)}"#
  }

  var header: String { Base64.encode(Array(object.utf8)) }

  /// The request that it pays for.
  func request(key: String? = nil, body: String = #"{"task":"test"}"#) -> ClientRequest {
    var headers: Headers = ["Content-Type": "application/json"]
    headers.append(version == 2 ? "PAYMENT-SIGNATURE" : "X-PAYMENT", header)
    if let key { headers.append("Idempotency-Key", key) }
    return ClientRequest(
      method: .post, target: "/agent/task", headers: headers, body: Array(body.utf8))
  }
}

/// A gateway that sells for signed payments, and its fake chain.
struct X402Gateway {
  static let start = Timestamp(milliseconds: 1_794_830_400_000)
  static let settings = [
    "PAYMENT_VERIFIER_MODE": "facilitator", "X402_NETWORK": "base-sepolia",
    "X402_WALLET_ADDRESS": X402Payer.payTo,
  ]

  let home: GatewayHome
  let clock: GatewayClock

  init() throws {
    home = try GatewayHome()
    clock = GatewayClock(X402Gateway.start)
  }

  func daemon(_ more: [String: String] = [:]) throws -> GatewayDaemon {
    try GatewayDaemon(
      X402Gateway.settings.merging(more) { $1 }, home: home, clocks: clock.clocks)
  }

  /// A payer whose promise is good for a minute from now.
  func payer(_ nonce: UInt64, _ digits: String = "00d2") -> X402Payer {
    var payer = X402Payer(
      nonce: nonce, validBefore: clock.clocks.wall().milliseconds / 1_000 + 60)
    payer.digits = digits
    return payer
  }

  /// What moved on the fake chain.
  func transfers() throws -> Int {
    try home.text("data/fake/transfers.jsonl").split(separator: "\n").count
  }

  func reconcile(_ daemon: GatewayDaemon) throws -> Response {
    try daemon.send(
      ClientRequest(
        method: .post, target: "/api/payments/reconcile", headers: Headers(), body: []),
      to: "socket")
  }
}
