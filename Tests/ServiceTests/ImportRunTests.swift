import Glibc
import JSON
import Journal
import Ledger
import Service
import Testing

/// A whole import: lines of a file, into a ledger, with a summary and an exit code.
@Suite struct ImportRunTests {
  // MARK: lines

  private static func lines(_ bytes: [UInt8], limit: Int) throws -> [LineSource.Line] {
    let scratch = try #require(ScratchFolder())
    defer { scratch.remove() }
    let source = try LineSource(path: try scratch.write("in", bytes), limit: limit)
    var lines: [LineSource.Line] = []
    while let line = try source.next() { lines.append(line) }
    return lines
  }

  @Test(
    arguments: [
      ("", []), ("\n", [.whole([])]), ("a\nb\n", [.whole([0x61]), .whole([0x62])]),
      ("a\r\n\r\nb", [.whole([0x61]), .whole([]), .unfinished([0x62])]),
      ("\u{FEFF}a\n", [.whole([0x61])]), ("\u{FEFF}", []), ("\u{0}\n", [.whole([0])]),
      ("aaaa\n", [.whole([0x61, 0x61, 0x61, 0x61])]), ("aaaaa\nb\n", [.tooLong, .whole([0x62])]),
      ("aaaa\r\n", [.whole([0x61, 0x61, 0x61, 0x61])]), ("aaaaaa", [.tooLong]),
    ] as [(String, [LineSource.Line])])
  func `lines come out whole, without their ends`(text: String, lines: [LineSource.Line]) throws {
    #expect(try Self.lines(Array(text.utf8), limit: 4) == lines)
  }

