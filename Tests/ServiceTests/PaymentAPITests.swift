import Glibc
import HTTP
import JSON
import Ledger
import Service
import Testing

/// Ways to ask a daemon to pay.
extension GatewayDaemon {
  func api(
    _ method: HTTP.Method, _ path: String, _ body: String = "", key: String? = nil,
    on listener: String = "socket", with more: Headers = Headers()
  ) throws -> Response {
    var headers = more
    if !body.isEmpty { headers.append("Content-Type", "application/json") }
    if let key { headers.append("Idempotency-Key", key) }
    return try send(
      ClientRequest(method: method, target: path, headers: headers, body: Array(body.utf8)),
      to: listener)
  }

  func pay(
    _ amount: String, _ vendor: String, key: String, agent: String = "builder_agent"
  ) throws -> Response {
    try api(
      .post, "/api/payments",
      #"{"agent_id":"\#(agent)","amount":"\#(amount)","vendor":"\#(vendor)"}"#, key: key)
  }
}

/// Paying over the operator API with the fake provider, whose books say what was really taken.
///
/// Source: PAY-01 to PAY-16, BUD-18 to BUD-20, T-16, T-33, T-49, T-50, DESIGN sections 1, 3, 5.
@Suite struct PaymentAPITests {
  private func taken(_ home: GatewayHome) throws -> [String] {
    try home.text("data/fake/payments.jsonl").split(separator: "\n").map(String.init)
      .filter { $0.contains(#""taken":true"#) }
  }

  @Test func `a payment is on record before and after the provider, and paid once`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    defer { daemon.stop() }
    let first = try daemon.pay("1.25", "weather-api", key: "k1")
    #expect(first.status == 201)
    #expect(first.headers["Idempotency-Replayed"] == "false")
    #expect(try first.member("status") == "completed")
    #expect(try first.member("price_usdc") == "1.250000")
    #expect(try first.member("blockchain_tx_hash") == "null")
    let second = try daemon.pay("1.25", "weather-api", key: "k1")
    #expect(second.status == 201)
    #expect(second.headers["Idempotency-Replayed"] == "true")
    #expect(second.body == first.body)
    #expect(try taken(home).count == 1)
    let types = try home.records().map(\.event.type)
    #expect(
      types.suffix(5) == [
        .intentSubmitted, .intentApproved, .paymentStarted, .paymentCompleted,
        .vendorCapabilityObserved,
      ])
    let id = try #require(try first.member("transaction_id"))
    #expect(try daemon.api(.get, "/api/payments/\(id)").body == first.body)
    #expect(try daemon.api(.get, "/api/payments/tx_none").verdict == "404 PAYMENT_NOT_FOUND")
  }

  @Test func `the key with another body is a conflict and pays nothing`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    defer { daemon.stop() }
    _ = try daemon.pay("1", "shop", key: "k1")
    let before = try home.records().count
    let other = try daemon.pay("2", "shop", key: "k1")
    #expect(try other.verdict == "409 IDEMPOTENCY_CONFLICT")
    #expect(other.text.contains("amount was 1.000000, is now 2.000000"))
    #expect(try home.records().count == before)
    #expect(try taken(home).count == 1)
  }

