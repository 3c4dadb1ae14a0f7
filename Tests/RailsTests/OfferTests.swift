import JSON
import Ledger
import Rails
import Testing

/// The body of a 402, byte for byte.
@Suite struct OfferTests {
  /// The gateway's policy as it stands after settings were applied.
  private func policy(_ settings: [Text: Text]) throws -> GatewayPolicy {
    var state = State()
    for (seq, command) in [
      OpenLedger(ledgerID: "L", software: "s") as any Command, ApplySettings(settings: settings),
    ].enumerated() {
      let decision = try command.decide(given: state, book: .real, at: .earliest)
      guard case .accepted(let events) = decision else { continue }
      for event in events {
        state.apply(
          Record(
            seq: UInt64(seq + 1), at: .earliest, actor: "tollbook", cause: nil, binding: nil,
            book: nil, more: false, event: event))
      }
    }
    return try #require(state.controls.gateway)
  }

  @Test func `an offer says what to pay, where, and how to come back`() throws {
    let offer = Offer(
      policy: try policy(["X402_WALLET_ADDRESS": "0xfeed", "X402_PRICE_USD": "0.01"]),
      resource: "POST /agent/task")
    let body = offer.body(
      code: "PAYMENT_REQUIRED", message: "Payment required for this resource.", provided: nil,
      requestID: "req-1")
    #expect(
      String(decoding: body, as: UTF8.self)
        == #"{"error":{"code":"PAYMENT_REQUIRED","message":"Payment required for this resource.","x402":{"resourceId":"POST /agent/task","amount":{"currency":"USD","value":"0.010000"},"asset":"USDC","network":"base","receiver":"0xfeed","paymentHeader":"X-Payment: v1:<amount-usd>:<proof-id>","retryHint":"Pay, then send the same request again with the payment header and the same Idempotency-Key."}},"requestId":"req-1"}"#
    )
  }

  @Test func `an offer after too little names what was paid; a stub offer names the flag`() throws {
    let offer = Offer(
      policy: try policy(["PAYMENT_VERIFIER_MODE": "stub", "X402_NETWORK": "base-sepolia"]),
      resource: "GET /x\"y")
    let body = offer.body(
      code: "PAYMENT_UNDERPAID", message: "Too little.",
      provided: Money(units: 9_999, asset: .usdc), requestID: "req-2")
    #expect(
      String(decoding: body, as: UTF8.self)
        == #"{"error":{"code":"PAYMENT_UNDERPAID","message":"Too little.","providedAmount":"0.009999","x402":{"resourceId":"GET /x\"y","amount":{"currency":"USD","value":"0.010000"},"asset":"USDC","network":"base-sepolia","receiver":null,"paymentHeader":"X-Paid: true","retryHint":"Pay, then send the same request again with the payment header and the same Idempotency-Key."}},"requestId":"req-2"}"#
    )
  }

  @Test(
    arguments: [
      ("0.01", #""value":"0.010000""#), ("1000000", #""value":"1000000.000000""#),
      ("0.000001", #""value":"0.000001""#),
    ] as [(Text, String)])
  func `the price asked for is a price that pays`(price: Text, value: String) throws {
    let policy = try policy(["X402_PRICE_USD": price])
    let body = Offer(policy: policy, resource: "r").body(
      code: "C", message: "M", provided: nil, requestID: "r")
    let text = String(decoding: body, as: UTF8.self)
    #expect(text.contains(value))
    let header = Text("v1:\(policy.price.decimal):proof123")
    let claim = SeedPayment.claim(payment: [header], paidFlag: nil, mode: .strict)
    #expect(claim == .proof("proof123", paid: policy.price))
    _ = try JSONParser.parse(body, limits: .standard)
  }
}
