import HTTP
import Testing

/// Every limit on its edge and one byte over it.
@Suite struct RequestLimitTests {
  private func status(_ text: String, _ limits: RequestLimits = RequestLimits()) -> Int {
    var parser = RequestParser(limits: limits)
    switch parser.feed(Array(text.utf8)) {
    case .needMore: return 0
    case .request: return 200
    case .failed(let failure): return failure.status
    }
  }

  @Test(arguments: [(8192, 200), (8193, 414)])
  func `a request line of 8 KiB is taken and one byte more is 414`(length: Int, wanted: Int) {
    let target = "/" + String(repeating: "a", count: length - "GET / HTTP/1.1".utf8.count)
    #expect(status("GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n") == wanted)
  }

  @Test func `a request line that never ends is refused at the limit`() {
    #expect(status(String(repeating: "a", count: 8193)) == 0)
    #expect(status(String(repeating: "a", count: 8194)) == 414)
  }

  @Test(arguments: [(32 * 1024, 200), (32 * 1024 + 1, 431)])
  func `a header block of 32 KiB is taken and one byte more is 431`(length: Int, wanted: Int) {
    let fixed = "Host: h\r\nX: \r\n"
    let value = String(repeating: "v", count: length - fixed.utf8.count)
    #expect(status("GET / HTTP/1.1\r\nHost: h\r\nX: \(value)\r\n\r\n") == wanted)
  }

  @Test(arguments: [(100, 200), (101, 431)])
  func `a hundred fields are taken and one more is 431`(count: Int, wanted: Int) {
    let fields = String(repeating: "X: y\r\n", count: count - 1)
    #expect(status("GET / HTTP/1.1\r\nHost: h\r\n\(fields)\r\n") == wanted)
  }

  @Test(arguments: [(10, 200), (11, 413)])
  func `a body at the limit is taken and one byte more is 413`(length: Int, wanted: Int) {
    var limits = RequestLimits()
    limits.bodyBytes = 10
    let body = String(repeating: "b", count: length)
    let head = "POST / HTTP/1.1\r\nHost: h\r\n"
    #expect(status("\(head)Content-Length: \(length)\r\n\r\n\(body)", limits) == wanted)
    let size = String(length - 5, radix: 16)
    let chunks = "5\r\nbbbbb\r\n\(size)\r\n\(body.dropFirst(5))\r\n0\r\n\r\n"
    #expect(status("\(head)Transfer-Encoding: chunked\r\n\r\n\(chunks)", limits) == wanted)
  }

  @Test func `a body that is declared too large is refused before it arrives`() {
    #expect(status("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1048577\r\n\r\n") == 413)
    #expect(
      status("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n") == 413)
  }

  @Test(arguments: [(256, 200), (257, 400)])
  func `a chunk line at the limit is taken and one byte more is refused`(
    length: Int, wanted: Int
  ) {
    let line = "1;" + String(repeating: "e", count: length - 2)
    let text = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    #expect(status("\(text)\(line)\r\nx\r\n0\r\n\r\n") == wanted)
  }

  @Test(arguments: [(16, 200), (17, 400)])
  func `the extensions of all chunks together are bounded`(chunks: Int, wanted: Int) {
    let chunk = "1;" + String(repeating: "e", count: 254) + "\r\nx\r\n"
    var limits = RequestLimits()
    limits.chunkExtensionBytes = 16 * 255
    let text = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    let body = String(repeating: chunk, count: chunks)
    #expect(status("\(text)\(body)0\r\n\r\n", limits) == wanted)
  }

  @Test(arguments: [(100, 200), (101, 431)])
  func `trailers are bounded like headers`(count: Int, wanted: Int) {
    let trailers = String(repeating: "X: y\r\n", count: count)
    let text = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    #expect(status("\(text)0\r\n\(trailers)\r\n") == wanted)
  }

  @Test func `a route's own limit replaces the general one`() {
    var parser = RequestParser(limits: RequestLimits()) { $0.path == "/small" ? 1 : nil }
    let step = parser.feed(
      Array("POST /small HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n".utf8))
    guard case .failed(let failure) = step else {
      Issue.record("taken")
      return
    }
    #expect(failure.code == "BODY_TOO_LARGE")
  }
}
