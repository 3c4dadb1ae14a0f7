import Glibc
import HTTP
import Service
import Testing

/// The built courier beside the test bundle; nil when it was not built.
private let program: String? = builtProgram("tollbook-courier")

/// The real courier, driven over its socket.
@Suite(.enabled(if: program != nil, "tollbook-courier is not built beside the tests"))
struct CourierTests {
  /// A desk that may call loopback, and ends with its scope.
  private final class Desk {
    let desk: CourierDesk

    init(_ hosts: [String] = ["127.0.0.1", "localhost", "no-such-host.invalid"]) {
      desk = CourierDesk(program: program, hosts: hosts)
    }

    deinit { desk.close() }

    func post(
      _ url: String, body: [UInt8] = Array("{}".utf8), deadlineMilliseconds: Int = 30_000,
      maxBytes: Int = 100_000
    ) throws -> Response {
      let request = OutsideRequest(
        method: .post, url: url, headers: ["Authorization": "Bearer s3cret", "A": "1", "a": "2"],
        body: body, deadlineMilliseconds: deadlineMilliseconds, maxBytes: maxBytes)
      return try desk.send(request, to: try #require(OutsideAddress(url)))
    }

    func post(_ puppet: OutsidePuppet) throws -> Response {
      try puppet.during { try post($0) }
    }

    /// The error of one call.
    func error(
      _ url: String, deadlineMilliseconds: Int = 30_000, maxBytes: Int = 1_000
    ) throws -> OutsideError? {
      do {
        _ = try post(url, deadlineMilliseconds: deadlineMilliseconds, maxBytes: maxBytes)
        return nil
      } catch let error as OutsideError {
        return error
      }
    }

    func error(_ manner: OutsidePuppet.Manner) throws -> OutsideError? {
      try OutsidePuppet(manner).during { try error($0) }
    }

    /// The running process.
    func process() throws -> Int32 { try #require(desk.processID) }
  }

  private static let fine = OutsidePuppet.Manner.answer("HTTP/1.1 200 OK\r\n\r\nfine")

  /// Waits until something is so; false after twenty seconds.
  private func comes(_ isSo: () throws -> Bool) rethrows -> Bool {
    for _ in 0..<4_000 {
      if try isSo() { return true }
      usleep(5_000)
    }
    return false
  }

  @Test func `a call is sent as it was given and answered as it was answered`() throws {
    let desk = Desk()
    let puppet = try OutsidePuppet(
      .answer("HTTP/1.1 402 Pay\r\nX: 1\r\nX: 2\r\nContent-Length: 9\r\n\r\nsum: \"1\"\n"))
    let answer = try desk.post("http://127.0.0.1:\(puppet.port)/a?b=%20c", body: [0xFF, 0, 0x0A])
    #expect(answer.status == 402)
    #expect(answer.headers["X"] == "1, 2")
    #expect(answer.text == "sum: \"1\"\n")
    let heard = try #require(puppet.requests.first)
    #expect(heard.hasPrefix("POST /a?b=%20c HTTP/1.1\r\n"))
    #expect(heard.contains("\r\nAuthorization: Bearer s3cret\r\n"))
    #expect(heard.contains("\r\nA: 1, 2\r\n"))
    #expect(heard.contains("\r\nContent-Length: 3\r\n"))
    #expect(!heard.contains("Expect"))
    #expect(puppet.requests.count == 1)
  }

  @Test(arguments: [1, 1_000, OutsideRequest.largestBody])
  func `a body of any bytes comes through up to the limit`(count: Int) throws {
    let desk = Desk()
    let text = String(repeating: "\u{1}", count: count)
    let puppet = try OutsidePuppet(
      .answer("HTTP/1.1 200 OK\r\nContent-Length: \(count)\r\n\r\n" + text))
    try puppet.during { url in
      #expect(try desk.post(url, maxBytes: count).body == Array(text.utf8))
      if count > 1 {
        let error = try desk.error(url, maxBytes: count - 1)
        #expect(error == .sentWithoutAnswer(.answerTooLarge))
      }
    }
  }

  @Test func `a redirect and a challenge are answers, and are not followed`() throws {
    let desk = Desk()
    let target = try OutsidePuppet(Self.fine)
    for (status, field) in [
      (302, "Location: http://127.0.0.1:\(target.port)/"),
      (307, "Location: http://127.0.0.1:\(target.port)/"),
      (303, "Location: /elsewhere"), (401, "WWW-Authenticate: Basic realm=x"),
    ] {
      let puppet = try OutsidePuppet(
        .answer("HTTP/1.1 \(status) X\r\n\(field)\r\nContent-Length: 4\r\n\r\nbody"))
      let answer = try desk.post(puppet)
      #expect(answer.status == status)
      #expect(answer.text == "body")
      #expect(puppet.requests.count == 1)
    }
    #expect(target.requests == [])
  }

  @Test func `what certainly did not leave is not sent`() throws {
    let desk = Desk()
    let port = try OutsidePuppet.unusedPort()
    #expect(try desk.error("http://127.0.0.1:\(port)/") == .notSent(.cannotConnect))
    #expect(try desk.error("https://no-such-host.invalid/") == .notSent(.nameNotFound))
    #expect(try desk.error("https://elsewhere.example/") == .notSent(.hostNotAllowed))
    #expect(try desk.error("https://127.0.0.1.example.com/") == .notSent(.hostNotAllowed))
    // Without TLS only 127.0.0.1.
    #expect(try desk.error("http://localhost:\(port)/") == .notSent(.requestMalformed))
    let plain = try OutsidePuppet(.answer("HTTP/1.1 400 No TLS here\r\n\r\n"))
    #expect(try desk.error("https://127.0.0.1:\(plain.port)/") == .notSent(.tlsFailed))
    #expect(plain.requests.allSatisfy { !$0.contains("s3cret") })
  }

  @Test func `whatever goes wrong after the request counts as sent`() throws {
    let desk = Desk()
    #expect(try desk.error(.reset) == .sentWithoutAnswer(.connectionLost))
    #expect(try desk.error(.answer("")) == .sentWithoutAnswer(.connectionLost))
    #expect(
      try desk.error(.answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"))
        == .sentWithoutAnswer(.connectionLost))
    #expect(try desk.error(.answer("no HTTP\r\n\r\n")) == .sentWithoutAnswer(.answerUnreadable))
    #expect(
      try desk.error(.answer("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"))
        == .sentWithoutAnswer(.answerTooLarge))
    #expect(
      try desk.error(.endless("HTTP/1.1 200 OK\r\n\r\n")) == .sentWithoutAnswer(.answerTooLarge))
  }

