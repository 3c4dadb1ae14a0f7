import Glibc
import HTTP
import JSON
import Journal
import Ledger
import Service
import Testing

/// Where the ledger lies, and what a start says when it cannot be there.
struct ServeTests {
  private func openError(_ home: GatewayHome) -> ServeError? {
    var options = OpenedLedger.Options(home: home.path, holder: "a test", onLost: { _ in })
    options.lockWaitMilliseconds = 0
    do throws(ServeError) {
      try OpenedLedger(options).close()
      return nil
    } catch {
      return error
    }
  }

  @Test func `a missing data folder is made, for us alone`() throws {
    let home = try GatewayHome()
    umask(0o027)
    let daemon = try GatewayDaemon([:], home: home)
    daemon.stop()
    func mode(_ name: String) -> UInt32 {
      var facts = stat()
      guard lstat(home.path + "/" + name, &facts) == 0 else { return 0 }
      return facts.st_mode & 0o777
    }
    #expect(mode("data") & 0o027 == 0)
    #expect(mode("data/ledger") & 0o027 == 0)
    #expect(mode("data/run") == 0o700)
    #expect(mode("data/run/tollbook.sock") & 0o077 == 0)
    #expect(mode("data/secrets") == 0o700)
    #expect(mode("data/secrets/operator-token") == 0o600)
    let segment = try #require(
      try POSIXDisk(folder: home.ledger).list("").first { $0.hasSuffix(".jsonl") })
    #expect(mode("data/ledger/" + segment) & 0o027 == 0)
    #expect(mode("data/ledger/HEAD") & 0o027 == 0)
  }

  @Test func `a ledger folder that others may write is refused with what to do`() throws {
    let home = try GatewayHome()
    try Files.makeFolder(home.ledger, mode: 0o750)
    for mode in [0o777, 0o770, 0o752] as [mode_t] {
      chmod(home.ledger, mode)
      let error = try #require(openError(home))
      #expect(
        error.description
          == "others may write \(home.ledger); check its contents, then: chmod go-w \(home.ledger)")
      #expect(error.exitStatus == .usage)
    }
    chmod(home.ledger, 0o750)
    #expect(openError(home) == nil)
  }

  @Test(arguments: ["data", "data/ledger"])
  func `a file in the place of a folder is refused and left alone`(name: String) throws {
    let home = try GatewayHome()
    if name != "data" { try Files.makeFolder(home.path + "/data", mode: 0o750) }
    try Files.replace(home.path + "/" + name, with: Array("mine".utf8), mode: 0o600)
    let error = try #require(openError(home))
    #expect(error.description.contains(home.path + "/data"))
    #expect(error.exitStatus == .usage)
    #expect(try home.text(name) == "mine")
  }

  @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
  func `a folder that cannot be written is refused with what to do`() throws {
    let home = try GatewayHome()
    try Files.makeFolder(home.ledger, mode: 0o750)
    chmod(home.ledger, 0o550)
    let error = try #require(openError(home))
    #expect(error.description.contains("cannot be written"))
    #expect(error.exitStatus == .checkFailed)
    chmod(home.ledger, 0o750)
  }

  @Test func `a second one on the same folder learns who has it, and changes nothing`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    #expect(try daemon.task(pay: "v1:0.01:proof123").status == 200)
    try daemon.settle()
    let before = try home.records().count
    let error = try #require(openError(home))
    #expect(error.exitStatus == .busy)
    #expect(error.exitStatus.rawValue == 75)
    #expect(error.description.contains("tollbook serve"))
    #expect(error.description.contains("\(getpid())"))
    #expect(try home.records().count == before)
    #expect(try daemon.task(pay: "v1:0.01:proof124", body: #"{"task":"b"}"#).status == 200)
    daemon.stop()
    #expect(openError(home) == nil)
  }

  @Test func `a damaged log stops the start with status 5 and changes nothing`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    for number in 0..<5 {
      _ = try daemon.task(pay: "v1:0.01:proof-\(number)xx", body: #"{"task":"\#(number)"}"#)
    }
    daemon.stop()
    let segment = try #require(
      try POSIXDisk(folder: home.ledger).list("").first { $0.hasSuffix(".jsonl") })
    var bytes = try home.bytes("data/ledger/" + segment)
    bytes[bytes.count / 2] ^= 1
    try Files.replace(home.ledger + "/" + segment, with: bytes, mode: 0o640)
    let error = try #require(openError(home))
    #expect(error.exitStatus.rawValue == 5)
    #expect(error.description.contains(segment + ":"))
    #expect(error.description.contains("tollbook log recover --accept-loss"))
    #expect(try home.bytes("data/ledger/" + segment) == bytes)
  }

  @Test func `an address that is in use is named, and the ledger is free again`() throws {
    let home = try GatewayHome()
    let first = try GatewayDaemon([:], home: home)
    defer { first.stop() }
    let address = "127.0.0.1:\(try first.port("gateway"))"
    let other = try GatewayHome()
    do {
      try GatewayDaemon(["TOLLBOOK_GATEWAY": address], home: other).stop()
      Issue.record("two daemons listen on \(address)")
    } catch let error as ServeError {
      #expect(error.description.contains("\(address) is in use"))
      #expect(error.description.contains("--gateway"))
      #expect(error.exitStatus == .checkFailed)
    }
    #expect(openError(other) == nil)
  }

  @Test(arguments: [
    ("a header of 300 kB", "X-Payment: v1:0.01:" + String(repeating: "p", count: 300_000), 431),
    ("300 headers", String(repeating: "A: b\r\n", count: 300) + "A: b", 431),
    ("a body of 100 MB announced", "Content-Length: 104857600", 413),
    ("a length that is none", "Content-Length: -1", 400),
    ("two framings", "Content-Length: 1\r\nTransfer-Encoding: chunked", 400),
    ("an unknown coding", "Transfer-Encoding: gzip", 501),
    ("a NUL", "A: b\0c", 400),
    ("a space before the colon", "A : b", 400),
    ("a folded line", "A: b\r\n c", 400),
    ("a second Host", "Host: b", 400),
  ])
  func `a request that is too large or odd is refused, and the daemon goes on`(
    what: String, headers: String, status: Int
  ) throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    try daemon.settle()
    let before = try home.records().count
    let text = "POST /agent/task HTTP/1.1\r\nHost: a\r\n\(headers)\r\n\r\n"
    let answer = try rawExchange(port: try daemon.port("gateway"), Array(text.utf8))
    #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(what): \(answer.prefix(80))")
    #expect(answer.contains("application/problem+json"))
    #expect(answer.lowercased().contains("connection: close"))
    #expect(try daemon.get("/health").status == 200)
    daemon.stop()
    #expect(try home.records().count == before)
  }

  @Test(arguments: ["[", "{\"a\":", "[{\"task\":"])
  func `two hundred thousand nested brackets are refused with nothing charged`(piece: String)
    throws
  {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    let answer = try daemon.task(
      pay: "v1:0.01:proof123", key: "k",
      body: String(String(repeating: piece, count: 200_000).prefix(1_000_000)))
    #expect(try answer.verdict == "400 VALIDATION_ERROR")
    #expect(try daemon.task(pay: "v1:0.01:proof123", key: "k").status == 200)
    daemon.stop()
    #expect(try home.count(of: .gatewayPaymentAccepted) == 1)
  }

  @Test func `a body one byte past the limit is 413, one at the limit is read`() throws {
    let daemon = try GatewayDaemon([:], home: try GatewayHome())
    defer { daemon.stop() }
    let frame = #"{"task":""}"#
    func body(_ size: Int) -> String {
      #"{"task":""# + String(repeating: "x", count: size - frame.utf8.count) + #""}"#
    }
    let most = try daemon.task(pay: "v1:0.01:proof123", body: body(1_048_576))
    #expect(most.status == 200)
    #expect(try most.member("result.taskBytes") == "1048565")
    let over = try daemon.task(pay: "v1:0.01:proof124", body: body(1_048_577))
    #expect(try over.verdict == "413 BODY_TOO_LARGE")
  }

  @Test func `a sealed day can be checked by sha256sum and is read-only`() throws {
    let home = try GatewayHome()
    let clock = GatewayClock(Timestamp(milliseconds: 1_790_000_000_000))
    let daemon = try GatewayDaemon([:], home: home, clocks: clock.clocks)
    _ = try daemon.task(pay: "v1:0.01:proof123")
    // In steps that the clock rule believes.
    for _ in 0..<40 { clock.advance(milliseconds: 1_000_000) }
    #expect(try daemon.task(pay: "v1:0.01:proof124", body: #"{"task":"b"}"#).status == 200)
    daemon.stop()
    let segments = try POSIXDisk(folder: home.ledger).list("").filter { $0.hasSuffix(".jsonl") }
    #expect(segments.map { $0.dropFirst(13) } == ["2026-09-21.jsonl", "2026-09-22.jsonl"])
    let sealed = try home.records().compactMap { record -> SegmentSealed? in
      guard case .segmentSealed(let event) = record.event else { return nil }
      return event
    }
    #expect(sealed.map(\.segment.string) == [segments[0]])
    let sum = sealed.first?.sha256.hex.string ?? ""
    #expect(try home.text("data/ledger/SHA256SUMS") == "\(sum)  \(segments[0])\n")
    var facts = stat()
    #expect(stat(home.ledger + "/" + segments[0], &facts) == 0)
    #expect(facts.st_mode & 0o777 == 0o440)
    let check = "cd '\(home.ledger)' && sha256sum --status -c SHA256SUMS"
    #expect(run(check) == 0)
    chmod(home.ledger + "/" + segments[0], 0o640)
    var bytes = try home.bytes("data/ledger/" + segments[0])
    bytes[10] ^= 1
    try Files.replace(home.ledger + "/" + segments[0], with: bytes, mode: 0o440)
    #expect(run(check) != 0)
  }

  /// A command of the shell; its exit status.
  private func run(_ command: String) -> Int32 {
    var pid: pid_t = 0
    let given: [String] = ["sh", "-c", command]
    var words = given.map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    guard posix_spawn(&pid, "/bin/sh", nil, nil, words, environ) == 0 else { return -1 }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    return status >> 8 & 0xFF
  }
}