  @Test func `a line that is longer than the buffer is handed out whole`() throws {
    let long = [UInt8](repeating: 0x61, count: 1_048_576)
    #expect(
      try Self.lines(long + [0x0A, 0x62, 0x0A], limit: 1_048_576) == [.whole(long), .whole([0x62])])
    #expect(
      try Self.lines(long + [0x61, 0x0A, 0x62, 0x0A], limit: 1_048_576) == [
        .tooLong, .whole([0x62]),
      ])
  }

  @Test func `what is written behind the end meanwhile is left for the next run`() throws {
    let scratch = try #require(ScratchFolder())
    defer { scratch.remove() }
    let path = try scratch.write("in", Array("a\nb".utf8))
    let source = try LineSource(path: path, limit: 10)
    try scratch.append("in", Array("b\nc\n".utf8))
    // The line that was begun is read to its end, the one behind it is not.
    #expect(try source.next() == .whole([0x61]))
    #expect(try source.next() == .whole([0x62, 0x62]))
    #expect(try source.next() == nil)
    #expect(source.growth == 4)
  }

  @Test func `a folder, a FIFO and a missing file are refused by name`() throws {
    let scratch = try #require(ScratchFolder())
    defer { scratch.remove() }
    #expect(throws: LineSource.Fault.folder) { try LineSource(path: scratch.path, limit: 1) }
    let pipe = scratch.path + "/fifo"
    try #require(mkfifo(pipe, 0o600) == 0)
    #expect(throws: LineSource.Fault.notAFile) { try LineSource(path: pipe, limit: 1) }
    #expect(throws: LineSource.Fault.noSuchFile) {
      try LineSource(path: scratch.path + "/none", limit: 1)
    }
    #expect(throws: LineSource.Fault.noSuchFile) {
      try LineSource(path: pipe + "/none", limit: 1)
    }
  }

  // MARK: the command

  /// Runs `tollbook import transactions` in a scratch home.
  private static func run(
    _ arguments: [String], home: ScratchFolder
  ) throws -> (status: Service.ExitStatus, answers: String, messages: String) {
    let line = ["import", "transactions", "--home", home.path] + arguments
    guard case .run(let command) = try CommandParser.parse(line) else {
      throw WrongCommand()
    }
    let answers = try home.write("answers", [])
    let messages = try home.write("messages", [])
    let first = open(answers, O_WRONLY)
    let second = open(messages, O_WRONLY)
    let output = Output(
      answers: .init(descriptor: first), messages: .init(descriptor: second))
    let status = ImportTransactions.run(
      command, ledger: ImportLedger(home: home.path), output: output, palette: .plain,
      clocks: .system)
    output.flush()
    close(first)
    close(second)
    return (status, try home.text("answers"), try home.text("messages"))
  }

  /// The arguments ask for something else than a run.
  private struct WrongCommand: Error {}

  private static func state(_ home: ScratchFolder) throws -> State {
    let extent = try LogExtent.find(in: home.path + "/data/ledger")
    return try Replay.run(
      LogReading(extent, until: .end, checksHashes: true, threads: 1)
    ).state
  }

  private static func line(_ id: String, _ price: String, _ status: String) -> String {
    "{\"transaction_id\":\"\(id)\",\"timestamp\":\"2025-11-16T03:00:00Z\",\"agent_id\":\"a\","
      + "\"vendor\":\"v\",\"price_usdc\":\(price),\"status\":\"\(status)\"}\n"
  }

  @Test func `a second run of the same file changes nothing`() throws {
    let home = try #require(ScratchFolder())
    defer { home.remove() }
    let text = Self.line("t1", "1.1", "completed") + "\n" + Self.line("t2", "2", "pending")
    let file = try home.write("in.jsonl", Array(text.utf8))
    let first = try Self.run(["-o", "json", file], home: home)
    #expect(first.status == .ok)
    #expect(first.messages == "")
    #expect(
      first.answers == """
        {"book":"real","dry_run":false,"lines":3,"recorded":2,"known":0,"rounded":0,"blank":1,\
        "refused":0,"refused_by_reason":{}}

        """)
    let before = try Self.state(home)
    let second = try Self.run(["-o", "json", file], home: home)
    #expect(second.answers.contains(#""recorded":0,"known":2"#))
    #expect(try Self.state(home) == before)
  }

  @Test func `a pending payment is closed by a later run, and only once`() throws {
    let home = try #require(ScratchFolder())
    defer { home.remove() }
    let id = try #require(TransactionID("t1"))
    _ = try Self.run(
      [try home.write("1", Array(Self.line("t1", "1", "pending").utf8))], home: home)
    #expect(try Self.state(home)[.real].payments[id]?.phase == .pending)
    let closing = try home.write("2", Array(Self.line("t1", "1.0", "completed").utf8))
    #expect(try Self.run(["-o", "json", closing], home: home).answers.contains(#""recorded":1"#))
    #expect(try Self.state(home)[.real].payments[id]?.phase == .completed)
    #expect(try Self.run(["-o", "json", closing], home: home).answers.contains(#""known":1"#))
  }

  @Test func `a line that contradicts the log is named and changes nothing`() throws {
    let home = try #require(ScratchFolder())
    defer { home.remove() }
    let text = Self.line("t1", "1", "completed") + Self.line("t1", "2", "completed")
    let file = try home.write("in", Array((text + Self.line("t1", "1", "failed")).utf8))
    let run = try Self.run(["-o", "json", file], home: home)
    #expect(run.status == .checkFailed)
    #expect(run.answers.contains(#""refused_by_reason":{"IMPORT_CONFLICT":2}"#))
    let named = run.messages.split(separator: "\n")
    #expect(named.count == 2)
    #expect(named.first?.hasPrefix("\(file):2: refused: IMPORT_CONFLICT: t1 is known") == true)
    #expect(named.last?.hasPrefix("\(file):3: refused: IMPORT_CONFLICT: t1 is known") == true)
  }

  @Test func `the fake book takes nothing from the real one`() throws {
    let home = try #require(ScratchFolder())
    defer { home.remove() }
    let file = try home.write("in", Array(Self.line("t1", "1", "completed").utf8))
    let run = try Self.run(["--fake", file], home: home)
    #expect(run.status == .ok)
    #expect(run.messages == FakeBanner.text + "\n")
    let state = try Self.state(home)
    #expect(state[.fake].payments.count == 1)
    #expect(state[.real].payments.count == 0)
  }

  @Test func `a rehearsal counts the same and writes nothing`() throws {
    let home = try #require(ScratchFolder())
    defer { home.remove() }
    let text = Self.line("t1", "1", "pending") + Self.line("t1", "1", "completed")
    let file = try home.write("in", Array((text + "x\n").utf8))
    let run = try Self.run(["--dry-run", "-o", "json", file], home: home)
    #expect(run.status == .checkFailed)
    #expect(run.answers.contains(#""dry_run":true,"lines":3,"recorded":2"#))
    #expect(access(home.path + "/data", F_OK) != 0)
  }

  @Test func `rounding says what it rounded`() throws {
    let home = try #require(ScratchFolder())
    defer { home.remove() }
    let file = try home.write("in", Array(Self.line("t1", "0.0000015", "completed").utf8))
    let run = try Self.run(["--round", "half-even", "-o", "json", file], home: home)
    #expect(run.status == .ok)
    #expect(run.messages == "\(file):1: rounded: 0.0000015 to 0.000002 USDC\n")
    #expect(run.answers.contains(#""rounded":1"#))
  }

  @Test func `a last line that is not finished is refused by that name`() throws {
    let home = try #require(ScratchFolder())
    defer { home.remove() }
    let whole = Self.line("t1", "1", "completed")
    let file = try home.write("in", Array((whole + whole.dropLast(9)).utf8))
    let run = try Self.run(["-o", "json", file], home: home)
    #expect(run.answers.contains(#""refused_by_reason":{"LINE_UNFINISHED":1}"#))
    #expect(run.messages.contains("import it again later"))
  }

  @Test(arguments: [("none", Service.ExitStatus.notFound), (".", .usage), ("answers/x", .notFound)])
  func `a FILE that is none ends the command`(file: String, status: Service.ExitStatus) throws {
    let home = try #require(ScratchFolder())
    defer { home.remove() }
    let run = try Self.run([home.path + "/" + file], home: home)
    #expect(run.status == status)
    #expect(run.messages.hasPrefix("tollbook: "))
    #expect(access(home.path + "/data", F_OK) != 0)
  }

  // MARK: the sample

  private static let sample: String = {
    let parts = #filePath.split(separator: "/").dropLast(3)
    return "/" + parts.joined(separator: "/") + "/data/sample/transactions.jsonl"
  }()

  @Test func `the sample comes in with exactly its counts, and again with none`() throws {
    let home = try #require(ScratchFolder())
    defer { home.remove() }
    let refused =
      #""refused":25,"refused_by_reason":{"AMOUNT_MALFORMED":1,"AMOUNT_NEGATIVE":1,"#
      + #""AMOUNT_TOO_LARGE":1,"AMOUNT_TOO_PRECISE":3,"FIELD_MISSING":2,"FIELD_TYPE":2,"#
      + #""IMPORT_CONFLICT":2,"LATENCY_INVALID":1,"NAME_INVALID":1,"NETWORK_INVALID":1,"#
      + #""NOT_AN_OBJECT":1,"NOT_JSON":4,"STATUS_UNKNOWN":2,"TIMESTAMP_INVALID":2,"#
      + #""TRANSACTION_ID_INVALID":1}}"#
    let first = try Self.run(["-o", "json", Self.sample], home: home)
    #expect(first.status == .checkFailed)
    #expect(
      first.answers == #"{"book":"real","dry_run":false,"lines":2000,"recorded":1972,"known":2,"#
        + #""rounded":0,"blank":1,"# + refused + "\n")
    #expect(first.messages.split(separator: "\n").count == 25)
    let state = try Self.state(home)
    let outcomes = state[.real].tallies.payments.allOutcomes
    #expect(state[.real].payments.count == 1_960)
    #expect(outcomes.started == 1_960)
    #expect(outcomes.completed == 1_878)
    #expect(outcomes.failed == 68)
    #expect(state[.real].payments.openCount == 14)
    var spent: [Text: Int128] = [:]
    for row in state[.real].tallies.payments.spendRows() {
      spent[row.network.name, default: 0] += row.total.units
    }
    #expect(spent == ["base": 2_346_081_536, "base-sepolia": 7_745_000])
    let again = try Self.run(["-o", "json", Self.sample], home: home)
    #expect(
      again.answers == #"{"book":"real","dry_run":false,"lines":2000,"recorded":0,"known":1974,"#
        + #""rounded":0,"blank":1,"# + refused + "\n")
    #expect(try Self.state(home) == state)
  }

  @Test func `the sample leaves one vendor with six failures in a row`() throws {
    let home = try #require(ScratchFolder())
    defer { home.remove() }
    _ = try Self.run(["-q", Self.sample], home: home)
    let rows = try Self.state(home)[.real].tallies.payments.streakRows()
    #expect(rows.filter { $0.failures >= 5 }.map(\.vendor) == ["legacy-ocr"])
    #expect(rows.first { $0.vendor == "legacy-ocr" }?.failures == 6)
  }
}

