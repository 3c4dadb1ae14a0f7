import Glibc
import HTTP
import JSON
import Journal
import Ledger
import Service
import Testing

/// The views: append-only lines, the same bytes live and rebuilt, mended from any state.
struct ViewsTests {
  private static func rebuild(_ ledger: ReadingLedger, fresh: Bool) throws -> ViewWriter {
    let writer = try ViewWriter(home: ledger.home, only: nil, isFresh: fresh)
    for record in ledger.records { writer.catchUp(record) }
    writer.settle()
    #expect(writer.takeProblems().isEmpty)
    return writer
  }

  private static func path(_ ledger: ReadingLedger, _ view: View, _ book: Book) -> String {
    "\(ledger.home)/\(view.path(of: book))"
  }

  private static func contents(_ ledger: ReadingLedger) throws -> [[UInt8]] {
    try Book.allCases.flatMap { book in
      try View.allCases.map { try ReadingLedger.bytes(of: path(ledger, $0, book)) }
    }
  }

  @Test(arguments: UInt64(0)..<6)
  func `what the live writer wrote is what a rebuild writes`(seed: UInt64) throws {
    let ledger = try ReadingLedger.play(120, seed: seed)
    try ledger.spend()
    #expect(ledger.state.violations.count == 0)
    let live = try ViewWriter(home: ledger.home, only: nil, isFresh: false)
    live.settle()
    var rest = ledger.records[...]
    var size = 1
    while !rest.isEmpty {
      live.append(Array(rest.prefix(size)))
      rest = rest.dropFirst(size)
      size = size % 7 + 1
    }
    #expect(live.takeProblems().isEmpty)
    let written = try ViewsTests.contents(ledger)
    for book in Book.allCases {
      for view in View.allCases { unlink(ViewsTests.path(ledger, view, book)) }
    }
    _ = try ViewsTests.rebuild(ledger, fresh: false)
    #expect(try ViewsTests.contents(ledger) == written)
    _ = try ViewsTests.rebuild(ledger, fresh: true)
    #expect(try ViewsTests.contents(ledger) == written)
  }

  @Test func `a view that ends at any byte is completed without being rewritten`() throws {
    let ledger = try ReadingLedger.play(12, seed: 4)
    _ = try ViewsTests.rebuild(ledger, fresh: true)
    let path = ViewsTests.path(ledger, .transactions, .real)
    let whole = try ReadingLedger.bytes(of: path)
    #expect(whole.count > 500)
    for cut in 0..<whole.count {
      try ReadingLedger.write(Array(whole[..<cut]), to: path)
      var before = stat()
      #expect(stat(path, &before) == 0)
      _ = try ViewsTests.rebuild(ledger, fresh: false)
      var after = stat()
      #expect(stat(path, &after) == 0)
      #expect(try ReadingLedger.bytes(of: path) == whole)
      #expect(before.st_ino == after.st_ino)
    }
  }

  @Test func `a view with any wrong byte is rebuilt`() throws {
    let ledger = try ReadingLedger.play(8, seed: 6)
    _ = try ViewsTests.rebuild(ledger, fresh: true)
    let path = ViewsTests.path(ledger, .transactions, .real)
    let whole = try ReadingLedger.bytes(of: path)
    for index in whole.indices {
      var wrong = whole
      wrong[index] ^= 1
      try ReadingLedger.write(wrong, to: path)
      _ = try ViewsTests.rebuild(ledger, fresh: false)
      #expect(try ReadingLedger.bytes(of: path) == whole)
    }
    try ReadingLedger.write(whole + Array("{}\n".utf8), to: path)
    _ = try ViewsTests.rebuild(ledger, fresh: false)
    #expect(try ReadingLedger.bytes(of: path) == whole)
  }

  @Test func `a view that is removed or rebuilt under a live writer is whole again`() throws {
    let ledger = try ReadingLedger.play(40, seed: 8)
    let live = try ViewWriter(home: ledger.home, only: nil, isFresh: false)
    live.settle()
    let path = ViewsTests.path(ledger, .transactions, .real)
    for (index, record) in ledger.records.enumerated() {
      if index % 9 == 4 { unlink(path) }
      if index % 9 == 7 {
        let other = try ViewWriter(home: ledger.home, only: nil, isFresh: true)
        // Another process knows of more, or of less, than the live writer was told.
        for known in ledger.records.prefix(index % 2 == 0 ? index / 2 : index + 5) {
          other.catchUp(known)
        }
        other.settle()
      }
      live.append([record])
    }
    unlink(path)
    // The next line that is due brings the file back.
    let last = try ReadingLedger.payment(
      "tx-last", agent: "a", vendor: "v", amount: "1", phase: .failed, at: ledger.state.at)
    live.append(try ledger.submit(last, book: .real, at: ledger.state.at))
    #expect(live.takeProblems().isEmpty)
    let written = try ReadingLedger.bytes(of: path)
    #expect(written.count > 1_000)
    _ = try ViewsTests.rebuild(ledger, fresh: true)
    #expect(try ReadingLedger.bytes(of: path) == written)
  }

