import HTTP
import JSON
import Ledger
import Service
import Testing

/// What every answer carries, who may ask what, and the numbers (GW-16 to GW-18, GW-31, SEC-04).
struct GatewaySurfaceTests {
  @Test func `every answer carries the caller's request id, or a fresh one`() throws {
    let daemon = try GatewayDaemon([:], home: try GatewayHome())
    defer { daemon.stop() }
    let targets = ["/health", "/livez", "/readyz", "/-/healthy", "/metrics/summary", "/nowhere"]
    for target in targets {
      let named = try daemon.get(target, on: "gateway", ["X-Request-Id": "abc-123"])
      #expect(named.headers["X-Request-Id"] == "abc-123", "\(target)")
      let fresh = try daemon.get(target)
      #expect(fresh.headers["X-Request-Id"]?.hasPrefix("req-") == true, "\(target)")
    }
    let paid = try daemon.task(pay: "v1:0.01:proof123", with: ["X-Request-Id": "paid-1"])
    #expect(paid.headers["X-Request-Id"] == "paid-1")
    let replayed = try daemon.task(pay: "v1:0.01:proof123", with: ["X-Request-Id": "paid-2"])
    #expect(replayed.headers["X-Request-Id"] == "paid-2")
    #expect(replayed.body == paid.body)
    let broken = try rawExchange(
      port: try daemon.port("gateway"), Array("GET /health HTTP/1.1\r\nBad Header: x\r\n\r\n".utf8))
    #expect(broken.hasPrefix("HTTP/1.1 400 "))
    #expect(broken.contains("X-Request-Id: req-"))
  }

