import Digest
import JSON
import Ledger
import Rails
import Seeded
import Testing

/// The wire formats of x402 against the vectors that the official packages exchange.
@Suite struct X402WireTests {
  private static let payTo: Text = "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"

  private func network() throws -> X402Network {
    try #require(X402Network.named("eip155:84532"))
  }

  private func terms(_ flow: PaymentFlow = .authorization) throws -> X402Terms {
    let network = try network()
    return X402Terms(
      network: network, coin: try #require(network.coin),
      amount: Money(units: 10_000, asset: .usdc), payTo: X402WireTests.payTo,
      maxTimeoutSeconds: 60, flow: flow)
  }

  private let resource = X402Resource(
    url: "https://pay.example/paid", description: "paid resource", mimeType: "application/json")

  private func offer() throws -> X402Offer {
    X402Offer(terms: [try terms()], resource: resource, error: "Payment required")
  }

  /// A real signature of the official client.
  static let signed =
    #"{"x402Version":2,"payload":{"authorization":{"from":"0x5d5c99EdF529335160FF180fA141Dd4967fc00D2","to":"0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC","value":"10000","validAfter":"0","validBefore":"1795197911","nonce":"0x3ed2a225f1db775b1006f5c894e4d09e523e06d9bed2f8bb3025e963267fa530"},"signature":"0x18db6e2d8b9728d541954b3ab06db855cf2e9a371b82012afe4bda33cc0302bb3d314f640acdc96ca62d7d6ce9e34a161e14eda7e7901188d4a3003c531149bd1b"},"accepted":{"scheme":"exact","network":"eip155:84532","asset":"0x036CbD53842c5426634e7929541eC2318f3dCF7e","amount":"10000","payTo":"0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC","maxTimeoutSeconds":60,"extra":{"name":"USDC","version":"2"}},"resource":{"url":"https://pay.example/paid","description":"paid resource","mimeType":"application/json"}}"#

  private func payment(_ json: String = X402WireTests.signed) throws -> X402Payment {
    try X402Payment.read(header: Text(Base64.encode(Array(json.utf8))))
  }

  @Test func `the offer of version 2 is the one of the official server`() throws {
    let bytes = try #require(Base64.decode(try offer().headerValue.string))
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(
      text.hasPrefix(
        #"{"x402Version":2,"error":"Payment required","resource":{"url":"https://pay.example/paid","description":"paid resource","mimeType":"application/json"},"accepts":[{"scheme":"exact","network":"eip155:84532","asset":"0x036CbD53842c5426634e7929541eC2318f3dCF7e","amount":"10000","payTo":"0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC","maxTimeoutSeconds":60,"extra":{"name":"USDC","version":"2"}}],"extensions":{"payment-identifier":{"info":{"required":false},"schema":{"#
      ))
    #expect(
      try terms(.upfront).requirements(version: 2, of: resource).string.hasSuffix(
        #""extra":{"name":"USDC","version":"2","paymentFlow":"upfront"}}"#))
  }

  @Test func `the offer of version 1 is the body, with our members behind`() throws {
    let body = String(decoding: try offer().body(code: "C", requestID: "r"), as: UTF8.self)
    #expect(
      body
        == #"{"x402Version":1,"error":"Payment required","accepts":[{"scheme":"exact","network":"base-sepolia","maxAmountRequired":"10000","resource":"https://pay.example/paid","description":"paid resource","mimeType":"application/json","payTo":"0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC","maxTimeoutSeconds":60,"asset":"0x036CbD53842c5426634e7929541eC2318f3dCF7e","extra":{"name":"USDC","version":"2"}}],"code":"C","requestId":"r"}"#
    )
  }