  @Test func `the deadline is total, and the courier lives on after it`() throws {
    let desk = Desk()
    _ = try desk.post(try OutsidePuppet(Self.fine))
    let process = try desk.process()
    let error = try OutsidePuppet(.silent).during {
      try desk.error($0, deadlineMilliseconds: 200)
    }
    #expect(error == .sentWithoutAnswer(.timedOut))
    #expect(try desk.post(try OutsidePuppet(Self.fine)).text == "fine")
    #expect(try desk.process() == process)
  }

  @Test func `many calls are under way at once`() throws {
    let desk = CourierDesk(program: program, hosts: ["127.0.0.1"])
    defer { desk.close() }
    let puppet = try OutsidePuppet(.together(12))
    let url = "http://127.0.0.1:\(puppet.port)/"
    let address = try #require(OutsideAddress(url))
    let answers = try puppet.during { _ in
      try simultaneously(12) { _ in
        try desk.send(
          OutsideRequest(
            method: .get, url: url, headers: Headers(), body: [], deadlineMilliseconds: 30_000,
            maxBytes: 100), to: address
        ).text
      }
    }
    #expect(answers == [String](repeating: "12", count: 12))
  }

  @Test
  func `a courier killed in mid-call leaves the outcome unknown, and the next call a new one`()
    throws
  {
    let desk = Desk()
    _ = try desk.post(try OutsidePuppet(Self.fine))
    let first = try desk.process()
    let silent = try OutsidePuppet(.silent)
    let isStarted = Threads.start {
      for _ in 0..<4_000 where silent.requests.isEmpty { usleep(5_000) }
      kill(first, SIGKILL)
    }
    #expect(isStarted)
    let error = try silent.during { try desk.error($0) }
    #expect(error == .sentWithoutAnswer(.courierDied))
    #expect(try desk.post(try OutsidePuppet(Self.fine)).text == "fine")
    #expect(try desk.process() != first)
  }

  @Test func `a courier that died between two calls costs nothing`() throws {
    let desk = Desk()
    _ = try desk.post(try OutsidePuppet(Self.fine))
    let first = try desk.process()
    kill(first, SIGKILL)
    #expect(comes { desk.desk.processID == nil })
    #expect(try desk.post(try OutsidePuppet(Self.fine)).text == "fine")
    #expect(try desk.process() != first)
  }

  @Test func `signals to stop leave it at work, and the end of its socket ends it`() throws {
    let desk = Desk()
    _ = try desk.post(try OutsidePuppet(Self.fine))
    let process = try desk.process()
    for number in [SIGTERM, SIGINT, SIGHUP] { kill(process, number) }
    #expect(try desk.post(try OutsidePuppet(Self.fine)).text == "fine")
    #expect(try desk.process() == process)
    desk.desk.close()
    #expect(comes { kill(process, 0) != 0 && errno == ESRCH })
    #expect(try desk.error(Self.fine) == .notSent(.courierUnavailable))
  }

  @Test func `it inherits no folder, no environment and no file`() throws {
    let file = open("/etc/hostname", O_RDONLY)
    defer { close(file) }
    let desk = Desk()
    _ = try desk.post(try OutsidePuppet(Self.fine))
    let folder = "/proc/\(try desk.process())"
    #expect(link(folder + "/cwd") == "/")
    let environment = open(folder + "/environ", O_RDONLY | O_CLOEXEC)
    defer { close(environment) }
    var variables = [UInt8](repeating: 0, count: 4_096)
    let count = max(0, read(environment, &variables, variables.count))
    #expect(
      String(decoding: variables[..<count], as: UTF8.self) == "SWIFT_BACKTRACE=enable=no\0")
    for number in 0..<64 {
      let target = link(folder + "/fd/\(number)")
      let isOurs = ["", "/dev/null"].contains(target) || number == 2
      #expect(isOurs || target.contains(":"), "\(number) is \(target)")
    }
  }

  @Test(arguments: ["/nowhere/tollbook-courier", "/bin/true", "/bin/echo"])
  func `a program that is no courier is not sent`(path: String) throws {
    let desk = CourierDesk(program: path, hosts: ["127.0.0.1"])
    let url = "http://127.0.0.1:1/"
    let request = OutsideRequest(
      method: .get, url: url, headers: Headers(), body: [], deadlineMilliseconds: 30_000,
      maxBytes: 1)
    let address = try #require(OutsideAddress(url))
    #expect(throws: OutsideError.notSent(.courierUnavailable)) {
      try desk.send(request, to: address)
    }
  }

  /// Where a symbolic link leads; empty when there is none.
  private func link(_ path: String) -> String {
    var target = [CChar](repeating: 0, count: 4_096)
    let count = max(0, readlink(path, &target, target.count))
    return String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
