import HTTP
import Testing

/// Which route answers, without any connection.
@Suite struct RouterTests {
  static let router = Router([
    Route(.get, "/") { exchange, _ in exchange.respond(.text(200, "root")) },
    Route(.get, "/a/fixed") { exchange, _ in exchange.respond(.text(200, "fixed")) },
    Route(.get, "/a/{name}") { exchange, parameters in
      exchange.respond(.text(200, "name=\(parameters["name"])"))
    },
    Route(.post, "/a/{name}", bodyLimit: 7) { exchange, parameters in
      exchange.respond(.text(201, "post=\(parameters["name"])"))
    },
    Route(.head, "/own") { exchange, _ in exchange.respond(.text(204, "")) },
    Route(.get, "/own") { exchange, _ in exchange.respond(.text(200, "own")) },
    Route(.get, "/files/*") { exchange, parameters in
      exchange.respond(.text(200, "rest=\(parameters["*"])"))
    },
  ])

  private func head(_ line: String) throws -> RequestHead {
    var parser = RequestParser(limits: RequestLimits())
    let step = parser.feed(Array("\(line) HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
    guard case .request(let parsed) = step else { throw WireFault.silence }
    return parsed.head
  }

  private func answer(_ line: String) throws -> Response {
    let answers = Box<Response>()
    let request = Request(
      head: try head(line), body: [], peer: .unix(uid: 0), listener: "test", requestID: "r",
      traceParent: nil, receivedAt: 0)
    RouterTests.router.respond(Exchange(request: request) { answers.put($0) })
    return try #require(answers.all.first)
  }

  @Test(arguments: [
    ("GET /", 200, "root"), ("GET http://x", 200, "root"), ("GET /?q", 200, "root"),
    ("GET /a/fixed", 200, "fixed"), ("GET /a/f%69xed", 200, "fixed"),
    ("GET /a/b", 200, "name=b"), ("GET /a/b%2Fc", 200, "name=b/c"), ("POST /a/x", 201, "post=x"),
    ("HEAD /a/b", 200, "name=b"), ("HEAD /own", 204, ""), ("GET /files/", 200, "rest="),
    ("GET /files/x/y", 200, "rest=x/y"),
  ])
  func `the first route that fits answers`(line: String, status: Int, body: String) throws {
    let response = try answer(line)
    #expect(response.status == status)
    #expect(String(decoding: response.body, as: UTF8.self) == body)
  }

  @Test(arguments: [
    ("GET /a", 404), ("GET /a/", 404), ("GET /a/b/c", 404), ("GET /files", 404), ("GET //", 404),
    ("GET /A/fixed", 404), ("DELETE /a/b", 405), ("POST /a/fixed", 201), ("PUT /own", 405),
  ])
  func `what no route fits is refused`(line: String, status: Int) throws {
    #expect(try answer(line).status == status)
  }

  @Test(arguments: [
    ("DELETE /a/b", "GET, HEAD, OPTIONS, POST"), ("OPTIONS /a/b", "GET, HEAD, OPTIONS, POST"),
    ("PUT /", "GET, HEAD, OPTIONS"), ("OPTIONS *", "GET, HEAD, OPTIONS, POST"),
  ])
  func `Allow names the methods of the path`(line: String, allow: String) throws {
    #expect(try answer(line).headers["Allow"] == allow)
  }

  @Test func `the body limit is that of the route that will answer`() throws {
    #expect(RouterTests.router.bodyLimit(for: try head("POST /a/x")) == 7)
    #expect(RouterTests.router.bodyLimit(for: try head("GET /a/x")) == nil)
  }

  @Test func `an exchange that is dropped tells its observer`() throws {
    let answers = Box<Response>()
    let request = Request(
      head: try head("GET /"), body: [], peer: .unix(uid: 0), listener: "test",
      requestID: "r", traceParent: nil, receivedAt: 0)
    do { _ = Exchange(request: request) { answers.put($0) } }
    #expect(answers.all.map(\.status) == [500])
  }
}