  @Test func `a real payment reads, and goes on unchanged`() throws {
    let payment = try payment()
    #expect(payment.json.string == X402WireTests.signed)
    #expect(payment.authorization.validBefore == 1_795_197_911)
    #expect(try X402Payment.read(json: payment.json) == payment)
    let terms = try offer().terms(for: payment, at: 1_795_197_851)
    #expect(terms == (try self.terms()))
    let requirements = terms.requirements(version: 2, of: resource)
    let body = X402Request.body(version: 2, payment: payment.json, requirements: requirements)
    #expect(
      String(decoding: body, as: UTF8.self)
        == #"{"x402Version":2,"paymentPayload":\#(X402WireTests.signed),"paymentRequirements":\#(requirements)}"#
    )
  }

  @Test func `numbers and unknown members go on as they came`() throws {
    let odd = X402WireTests.signed.dropLast() + #","more":{"a":1.50e+3,"é":"\u00e9"}}"#
    let payment = try payment(String(odd))
    #expect(payment.json.string.hasSuffix(#","more":{"a":1.50e+3,"é":"é"}}"#))
  }

  @Test(
    arguments: [
      (1_795_197_905, true), (1_795_197_906, false), (1_795_197_912, false), (-1, false),
    ] as [(Int64, Bool)])
  func `six seconds must be left`(now: Int64, isValid: Bool) throws {
    let payment = try payment()
    let offer = try offer()
    var refusal: X402Refusal?
    do throws(X402Refusal) {
      _ = try offer.terms(for: payment, at: now)
    } catch {
      refusal = error
    }
    #expect((refusal == nil) == isValid)
    if !isValid { #expect(refusal == (now < 0 ? .notYetValid : .expired)) }
  }

  @Test func `the same promise is the same however it is spelled`() throws {
    let upper = X402WireTests.signed
      .replacing("3ed2a225f1db775b", with: "3ED2A225F1DB775B")
      .replacing("0x5d5c99EdF5", with: "0x5D5C99EDF5")
      .replacing(#""value":"10000""#, with: #""value":"0010000""#)
    let terms = try terms()
    let other = try payment(upper)
    #expect(other.promise(under: terms) == (try payment().promise(under: terms)))
    #expect(try offer().terms(for: other, at: 1_795_197_000) == terms)
  }

  @Test(arguments: [
    ("valid", 200, #"{"isValid":true,"payer":"0xAb"}"#, X402VerifyAnswer.valid(payer: "0xAb")),
    ("text", 200, #"{"isValid":"yes"}"#, .noAnswer), ("number", 200, #"{"isValid":1}"#, .noAnswer),
    ("500", 500, #"{"isValid":true}"#, .noAnswer), ("3xx", 302, #"{"isValid":false}"#, .noAnswer),
    ("html", 200, "<html>", .noAnswer), ("empty", 200, "", .noAnswer),
    (
      "no", 400, #"{"isValid":false,"invalidReason":"insufficient_funds","payer":"0x1"}"#,
      .invalid(reason: "insufficient_funds", payer: "0x1")
    ),
  ])
  func `only a boolean verifies`(
    name: String, status: Int, body: String, expected: X402VerifyAnswer
  ) {
    #expect(X402VerifyAnswer.read(status: status, body: Array(body.utf8)) == expected)
  }

  @Test(arguments: [
    (200, #""success":true,"payer":"P","transaction":"T","network":"N""#, "settled"),
    (200, #""success":true,"payer":"0x1","transaction":"T","network":"N""#, "settled 1"),
    (200, #""success":true,"payer":"P","transaction":"","network":"N""#, "unknown 1"),
    (200, #""success":true,"payer":"P","transaction":"0x12","network":"N""#, "unknown 1"),
    (200, #""success":true,"payer":"P","transaction":"T","network":"eip155:8453""#, "unknown 1"),
    (500, #""success":true,"payer":"P","transaction":"T","network":"N""#, "unknown 1"),
    (200, #""success":"true","transaction":"T","network":"N""#, "unknown 0"),
    (200, #""success":false,"errorReason":"settlement_pending","transaction":"T""#, "pending"),
    (500, #""success":false,"errorReason":"settlement_pending","transaction":"T""#, "pending"),
    (200, #""success":false,"errorReason":"insufficient_funds","transaction":"""#, "refused"),
    (400, #""success":false,"errorReason":"invalid_exact_evm_payload_signature""#, "refused"),
    (200, #""success":false,"errorReason":"insufficient_funds","transaction":"T""#, "unknown 0"),
    (200, #""success":false,"errorReason":"transaction_failed","transaction":"""#, "unknown 0"),
    (
      200,
      #""success":false,"errorReason":"invalid_exact_evm_nonce_already_used","transaction":"""#,
      "unknown 0"
    ),
    (200, #""success":false,"errorReason":"never heard of","transaction":"""#, "unknown 0"),
    // Unheard words that look like known ones, and a simulation that a used nonce fails too.
    (
      200, #""success":false,"errorReason":"x_token_transfer_failed","transaction":"""#, "unknown 0"
    ),
    (200, #""success":false,"errorReason":"insufficient_gas","transaction":"""#, "unknown 0"),
    (200, #""success":false,"errorReason":"late_valid_before","transaction":"""#, "unknown 0"),
    (
      200,
      #""success":false,"errorReason":"invalid_exact_evm_transaction_simulation_failed","transaction":"""#,
      "unknown 0"
    ),
    (200, #""success":false"#, "unknown 0"), (502, "oops", "unknown 0"), (200, "", "unknown 0"),
  ])
  func `a settlement is believed only when it is whole`(
    status: Int, members: String, expected: String
  ) throws {
    let payment = try payment()
    let hash = "0xad877a3689de73b304ff4d27c8675a7388a2f1b4c1ad8cd94d1bb922cc853b5b"
    let body = "{\(members)}".replacing(#""T""#, with: #""\#(hash)""#)
      .replacing(#""P""#, with: #""0x5d5c99edf529335160ff180fa141dd4967fc00d2""#)
      .replacing(#""N""#, with: #""eip155:84532""#)
    let answer = X402SettleAnswer.read(
      status: status, body: Array(body.utf8), payment: payment, terms: try terms())
    let word =
      switch answer {
      case .settled(let transaction, _, let anomalies):
        transaction.text.string == hash
          ? "settled" + (anomalies.isEmpty ? "" : " \(anomalies.count)") : "another"
      case .refused: "refused"
      case .pending(let transaction): transaction?.text.string == hash ? "pending" : "another"
      case .unknown(_, let anomalies): "unknown \(anomalies.count)"
      }
    #expect(word == expected)
  }

  @Test func `what a facilitator supports is read by version and name`() throws {
    let body =
      #"{"kinds":[{"x402Version":2,"scheme":"exact","network":"eip155:84532"},{"x402Version":1,"scheme":"exact","network":"base"},{"x402Version":2,"scheme":"upto","network":"eip155:8453"},7],"extensions":[]}"#
    let supported = try #require(X402Supported(status: 200, body: Array(body.utf8)))
    let base = try #require(X402Network.named("base"))
    #expect(supported.covers(version: 2, try network()) && supported.covers(version: 1, base))
    #expect(!supported.covers(version: 1, try network()) && !supported.covers(version: 2, base))
    #expect(X402Supported(status: 500, body: Array(body.utf8)) == nil)
    #expect(X402Supported(status: 200, body: Array("[]".utf8)) == nil)
  }

  @Test func `receipts are those of the official server`() throws {
    func decoded(_ text: Text) throws -> String {
      String(decoding: try #require(Base64.decode(text.string)), as: UTF8.self)
    }
    let network = try network()
    #expect(
      try decoded(
        X402Receipt.settled(version: 2, transaction: "0x1", network: network, payer: "0x2"))
        == #"{"success":true,"payer":"0x2","transaction":"0x1","network":"eip155:84532"}"#)
    #expect(
      try decoded(X402Receipt.refused(version: 1, reason: "r", network: network))
        == #"{"success":false,"errorReason":"r","transaction":"","network":"base-sepolia"}"#)
  }

  @Test(
    arguments: [
      ("network_mismatch", "WRONG_CHAIN"), ("insufficient_funds", "INSUFFICIENT_FUNDS"),
      ("invalid_exact_evm_insufficient_balance", "INSUFFICIENT_FUNDS"),
      ("invalid_exact_evm_nonce_already_used", "REPLAY"),
      ("invalid_exact_evm_payload_authorization_value_mismatch", "WRONG_AMOUNT"),
      ("invalid_exact_evm_payload_authorization_valid_before", "EXPIRED"),
      ("invalid_exact_evm_token_name_mismatch", "WRONG_ASSET"),
      ("invalid_exact_evm_payload_signature", "INVALID_SIGNATURE"),
      ("settlement_pending", "PAYMENT_PENDING"), ("", "PAYMENT_REFUSED"),
    ] as [(Text, Text)])
  func `known reasons have codes of ours`(reason: Text, code: Text) {
    #expect(X402Reason.code(of: reason) == code)
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `no bytes stop the reader, and what reads is written the same`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var isRead = 0
    for _ in 0..<2_000 {
      var bytes = Array(X402WireTests.signed.utf8)
      for _ in 0...random.below(3) {
        let place = random.below(bytes.count)
        switch random.below(3) {
        case 0: bytes[place] = UInt8(random.below(256))
        case 1: bytes.remove(at: place)
        default: bytes.insert(UInt8(0x20 + random.below(0x60)), at: place)
        }
      }
      do throws(X402PaymentFault) {
        let payment = try X402Payment.read(header: Text(Base64.encode(bytes)))
        isRead += 1
        let again = try X402Payment.read(json: payment.json)
        #expect(again == payment)
      } catch {
        #expect(!error.sentence.isEmpty)
      }
    }
    #expect(isRead > 100)
  }
}
