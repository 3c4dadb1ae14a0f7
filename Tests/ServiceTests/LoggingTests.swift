import Glibc
import JSON
import Ledger
import Service
import Testing

struct LoggingTests {
  private static let moment = Timestamp(milliseconds: 1_763_262_000_123)

  private func request(_ id: String, path: String = "/agent/task") -> RequestLine {
    RequestLine(
      at: Self.moment, requestID: id, method: "POST", path: path, status: 200,
      latencyMilliseconds: 3, isPaid: true, idempotencyKey: nil, code: nil)
  }

  @Test func `a request is one line with these members in this order`() throws {
    let home = try #require(Home())
    let files = LogFiles(.init(home: home.path))
    var line = request("req-1")
    files.write(line)
    line.idempotencyKey = "k\"1"
    line.code = "PAYMENT_UNDERPAID"
    line.status = 402
    line.isPaid = false
    files.write(line)
    #expect(files.close(timeoutMilliseconds: 60_000))
    let prefix = #"{"ts":"2025-11-16T03:00:00.123Z","event":"http.request.completed","#
    #expect(
      home.read("logs/genesis.log")
        == prefix + #""requestId":"req-1","method":"POST","path":"/agent/task","status":200,"#
        + #""latencyMs":3,"paid":true,"idempotencyKey":null}"# + "\n"
        + prefix + #""requestId":"req-1","method":"POST","path":"/agent/task","status":402,"#
        + #""latencyMs":3,"paid":false,"idempotencyKey":"k\"1","code":"PAYMENT_UNDERPAID"}"#
        + "\n")
    #expect(home.read("logs.json") == home.read("logs/genesis.log"))
    #expect(home.read("logs/a2a_x402.log") == nil)
    #expect(files.counts == .init(dropped: 0, lost: 0))
  }

  @Test func `a provider call stands in both files, and a note in one`() throws {
    let home = try #require(Home())
    let files = LogFiles(.init(home: home.path))
    files.write(
      ProviderCallLine(
        at: Self.moment, provider: "facilitator", operation: "settle", subject: "tx_1",
        outcome: "unknown", latencyMilliseconds: 9, attempt: 2, code: "TIMEOUT"))
    files.write(
      NoteLine(
        at: Self.moment, level: .warning, event: "config.notice", message: "a\nb",
        requestID: nil))
    files.close(timeoutMilliseconds: 60_000)
    let call =
      #"{"ts":"2025-11-16T03:00:00.123Z","event":"payment.provider.called","#
      + #""provider":"facilitator","operation":"settle","subject":"tx_1","outcome":"unknown","#
      + #""latencyMs":9,"attempt":2,"error":"TIMEOUT"}"# + "\n"
    #expect(home.read("logs/a2a_x402.log") == call)
    #expect(
      home.read("logs/genesis.log")
        == call + #"{"ts":"2025-11-16T03:00:00.123Z","event":"config.notice","#
        + #""level":"warning","message":"a\nb"}"# + "\n")
  }

  @Test func `text from outside is cut, and every line is strict JSON`() throws {
    let home = try #require(Home())
    let files = LogFiles(.init(home: home.path))
    files.write(request("é\u{0}\u{7F}\"\\", path: String(repeating: "é", count: 600)))
    files.close(timeoutMilliseconds: 60_000)
    let text = try #require(home.read("logs/genesis.log"))
    #expect(text.contains(String(repeating: "é", count: 512) + "\""))
    #expect(text.contains(#""requestId":"é\u0000"# + "\u{7F}" + #"\"\\""#))
    #expect(text.utf8.filter { $0 == 0x0A }.count == 1)
  }

  @Test func `files turn at a line end before the limit, and the oldest go`() throws {
    let home = try #require(Home())
    var options = LogFiles.Options(home: home.path)
    let length = try #require(lineLength(home))
    options.fileLimit = 2 * length
    options.filesKept = 2
    let files = LogFiles(options)
    // 1 line is in the file from measuring; 8 more make files of 2, 2, 2, 2 and 1.
    for number in 1...8 {
      files.write(request("req-\(number)"))
      if number % 3 == 0 { files.flush(timeoutMilliseconds: 60_000) }
    }
    files.close(timeoutMilliseconds: 60_000)
    #expect(home.requests("logs/genesis.log") == ["req-8"])
    #expect(home.requests("logs/genesis.log.1") == ["req-6", "req-7"])
    #expect(home.requests("logs/genesis.log.2") == ["req-4", "req-5"])
    #expect(home.read("logs/genesis.log.3") == nil)
    #expect(files.counts == .init(dropped: 0, lost: 0))
  }

  @Test func `a line longer than a file may be stands in a file of its own`() throws {
    let home = try #require(Home())
    var options = LogFiles.Options(home: home.path)
    options.fileLimit = 10
    let files = LogFiles(options)
    for number in 1...3 { files.write(request("req-\(number)")) }
    files.close(timeoutMilliseconds: 60_000)
    #expect(home.requests("logs/genesis.log") == ["req-3"])
    #expect(home.requests("logs/genesis.log.1") == ["req-2"])
    #expect(home.requests("logs/genesis.log.2") == ["req-1"])
  }

  @Test func `a full queue drops and counts, and the log says so`() throws {
    let home = try #require(Home())
    var options = LogFiles.Options(home: home.path)
    options.queueLimit = 10
    let files = LogFiles(options)
    for number in 1...3 { files.write(request("req-\(number)")) }
    #expect(files.counts == .init(dropped: 3, lost: 0))
    files.close(timeoutMilliseconds: 60_000)
    let text = try #require(home.read("logs/genesis.log"))
    #expect(text.contains(#""event":"log.dropped""#))
    #expect(text.contains(#""lines":"#))
    #expect(!text.contains("req-"))
  }

  @Test func `a queue takes lines up to its limit to the byte`() throws {
    let home = try #require(Home())
    let length = try #require(lineLength(home))
    for (limit, dropped) in [(length, 0), (length - 1, 1)] {
      var options = LogFiles.Options(home: home.path)
      options.queueLimit = limit
      let files = LogFiles(options)
      files.write(request("req-1"))
      files.close(timeoutMilliseconds: 60_000)
      #expect(files.counts.dropped == dropped)
    }
  }

  @Test func `a removed folder comes back, and a moved file stays until reopen`() throws {
    let home = try #require(Home())
    let files = LogFiles(.init(home: home.path))
    files.write(request("req-1"))
    #expect(files.flush(timeoutMilliseconds: 60_000))
    home.remove(["logs/genesis.log", "logs"])
    files.write(request("req-2"))
    #expect(files.flush(timeoutMilliseconds: 60_000))
    #expect(home.requests("logs/genesis.log") == ["req-2"])
    home.move("logs/genesis.log", "logs/moved")
    files.write(request("req-3"))
    #expect(files.flush(timeoutMilliseconds: 60_000))
    #expect(home.requests("logs/moved") == ["req-2", "req-3"])
    files.reopen()
    files.write(request("req-4"))
    files.close(timeoutMilliseconds: 60_000)
    #expect(home.requests("logs/genesis.log") == ["req-4"])
  }

  @Test func `lines that no file takes are counted as lost`() throws {
    let home = try #require(Home())
    home.write("in the folder's place", to: "logs")
    let files = LogFiles(.init(home: home.path))
    files.write(request("req-1"))
    files.write(request("req-2"))
    #expect(files.flush(timeoutMilliseconds: 60_000))
    #expect(files.counts == .init(dropped: 0, lost: 2))
    home.remove(["logs"])
    files.write(request("req-3"))
    files.close(timeoutMilliseconds: 60_000)
    #expect(home.requests("logs/genesis.log") == ["req-3"])
    #expect(files.counts == .init(dropped: 0, lost: 2))
  }

  @Test func `half a line from a crash does not spoil the next one`() throws {
    let home = try #require(Home())
    home.makeFolder("logs")
    home.write(#"{"ts":"2025"#, to: "logs/genesis.log")
    let files = LogFiles(.init(home: home.path))
    files.write(request("req-1"))
    files.close(timeoutMilliseconds: 60_000)
    let text = try #require(home.read("logs/genesis.log"))
    #expect(text.hasPrefix("{\"ts\":\"2025\n{\"ts\":\"2025-11-16T"))
    #expect(text.hasSuffix("}\n"))
  }

  @Test func `lines go to standard output too, and a reader that left does not hurt`() throws {
    let home = try #require(Home())
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    var options = LogFiles.Options(home: home.path)
    options.outputDescriptor = ends[1]
    let files = LogFiles(options)
    files.write(request("req-1"))
    #expect(files.flush(timeoutMilliseconds: 60_000))
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let count = read(ends[0], &bytes, bytes.count)
    #expect(String(decoding: bytes.prefix(count), as: UTF8.self) == home.read("logs/genesis.log"))
    close(ends[0])
    files.write(request("req-2"))
    #expect(files.close(timeoutMilliseconds: 60_000))
    close(ends[1])
    #expect(home.requests("logs/genesis.log") == ["req-1", "req-2"])
  }

  @Test func `many writers lose no line while there is room`() async throws {
    let home = try #require(Home())
    let files = LogFiles(.init(home: home.path))
    await withTaskGroup(of: Void.self) { group in
      for writer in 0..<8 {
        group.addTask {
          for number in 0..<500 { files.write(self.request("req-\(writer)-\(number)")) }
        }
      }
    }
    #expect(files.close(timeoutMilliseconds: 60_000))
    #expect(Set(home.requests("logs/genesis.log")).count == 4_000)
    #expect(files.counts == .init(dropped: 0, lost: 0))
  }

  /// The length of the line of `req-1`, which this leaves in the log.
  private func lineLength(_ home: Home) -> Int? {
    let files = LogFiles(.init(home: home.path))
    files.write(request("req-0"))
    files.close(timeoutMilliseconds: 60_000)
    return home.read("logs/genesis.log")?.utf8.count
  }

  /// A folder that stands for TOLLBOOK_HOME.
  private final class Home: Sendable {
    let path: String

    init?() {
      var template = Array("/tmp/tollbook-XXXXXX".utf8CString)
      guard let made = mkdtemp(&template) else { return nil }
      path = String(cString: made)
    }

    deinit {
      let logs = ["genesis.log", "genesis.log.1", "genesis.log.2", "a2a_x402.log", "moved"]
      remove(logs.map { "logs/\($0)" } + ["logs", "logs.json", ""])
    }

    func read(_ name: String) -> String? {
      guard let file = fopen("\(path)/\(name)", "r") else { return nil }
      defer { fclose(file) }
      var bytes = [UInt8](repeating: 0, count: 4 << 20)
      let count = fread(&bytes, 1, bytes.count, file)
      return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    /// The request ids of a file's lines, in order.
    func requests(_ name: String) -> [String] {
      (read(name) ?? "").split(separator: "\n").compactMap { line in
        line.split(separator: "\"").first { $0.hasPrefix("req-") }.map(String.init)
      }
    }

    func write(_ text: String, to name: String) {
      guard let file = fopen("\(path)/\(name)", "w") else { return }
      fputs(text, file)
      fclose(file)
    }

    func makeFolder(_ name: String) { mkdir("\(path)/\(name)", 0o700) }

    func move(_ from: String, _ to: String) { rename("\(path)/\(from)", "\(path)/\(to)") }

    func remove(_ names: [String]) {
      for name in names { Glibc.remove("\(path)/\(name)") }
    }
  }
}
