import Glibc
import JSON
import Journal
import Ledger
import Service
import Testing

/// Commands that read: what they print and how they exit, on a small ledger and on none.
struct CommandsTests {
  /// What a command line came to.
  private struct Run {
    let status: Service.ExitStatus
    let answer: String
    let messages: String
  }

  /// Runs a command line in a home folder, as `tollbook` does.
  private static func run(_ line: String, home: String, fake: Bool = false) throws -> Run {
    let folder = try ReadingLedger.emptyHome()
    defer { ReadingLedger.remove(folder) }
    let descriptors = try ["out", "err"].map { name in
      let number = open("\(folder)/\(name)", O_WRONLY | O_CREAT, 0o600)
      guard number >= 0 else { throw ReadingLedger.Failed() }
      return number
    }
    defer { for number in descriptors { close(number) } }
    let output = Output(
      answers: Output.Stream(descriptor: descriptors[0]),
      messages: Output.Stream(descriptor: descriptors[1]))
    let clocks = Clocks(
      wall: { ReadingLedger.start.advanced(byMilliseconds: 60_000) }, boot: { 1_000 })
    let status = Program.run(
      line.split(separator: " ").map(String.init) + ["--home", home], output: output,
      environment: ["PAYMENTS_USE_FAKE": fake ? "true" : "false"], clocks: clocks)
    output.flush()
    return Run(
      status: status,
      answer: String(decoding: try ReadingLedger.bytes(of: "\(folder)/out"), as: UTF8.self),
      messages: String(decoding: try ReadingLedger.bytes(of: "\(folder)/err"), as: UTF8.self))
  }

  /// Three payments of one agent in four, one failed, one open; two on the day before.
  private static func sample() throws -> ReadingLedger {
    let ledger = try ReadingLedger()
    let start = ReadingLedger.start
    func add(
      _ id: String, _ agent: String, _ amount: String, _ phase: PaymentPhase, _ network: String,
      dayBefore: Bool = false
    ) throws {
      let moment = dayBefore ? start.advanced(byMilliseconds: -86_400_000) : start
      try ledger.submit(
        try ReadingLedger.payment(
          id, agent: agent, vendor: "openai", amount: amount, phase: phase, at: moment,
          network: network), book: .real, at: start)
    }
    try add("tx-1", "builder_agent", "10.25", .completed, "base")
    try add("tx-2", "builder_agent", "2.095", .completed, "base")
    try add("tx-3", "research_agent", "7", .failed, "base")
    try add("tx-4", "builder_agent", "500", .completed, "base-sepolia")
    try add("tx-5", "builder_agent", "1.1", .completed, "base", dayBefore: true)
    try add("tx-6", "builder_agent", "3", .pending, "base")
    try ledger.submit(
      try ReadingLedger.payment(
        "tx-fake", agent: "builder_agent", vendor: "openai", amount: "99", phase: .completed,
        at: start), book: .fake, at: start)
    return ledger
  }

  private static let failedPayment = #"""
    {"transaction_id":"tx-3","timestamp":"2025-11-16T03:00:00.000Z","agent_id":"research_agent","vendor":"openai","network":"base","price_usdc":7.000000,"status":"failed","state":"failed","blockchain_tx_hash":null,"error":"PROVIDER_ERROR: \"upstream\" said 502 → no","code":"EXTERNAL_FAILURE","latency_ms":1250,"seq":7}

