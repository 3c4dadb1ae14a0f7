import HTTP
import JSON
import Journal
import Ledger
import Service
import Synchronization
import Testing

/// A server behind the gateway: tells what it got, and does what its path says.
private final class UpstreamServer: Sendable {
  private let server: Server
  private let box = Box()

  init() throws {
    guard let address = ListenAddress("127.0.0.1:0") else { throw GatewayTestFault.noPort }
    server = try Server(
      listeners: [
        Listener(
          name: "upstream", address: address,
          router: Router([], otherwise: { [box] in box.answer($0) }))
      ], configuration: ServerConfiguration(makeRequestID: { "up-1" }))
    try server.start()
  }

  /// What the server got.
  var requests: [Request] { box.requests.withLock { $0 } }

  /// Keeps requests and answers them.
  final class Box: Sendable {
    let requests = Mutex<[Request]>([])

    func answer(_ exchange: Exchange) {
      let request = exchange.request
      requests.withLock { $0.append(request) }
      switch request.path {
      case "/base/w/flaky" where requests.withLock({ $0.count == 1 }):
        exchange.respond(Response(status: 500))
      case "/base/w/fail": exchange.respond(Response(status: 418))
      case "/base/w/large":
        exchange.respond(
          Response(
            status: 200, contentType: "text/plain", body: Array(repeating: 65, count: 600_000)))
      case "/base/w/bytes":
        exchange.respond(
          Response(status: 200, contentType: "application/octet-stream", body: [0, 1, 255, 254]))
      default:
        var response = Response.text(200, "\(request.method) \(request.target)")
        response.headers.append("ETag", "\"7\"")
        response.headers.append("PAYMENT-RESPONSE", "forged")
        response.headers.append("Keep-Alive", "timeout=5")
        exchange.respond(response)
      }
    }
  }

  var port: UInt16 { server.addresses["upstream"]?.port ?? 0 }

  func stop() { server.drain(deadlineMilliseconds: 1_000) }
}