  @Test func `paying needs a key and the operator's token`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    defer { daemon.stop() }
    let body = #"{"agent_id":"a","amount":"1","vendor":"v"}"#
    #expect(
      try daemon.api(.post, "/api/payments", body).verdict == "400 IDEMPOTENCY_KEY_REQUIRED")
    #expect(
      try daemon.api(.post, "/api/payments", body, key: "a b").verdict
        == "400 IDEMPOTENCY_KEY_INVALID")
    let stranger = try daemon.api(.post, "/api/payments", body, key: "k", on: "api")
    #expect(try stranger.verdict == "401 UNAUTHORIZED")
    let token: Headers = ["Authorization": "Bearer \(try daemon.token())"]
    #expect(
      try daemon.api(.post, "/api/payments", body, key: "k", on: "api", with: token).status == 201)
    // Loopback may read without it.
    #expect(try daemon.api(.get, "/api/budgets/a", on: "api").member("daily") == "1.000000")
  }

  @Test(arguments: [
    (#"{"agent_id":"a","amount":"-1","vendor":"v"}"#, "amount"),
    (#"{"agent_id":"a","amount":"0","vendor":"v"}"#, "amount"),
    (#"{"agent_id":"a","amount":"1e3","vendor":"v"}"#, "amount"),
    (#"{"agent_id":"a","amount":"1,5","vendor":"v"}"#, "amount"),
    (#"{"agent_id":"a","amount":"0.0000001","vendor":"v"}"#, "amount"),
    (#"{"agent_id":"a","amount":"inf","vendor":"v"}"#, "amount"),
    (#"{"agent_id":"a","amount":"nan","vendor":"v"}"#, "amount"),
    (#"{"agent_id":"a","amount":1,"vendor":"v"}"#, "amount"),
    (
      #"{"agent_id":"a","amount":"1111111111111111111111111111111111111111","vendor":"v"}"#,
      "amount"
    ),
    (#"{"agent_id":"a","amount":"1","asset":"DOGE","vendor":"v"}"#, "asset"),
    (#"{"agent_id":"a","amount":"1","vendor":"../v"}"#, "vendor"),
    (#"{"agent_id":"a","amount":"1","vendor":"v\"w"}"#, "vendor"),
    (#"{"agent_id":"a","amount":"1","vendor":"v\u0000"}"#, "vendor"),
    (#"{"agent_id":"a\nb","amount":"1","vendor":"v"}"#, "agent_id"),
    (#"{"agent_id":"","amount":"1","vendor":"v"}"#, "agent_id"),
    (#"{"amount":"1","vendor":"v"}"#, "agent_id"),
    (#"{"agent_id":"a","amount":"1","vendor":"v","network":"a b"}"#, "network"),
    (#"{"agent_id":"a","amount":"1","vendor":"v","intent_id":"a b"}"#, "intent_id"),
    (#"{"agent_id":"a","amount":"1","vendor":"v","limit":"5"}"#, "limit"),
  ])
  func `bad input is named by its field and leaves no trace`(body: String, field: String) throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    defer { daemon.stop() }
    try daemon.settle()
    let before = try home.records().count
    let response = try daemon.api(.post, "/api/payments", body, key: "k")
    #expect(try response.verdict == "400 FIELD_INVALID")
    #expect(try response.member("detail")?.hasPrefix(field) == true)
    #expect(try home.records().count == before)
    #expect(try home.bytes("data/fake/payments.jsonl").isEmpty)
  }

  @Test func `a body that is not a JSON object, or is too large, is refused`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    defer { daemon.stop() }
    for body in ["[]", "{", #"{"agent_id":"a","agent_id":"b"}"#, "\"x\""] {
      #expect(
        try daemon.api(.post, "/api/payments", body, key: "k").verdict == "400 VALIDATION_ERROR")
    }
    let huge = #"{"agent_id":""# + String(repeating: "a", count: 1_048_576) + #""}"#
    #expect(
      try daemon.api(.post, "/api/payments", huge, key: "k").verdict == "413 BODY_TOO_LARGE")
  }

  @Test(arguments: [
    ("fake-timeout-after", "timeout", true), ("fake-timeout-before", "timeout", false),
    ("fake-reset", "reset", true), ("fake-nonsense", "unreadable", true),
  ])
  func `an outcome that nobody knows is 202, held, and closed by asking the provider`(
    vendor: String, fault: String, isTaken: Bool
  ) throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    defer { daemon.stop() }
    let answer = try daemon.pay("4", vendor, key: "k1")
    #expect(answer.status == 202)
    #expect(try answer.member("status") == "unknown")
    #expect(try answer.member("error_class") == fault)
    let id = try #require(try answer.member("transaction_id"))
    #expect(answer.headers["Location"] == "/api/payments/\(id)")
    #expect(try daemon.api(.get, "/api/budgets/builder_agent").member("held") == "4.000000")
    // The same key neither pays again nor fails.
    #expect(try daemon.pay("4", vendor, key: "k1").status == 202)
    #expect(try daemon.api(.get, "/api/payments/unknown").text.contains(id))
    let closing = try daemon.api(.post, "/api/payments/reconcile")
    #expect(try closing.member("closed") == "1")
    #expect(try closing.member("unknown") == "0")
    let after = try daemon.pay("4", vendor, key: "k1")
    #expect(after.status == (isTaken ? 201 : 502))
    #expect(try taken(home).count == (isTaken ? 1 : 0))
    let budget = try daemon.api(.get, "/api/budgets/builder_agent")
    #expect(try budget.member("held") == "0.000000")
    #expect(try budget.member("daily") == (isTaken ? "4.000000" : "0.000000"))
    #expect(try daemon.api(.post, "/api/payments/reconcile").member("asked") == "0")
  }

  @Test func `refusals and faults of the provider have their codes`() throws {
    let home = try GatewayHome()
    let quick = [
      "TOLLBOOK_RETRY_CONNECT": "1/1", "TOLLBOOK_RETRY_429": "2/1", "TOLLBOOK_RETRY_5XX": "1/1",
    ]
    let daemon = try GatewayDaemon(quick, home: home)
    defer { daemon.stop() }
    #expect(try daemon.pay("1", "fake-refuse", key: "k1").member("code") == "VENDOR_REFUSED")
    #expect(try daemon.pay("1", "fake-no-funds", key: "k2").member("code") == "INSUFFICIENT_FUNDS")
    let unreached = try daemon.pay("1", "fake-unreachable", key: "k3")
    #expect(unreached.status == 502)
    #expect(try unreached.member("code") == "PROVIDER_NOT_REACHED")
    #expect(try daemon.pay("1", "fake-busy", key: "k4").status == 201)
    #expect(try daemon.pay("1", "fake-flaky", key: "k5").status == 201)
    #expect(try daemon.pay("1", "fake-duplicate", key: "k6").status == 201)
    #expect(try taken(home).count == 3)
    #expect(try home.count(of: .paymentRetried) == 4)
    let exposition = try daemon.get("/metrics", on: "socket").text
    #expect(exposition.contains(#"payment_retry_total{error_class="429"} 2"#))
    #expect(exposition.contains(#"payment_retry_payments_total 3"#))
  }

  @Test func `a limit refuses with 403, and the numbers are on record`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon(["X402_BUILDER_AGENT_DAILY_LIMIT_USDC": "3"], home: home)
    defer { daemon.stop() }
    _ = try daemon.pay("2", "shop", key: "k1")
    let refused = try daemon.pay("1.000001", "shop", key: "k2")
    #expect(try refused.verdict == "403 DAILY_BUDGET_EXCEEDED")
    #expect(try refused.member("detail")?.contains("2.000000 USDC spent today") == true)
    // The key is free: with less it pays.
    #expect(try daemon.pay("1", "shop", key: "k2").status == 201)
    guard
      case .paymentRefused(let event)? = try home.records().first(where: {
        $0.event.type == .paymentRefused
      })?.event
    else { throw GatewayTestFault.silence }
    #expect(event.limit == Money(units: 3_000_000, asset: .usdc))
    #expect(event.used == Money(units: 2_000_000, asset: .usdc))
  }

  @Test func `the kill switch refuses with 503 and tells what has left all the same`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    defer { daemon.stop() }
    _ = try daemon.pay("1", "fake-timeout-after", key: "k1")
    _ = try daemon.command(#"{"command":"killswitch.engage","reason":"drill"}"#)
    let refused = try daemon.pay("1", "shop", key: "k2")
    #expect(try refused.verdict == "503 PAYMENTS_DISABLED")
    #expect(try daemon.api(.post, "/api/payments/reconcile").member("closed") == "1")
    #expect(try home.count(of: .paymentRefused) == 1)
    #expect(try taken(home).count == 1)
  }

  @Test func `a thousand wishes at once against a limit of ten make ten payments`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon(["X402_BUILDER_AGENT_DAILY_LIMIT_USDC": "10"], home: home)
    defer { daemon.stop() }
    let statuses = try simultaneously(50) { thread in
      try (0..<20).map { try daemon.pay("1", "shop", key: "k-\(thread)-\($0)").status }
    }.flatMap { $0 }
    #expect(statuses.count { $0 == 201 } == 10)
    #expect(statuses.count { $0 == 403 } == 990)
    #expect(try taken(home).count == 10)
  }

  @Test func `a hundred who send one key at once share one payment`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    defer { daemon.stop() }
    let bodies = try simultaneously(100) { _ in try daemon.pay("1", "shop", key: "same") }
    #expect(Set(bodies.map(\.status)) == [201])
    #expect(Set(bodies.map(\.text)).count == 1)
    #expect(try taken(home).count == 1)
    #expect(bodies.count { $0.headers["Idempotency-Replayed"] == "false" } == 1)
  }

  @Test func `above the amount an operator approves, once`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon(["TOLLBOOK_APPROVAL_ABOVE_USDC": "5"], home: home)
    defer { daemon.stop() }
    #expect(try daemon.pay("6", "shop", key: "k1").verdict == "403 INTENT_REQUIRED")
    let body = #"{"agent_id":"builder_agent","amount":"7","vendor":"shop"}"#
    let intent = try daemon.api(.post, "/api/intents", body, key: "i1")
    #expect(try intent.member("status") == "submitted")
    let again = try daemon.api(.post, "/api/intents", body, key: "i1")
    #expect(try again.member("intent_id") == intent.member("intent_id"))
    let id = try #require(try intent.member("intent_id"))
    let path = "/api/intents/\(id)"
    #expect(try daemon.api(.post, path + "/approve", "{}").verdict == "400 FIELD_INVALID")
    let approved = try daemon.api(.post, path + "/approve", #"{"reason":"launch"}"#)
    #expect(try approved.member("status") == "approved")
    #expect(
      try daemon.api(.post, path + "/deny", #"{"reason":"no"}"#).verdict
        == "409 INVALID_TRANSITION")
    #expect(
      try daemon.api(.post, "/api/intents/intent_x/deny", #"{"reason":"no"}"#).verdict
        == "404 INTENT_NOT_FOUND")
    #expect(try daemon.pay("7", "shop", key: "k2").status == 201)
    #expect(try daemon.api(.get, path).member("status") == "used")
    #expect(try daemon.pay("7", "shop", key: "k3").verdict == "403 INTENT_REQUIRED")
  }

  @Test func `an operator resolves what cannot be asked about`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    defer { daemon.stop() }
    let id = try #require(
      try daemon.pay("1", "fake-timeout-before", key: "k1").member("transaction_id"))
    let path = "/api/payments/\(id)/resolve"
    #expect(
      try daemon.api(.post, path, #"{"outcome":"maybe","evidence":"e"}"#).verdict
        == "400 FIELD_INVALID")
    #expect(
      try daemon.api(.post, path, #"{"outcome":"failed"}"#).verdict == "400 FIELD_INVALID")
    let done = try daemon.api(.post, path, #"{"outcome":"failed","evidence":"statement"}"#)
    #expect(try done.member("status") == "failed")
    #expect(try done.member("code") == "RESOLVED_AS_FAILED")
    #expect(
      try daemon.api(.post, path, #"{"outcome":"completed","evidence":"e"}"#).verdict
        == "409 INVALID_TRANSITION")
  }

  @Test func `real mode without a provider refuses, and fake money is not in the real book`()
    throws
  {
    let home = try GatewayHome()
    let fake = try GatewayDaemon([:], home: home)
    #expect(try fake.pay("9", "shop", key: "k1").status == 201)
    fake.stop()
    let real = try GatewayDaemon(["PAYMENTS_USE_FAKE": "false"], home: home)
    defer { real.stop() }
    #expect(try real.pay("1", "shop", key: "k1").verdict == "503 PROVIDER_NOT_CONFIGURED")
    #expect(try real.api(.get, "/api/budgets/builder_agent").member("daily") == "0.000000")
  }

  @Test func `two agents whose ids give one setting's name stop the start`() throws {
    let home = try GatewayHome()
    let first = try GatewayDaemon([:], home: home)
    _ = try first.pay("1", "shop", key: "k1", agent: "builder_agent")
    _ = try first.pay("1", "shop", key: "k1", agent: "builder-agent")
    first.stop()
    let other = try GatewayDaemon(["X402_OTHER_DAILY_LIMIT_USDC": "5"], home: home)
    other.stop()
    #expect(throws: ServeError.self) {
      try GatewayDaemon(["X402_BUILDER_AGENT_DAILY_LIMIT_USDC": "5"], home: home)
    }
  }

  @Test func `an unknown payment raises an alert that its end resolves`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    defer { daemon.stop() }
    _ = try daemon.pay("1", "fake-timeout-after", key: "k1")
    try wait { try home.count(of: .alertRaised) == 1 }
    #expect(
      try daemon.get("/metrics", on: "socket").text
        .contains(#"alerts_active{rule="payments_unknown",severity="critical"} 1"#))
    _ = try daemon.api(.post, "/api/payments/reconcile")
    try wait { try home.count(of: .alertResolved) == 1 }
  }

  /// Waits for what happens by the second; the condition ends the waiting, not the time.
  private func wait(until condition: () throws -> Bool) throws {
    for _ in 0..<600 {
      if try condition() { return }
      usleep(50_000)
    }
    throw GatewayTestFault.silence
  }
}
