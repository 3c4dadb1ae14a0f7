import HTTP
import Testing

/// What bytes are a request, and what is said about those that are not.
@Suite struct RequestParserTests {
  static let host = "Host: a\r\n"

  /// Requests that must be refused, each with its status.
  static let refused: [(String, Int)] = [
    ("GET / HTTP/1.1\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost:\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400),
    ("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    ("GET / HTTP/1.1\nHost: a\n\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", 400),
    ("\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\n\tfolded: x\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX\t: b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nnocolon\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX(y): b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{0}b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{1}b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{7F}b\r\n\r\n", 400),
    ("GET /\u{0} HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400),
    (" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /\r\n\r\n", 400),
    ("GET\r\n\r\n", 400),
    ("GET / http/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/11\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1x\r\nHost: a\r\n\r\n", 400),
    ("GET /#top HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET relative HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET http://u@a/x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /?q=% HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /é HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505),
    ("GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\nhello", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\nhello", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5 5\r\n\r\nhello", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551621\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999999999\r\n\r\n", 413),
    (
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "0\r\n\r\n", 400
    ),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 501),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 501),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n", 400),
    (
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
        + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400
    ),
    ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\nContent-Length: 1\r\n\r\nx", 417),
  ]

  @Test(arguments: refused)
  func `a malformed request is refused with its status`(text: String, status: Int) {
    var parser = RequestParser(limits: RequestLimits())
    guard case .failed(let failure) = parser.feed(Array(text.utf8)) else {
      Issue.record("taken: \(text)")
      return
    }
    #expect(failure.status == status)
    #expect(parser.feed(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)) == .failed(failure))
  }

  /// Chunked bodies that must be refused.
  static let badChunks = [
    "x\r\n", "\r\n", "5 \r\nhello\r\n0\r\n\r\n", " 5\r\nhello\r\n", "-1\r\n", "+5\r\nhello\r\n",
    "0x5\r\nhello\r\n", "5\nhello\r\n", "5\r\nhelloX\r\n0\r\n\r\n", "5\r\nhello\n0\r\n\r\n",
    "5\r\nhello\r\n0\r\nno colon\r\n\r\n", "5\r\nhello\r\n0\r\nA : b\r\n\r\n",
    "ffffffffffffffff\r\n", "0000000000000005\r\nhello\r\n", "5;a=\u{1}\r\nhello\r\n",
    "5\r\nhello\r\n0\r\n\n", "5\r\nhello\rX0\r\n\r\n", "5\r\nhelloX\n0\r\n\r\n",
  ]

  @Test(arguments: badChunks)
  func `a chunked body with odd framing is refused`(body: String) {
    var parser = RequestParser(limits: RequestLimits())
    let text = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body
    guard case .failed(let failure) = parser.feed(Array(text.utf8)) else {
      Issue.record("taken: \(body)")
      return
    }
    #expect(failure.status == 400)
  }

  @Test func `a chunked body is joined and its trailers are dropped`() throws {
    let text =
      "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
      + "5;name=\"v\"\r\nhello\r\n00A\r\n, chunked \r\n5\r\nworld\r\n0\r\nX-Sum: 1\r\n\r\n"
    let request = try #require(parsed(text))
    #expect(request.body == Array("hello, chunked world".utf8))
    #expect(request.head.headers["X-Sum"] == nil)
  }

  @Test(arguments: [0, 1, 2, 15, 16, 1000])
  func `a body is read to its exact length`(length: Int) throws {
    let body = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let head = Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n".utf8)
    let next = Array("GET /next HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    var parser = RequestParser(limits: RequestLimits())
    guard case .request(let first) = parser.feed(head + body + next),
      case .request(let second) = parser.next()
    else {
      Issue.record("two requests were not found")
      return
    }
    #expect(first.body == body)
    #expect(second.head.path == "/next")
    #expect(parser.isBetweenRequests)
  }

  @Test func `all parts of a request can be asked for`() throws {
    let request = try #require(
      parsed(
        "PUT /a%2Fb/%C3%A9?x=1+2&y=%26&z HTTP/1.1\r\nhOsT: a:80\r\nX-A:  one \t\r\n"
          + "x-a: two\r\nEmpty:\r\nContent-Length: 2\r\n\r\nhi"))
    #expect(request.head.method == .put)
    #expect(request.head.path == "/a%2Fb/%C3%A9")
    #expect(request.head.pathSegments == ["a/b", "é"])
    #expect(request.head.query == "x=1+2&y=%26&z")
    #expect(request.head.queryItems.map(\.name) == ["x", "y", "z"])
    #expect(request.head.queryItems.map(\.value) == ["1 2", "&", ""])
    #expect(request.head.headers.values("X-A") == ["one", "two"])
    #expect(request.head.headers["EMPTY"] == "")
    #expect(request.body == Array("hi".utf8))
  }

  @Test(arguments: [
    ("http://h:80/x?q=1", "/x", "q=1"), ("HTTP://h", "/", nil), ("http://h?q", "/", "q"),
    ("https://[::1]:80/", "/", nil), ("/", "/", nil), ("//x", "//x", nil), ("/?", "/", ""),
  ])
  func `absolute and origin targets give path and query`(
    target: String, path: String, query: String?
  ) throws {
    let request = try #require(parsed("GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n"))
    #expect(request.head.target == target)
    #expect(request.head.path == path)
    #expect(request.head.query == query)
  }

  @Test func `an asterisk is a target of OPTIONS only`() throws {
    #expect(parsed("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n")?.head.target == "*")
  }

  @Test func `one empty line before a request is let pass`() {
    #expect(parsed("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n") != nil)
  }

  @Test(arguments: [
    ("1.1", "", true), ("1.1", "Connection: close\r\n", false),
    ("1.1", "Connection: x, CLOSE\r\n", false), ("1.0", "", false),
    ("1.0", "Connection: Keep-Alive\r\n", true),
    ("1.0", "Connection: keep-alive, close\r\n", false),
  ])
  func `the version and the Connection field decide about keeping the connection`(
    version: String, field: String, keeps: Bool
  ) throws {
    let request = try #require(parsed("GET / HTTP/\(version)\r\nHost: h\r\n\(field)\r\n"))
    #expect(request.head.keepsAlive == keeps)
  }

  private func parsed(_ text: String) -> ParsedRequest? {
    var parser = RequestParser(limits: RequestLimits())
    guard case .request(let request) = parser.feed(Array(text.utf8)) else { return nil }
    return request
  }
}