/// A folder of its own for one test.
struct ScratchFolder {
  let path: String

  init?() {
    var template = Array("/tmp/tollbook-test-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { return nil }
    path = String(cString: made)
  }

  /// What a file's system call has failed with.
  struct Failure: Error { let code: Int32 }

  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    try put(name, bytes, O_TRUNC)
  }

  func append(_ name: String, _ bytes: [UInt8]) throws { try put(name, bytes, O_APPEND) }

  @discardableResult
  private func put(_ name: String, _ bytes: [UInt8], _ flag: Int32) throws -> String {
    let descriptor = open("\(path)/\(name)", O_WRONLY | O_CREAT | flag, 0o600)
    guard descriptor >= 0 else { throw Failure(code: errno) }
    defer { close(descriptor) }
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
      throw Failure(code: errno)
    }
    return "\(path)/\(name)"
  }

  func makeFolder(_ name: String) throws {
    guard mkdir("\(path)/\(name)", 0o750) == 0 else { throw Failure(code: errno) }
  }

  func text(_ name: String) throws -> String {
    let descriptor = open("\(path)/\(name)", O_RDONLY)
    guard descriptor >= 0 else { throw Failure(code: errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while case let count = read(descriptor, &block, block.count), count > 0 {
      bytes += block[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Removes the folder and all below it.
  func remove() { Self.remove(path) }

  private static func remove(_ path: String) {
    if let stream = opendir(path) {
      while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        // Unlinking first: a link to a folder must not be followed.
        if name != ".", name != "..", unlink("\(path)/\(name)") != 0 { remove("\(path)/\(name)") }
      }
      closedir(stream)
    }
    rmdir(path)
  }
}
