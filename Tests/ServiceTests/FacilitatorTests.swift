import Glibc
import HTTP
import JSON
import Journal
import Ledger
import Service
import Synchronization
import Testing

/// The facilitator's port: over HTTP, and where its token comes from.
@Suite struct FacilitatorTests {
  private func facilitator(
    _ source: BearerToken.Source, boot: @escaping @Sendable () -> Int64 = Clocks.system.boot,
    milliseconds: Int = 5_000, _ body: (HTTPFacilitator) throws -> Void
  ) throws -> [Request] {
    let seen = Mutex<[Request]>([])
    guard let address = ListenAddress("127.0.0.1:0") else { throw GatewayTestFault.noPort }
    let held = Mutex<[Exchange]>([])
    let answer: @Sendable (Exchange, PathParameters) -> Void = { exchange, path in
      seen.withLock { $0.append(exchange.request) }
      if exchange.request.body == Array("slow".utf8) {
        held.withLock { $0.append(exchange) }
      } else {
        exchange.respond(Response.text(299, "answer"))
      }
    }
    let server = try Server(
      listeners: [
        Listener(
          name: "f", address: address,
          router: Router([
            Route(.post, "/x/verify", respond: answer), Route(.post, "/x/settle", respond: answer),
            Route(.get, "/x/supported", respond: answer),
          ]))
      ], configuration: ServerConfiguration(makeRequestID: { "r" }))
    try server.start()
    let port = try #require(server.addresses["f"]?.port)
    let outside = OutsideClient(
      OutsideClient.Options(isFake: false, allowedHosts: ["127.0.0.1"]), clocks: .system
    ) { _ in }
    defer {
      held.withLock { $0.removeAll() }
      server.drain(deadlineMilliseconds: 1_000)
      outside.close()
    }
    try body(
      HTTPFacilitator(
        url: "http://127.0.0.1:\(port)/x", token: BearerToken(source, boot: boot),
        deadlineMilliseconds: milliseconds, outside: outside))
    return seen.withLock { $0 }
  }

  @Test func `each operation has its method and path, and the answer comes back as it is`() throws {
    let seen = try facilitator(.value("secret")) { facilitator in
      for operation in FacilitatorOperation.allCases {
        let reply = facilitator.ask(
          operation, operation == .supported ? [] : Array("{}".utf8), about: "rcpt_1")
        #expect(reply == .answered(status: 299, body: Array("answer".utf8)))
      }
    }
    #expect(
      seen.map { "\($0.method) \($0.path)" } == [
        "POST /x/verify", "POST /x/settle", "GET /x/supported",
      ])
    #expect(seen.allSatisfy { $0.headers["Authorization"] == "Bearer secret" })
  }

  @Test func `no answer in time may have moved money, no connection has not`() throws {
    _ = try facilitator(.none, milliseconds: 300) { facilitator in
      #expect(
        facilitator.ask(.settle, Array("slow".utf8), about: "rcpt_1") == .noAnswer("timeout"))
    }
    let outside = OutsideClient(
      OutsideClient.Options(isFake: false, allowedHosts: []), clocks: .system
    ) { _ in }
    let nobody = HTTPFacilitator(
      url: "http://127.0.0.1:1/x", token: BearerToken(.none, boot: { 0 }),
      deadlineMilliseconds: 300, outside: outside)
    #expect(nobody.ask(.settle, [], about: "rcpt_1") == .notSent("HOST_NOT_ALLOWED"))
  }

  @Test func `a command's token is kept for its address until it is old`() throws {
    let home = try GatewayHome()
    let now = Atomic<Int64>(0)
    let clock: @Sendable () -> Int64 = { now.load(ordering: .relaxed) }
    let command =
      "echo x >> \(home.path)/runs; echo \"$TOLLBOOK_TOKEN_METHOD-${TOLLBOOK_TOKEN_URL##*/}\""
    let seen = try facilitator(.command(command), boot: clock) { facilitator in
      for _ in 0..<2 { _ = facilitator.ask(.verify, Array("{}".utf8), about: "r") }
      _ = facilitator.ask(.settle, Array("{}".utf8), about: "r")
      now.store(90_000, ordering: .relaxed)
      _ = facilitator.ask(.verify, Array("{}".utf8), about: "r")
    }
    #expect(
      seen.map { $0.headers["Authorization"] } == [
        "Bearer POST-verify", "Bearer POST-verify", "Bearer POST-settle", "Bearer POST-verify",
      ])
    #expect(try home.text("runs") == "x\nx\nx\n")
  }

  @Test(arguments: ["exit 1", "true", "echo 'a b'", "printf 'a\\nb'", "head -c 20000 /dev/zero"])
  func `a command that gives no token sends nothing`(command: String) throws {
    let seen = try facilitator(.command(command)) { facilitator in
      #expect(
        facilitator.ask(.settle, [], about: "r") == .notSent("FACILITATOR_TOKEN_UNREADABLE"))
    }
    #expect(seen.isEmpty)
  }

  @Test func `a file's token is read at each call`() throws {
    let home = try GatewayHome()
    let path = home.path + "/token"
    let seen = try facilitator(.file(path)) { facilitator in
      #expect(
        facilitator.ask(.verify, [], about: "r") == .notSent("FACILITATOR_TOKEN_UNREADABLE"))
      for token in ["one", "two"] {
        try Files.replace(path, with: Array("  \(token)\n".utf8), mode: 0o600)
        _ = facilitator.ask(.verify, [], about: "r")
      }
    }
    #expect(seen.map { $0.headers["Authorization"] } == ["Bearer one", "Bearer two"])
  }

  @Test(arguments: [
    (#"{"kinds":[{"x402Version":2,"scheme":"exact","network":"eip155:8453"}]}"#, false),
    (#"{"kinds":[]}"#, false),
    (#"{"kinds":[{"x402Version":2,"scheme":"exact","network":"eip155:84532"}]}"#, true),
    (#"{"kinds":[{"x402Version":1,"scheme":"exact","network":"base-sepolia"}]}"#, true),
    ("not now", true),
  ])
  func `one that does not settle on our chain stops the start`(
    supported: String, starts: Bool
  ) throws {
    guard let address = ListenAddress("127.0.0.1:0") else { throw GatewayTestFault.noPort }
    let server = try Server(
      listeners: [
        Listener(
          name: "f", address: address,
          router: Router([
            Route(.get, "/supported") { exchange, _ in
              exchange.respond(.text(200, supported))
            }
          ]))
      ], configuration: ServerConfiguration(makeRequestID: { "r" }))
    try server.start()
    defer { server.drain(deadlineMilliseconds: 1_000) }
    let home = try GatewayHome()
    let port = try #require(server.addresses["f"]?.port)
    let settings = X402Gateway.settings.merging([
      "PAYMENTS_USE_FAKE": "false", "X402_FACILITATOR_URL": "http://127.0.0.1:\(port)",
    ]) { $1 }
    guard starts else {
      #expect(throws: ServeError.self) { try GatewayDaemon(settings, home: home) }
      return
    }
    try GatewayDaemon(settings, home: home).stop()
  }
}