/// Routes through the whole daemon: passed on, sold, limited, replaced.
@Suite struct RouteGatewayTests {
  private func write(_ gateway: X402Gateway, _ routes: String) throws {
    try Files.makeFolder(gateway.home.path + "/data", mode: 0o750)
    try Files.replace(
      gateway.home.path + "/data/routes.json", with: Array(#"{"routes":[\#(routes)]}"#.utf8),
      mode: 0o640)
  }

  private func route(_ upstream: UInt16, _ path: String, _ more: String = "") -> String {
    #"{"method":"GET","path":"\#(path)","upstream":"http://127.0.0.1:\#(upstream)/base"\#(more)}"#
  }

  private func buy(_ payer: X402Payer, _ target: String) -> ClientRequest {
    var headers = Headers()
    headers.append("PAYMENT-SIGNATURE", payer.header)
    return ClientRequest(method: .get, target: target, headers: headers, body: [])
  }

  @Test func `a free route is passed on without what is ours or the connection's`() throws {
    let upstream = try UpstreamServer()
    defer { upstream.stop() }
    let gateway = try X402Gateway()
    try write(gateway, route(upstream.port, "/w/*"))
    let daemon = try gateway.daemon()
    defer { daemon.stop() }
    var headers: Headers = [
      "X-Payment": "v1:0.01:proof123", "PAYMENT-SIGNATURE": "e30=", "TE": "trailers",
      "X-Keep": "2", "Proxy-Authorization": "Basic eDp5", "X-Request-Id": "req-mine",
      "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      "X-Forwarded-For": "10.9.8.7",
    ]
    headers.append("X-Keep", "3")
    let answer = try daemon.get("/w/a%20b?q=1&q=2", headers)
    #expect(answer.status == 200)
    #expect(String(decoding: answer.body, as: UTF8.self) == "GET /base/w/a%20b?q=1&q=2")
    #expect(answer.headers["ETag"] == "\"7\"")
    #expect(answer.headers["PAYMENT-RESPONSE"] == nil && answer.headers["Keep-Alive"] == nil)
    let seen = try #require(upstream.requests.first)
    for name in ["X-Payment", "PAYMENT-SIGNATURE", "TE", "Proxy-Authorization"] {
      #expect(seen.headers[name] == nil, "\(name)")
    }
    #expect(seen.headers.values("X-Keep") == ["2", "3"])
    #expect(seen.headers["X-Request-Id"] == "req-mine")
    #expect(seen.headers["traceparent"]?.hasPrefix("00-4bf9") == true)
    #expect(seen.headers.values("X-Forwarded-For") == ["127.0.0.1"])
    #expect(try daemon.get("/other").status == 404)
    #expect(try daemon.task(pay: nil).status == 402)
  }

  @Test(arguments: ["authorization", "upfront"])
  func `a priced route sells what the server behind it answers`(flow: String) throws {
    let upstream = try UpstreamServer()
    defer { upstream.stop() }
    let gateway = try X402Gateway()
    try write(
      gateway, route(upstream.port, "/w/{x}", #","price_usd":"0.01","flow":"\#(flow)""#))
    var daemon = try gateway.daemon()
    let unpaid = try daemon.get("/w/a")
    #expect(unpaid.status == 402 && upstream.requests.isEmpty)
    let payer = gateway.payer(1)
    let first = try daemon.send(buy(payer, "/w/bytes"), to: "gateway")
    #expect(first.status == 200 && first.body == [0, 1, 255, 254])
    #expect(first.headers["PAYMENT-RESPONSE"] != nil)
    daemon.stop()
    daemon = try gateway.daemon()
    defer { daemon.stop() }
    let again = try daemon.send(buy(payer, "/w/bytes"), to: "gateway")
    #expect(again.status == 200 && again.body == first.body)
    #expect(again.headers["Idempotency-Replayed"] == "true")
    #expect(upstream.requests.count == 1)
    // The same promise on another path, and another query.
    #expect(try daemon.send(buy(payer, "/w/other"), to: "gateway").status == 402)
    #expect(try daemon.send(buy(payer, "/w/bytes?x"), to: "gateway").status == 402)
    #expect(try gateway.transfers() == 1)
    let accepted = try gateway.home.records().compactMap { record -> GatewayPaymentAccepted? in
      if case .gatewayPaymentAccepted(let event) = record.event { event } else { nil }
    }
    #expect(accepted.map(\.method) == ["GET"] && accepted.map(\.path) == ["/w/bytes"])
  }

  @Test func `what fails behind the gateway is not charged`() throws {
    let upstream = try UpstreamServer()
    let gateway = try X402Gateway()
    try write(gateway, route(upstream.port, "/w/{x}", #","price_usd":"0.01""#))
    let daemon = try gateway.daemon()
    defer { daemon.stop() }
    #expect(try daemon.send(buy(gateway.payer(1), "/w/fail"), to: "gateway").status == 418)
    let large = try daemon.send(buy(gateway.payer(2), "/w/large"), to: "gateway")
    #expect(large.status == 502)
    #expect(try large.member("code") == "UPSTREAM_TOO_LARGE")
    upstream.stop()
    let gone = try daemon.send(buy(gateway.payer(3), "/w/a"), to: "gateway")
    #expect(gone.status == 502)
    #expect(try gone.member("code") == "UPSTREAM_UNREACHABLE")
    #expect(try gateway.transfers() == 0)
    #expect(try gateway.home.count(of: .gatewayRefused) == 3)
  }

  @Test func `a route that leads back to the gateway is seen, and a connection is kept`() throws {
    let upstream = try UpstreamServer()
    defer { upstream.stop() }
    let gateway = try X402Gateway()
    let daemon = try gateway.daemon()
    defer { daemon.stop() }
    let port = try daemon.port("gateway")
    try write(
      gateway,
      #"{"method":"GET","path":"/loop","upstream":"http://127.0.0.1:\#(port)"},"#
        + route(upstream.port, "/w/*"))
    daemon.reloadRoutes()
    let answer = try daemon.get("/loop")
    #expect(answer.status == 508)
    #expect(try answer.member("code") == "UPSTREAM_LOOP")
    for _ in 0..<3 { #expect(try daemon.get("/w/a").status == 200) }
    #expect(Set(upstream.requests.map(\.peer)).count == 1)
    #expect(upstream.requests.allSatisfy { $0.headers["Via"]?.hasPrefix("1.1 tollbook-") == true })
  }

  @Test func `HEAD of a priced route sells nothing`() throws {
    let upstream = try UpstreamServer()
    defer { upstream.stop() }
    let gateway = try X402Gateway()
    try write(gateway, route(upstream.port, "/w/{x}", #","price_usd":"0.01""#))
    let daemon = try gateway.daemon()
    defer { daemon.stop() }
    var request = buy(gateway.payer(1), "/w/a")
    request.method = .head
    #expect(try daemon.send(request, to: "gateway").status == 402)
    #expect(try gateway.home.count(of: .gatewayReserved) == 0)
  }

  @Test func `what is paid upfront stays owed until it is made`() throws {
    let upstream = try UpstreamServer()
    defer { upstream.stop() }
    let gateway = try X402Gateway()
    try write(
      gateway, route(upstream.port, "/w/{x}", #","price_usd":"0.01","flow":"upfront""#))
    let daemon = try gateway.daemon()
    defer { daemon.stop() }
    let payer = gateway.payer(1)
    let failed = try daemon.send(buy(payer, "/w/flaky"), to: "gateway")
    #expect(failed.status == 500)
    let id = try #require(failed.headers["Tollbook-Receipt"])
    let state = try daemon.get("/payments/\(id)")
    #expect(try state.member("charged") == "yes")
    let served = try daemon.send(buy(payer, "/w/flaky"), to: "gateway")
    #expect(served.status == 200)
    let again = try daemon.send(buy(payer, "/w/flaky"), to: "gateway")
    #expect(again.status == 200 && again.body == served.body)
    #expect(upstream.requests.count == 2)
    #expect(try gateway.transfers() == 1)
    #expect(try gateway.home.count(of: .gatewayPaymentAccepted) == 1)
  }

  @Test func `a route may have a price, a limit and a cap of its own`() throws {
    let upstream = try UpstreamServer()
    defer { upstream.stop() }
    let gateway = try X402Gateway()
    try write(
      gateway,
      route(upstream.port, "/w/{x}", #","price_usd":"0.01","session_cap_usd":"0.01""#) + ","
        + route(upstream.port, "/slow", #","rate_limit":"2/hour""#))
    let daemon = try gateway.daemon()
    defer { daemon.stop() }
    #expect(try daemon.send(buy(gateway.payer(1), "/w/a"), to: "gateway").status == 200)
    #expect(try daemon.send(buy(gateway.payer(2), "/w/a"), to: "gateway").status == 403)
    #expect(try daemon.send(gateway.payer(3).request(), to: "gateway").status == 200)
    #expect(try (0..<3).map { _ in try daemon.get("/slow").status } == [200, 200, 429])
  }

  @Test func `a new table is one event, a bad one changes nothing`() throws {
    let upstream = try UpstreamServer()
    defer { upstream.stop() }
    let gateway = try X402Gateway()
    let daemon = try gateway.daemon()
    #expect(try daemon.get("/w").status == 404)
    try write(gateway, route(upstream.port, "/w"))
    daemon.reloadRoutes()
    daemon.reloadRoutes()
    #expect(try daemon.get("/w").status == 200)
    #expect(
      try daemon.send(
        ClientRequest(method: .post, target: "/w", headers: Headers(), body: []), to: "gateway"
      ).status == 405)
    try write(gateway, "7")
    daemon.reloadRoutes()
    #expect(try daemon.get("/w").status == 200)
    try write(gateway, route(upstream.port, "/v"))
    daemon.reloadRoutes()
    #expect(try daemon.get("/w").status == 404)
    #expect(try daemon.get("/v").status == 200)
    daemon.stop()
    #expect(try gateway.home.count(of: .routesApplied) == 2)
    let records = try gateway.home.records()
    var state = State()
    for record in records { state.apply(record) }
    #expect(state.controls.routes.map(\.name) == ["GET /v"])
    #expect(state.violations.first == [])
    // The same table at the next start is no event.
    try gateway.daemon().stop()
    #expect(try gateway.home.count(of: .routesApplied) == 2)
  }

  @Test func `a bad table stops the start`() throws {
    let gateway = try X402Gateway()
    try write(gateway, "7")
    #expect(throws: ServeError.self) { try gateway.daemon() }
    try write(gateway, route(1, "/w", #","price_usd":"0.01""#))
    #expect(throws: ServeError.self) {
      try gateway.daemon(["PAYMENT_VERIFIER_MODE": "strict"])
    }
  }
}