  @Test func `the record of a payment names the request that caused it`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    _ = try daemon.task(pay: "v1:0.01:proof123", with: ["X-Request-Id": "cause-1"])
    daemon.stop()
    let accepted = try home.records().filter { $0.event.type == .gatewayPaymentAccepted }
    #expect(accepted.map(\.cause) == ["cause-1"])
    #expect(accepted.map(\.actor) == ["anonymous"])
    #expect(accepted.map(\.isFake) == [true])
  }

  @Test func `health says ok and the summary counts exactly what was asked`() throws {
    let daemon = try GatewayDaemon([:], home: try GatewayHome())
    defer { daemon.stop() }
    #expect(try daemon.get("/health").text == #"{"ok":true}"#)
    let empty = try daemon.get("/metrics/summary")
    let nothing =
      #"{"windowSize":500,"callsTotal":0,"paidCalls":0,"failureRate":0.0000,"#
      + #""p95LatencyMs":0.000}"#
    #expect(empty.text == nothing)
    // By hand: 2 paid, 1 replay, 2 unpaid, 1 conflict are six calls, three of them failures.
    _ = try daemon.task(pay: "v1:0.01:proof121", key: "a")
    _ = try daemon.task(pay: "v1:0.01:proof122", key: "b")
    _ = try daemon.task(pay: "v1:0.01:proof123", key: "a")
    _ = try daemon.task(pay: nil)
    _ = try daemon.task(pay: "v1:inf:proof123")
    _ = try daemon.task(pay: "v1:0.01:proof124", key: "a", body: #"{"task":"other"}"#)
    // Other routes and methods are no calls of the priced one.
    _ = try daemon.get("/health")
    _ = try daemon.get("/agent/task")
    let summary = try daemon.get("/metrics/summary")
    #expect(try summary.member("callsTotal") == "6")
    #expect(try summary.member("paidCalls") == "2")
    #expect(try summary.member("failureRate") == "0.5000")
  }

  @Test func `the summary of a full window is that of its last five hundred calls`() throws {
    let window = CallWindow()
    // 100 slow failures that must fall out, then 500 calls of 1 to 500 microseconds.
    for _ in 0..<100 {
      window.add(Call(status: 500, isPaid: true, latencyMicroseconds: 9_000_000), isReplay: false)
    }
    for index in 1...500 {
      let call = Call(
        status: index % 3 == 0 ? 402 : 200, isPaid: index % 3 == 1,
        latencyMicroseconds: UInt64(index))
      window.add(call, isReplay: false)
    }
    // 166 of 500 fail: 0.3320; 167 are paid; the 475th smallest of 500 is 475 microseconds.
    let expected =
      #"{"windowSize":500,"callsTotal":500,"paidCalls":167,"failureRate":0.3320,"#
      + #""p95LatencyMs":0.475}"#
    #expect(String(decoding: window.summary().bytes, as: UTF8.self) == expected)
    #expect(window.totals.calls == 600)
  }

  @Test(arguments: [
    ([1], 1), ([1, 2], 2), (Array(1...19), 19), (Array(1...20), 19), (Array(1...21), 20),
    (Array(1...100), 95), (Array((1...101).reversed()), 96),
  ])
  func `p95 is the nearest rank`(latencies: [Int], expected: Int) throws {
    let window = CallWindow()
    for latency in latencies {
      let call = Call(
        status: 200, isPaid: false, latencyMicroseconds: UInt64(latency * 1_000))
      window.add(call, isReplay: false)
    }
    let summary = Response(status: 200, contentType: "", body: window.summary().bytes)
    #expect(try summary.member("p95LatencyMs") == "\(expected).000")
  }

  @Test func `each request leaves one line in the log, without its secrets`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    _ = try daemon.task(
      pay: "v1:0.01:secretproof", key: "key-1",
      with: ["X-Request-Id": "r-1", "Authorization": "Bearer canary-token"])
    _ = try daemon.task(pay: nil, with: ["X-Request-Id": "r-2"])
    _ = try daemon.get("/nowhere?token=canary", on: "gateway", ["X-Request-Id": "r-3"])
    daemon.stop()
    let text = try home.text("logs/genesis.log")
    let lines = text.split(separator: "\n")
      .filter { $0.contains(#""event":"http.request.completed""#) }
    #expect(lines.count == 3)
    func line(_ id: String, _ request: String, _ end: String) -> String {
      #"{"event":"http.request.completed","requestId":"\#(id)",\#(request),L,\#(end)}"#
    }
    let task = #""method":"POST","path":"/agent/task""#
    let bare = lines.map { line in
      String(
        line.replacing(/"latencyMs":\d+/, with: "L").replacing(/"(at|time|ts)":"[^"]*",?/, with: "")
      )
    }
    #expect(
      bare == [
        line("r-1", task + #","status":200"#, #""paid":true,"idempotencyKey":"key-1""#),
        line(
          "r-2", task + #","status":402"#,
          #""paid":false,"idempotencyKey":null,"code":"PAYMENT_REQUIRED""#),
        line(
          "r-3", #""method":"GET","path":"/nowhere","status":404"#,
          #""paid":false,"idempotencyKey":null,"code":"NOT_FOUND""#),
      ])
    for secret in ["secretproof", "canary", try daemon.token()] { #expect(!text.contains(secret)) }
  }

  @Test func `what is not public needs the loopback or the token, and forwarded is not loopback`()
    throws
  {
    let daemon = try GatewayDaemon([:], home: try GatewayHome())
    defer { daemon.stop() }
    let token = try daemon.token()
    for (listener, target) in [("gateway", "/metrics/summary"), ("metrics", "/metrics")] {
      #expect(try daemon.get(target, on: listener).status == 200)
      for name in ["X-Forwarded-For", "Forwarded"] {
        var headers: Headers = [:]
        headers.append(name, name == "Forwarded" ? "for=127.0.0.1" : "127.0.0.1")
        #expect(try daemon.get(target, on: listener, headers).verdict == "401 UNAUTHORIZED")
        headers.append("Authorization", "Bearer \(token)")
        #expect(try daemon.get(target, on: listener, headers).status == 200)
        headers.set("Authorization", "Bearer \(token)0")
        #expect(try daemon.get(target, on: listener, headers).status == 401)
        headers.set("Authorization", "Bearer ")
        #expect(try daemon.get(target, on: listener, headers).status == 401)
      }
    }
    #expect(try daemon.get("/health", on: "gateway", ["X-Forwarded-For": "1.2.3.4"]).status == 200)
    #expect(try daemon.task(pay: nil, with: ["X-Forwarded-For": "1.2.3.4"]).status == 402)
  }

  @Test func `operator writes need the token or the socket, the loopback is not enough`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    let line = Array((#"{"command":"clock.accept","reason":"a test"}"# + "\n").utf8)
    func post(_ headers: Headers, _ listener: String) throws -> Response {
      try daemon.send(
        ClientRequest(method: .post, target: "/commands", headers: headers, body: line),
        to: listener)
    }
    #expect(try post([:], "api").verdict == "401 UNAUTHORIZED")
    #expect(try post(["Authorization": "Bearer wrong"], "api").status == 401)
    let allowed = try post(["Authorization": "Bearer \(try daemon.token())"], "api")
    #expect(allowed.status == 200)
    #expect(allowed.text.contains("CLOCK_NOT_SUSPECT"))
    #expect(try post([:], "socket").status == 200)
    #expect(try post([:], "gateway").status == 404)
    daemon.stop()
  }

  @Test func `the metrics of a scrape agree with the log`() throws {
    let home = try GatewayHome()
    let first = try GatewayDaemon([:], home: home)
    _ = try first.task(pay: "v1:0.01:proof121", key: "a")
    _ = try first.task(pay: "v1:0.25:proof122", key: "b")
    _ = try first.task(pay: "v1:0.01:proof123", key: "a")
    first.stop()
    let second = try GatewayDaemon([:], home: home)
    let text = try second.get("/metrics", on: "metrics").text
    second.stop()
    #expect(text.contains("\ngateway_payments_accepted_total 2\n"))
    #expect(
      text.contains(
        "\ngateway_receipts_usd{network=\"base\",settlement=\"format_only\"} 0.260000\n"))
    #expect(text.contains("\nledger_idempotency_keys 2\n"))
    #expect(text.contains("\nledger_durable_lag 0\n"))
    #expect(text.contains("\nledger_violations 0\n"))
    #expect(text.contains("\nledger_events_total{type=\"gateway.response_recorded\"} 2\n"))
  }
}
