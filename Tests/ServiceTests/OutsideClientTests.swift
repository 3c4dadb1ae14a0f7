import Glibc
import HTTP
import Ledger
import Service
import Synchronization
import Testing

/// What the one way out says about plain HTTP, about what is not allowed, and to the logs.
struct OutsideClientTests {
  /// The lines that a client has logged.
  private final class Lines: Sendable {
    let all = Mutex<[ProviderCallLine]>([])
  }

  private let purpose = OutsidePurpose(
    provider: "facilitator", operation: "settle", subject: "tx_1", attempt: 1)

  private func client(
    fake: Bool = true, hosts: Set<String> = [], lines: Lines = Lines()
  ) -> OutsideClient {
    OutsideClient(
      OutsideClient.Options(isFake: fake, allowedHosts: hosts, courier: "/nowhere/courier"),
      clocks: .system, log: { line in lines.all.withLock { $0.append(line) } })
  }

  private func request(
    _ url: String, deadlineMilliseconds: Int = 20_000, maxBytes: Int = 1_000
  ) -> OutsideRequest {
    OutsideRequest(
      method: .post, url: url, headers: ["Authorization": "Bearer s3cret"],
      body: Array("{}".utf8), deadlineMilliseconds: deadlineMilliseconds, maxBytes: maxBytes)
  }

  /// The error of one call to such a server.
  private func error(
    _ manner: OutsidePuppet.Manner, deadlineMilliseconds: Int = 20_000
  ) throws -> OutsideError? {
    try OutsidePuppet(manner).during { url in
      do throws(OutsideError) {
        _ = try client().send(
          request(url, deadlineMilliseconds: deadlineMilliseconds), for: purpose)
        return nil
      } catch {
        return error
      }
    }
  }

  @Test(arguments: ["127.0.0.1", "localhost", "LocalHost", "[::ffff:127.0.0.1]"])
  func `a plain call to loopback is sent in fake mode and answered`(host: String) throws {
    let puppet = try OutsidePuppet(.answer("HTTP/1.1 201 Made\r\nX: y\r\n\r\nhello"))
    let answer = try client().send(
      request("http://\(host):\(puppet.port)/a?b=c"), for: purpose)
    #expect(answer.status == 201)
    #expect(answer.headers["X"] == "y")
    #expect(answer.text == "hello")
    let heard = try #require(puppet.requests.first)
    #expect(heard.hasPrefix("POST /a?b=c HTTP/1.1\r\n"))
    #expect(heard.contains("Authorization: Bearer s3cret\r\n"))
    #expect(heard.hasSuffix("\r\n\r\n{}"))
  }

  @Test func `a redirect is an answer and is not followed`() throws {
    let target = try OutsidePuppet(.answer("HTTP/1.1 200 OK\r\n\r\nno"))
    let puppet = try OutsidePuppet(
      .answer("HTTP/1.1 302 F\r\nLocation: http://127.0.0.1:\(target.port)/\r\n\r\n"))
    let answer = try puppet.during { try client().send(request($0), for: purpose) }
    #expect(answer.status == 302)
    #expect(target.requests == [])
  }