  @Test func `a payment has one line when it ends, with the seed's names and exact amounts`() throws
  {
    let ledger = try ReadingLedger()
    try ledger.applySettings()
    func add(_ id: String, _ amount: String, _ phase: PaymentPhase) throws {
      try ledger.submit(
        try ReadingLedger.payment(
          id, agent: "builder_agent", vendor: "openai", amount: amount, phase: phase,
          at: ReadingLedger.start), book: .real, at: ReadingLedger.start)
    }
    try add("tx-1", "1.1", .completed)
    try add("tx-2", "0.000001", .failed)
    try add("tx-3", "5", .pending)
    try ledger.accept(9, book: .real, at: ReadingLedger.start)
    _ = try ViewsTests.rebuild(ledger, fresh: false)
    let out = String(
      decoding: try ReadingLedger.bytes(of: ViewsTests.path(ledger, .transactions, .real)),
      as: UTF8.self)
    #expect(
      out == #"""
        {"transaction_id":"tx-1","timestamp":"2025-11-16T03:00:00.000Z","agent_id":"builder_agent","vendor":"openai","network":"base","price_usdc":1.100000,"status":"completed","state":"completed","blockchain_tx_hash":"0xabc","error":null,"latency_ms":1250,"service_url":"https://api.example/v1","seq":4}
        {"transaction_id":"tx-2","timestamp":"2025-11-16T03:00:00.000Z","agent_id":"builder_agent","vendor":"openai","network":"base","price_usdc":0.000001,"status":"failed","state":"failed","blockchain_tx_hash":null,"error":"PROVIDER_ERROR: \"upstream\" said 502 → no","code":"EXTERNAL_FAILURE","latency_ms":1250,"service_url":"https://api.example/v1","seq":6}

        """#)
    let receipts = try ReadingLedger.bytes(of: ViewsTests.path(ledger, .receipts, .real))
    let lines = receipts.split(separator: 0x0A)
    #expect(lines.count == 1)
    guard case .object(let line) = try JSONParser.parse(Array(lines[0]), limits: .line) else {
      throw ReadingLedger.Failed()
    }
    #expect(line.members.first?.name == "receipt_id")
    #expect(line.members.last?.value == .number(JSONNumber(8)))
    var facts = stat()
    #expect(stat(ViewsTests.path(ledger, .receipts, .real), &facts) == 0)
    #expect(facts.st_mode & 0o027 == 0)
  }

  @Test func `nothing but the views is left in their folders`() throws {
    let ledger = try ReadingLedger.play(20, seed: 2)
    _ = try ViewsTests.rebuild(ledger, fresh: true)
    _ = try ViewsTests.rebuild(ledger, fresh: true)
    let folder = try POSIXDisk(folder: ledger.home + "/data/a2a-x402/transactions")
    #expect(try folder.list("") == ["transactions.jsonl"])
  }
}

/// `view diff` beside a daemon that writes the views.
@Suite struct KeptViewTests {
  private static let path = "data/a2a-x402-fake/receipts/receipts.jsonl"

  /// A daemon that took two payments, whose view lost the second one's line.
  private func shortened(_ body: (GatewayHome, [UInt8]) throws -> Void) throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    defer { daemon.stop() }
    for proof in ["proof-1", "proof-2"] {
      #expect(try daemon.task(pay: "v1:0.01:\(proof)").status == 200)
    }
    try #expect(diff(home).status == .ok)
    let whole = try home.bytes(KeptViewTests.path)
    let end = try #require(whole.dropLast().lastIndex(of: 0x0A))
    let path = home.path + "/" + KeptViewTests.path
    try Files.replace(path, with: Array(whole[...end]), mode: 0o600)
    try body(home, whole)
  }

  private func diff(_ home: GatewayHome) throws -> JobsHome.Run {
    try JobsHome(at: home.path).run("view diff receipts", fake: true)
  }

  @Test func `a line that nobody writes is missing, daemon or not`() throws {
    try shortened { home, _ in
      let run = try diff(home)
      #expect(run.status == .checkFailed)
      #expect(run.answer.contains("receipts.jsonl: ends before line 2\n"))
    }
  }

  @Test(arguments: [false, true])
  func `a line that is written meanwhile is compared like any other`(isForged: Bool) throws {
    try shortened { home, whole in
      let kept = try home.bytes(KeptViewTests.path).count
      let started = Threads.start {
        usleep(300_000)
        let rest = isForged ? Array("{}\n".utf8) : Array(whole[kept...])
        let descriptor = open(home.path + "/" + KeptViewTests.path, O_WRONLY | O_APPEND)
        _ = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
      }
      #expect(started)
      let run = try diff(home)
      #expect(run.status == (isForged ? .checkFailed : .ok), "\(run.answer)")
    }
  }
}