    """#

  /// Line, exit code, answer.
  private static let golden: [(String, Service.ExitStatus, String)] = [
    (
      "tx list -n 2", .ok,
      "tx-5: builder_agent -> openai (1.1 USDC)\ntx-6: builder_agent -> openai (3.0 USDC)\n"
    ),
    (
      "tx list --agent research_agent", .ok, "2025-11-16T03:00:00.000Z: 7.0 USDC - failed\n"
    ),
    ("tx list --status failed", .ok, "tx-3: research_agent -> openai (7.0 USDC)\n"),
    ("tx list --date 2025-11-15", .ok, "tx-5: builder_agent -> openai (1.1 USDC)\n"),
    ("tx list --vendor OPENAI --at 3", .ok, "tx-1: builder_agent -> openai (10.25 USDC)\n"),
    ("tx total --date 2025-11-16", .ok, "Total spend on 2025-11-16: $12.35\n"),
    ("tx total --date 2025-11-15", .ok, "Total spend on 2025-11-15: $1.10\n"),
    ("tx total --month 2025-11", .ok, "Total spend in 2025-11: $13.45\n"),
    ("tx total --month 2025-11 --agent research_agent", .ok, "Total spend in 2025-11: $0.00\n"),
    ("tx total --date 2025-11-16 --book fake -q", .ok, "Total spend on 2025-11-16: $99.00\n"),
    ("stats success-rate --all", .ok, "Success rate: 4/6 = 66.7%\n"),
    ("stats success-rate", .ok, "Success rate: 3/4 = 75.0%\n"),
    ("stats success-rate --at 2", .ok, "Success rate: 0/0 = n/a\n"),
    (
      "stats latency", .ok,
      "p50: 1250 ms\np95: 1250 ms\np99: 1250 ms\npayments with a known latency: 5\n"
    ),
    (
      "stats failures -o json", .ok,
      "{\"book\":\"real\",\"causes\":{\"EXTERNAL_FAILURE\":1},\"streaks\":{}}\n"
    ),
    (
      "tx get tx-3 -o json", .ok,
      CommandsTests.failedPayment
    ),
    ("tx get tx-nowhere", .notFound, ""),
    ("log show 999", .notFound, ""),
    ("log grep nowhere", .notFound, ""),
    ("view show nowhere", .notFound, ""),
    ("version", .ok, "tollbook 0.1.0\n"),
    ("tx frobnicate", .usage, ""),
  ]

  @Test func `commands print the seeds' lines`() throws {
    let ledger = try CommandsTests.sample()
    for (line, status, answer) in CommandsTests.golden {
      let run = try CommandsTests.run(line, home: ledger.home)
      #expect(run.status == status, "\(line): \(run.messages)")
      #expect(run.answer == answer, "\(line)")
      #expect(status == .ok || line.hasPrefix("log grep") || run.messages.hasPrefix("tollbook: "))
    }
  }

  @Test func `one payment shows its status and error first`() throws {
    let ledger = try CommandsTests.sample()
    let failed = try CommandsTests.run("tx get tx-3", home: ledger.home)
    #expect(
      failed.answer.hasPrefix("Status: failed\nError: PROVIDER_ERROR: \"upstream\" said 502 → no\n")
    )
    let completed = try CommandsTests.run("tx get tx-1", home: ledger.home)
    #expect(completed.answer.hasPrefix("Status: completed\nError: None\n"))
  }

  @Test func `log lines come out as they stand in the files`() throws {
    let ledger = try CommandsTests.sample()
    let name = try #require(try ledger.segments.first)
    let whole = String(
      decoding: try ReadingLedger.bytes(of: "\(ledger.folder)/\(name)"), as: UTF8.self)
    let lines = whole.split(separator: "\n").map { "\($0)\n" }
    let home = ledger.home
    #expect(try CommandsTests.run("log export", home: home).answer == whole)
    #expect(try CommandsTests.run("log tail -n 2", home: home).answer == lines.suffix(2).joined())
    #expect(
      try CommandsTests.run("log tail -n 1 --book real", home: home).answer
        == lines.last { !$0.contains("\"fake\":true") })
    #expect(try CommandsTests.run("log show 3", home: home).answer == lines[2])
    #expect(
      try CommandsTests.run("log grep tx-fake", home: home).answer
        == lines.filter { $0.contains("tx-fake") }.joined())
    #expect(
      try CommandsTests.run("log export --from 2 --until 3", home: home).answer
        == lines[1...2].joined())
    let head = try CommandsTests.run("log head -o json", home: home)
    #expect(head.answer.hasPrefix("{\"seq\":\(lines.count),"))
  }

  @Test func `verify is clean, and names damage with exit code 5`() throws {
    let ledger = try CommandsTests.sample()
    let clean = try CommandsTests.run("log verify", home: ledger.home)
    #expect(clean.status == .ok)
    #expect(clean.answer.hasSuffix("\nclean\n"))
    let name = try #require(try ledger.segments.first)
    try ledger.change(name) { bytes in
      bytes[(bytes.firstIndex(of: 0x0A) ?? 0) + 30] ^= 1
    }
    for line in [
      "log verify", "tx list", "tx total --date 2025-11-16", "stats latency", "view rebuild",
      "view show transactions", "tx get tx-1", "tx sample",
    ] {
      let run = try CommandsTests.run(line, home: ledger.home)
      #expect(run.status == .logDamaged, "\(line)")
      #expect((run.answer + run.messages).contains("\(name):2:"), "\(line): \(run.messages)")
    }
  }

  @Test func `every command that reads works without a ledger`() throws {
    let home = try ReadingLedger.emptyHome()
    defer { ReadingLedger.remove(home) }
    for line in [
      "log tail", "log verify", "log export", "replay", "view list", "view show receipts",
      "view rebuild", "view diff", "tx list", "tx list -o json", "tx total --date 2025-11-16",
      "tx sample", "stats success-rate", "stats success-rate --all", "stats latency",
      "stats failures", "report facts", "report facts -o json", "config show", "config check",
    ] {
      let run = try CommandsTests.run(line, home: home, fake: true)
      #expect(run.status == .ok, "\(line): \(run.messages)")
    }
    for line in ["log head", "log show 1", "log grep x", "tx get tx_1"] {
      #expect(try CommandsTests.run(line, home: home).status == .notFound, "\(line)")
    }
  }

  @Test func `the fake book is announced beside the answer, unless asked to be quiet`() throws {
    let ledger = try CommandsTests.sample()
    let run = try CommandsTests.run("tx list", home: ledger.home, fake: true)
    #expect(run.messages == FakeBanner.text + "\n")
    #expect(run.answer == "tx-fake: builder_agent -> openai (99.0 USDC)\n")
    #expect(try CommandsTests.run("tx list -q", home: ledger.home, fake: true).messages.isEmpty)
    #expect(try CommandsTests.run("tx list", home: ledger.home).messages.isEmpty)
  }

  @Test func `views are rebuilt, compared, and named when they differ`() throws {
    let ledger = try CommandsTests.sample()
    let home = ledger.home
    let missing = try CommandsTests.run("view diff", home: home)
    #expect(missing.status == .checkFailed)
    #expect(missing.answer.contains("transactions.jsonl: is not there\n"))
    #expect(try CommandsTests.run("view rebuild", home: home).status == .ok)
    #expect(try CommandsTests.run("view diff", home: home).status == .ok)
    let path = "\(home)/\(View.transactions.path(of: .real))"
    let bytes = try ReadingLedger.bytes(of: path)
    #expect(
      try CommandsTests.run("view show transactions", home: home).answer
        == String(decoding: bytes, as: UTF8.self))
    try ReadingLedger.write(Array(bytes.dropLast(5)), to: path)
    let short = try CommandsTests.run("view diff --book real", home: home)
    #expect(short.status == .checkFailed)
    #expect(short.answer.contains("ends before line 5\n"))
    #expect(try CommandsTests.run("view rebuild transactions", home: home).status == .ok)
    #expect(try ReadingLedger.bytes(of: path) == bytes)
  }

  @Test func `replay prints one fingerprint whatever the threads`() throws {
    let ledger = try CommandsTests.sample()
    let runs = try [1, 2, 5].map {
      try CommandsTests.run("replay --threads \($0) -o jsonl", home: ledger.home)
    }
    let prints = Set(runs.map { $0.answer.split(separator: "\"fingerprint\":").last })
    #expect(prints.count == 1)
    #expect(runs.allSatisfy { $0.status == .ok })
    #expect(runs[0].answer.contains(StatePrint.hex(of: ledger.state)))
  }

  @Test func `loss is accepted only under the lock, and nothing is deleted`() throws {
    let ledger = try CommandsTests.sample()
    let name = try #require(try ledger.segments.first)
    try ledger.change(name) { $0[$0.count - 200] ^= 1 }
    let lock = try LedgerLock.take(in: ledger.folder, as: "test", waitingMilliseconds: 0)
    let line = "log recover --accept-loss --reason drill"
    #expect(try CommandsTests.run(line, home: ledger.home).status == .busy)
    lock.release()
    let before = try ReadingLedger.bytes(of: "\(ledger.folder)/\(name)")
    #expect(try CommandsTests.run("\(line) --dry-run", home: ledger.home).status == .ok)
    #expect(try ReadingLedger.bytes(of: "\(ledger.folder)/\(name)") == before)
    let run = try CommandsTests.run(line, home: ledger.home)
    #expect(run.status == .ok, "\(run.messages)")
    #expect(try CommandsTests.run("log verify", home: ledger.home).status == .ok)
  }

  @Test func `json check names line and byte`() throws {
    let home = try ReadingLedger.emptyHome()
    defer { ReadingLedger.remove(home) }
    try ReadingLedger.write(Array("{\"a\": 1}\n".utf8), to: "\(home)/good")
    try ReadingLedger.write(Array("{\n \"a\": 01}".utf8), to: "\(home)/bad")
    #expect(try CommandsTests.run("json check \(home)/good", home: home).status == .ok)
    let bad = try CommandsTests.run("json check \(home)/bad", home: home)
    #expect(bad.status == .usage)
    #expect(bad.messages.contains("line 2, byte 7"))
    #expect(try CommandsTests.run("json check \(home)/none", home: home).status == .notFound)
  }
}
