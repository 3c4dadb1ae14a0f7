import Glibc
import HTTP
import Testing

/// The server as its clients see it, over real loopback connections.
@Suite struct ServerTests {
  static let get = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"

  @Test(arguments: RequestParserTests.refused)
  func `a malformed request gets a problem document and a closed connection`(
    text: String, wanted: Int
  ) throws {
    let server = try TestServer()
    let answer = try server.answer(to: text)
    #expect(status(of: answer) == wanted)
    #expect(answer.contains("Content-Type: application/problem+json\r\n"))
    #expect(answer.contains("Connection: close\r\n"))
    #expect(answer.contains("X-Request-Id: req-fresh\r\n"))
    #expect(answer.contains("\"requestId\":\"req-fresh\"}"))
    let completed = try server.completed.wait(for: 1)
    #expect(completed.map(\.status) == [wanted])
    #expect(completed[0].request == nil)
  }

  @Test func `an answer carries date, length, id and body`() throws {
    let server = try TestServer { $0.clock = HandClock().clock }
    let text =
      "GET /hello HTTP/1.1\r\nHost: a\r\nX-Request-Id: abc.DEF:1_2-3\r\nConnection: close\r\n\r\n"
    #expect(
      try server.answer(to: text)
        == "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        + "X-Request-Id: abc.DEF:1_2-3\r\nContent-Length: 5\r\nConnection: close\r\n"
        + "Content-Type: text/plain; charset=utf-8\r\n\r\nhello")
  }

  @Test(arguments: ["", "a b", "é", String(repeating: "x", count: 129), "a\"b"])
  func `an ill-formed request id is replaced by a fresh one`(id: String) throws {
    let server = try TestServer()
    let answer = try server.answer(
      to: "GET /hello HTTP/1.1\r\nHost: a\r\nX-Request-Id: \(id)\r\nConnection: close\r\n\r\n")
    #expect(answer.contains("\r\nX-Request-Id: req-fresh\r\n"))
  }

  @Test func `the caller's id is on a refusal too`() throws {
    let server = try TestServer()
    let answer = try server.answer(
      to: "GET /hello HTTP/1.1\r\nHost: a\r\nX-Request-Id: mine\r\nbad line\r\n\r\n")
    #expect(status(of: answer) == 400)
    #expect(answer.contains("X-Request-Id: mine\r\n"))
    let completed = try server.completed.wait(for: 1)
    #expect(completed[0].method == "GET")
    #expect(completed[0].target == "/hello")
  }

  @Test func `HEAD has the length of GET and no body`() throws {
    let server = try TestServer()
    let answer = try server.answer(
      to: "HEAD /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    #expect(answer.contains("Content-Length: 5\r\n"))
    #expect(answer.hasSuffix("\r\n\r\n"))
  }

  @Test func `unknown paths are 404 and other methods 405 with Allow`() throws {
    let server = try TestServer()
    let wire = try server.wire()
    wire.send("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(status(of: try wire.until("}\n")) == 404)
    wire.send("DELETE /hello HTTP/1.1\r\nHost: a\r\n\r\n")
    let answer = try wire.until("}\n")
    #expect(status(of: answer) == 405)
    #expect(answer.contains("Allow: GET, HEAD, OPTIONS\r\n"))
    wire.send("OPTIONS /echo HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(try wire.until("\r\n\r\n").contains("Allow: OPTIONS, POST\r\n"))
    wire.send("OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    #expect(try wire.untilEnd().contains("Allow: GET, HEAD, OPTIONS, POST\r\n"))
  }

  @Test func `HTTP 1_0 closes unless it asks to keep the connection`() throws {
    let server = try TestServer()
    let answer = try server.answer(to: "GET /hello HTTP/1.0\r\n\r\n")
    #expect(answer.contains("Connection: close\r\n"))
    let wire = try server.wire()
    wire.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    #expect(try wire.until("hello").contains("Connection: keep-alive\r\n"))
    wire.send("GET /hello HTTP/1.0\r\n\r\n")
    #expect(try wire.untilEnd().hasSuffix("hello"))
  }

  @Test func `a request sent byte by byte is answered`() throws {
    let server = try TestServer()
    let wire = try server.wire()
    for byte in "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc".utf8 {
      wire.send([byte])
    }
    #expect(try wire.until("abc").contains("200 OK"))
  }

  @Test func `a chunked body is answered when cut at any byte`() throws {
    let server = try TestServer()
    let wire = try server.wire()
    let head = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    let bytes = Array((head + "3\r\nabc\r\n4;x\r\ndefg\r\n0\r\nT: v\r\n\r\n").utf8)
    for cut in 1..<bytes.count {
      wire.send(Array(bytes[..<cut]))
      wire.send(Array(bytes[cut...]))
      #expect(try wire.until("abcdefg").contains("Content-Length: 7\r\n"))
    }
  }

  @Test func `the body is asked for only when it would be taken`() throws {
    let server = try TestServer()
    let wire = try server.wire()
    wire.send(
      "POST /small HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 4\r\n\r\n")
    #expect(try wire.until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
    wire.send("full")
    #expect(status(of: try wire.until("ok")) == 200)
    wire.send(
      "POST /small HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
    #expect(status(of: try wire.untilEnd()) == 413)
  }

  @Test func `a refusal reaches a client that goes on sending`() throws {
    let server = try TestServer()
    let head = "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n"
    let bytes = Array(head.utf8) + [UInt8](repeating: 0x78, count: 4_000_000)
    let wire = try server.wire()
    wire.send(bytes)
    #expect(status(of: try wire.untilEnd()) == 413)
    // A reset would make other systems than Linux throw the answer away.
    #expect(wire.endedInOrder)
  }

  @Test func `a client that has closed its sending side still gets its answer`() throws {
    let server = try TestServer(respond: { exchange in
      onAnotherThread { exchange.respond(.text(200, "late")) }
    })
    let wire = try server.wire()
    wire.send(ServerTests.get)
    wire.finishSending()
    #expect(try wire.untilEnd().hasSuffix("late"))
  }

  @Test func `a dropped exchange is answered with 500`() throws {
    let server = try TestServer()
    let wire = try server.wire()
    wire.send("GET /dropped HTTP/1.1\r\nHost: a\r\n\r\n")
    let answer = try wire.until("}\n")
    #expect(status(of: answer) == 500)
    #expect(answer.contains("INTERNAL_ERROR"))
    wire.send(ServerTests.get)
    #expect(try wire.until("hello").contains("200 OK"))
    #expect(server.server.requestsInFlight == 0 || server.server.requestsInFlight == 1)
  }

  @Test func `a completed request is reported with its facts`() throws {
    let server = try TestServer()
    let wire = try server.wire()
    wire.send("GET /items/42?x=1 HTTP/1.1\r\nHost: a\r\nX-Request-Id: r1\r\n\r\n")
    _ = try wire.until("42")
    let report = try #require(try server.completed.wait(for: 1).first)
    #expect(report.status == 200)
    #expect(report.target == "/items/42?x=1")
    #expect(report.route == "/items/{id}")
    #expect(report.requestID == "r1")
    #expect(report.bodyBytes == 2)
    #expect(report.isDelivered)
    #expect(report.peer.isLoopback)
  }

  @Test func `headers of an answer cannot be split by their values`() throws {
    let server = try TestServer(respond: { exchange in
      let headers: Headers = ["X-Echo": "a\r\nX-Evil: 1", "Content-Length": "99"]
      exchange.respond(Response(status: 200, headers: headers, body: [0x6F]))
    })
    let answer = try server.answer(
      to: "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    #expect(answer.contains("X-Echo: a  X-Evil: 1\r\n"))
    #expect(answer.contains("Content-Length: 1\r\n"))
    #expect(!answer.contains("99"))
  }
}

/// Runs work on a thread of its own, as the writer thread or a provider call would.
func onAnotherThread(_ work: @escaping @Sendable () -> Void) {
  /// Carries the closure through the C call.
  final class Parcel: Sendable {
    let work: @Sendable () -> Void
    init(_ work: @escaping @Sendable () -> Void) { self.work = work }
  }
  var thread = pthread_t()
  pthread_create(
    &thread, nil,
    { context in
      guard let context else { return nil }
      Unmanaged<Parcel>.fromOpaque(context).takeRetainedValue().work()
      return nil
    }, Unmanaged.passRetained(Parcel(work)).toOpaque())
  pthread_detach(thread)
}
