import HTTP

/// A server on a free loopback port that ends with its scope.
final class TestServer {
  let server: Server
  let completed = Box<CompletedRequest>()

  /// The routes of every test server unless a test brings its own responder.
  static let router = Router([
    Route(.get, "/hello") { exchange, _ in exchange.respond(.text(200, "hello")) },
    Route(.get, "/items/{id}") { exchange, parameters in
      exchange.respond(.text(200, parameters["id"]))
    },
    Route(.post, "/echo") { exchange, _ in
      let body = exchange.request.body
      exchange.respond(Response(status: 200, contentType: "text/plain", body: body))
    },
    Route(.post, "/small", bodyLimit: 4) { exchange, _ in exchange.respond(.text(200, "ok")) },
    Route(.get, "/big") { exchange, _ in
      let body = [UInt8](repeating: 0x62, count: 8_000_000)
      exchange.respond(Response(status: 200, contentType: "text/plain", body: body))
    },
    Route(.get, "/dropped") { _, _ in },
  ])

  /// Serves the routes above, or one closure.
  init(
    at text: String = "127.0.0.1:0",
    adjust: (inout ServerConfiguration) -> Void = { _ in },
    respond: (@Sendable (Exchange) -> Void)? = nil
  ) throws {
    var configuration = ServerConfiguration(makeRequestID: { "req-fresh" })
    let completed = completed
    configuration.onComplete = { completed.put($0) }
    adjust(&configuration)
    guard let address = ListenAddress(text) else { throw WireFault.notConnected }
    let listener =
      respond.map { Listener(name: "test", address: address, respond: $0) }
      ?? Listener(name: "test", address: address, router: TestServer.router)
    server = try Server(listeners: [listener], configuration: configuration)
    try server.start()
  }

  deinit { server.stop() }

  func wire() throws -> Wire { try Wire(server.addresses["test"]) }

  /// What the server sends until it closes, for one connection that sends these bytes.
  func answer(to bytes: [UInt8]) throws -> String {
    let wire = try wire()
    wire.send(bytes)
    return try wire.untilEnd()
  }

  func answer(to text: String) throws -> String { try answer(to: Array(text.utf8)) }
}

/// The number in a status line, 0 when there is none.
func status(of answer: String) -> Int {
  let parts = answer.split(separator: " ", maxSplits: 2)
  return parts.count > 1 && parts[0] == "HTTP/1.1" ? Int(parts[1]) ?? 0 : 0
}