  @Test func `a refused connection is not sent`() throws {
    let port = try OutsidePuppet.unusedPort()
    #expect(throws: OutsideError.notSent(.cannotConnect)) {
      try client().send(request("http://127.0.0.1:\(port)/"), for: purpose)
    }
  }

  @Test func `whatever goes wrong after the request counts as sent`() throws {
    #expect(try error(.reset) == .sentWithoutAnswer(.connectionLost))
    #expect(try error(.answer("")) == .sentWithoutAnswer(.connectionLost))
    #expect(try error(.answer("no HTTP\r\n\r\n")) == .sentWithoutAnswer(.answerUnreadable))
    #expect(
      try error(.answer("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"))
        == .sentWithoutAnswer(.answerTooLarge))
    #expect(try error(.endless("HTTP/1.1 200 OK\r\n\r\n")) == .sentWithoutAnswer(.answerTooLarge))
    #expect(try error(.silent, deadlineMilliseconds: 100) == .sentWithoutAnswer(.timedOut))
  }

  @Test(arguments: [
    "https://127.0.0.1/", "https://localhost/", "http://192.0.2.1/", "http://example.com/",
    "http://127.0.0.1.example.com/", "http://localhost.example.com/", "http://[2001:db8::1]/",
    "http://0.0.0.0/",
  ])
  func `in fake mode nothing leaves the machine and no courier is started`(url: String) {
    // The courier of this client does not exist: to start it would be another error.
    #expect(throws: OutsideError.notSent(.notInFakeMode)) {
      try client(hosts: ["127.0.0.1", "localhost", "example.com"]).send(
        request(url), for: purpose)
    }
  }

  @Test func `with real money only hosts on the list are called, by either scheme`() throws {
    let puppet = try OutsidePuppet(.answer("HTTP/1.1 200 OK\r\n\r\n"))
    let url = "http://127.0.0.1:\(puppet.port)/"
    for refused in [url, "https://x402.org/", "https://www.allowed.example/"] {
      #expect(throws: OutsideError.notSent(.hostNotAllowed)) {
        try client(fake: false, hosts: ["allowed.example"]).send(request(refused), for: purpose)
      }
    }
    #expect(puppet.requests == [])
    let answer = try puppet.during {
      try client(fake: false, hosts: ["127.0.0.1"]).send(request($0), for: purpose)
    }
    #expect(answer.status == 200)
    #expect(throws: OutsideError.notSent(.courierUnavailable)) {
      try client(fake: false, hosts: ["allowed.example"]).send(
        request("https://Allowed.Example/"), for: purpose)
    }
  }

  @Test func `a request that cannot be sent as it is is refused before it leaves`() throws {
    let url = "http://127.0.0.1:1/"
    func refused(_ change: (inout OutsideRequest) -> Void) -> Bool {
      var request = request(url)
      change(&request)
      do {
        _ = try client().send(request, for: purpose)
        return false
      } catch {
        return error == .notSent(.requestMalformed)
      }
    }
    #expect(refused { $0.url = "ftp://127.0.0.1/" })
    #expect(refused { $0.deadlineMilliseconds = 0 })
    #expect(refused { $0.maxBytes = 0 })
    #expect(refused { $0.maxBytes = OutsideRequest.largestBody + 1 })
    #expect(refused { $0.body = [UInt8](repeating: 0, count: OutsideRequest.largestBody + 1) })
    #expect(refused { $0.method = .get })
    #expect(refused { $0.method = Method("A B") })
    #expect(!refused { _ in })
  }

  @Test func `each call is one line, and no secret is in it or in the error`() throws {
    let lines = Lines()
    let client = client(lines: lines)
    for answer in ["HTTP/1.1 200 OK\r\n\r\ns3cret", "HTTP/1.1 503 No\r\n\r\n"] {
      try OutsidePuppet(.answer(answer)).during { url in
        _ = try client.send(request(url + "s3cret"), for: purpose)
      }
    }
    let errors = try OutsidePuppet(.silent).during { silent in
      [silent + "s3cret", "https://s3cret.example/s3cret"].compactMap { url -> OutsideError? in
        do throws(OutsideError) {
          _ = try client.send(request(url, deadlineMilliseconds: 50), for: purpose)
          return nil
        } catch {
          return error
        }
      }
    }
    let logged = lines.all.withLock { $0 }
    #expect(logged.map(\.outcome) == ["completed", "completed", "unknown", "failed"])
    #expect(logged.map(\.code) == [nil, "HTTP_503", "TIMED_OUT", "NOT_IN_FAKE_MODE"])
    #expect(logged.allSatisfy { $0.provider == "facilitator" && $0.subject == "tx_1" })
    #expect(errors.map(\.code) == ["TIMED_OUT", "NOT_IN_FAKE_MODE"])
    #expect(!"\(logged) \(errors)".contains("s3cret"))
  }

  @Test func `the allowed hosts are those of the setting and those of the providers`() throws {
    func options(_ hosts: String) throws -> OutsideClient.Options {
      let settings = ["PAYMENTS_USE_FAKE": "false", "TOLLBOOK_OUTSIDE_HOSTS": hosts]
      let configuration = try GatewayDaemon.configuration(settings, home: "/srv/book")
      let provider = try #require(OutsideAddress("https://X402.org:8443/facilitator"))
      return OutsideClient.Options(configuration, providers: [provider])
    }
    #expect(
      try options("API.example.com, 192.0.2.1")
        == OutsideClient.Options(
          isFake: false, allowedHosts: ["api.example.com", "192.0.2.1", "x402.org"]))
    #expect(try options("").allowedHosts == ["x402.org"])
    for wrong in ["*", "*.example.com", "https://a", "a,", "a:443", "a b", ".a", "a."] {
      #expect(throws: ConfigurationError.self) { try options(wrong) }
    }
  }

  @Test func `an address is read in one way or not at all`() throws {
    let full = try #require(OutsideAddress("HTTPS://X402.Org:8443/a%20b?c=d"))
    #expect(full.isSecure && full.host == "x402.org")
    #expect(full.origin == "https://x402.org:8443")
    #expect(full.target == "/a%20b?c=d")
    #expect(OutsideAddress("http://a?b")?.text == "http://a/?b")
    let six = try #require(OutsideAddress("http://[0:0::1]:80"))
    #expect(six.text == "http://[::1]:80/" && six.host == "::1" && six.isLoopback)
    for wrong in [
      "", "http", "http:", "http:/", "http://", "http:///a", "//a", "ftp://a", "http://a b",
      "http://user@a", "http://user:pass@a", "http://a#b", "http://a/#b", "http://a:", "http://a:0",
      "http://a:65536", "http://a:08", "http://a:b", "http://a:1:2", "http://é", "http://a\\b",
      "http://[::1", "http://[::1]80", "http://[::1]x80", "http://[1.2.3.4]", "https://[::1]/",
      "http://a/\r\nX: y", "http://.a", "http://a.", "http://%61", "http://a_b",
      "http://a/" + String(repeating: "x", count: 8_192),
    ] {
      #expect(OutsideAddress(wrong) == nil, "\(wrong)")
    }
  }
}
