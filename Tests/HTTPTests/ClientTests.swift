import Glibc
import HTTP
import Testing

/// What the client says about answers, and about the lack of one.
@Suite struct ClientTests {
  private func client(_ address: ListenAddress, keepsAlive: Bool = false) -> Client {
    var limits = ClientLimits()
    limits.bodyBytes = 1000
    return Client(address: address, host: "test", limits: limits, keepsAlive: keepsAlive)
  }

  /// The error of one request to a server that answers with these bytes and closes.
  private func error(
    answering bytes: String?, deadlineMilliseconds: Int = 5000
  ) throws -> ClientError? {
    let server = try Puppet(answer: bytes)
    do {
      _ = try client(server.address).send(
        .get("/"), deadlineMilliseconds: deadlineMilliseconds)
      return nil
    } catch {
      return error
    }
  }

  @Test func `a refused connection is not sent`() throws {
    let server = try TestServer()
    let address = try #require(server.server.addresses["test"])
    server.server.stop()
    #expect(throws: ClientError.notSent(.cannotConnect(errno: ECONNREFUSED))) {
      try client(address).send(.get("/"), deadlineMilliseconds: 5000)
    }
    #expect(throws: ClientError.notSent(.cannotConnect(errno: ENOENT))) {
      try client(.unix(path: "/tmp/tollbook-no-such-socket")).send(
        .get("/"), deadlineMilliseconds: 5000)
    }
  }

  @Test func `a request that cannot be written down is not sent`() throws {
    let server = try TestServer()
    let address = try #require(server.server.addresses["test"])
    for target in ["", "/a b", "/\r\nX: 1", "/é"] {
      #expect(throws: ClientError.notSent(.malformedRequest)) {
        try client(address).send(.get(target), deadlineMilliseconds: 5000)
      }
    }
  }

  @Test func `silence after sending is an unknown outcome`() throws {
    #expect(
      try error(answering: nil, deadlineMilliseconds: 50) == .sentWithoutAnswer(.timedOut))
  }

  @Test(arguments: [
    "", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "HTTP/1.1 200",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
  ])
  func `an answer that breaks off is an unknown outcome`(bytes: String) throws {
    #expect(
      try error(answering: bytes) == .sentWithoutAnswer(.connectionLost(errno: 0)))
  }

  @Test(arguments: [
    "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "ICY 200 OK\r\n\r\n",
    "HTTP/1.1 099 Low\r\n\r\n", "HTTP/1.1 101 Switching\r\n\r\n",
    "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
    "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
  ])
  func `an unreadable answer is an unknown outcome`(bytes: String) throws {
    guard case .sentWithoutAnswer(.unreadable) = try error(answering: bytes) else {
      Issue.record("taken: \(bytes)")
      return
    }
  }

  @Test(arguments: [
    "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n",
    "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 1001),
    "HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 70_000) + "\r\n\r\n",
  ])
  func `an answer past the limit is refused`(bytes: String) throws {
    #expect(try error(answering: bytes) == .sentWithoutAnswer(.tooLarge))
  }

  @Test(arguments: [
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
    "HTTP/1.0 200\r\n\r\nhi",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1\r\ni\r\n0\r\nT: v\r\n\r\n",
  ])
  func `every framing of an answer is read, also byte by byte`(bytes: String) throws {
    let server = try Puppet(answer: bytes)
    let response = try client(server.address).send(.get("/"), deadlineMilliseconds: 5000)
    #expect(response.status == 200)
    #expect(response.body == Array("hi".utf8))
    var parser = ResponseParser(limits: ClientLimits(), isHead: false)
    var last = ResponseParser.Step.needMore
    for byte in bytes.utf8 { last = parser.feed([byte]) }
    if last == .needMore { last = parser.end() }
    #expect(last == .response(response))
  }

  @Test func `a kept connection carries the next request and survives a restart`() throws {
    let server = try TestServer()
    let address = try #require(server.server.addresses["test"])
    let client = client(address, keepsAlive: true)
    for _ in 0..<3 {
      let answer = try client.send(.get("/hello"), deadlineMilliseconds: 5000)
      #expect(answer.body == Array("hello".utf8))
    }
    #expect(server.server.openConnections == 1)
    server.server.stop()
    let again = try TestServer(at: address.description)
    let answer = try client.send(.get("/hello"), deadlineMilliseconds: 5000)
    #expect(answer.status == 200)
    again.server.stop()
  }

  @Test func `a body that is refused early still gets its answer`() throws {
    let server = try TestServer()
    let address = try #require(server.server.addresses["test"])
    let request = ClientRequest(
      method: .post, target: "/small", headers: Headers(),
      body: [UInt8](repeating: 1, count: 900_000))
    let answer = try client(address).send(request, deadlineMilliseconds: 5000)
    #expect(answer.status == 413)
  }

  @Test(arguments: [
    "https://a", "http://", "http://a b", "http://a:99999", "a", "http://a/path", "http://:80",
  ])
  func `an origin that is not plain http is refused`(text: String) {
    #expect(Client(origin: text, limits: ClientLimits(), keepsAlive: false) == nil)
  }

  @Test func `a name that nobody knows is not sent`() throws {
    let client = try #require(
      Client(origin: "http://no-such-host.invalid:1", limits: ClientLimits(), keepsAlive: false))
    #expect(throws: ClientError.notSent(.nameNotFound("no-such-host.invalid"))) {
      try client.send(.get("/"), deadlineMilliseconds: 5000)
    }
  }
}

/// A server that says exactly what it was told to say, once, to whatever it is asked.
final class Puppet {
  let address: ListenAddress
  private let descriptor: Int32

  /// Answers with the bytes and closes; with nil it reads and stays silent.
  init(answer: String?) throws {
    let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    descriptor = listening
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listening, $0, size) | listen(listening, 8) | getsockname(listening, $0, &size)
      }
    }
    guard code == 0, let address = ListenAddress("127.0.0.1:\(UInt16(bigEndian: place.sin_port))")
    else { throw WireFault.notConnected }
    self.address = address
    onAnotherThread {
      let peer = accept(listening, nil, nil)
      var buffer = [UInt8](repeating: 0, count: 65536)
      _ = recv(peer, &buffer, buffer.count, 0)
      if let answer {
        let bytes = Array(answer.utf8)
        _ = send(peer, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        shutdown(peer, Int32(SHUT_WR))
      }
      _ = recv(peer, &buffer, buffer.count, 0)
      close(peer)
    }
  }

  deinit { close(descriptor) }
}
