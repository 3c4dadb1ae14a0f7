import HTTP
import JSON
import Ledger
import Service
import Testing

/// What a request must carry to be paid, and what it gets when it is not (GW-02 to GW-10, T-14).
struct GatewayPaymentTests {
  private static let receiver = "0x00000000000000000000000000000000000000aa"

  @Test func `an unpaid request gets 402 with everything that is needed to pay`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon(["X402_WALLET_ADDRESS": Self.receiver], home: home)
    defer { daemon.stop() }
    let answer = try daemon.task(pay: nil, with: ["X-Request-Id": "req-of-the-caller"])
    #expect(answer.status == 402)
    #expect(answer.headers["Content-Type"] == "application/json")
    #expect(answer.headers["Cache-Control"] == "no-store")
    let body =
      #"{"error":{"code":"PAYMENT_REQUIRED","message":"Payment required for this resource.","#
      + #""x402":{"resourceId":"agent-task","amount":{"currency":"USD","value":"0.010000"},"#
      + #""asset":"USDC","network":"base","receiver":"0x00000000000000000000000000000000000000aa","#
      + #""paymentHeader":"X-Payment: v1:<amount-usd>:<proof-id>","retryHint":"Pay, then send the "#
      + #"same request again with the payment header and the same Idempotency-Key."}},"#
      + #""requestId":"req-of-the-caller"}"#
    #expect(answer.text == body)
  }

  @Test func `the header of the seed turns 402 into 200 with a receipt that invents nothing`()
    throws
  {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon(["X402_WALLET_ADDRESS": Self.receiver], home: home)
    defer { daemon.stop() }
    #expect(try daemon.task(pay: nil).status == 402)
    let answer = try daemon.task(pay: "v1:0.01:proof123")
    #expect(answer.status == 200)
    #expect(answer.headers["Idempotency-Replayed"] == "false")
    #expect(try answer.member("status") == "accepted")
    #expect(try answer.member("result.taskBytes") == "4")
    #expect(try answer.member("receipt.paid") == "true")
    #expect(try answer.member("receipt.settlement") == "format_only")
    #expect(try answer.member("receipt.txHash") == "null")
    #expect(try answer.member("receipt.payer") == "null")
    #expect(try answer.member("receipt.receiver") == Self.receiver)
    #expect(try answer.member("receipt.amount.value") == "0.010000")
    #expect(try answer.member("idempotencyKey") == "null")
    let paidAt = try #require(try answer.member("receipt.paidAt"))
    #expect(paidAt.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
  }

  @Test(arguments: [
    "v1:0.01:proof123", "v1:0.010000:proof_-9", "v1:1:proof123", "v1:0.01:abcdef",
    "v1:170141183460469231731687303715.884105:proof123",
  ])
  func `every well-formed header that covers the price pays`(header: String) throws {
    let daemon = try GatewayDaemon([:], home: try GatewayHome())
    defer { daemon.stop() }
    #expect(try daemon.task(pay: header).status == 200)
  }

  @Test(arguments: [
    "v1:inf:proof123", "v1:nan:proof123", "v1:-1:proof123", "v1:+1:proof123",
    "v1:1e9:proof123", "v1:0x1p3:proof123", "v1:0.0100000:proof123", "v1:0.0123456:proof123",
    "v1:00.01:proof123", "v1:01:proof123", "v1:.01:proof123", "v1:1.:proof123",
    "v1:1,5:proof123", "v1:0.01abc:proof123", "v1:0.01:short", "v1:0.01:", "v1:0.01",
    "v1::proof123", "v1:0.01:proof 123", "v1:0.01:proof:123", "v2:0.01:proof123",
    "V1:0.01:proof123", "proof123", "v1:340282366920938463463374607431768211456:proof123",
    "v1:0.01:pröof123", "eyJ4NDAyVmVyc2lvbiI6MX0=",
  ])
  func `a malformed header is told apart and never pays`(header: String) throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    let answer = try daemon.task(pay: header)
    daemon.stop()
    #expect(try answer.verdict == "402 PAYMENT_PROOF_INVALID")
    #expect(answer.text.contains("v1:<amount-usd>:<proof-id>"))
    #expect(try home.count(of: .gatewayPaymentAccepted) == 0)
  }

  @Test func `two payment headers are malformed, even if each would pay`() throws {
    let daemon = try GatewayDaemon([:], home: try GatewayHome())
    defer { daemon.stop() }
    let answer = try daemon.task(pay: "v1:0.01:proof123", with: ["X-Payment": "v1:0.01:proof124"])
    #expect(try answer.verdict == "402 PAYMENT_PROOF_INVALID")
  }

  @Test func `one unit below the price is underpaid and the answer says what came`() throws {
    let daemon = try GatewayDaemon(["X402_PRICE_USD": "0.05"], home: try GatewayHome())
    defer { daemon.stop() }
    let below = try daemon.task(pay: "v1:0.049999:proof123")
    #expect(try below.verdict == "402 PAYMENT_UNDERPAID")
    #expect(try below.member("error.providedAmount") == "0.049999")
    #expect(try below.member("error.x402.amount.value") == "0.050000")
    #expect(try daemon.task(pay: "v1:0.05:proof123").status == 200)
    #expect(try daemon.task(pay: "v1:0.050001:proof124").status == 200)
  }

  @Test func `strict takes no X-Paid, stub takes it and every header but the protocol's own`()
    throws
  {
    let strict = try GatewayDaemon([:], home: try GatewayHome())
    defer { strict.stop() }
    let claimed = try strict.task(pay: nil, with: ["X-Paid": "true"])
    #expect(try claimed.verdict == "402 PAYMENT_REQUIRED")
    let stub = try GatewayDaemon(["PAYMENT_VERIFIER_MODE": "STUB"], home: try GatewayHome())
    defer { stub.stop() }
    #expect(try stub.task(pay: nil).verdict == "402 PAYMENT_REQUIRED")
    #expect(try stub.task(pay: nil, with: ["X-Paid": "false"]).verdict == "402 PAYMENT_REQUIRED")
    #expect(try stub.task(pay: nil, with: ["X-Paid": "true"]).status == 200)
    #expect(try stub.task(pay: "anything").status == 200)
    #expect(try stub.task(pay: "anything", body: #"{"task":"other"}"#).status == 200)
    #expect(
      try stub.task(pay: "eyJ4NDAyVmVyc2lvbiI6MX0=").verdict == "402 PAYMENT_PROOF_INVALID")
  }

  @Test func `a paid request that is no task is refused with nothing charged`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    let bodies = [
      "", "{", "[]", "{}", #"{"task":""}"#, #"{"task":7}"#, #"{"task":"a","task":"b"}"#,
    ]
    for (index, body) in bodies.enumerated() {
      let answer = try daemon.task(pay: "v1:0.01:proof-\(index)xx", body: body)
      #expect(try answer.verdict == "400 VALIDATION_ERROR", "\(body)")
    }
    let text = try daemon.task(pay: "v1:0.01:proof999", with: ["Content-Type": "text/plain"])
    #expect(try text.verdict == "400 VALIDATION_ERROR")
    daemon.stop()
    #expect(try home.count(of: .gatewayPaymentAccepted) == 0)
  }

  @Test func `a receipt can be fetched, also after a restart, and an unknown one is 404`() throws {
    let home = try GatewayHome()
    let first = try GatewayDaemon([:], home: home)
    let paid = try first.task(pay: "v1:0.02:proof123")
    let id = try #require(try paid.member("receipt.receiptId"))
    let answer = try first.get("/receipts/\(id)")
    #expect(answer.status == 200)
    #expect(try answer.member("receiptId") == id)
    #expect(try answer.member("amount.value") == "0.020000")
    let parts = answer.text.split(separator: #","seq":"#)
    #expect(parts.count == 2)
    #expect(paid.text.contains(parts[0] + "}"))
    let hash = try #require(try answer.member("hash"))
    #expect(hash.utf8.count == 64)
    #expect(try first.get("/receipts/rcpt_00000000000000000000000000").status == 404)
    #expect(try first.get("/receipts/..%2f..%2fHEAD").verdict == "404 RECEIPT_NOT_FOUND")
    first.stop()
    let second = try GatewayDaemon([:], home: home)
    defer { second.stop() }
    #expect(try second.get("/receipts/\(id)").body == answer.body)
    let seq = try #require(try answer.member("seq"))
    let shown = try JobsHome(at: home.path).run("log show \(seq) -o jsonl")
    #expect(shown.answer.hasSuffix(#","hash":"\#(hash)"}"# + "\n"))
  }

  @Test func `a receipt is checked against the log, whoever holds it`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    let paid = try daemon.task(pay: "v1:0.02:proof123")
    let id = try #require(try paid.member("receipt.receiptId"))
    let receipt = try daemon.get("/receipts/\(id)").text
    daemon.stop()
    let tool = try JobsHome(at: home.path)
    func verify(_ text: String, fake: Bool = true) throws -> JobsHome.Run {
      let path = home.path + "/receipt.json"
      try Files.replace(path, with: Array(text.utf8), mode: 0o600)
      return try tool.run("receipt verify \(path)", fake: fake)
    }
    for whole in [receipt, paid.text] {
      let run = try verify(whole)
      #expect(run.status == .ok, "\(run.messages)")
      #expect(run.answer.hasPrefix("\(id): as the log says, seq "))
    }
    #expect(try tool.run("receipt get \(id) -o json", fake: true).answer == receipt + "\n")
    let forged = try verify(receipt.replacingFirst("0.020000", "0.030000"))
    #expect(forged.status == .checkFailed)
    #expect(
      forged.answer
        == #"amount.value: the receipt says "0.030000", the log says "0.020000""# + "\n")
    let added = try verify(receipt.replacingFirst("{", #"{"refunded":true,"#))
    #expect(added.answer == "refunded: the log knows nothing of it\n")
    let lacking = try verify(receipt.replacingFirst(#""txHash":null,"#, ""))
    #expect(lacking.answer == "txHash: the receipt lacks it\n")
    let moved = try verify(receipt.replacingFirst(#""hash":""#, #""hash":"0"#))
    #expect(moved.status == .checkFailed)
    #expect(try verify(receipt, fake: false).status == .notFound)
    let unknown = receipt.replacingFirst(id, "rcpt_00000000000000000000000000")
    #expect(try verify(unknown).status == .notFound)
    for bad in ["", "{", "[]", "{}", #"{"receiptId":7}"#, #"{"receiptId":"../x"}"#] {
      #expect(try verify(bad).status == .usage, "\(bad)")
    }
    #expect(try tool.run("receipt verify \(home.path)/none", fake: true).status == .notFound)
  }
}
