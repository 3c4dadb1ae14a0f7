import Digest
import HTTP
import JSON
import Ledger
import Service
import Testing

/// Selling for signed payments through the whole daemon, with the fake facilitator and its chain.
@Suite struct X402GatewayTests {
  @Test func `one 402 offers both versions`() throws {
    let gateway = try X402Gateway()
    let daemon = try gateway.daemon()
    defer { daemon.stop() }
    let answer = try daemon.task(pay: nil)
    #expect(answer.status == 402)
    #expect(answer.headers["Cache-Control"] == "no-store")
    let header = try #require(answer.headers["PAYMENT-REQUIRED"])
    let offer = String(decoding: try #require(Base64.decode(header)), as: UTF8.self)
    let terms =
      #"{"scheme":"exact","network":"eip155:84532","asset":"0x036CbD53842c5426634e7929541eC2318f3dCF7e","amount":"10000","payTo":"0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC","maxTimeoutSeconds":60,"extra":{"name":"USDC","version":"2"}}"#
    #expect(offer.contains(#""accepts":[\#(terms)]"#))
    let body = String(decoding: answer.body, as: UTF8.self)
    #expect(body.hasPrefix(#"{"x402Version":1,"error":"Payment required","accepts":["#))
    #expect(body.contains(#""network":"base-sepolia","maxAmountRequired":"10000""#))
  }

  @Test(arguments: [1, 2])
  func `a payment buys once, and the same bytes for ever`(version: Int) throws {
    let gateway = try X402Gateway()
    var payer = gateway.payer(1)
    payer.version = version
    var daemon = try gateway.daemon()
    let first = try daemon.send(payer.request(), to: "gateway")
    #expect(first.status == 200)
    #expect(first.headers["Cache-Control"] == "private")
    #expect(first.headers["Idempotency-Replayed"] == "false")
    let name = version == 1 ? "X-PAYMENT-RESPONSE" : "PAYMENT-RESPONSE"
    let receipt = String(
      decoding: try #require(first.headers[name].flatMap { Base64.decode($0) }), as: UTF8.self)
    #expect(receipt.hasPrefix(#"{"success":true,"payer":"\#(payer.payer)","transaction":"0x"#))
    #expect(receipt.hasSuffix(version == 1 ? #""base-sepolia"}"# : #""eip155:84532"}"#))
    daemon.stop()
    // Long after the promise has lapsed, in another process, spelled in another case.
    gateway.clock.advance(milliseconds: 86_400_000)
    daemon = try gateway.daemon()
    defer { daemon.stop() }
    payer.isRecased = true
    let again = try daemon.send(payer.request(), to: "gateway")
    #expect(again.status == 200 && again.body == first.body)
    #expect(again.headers[name] == first.headers[name])
    #expect(again.headers["Idempotency-Replayed"] == "true")
    let other = try daemon.send(payer.request(body: #"{"task":"else"}"#), to: "gateway")
    #expect(other.status == 402)
    #expect(try other.member("code") == "PAYMENT_PROOF_REUSED")
    #expect(try gateway.transfers() == 1)
    #expect(try gateway.home.count(of: .gatewayPaymentAccepted) == 1)
    let id = try #require(first.headers["Tollbook-Receipt"])
    #expect(try daemon.get("/receipts/\(id)").member("settlement") == "settled")
    #expect(try daemon.get("/payments/\(id)").member("charged") == "yes")
  }

  @Test(arguments: [
    ("0001", 402, 402, 0), ("0002", 402, 402, 0), ("0003", 503, 200, 1), ("0004", 503, 503, 0),
    ("0005", 200, 200, 1), ("0006", 503, 200, 1), ("0007", 503, 200, 1), ("0008", 503, 200, 1),
    ("0009", 503, 503, 0), ("000a", 200, 200, 1), ("000b", 503, 503, 0), ("000c", 503, 503, 0),
    ("000d", 503, 200, 1),
  ])
  func `whatever the facilitator does, nobody pays twice`(
    digits: String, first: Int, second: Int, moved: Int
  ) throws {
    let gateway = try X402Gateway()
    let daemon = try gateway.daemon()
    defer { daemon.stop() }
    let payer = gateway.payer(7, digits)
    let answer = try daemon.send(payer.request(), to: "gateway")
    #expect(answer.status == first)
    if first == 503 {
      #expect(answer.headers["Retry-After"] != nil)
      #expect(answer.headers["PAYMENT-REQUIRED"] == nil)
    }
    #expect(try daemon.send(payer.request(), to: "gateway").status == second)
    #expect(try gateway.transfers() == moved)
    #expect(
      try gateway.home.count(of: .gatewayPaymentAccepted) == (second == 200 ? moved : 0))
    if digits == "000a" { #expect(try gateway.home.count(of: .gatewayAnomaly) == 1) }
    // What was made before a settlement is made once.
    #expect(try gateway.home.count(of: .gatewayResponseRecorded) <= (digits == "0002" ? 2 : 1))
  }

  @Test func `copies at once run the handler once and get the same answer`() async throws {
    let gateway = try X402Gateway()
    let daemon = try gateway.daemon()
    defer { daemon.stop() }
    let payer = gateway.payer(3, "0005")
    let answers = await withTaskGroup(of: Response?.self) { group in
      for _ in 0..<20 {
        group.addTask { try? daemon.send(payer.request(), to: "gateway") }
      }
      var answers: [Response] = []
      for await answer in group { if let answer { answers.append(answer) } }
      return answers
    }
    #expect(answers.count == 20)
    #expect(answers.allSatisfy { $0.status == 200 && $0.body == answers[0].body })
    #expect(try gateway.home.count(of: .gatewayReserved) == 1)
    #expect(try gateway.home.count(of: .gatewayResponseRecorded) == 1)
    #expect(try gateway.transfers() == 1)
  }

  @Test func `a key, or the payer's own name, gives a fresh payment back`() throws {
    let gateway = try X402Gateway()
    let daemon = try gateway.daemon()
    defer { daemon.stop() }
    var payer = gateway.payer(1)
    let first = try daemon.send(payer.request(key: "order-1"), to: "gateway")
    payer.nonce = 2
    let second = try daemon.send(payer.request(key: "order-1"), to: "gateway")
    #expect(second.status == 200 && second.body == first.body)
    #expect(try gateway.transfers() == 1)
    let other = try daemon.send(
      payer.request(key: "order-1", body: #"{"task":"else"}"#), to: "gateway")
    #expect(other.status == 409)
    payer.identifier = "pay_7d5d747be160e280"
    payer.nonce = 3
    #expect(try daemon.send(payer.request(), to: "gateway").status == 200)
    payer.nonce = 4
    let replay = try daemon.send(payer.request(), to: "gateway")
    #expect(replay.headers["Idempotency-Replayed"] == "true")
    #expect(try gateway.transfers() == 2)
  }

  @Test func `an answer that failed is not charged, and the payment can be used again`() throws {
    let gateway = try X402Gateway()
    let daemon = try gateway.daemon(["WALLET_POLICY_SESSION_CAP_USD": "0.01"])
    defer { daemon.stop() }
    let payer = gateway.payer(1)
    let failed = try daemon.send(payer.request(body: #"{"no":1}"#), to: "gateway")
    #expect(failed.status == 400)
    #expect(try gateway.transfers() == 0)
    // Neither the promise nor the cap is used up.
    #expect(try daemon.send(payer.request(), to: "gateway").status == 200)
    let capped = try daemon.send(gateway.payer(2).request(), to: "gateway")
    #expect(capped.status == 403)
  }

  @Test func `what was never settled ends when the chain shows it`() throws {
    let gateway = try X402Gateway()
    let daemon = try gateway.daemon(["WALLET_POLICY_SESSION_CAP_USD": "0.01"])
    defer { daemon.stop() }
    let payer = gateway.payer(1, "0004")
    let unknown = try daemon.send(payer.request(), to: "gateway")
    #expect(unknown.status == 503)
    let place = try #require(unknown.headers["Location"])
    #expect(try daemon.get(place).member("charged") == "unknown")
    // It holds the cap meanwhile.
    #expect(try daemon.send(gateway.payer(2).request(), to: "gateway").status == 403)
    gateway.clock.advance(milliseconds: 59_000)
    #expect(
      String(decoding: try gateway.reconcile(daemon).body, as: UTF8.self).contains(#""unknown":1"#))
    gateway.clock.advance(milliseconds: 62_000)
    #expect(
      String(decoding: try gateway.reconcile(daemon).body, as: UTF8.self).contains(#""unknown":0"#))
    #expect(try daemon.get(place).member("status") == "refused")
    #expect(try daemon.get(place).member("charged") == "no")
    #expect(try daemon.send(payer.request(), to: "gateway").status == 402)
    #expect(try daemon.send(gateway.payer(3).request(), to: "gateway").status == 200)
  }

  @Test func `an operator ends what nobody knows, with evidence`() throws {
    let gateway = try X402Gateway()
    let daemon = try gateway.daemon()
    defer { daemon.stop() }
    let payer = gateway.payer(1, "0004")
    let unknown = try daemon.send(payer.request(), to: "gateway")
    let id = try #require(unknown.headers["Location"]).dropFirst("/payments/".count)
    func resolve(_ body: String) throws -> Int {
      try daemon.send(
        ClientRequest(
          method: .post, target: "/api/payments/\(id)/resolve",
          headers: ["Content-Type": "application/json"], body: Array(body.utf8)), to: "socket"
      ).status
    }
    #expect(try resolve(#"{"outcome":"completed","evidence":"explorer"}"#) == 400)
    let hash = "0x" + String(repeating: "c", count: 64)
    #expect(
      try resolve(
        #"{"outcome":"completed","evidence":" ","blockchain_tx_hash":"\#(hash)"}"#) == 400)
    #expect(
      try resolve(
        #"{"outcome":"completed","evidence":"explorer","blockchain_tx_hash":"\#(hash)"}"#) == 200)
    #expect(try daemon.send(payer.request(), to: "gateway").status == 200)
    #expect(try resolve(#"{"outcome":"failed","evidence":"explorer"}"#) == 409)
  }

  @Test func `the kill switch offers nothing new and lets begun payments end`() throws {
    let gateway = try X402Gateway()
    var daemon = try gateway.daemon()
    let payer = gateway.payer(1, "0003")
    #expect(try daemon.send(payer.request(), to: "gateway").status == 503)
    daemon.stop()
    daemon = try gateway.daemon(["X402_PAYMENTS_DISABLED": "true"])
    defer { daemon.stop() }
    #expect(try daemon.task(pay: nil).status == 503)
    #expect(try daemon.send(gateway.payer(2).request(), to: "gateway").status == 503)
    #expect(try gateway.home.count(of: .gatewayReserved) == 1)
    #expect(try daemon.send(payer.request(), to: "gateway").status == 200)
  }

  @Test(arguments: X402Bad.all)
  func `a payment that does not fit is refused before anybody is asked`(bad: X402Bad) throws {
    let gateway = try X402Gateway()
    let daemon = try gateway.daemon()
    defer { daemon.stop() }
    var payer = gateway.payer(1)
    bad.change(&payer)
    let answer = try daemon.send(payer.request(), to: "gateway")
    #expect(answer.status == 402)
    #expect(try answer.member("code") == bad.code)
    #expect(answer.headers["PAYMENT-REQUIRED"] != nil)
    #expect(try gateway.home.count(of: .gatewayReserved) == 0)
  }

  @Test(arguments: [
    "%%%", "e30", "e30=", "W10=", "MQ==", "v1:0.01:proof123", String(repeating: "A", count: 20_000),
    Base64.encode(Array(String(repeating: "[", count: 5_000).utf8)),
    Base64.encode(Array(#"{"x402Version":2,"x402Version":2}"#.utf8)),
    Base64.encode([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D]),
  ])
  func `a header that cannot be read is a 402`(header: String) throws {
    let gateway = try X402Gateway()
    let daemon = try gateway.daemon()
    defer { daemon.stop() }
    for name in ["PAYMENT-SIGNATURE", "X-PAYMENT"] {
      var headers: Headers = ["Content-Type": "application/json"]
      headers.append(name, header)
      let answer = try daemon.task(pay: nil, with: headers)
      #expect(answer.status == 402)
      #expect(try answer.member("code") == "PAYMENT_PROOF_INVALID")
    }
  }

  @Test func `the mode needs an address, and with real money a facilitator`() throws {
    func problems(_ settings: [String: String]) -> [String] {
      do {
        _ = try GatewayDaemon.configuration(settings, home: "/tmp")
        return []
      } catch let error as ConfigurationError {
        return error.problems.map(\.message)
      } catch {
        return ["\(error)"]
      }
    }
    var settings = ["PAYMENT_VERIFIER_MODE": "facilitator"]
    #expect(problems(settings).count == 1)
    settings["X402_WALLET_ADDRESS"] = X402Payer.payTo
    #expect(problems(settings).isEmpty)
    settings["PAYMENTS_USE_FAKE"] = "false"
    #expect(problems(settings).count == 1)
    settings["X402_FACILITATOR_URL"] = "https://x402.org/facilitator"
    #expect(problems(settings).isEmpty)
    settings["X402_NETWORK"] = "solana"
    #expect(problems(settings).count == 1)
  }
}

/// One way in which a payment does not fit our offer.
struct X402Bad: Sendable, CustomTestStringConvertible {
  let code: String
  let name: String
  let change: @Sendable (inout X402Payer) -> Void
  var testDescription: String { name }

  init(_ code: String, _ name: String, _ change: @escaping @Sendable (inout X402Payer) -> Void) {
    self.code = code
    self.name = name
    self.change = change
  }

  static let all: [X402Bad] = [
    X402Bad("WRONG_AMOUNT", "one unit less") { $0.value = "9999" },
    X402Bad("WRONG_AMOUNT", "one unit more") { $0.value = "10001" },
    X402Bad("WRONG_AMOUNT", "accepted less") { $0.acceptedAmount = "1" },
    X402Bad("WRONG_AMOUNT", "2^256 - 1") {
      $0.value = "115792089237316195423570985008687907853269984665640564039457584007913129639935"
    },
    X402Bad("PAYMENT_PROOF_INVALID", "2^256") {
      $0.value = "115792089237316195423570985008687907853269984665640564039457584007913129639936"
    },
    X402Bad("PAYMENT_PROOF_INVALID", "a sign") { $0.value = "-1" },
    X402Bad("WRONG_RECIPIENT", "to somebody else") {
      $0.to = "0x1111111111111111111111111111111111111111"
    },
    X402Bad("WRONG_ASSET", "the token of Base") {
      $0.acceptedAsset = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
    },
    X402Bad("WRONG_CHAIN", "Base") { $0.network = "eip155:8453" },
    X402Bad("WRONG_CHAIN", "the name of version 1") { $0.network = "base-sepolia" },
    X402Bad("UNSUPPORTED_SCHEME", "upto") { $0.scheme = "upto" },
    X402Bad("EXPIRED", "five seconds left") { $0.validBefore -= 55 },
    X402Bad("PAYMENT_NOT_YET_VALID", "in a second") { $0.validAfter = $0.validBefore - 59 },
    X402Bad("PAYMENT_PROOF_INVALID", "a short name") { $0.identifier = "short" },
  ]
}
