import Digest
import Glibc
import JSON
import Ledger
import Rails
import Service
import Testing

/// How jobs are run: windows, locks, dry runs, what is recorded, what a missed run looks like.
struct JobRunnerTests {
  private static let day: Int64 = 86_400_000

  private func home() throws -> JobsHome {
    let home = try JobsHome()
    try home.pay([.init("tx-1", "1.25")])
    try home.finance([JobsHome.line("tx-1", "1.25")])
    return home
  }

  @Test func `a run is recorded with its window, its report and where the log ended`() throws {
    let home = try home()
    let head = try #require(try home.records().last?.seq)
    let run = try home.run("sync daily")
    #expect(run.status == .ok, "\(run.messages)")
    let event = try #require(try home.completed().first)
    #expect(event.job == "x402_daily_ledger_sync")
    #expect(
      "\(event.window.start) \(event.window.end)"
        == "2025-11-16T00:00:00.000Z 2025-11-17T00:00:00.000Z")
    #expect(event.status == .pass)
    #expect(event.foldedTo == head)
    #expect(
      event.counts == [
        "compared": 1, "finance_lines": 1, "findings": 0, "ledger_payments": 1,
        "other_book_lines": 0, "unreadable_lines": 0,
      ])
    let report = try #require(event.report)
    #expect(report.path == "data/sync_reports/ledger_sync_20251117_030000.json")
    let bytes = try ReadingLedger.bytes(of: "\(home.path)/\(report.path.string)")
    #expect(report.sha256 == Fingerprint(SHA256.hash(bytes)))
    let document = try #require(try JSONParser.parse(bytes, limits: .standard).object)
    #expect(document["status"]?.text == "PASS")
    #expect(document["run_id"]?.text == event.run.text)
    #expect(try home.run("log verify").status == .ok)
  }

  @Test func `a completed window is not run again, and a FAIL stays one, unless forced`() throws {
    let home = try home()
    try home.finance([])
    #expect(try home.run("sync daily").status == .checkFailed)
    let count = try home.records().count
    let again = try home.run("sync daily")
    #expect(again.status == .checkFailed)
    #expect(again.messages.contains("was completed before with FAIL; --force runs it again"))
    #expect(try home.records().count == count)
    try home.finance([JobsHome.line("tx-1", "1.25")])
    #expect(try home.run("sync daily --force").status == .ok)
    #expect(try home.run("sync daily").status == .ok)
    let events = try home.completed()
    #expect(events.map(\.status) == [.fail, .pass])
    // Two reports of one second have two names.
    #expect(
      events.compactMap(\.report?.path) == [
        "data/sync_reports/ledger_sync_20251117_030000.json",
        "data/sync_reports/ledger_sync_20251117_030000_2.json",
      ])
  }

  @Test func `days that were missed are run in order, each once`() throws {
    let home = try home()
    _ = try home.run("sync daily")
    let later = JobsHome.now.advanced(byMilliseconds: 3 * JobRunnerTests.day + 7_000_000)
    let run = try home.run("sync daily -o json", at: later)
    #expect(run.status == .ok, "\(run.messages)")
    let windows = try run.documents().compactMap { $0["window_from"]?.text }
    #expect(
      windows == [
        "2025-11-17T00:00:00.000Z", "2025-11-18T00:00:00.000Z", "2025-11-19T00:00:00.000Z",
      ])
    #expect(
      try home.completed().map { Text("\($0.window.start)") } == [
        "2025-11-16T00:00:00.000Z"
      ] + windows)
    #expect(try home.run("sync daily", at: later).answer.isEmpty)
    #expect(try home.completed().count == 4)
  }

  @Test func `after more than a month the report says what was left out`() throws {
    let home = try home()
    _ = try home.run("sync daily")
    let later = JobsHome.now.advanced(byMilliseconds: 40 * JobRunnerTests.day)
    let run = try home.run("sync daily", at: later)
    #expect(run.status == .ok)
    let events = try home.completed()
    #expect(events.count == 1 + 31)
    #expect(events[1].counts["skipped_windows"] == 9)
    #expect(events[1].findings.map(\.kind) == ["windows_skipped"])
    #expect(events.dropFirst(2).allSatisfy { $0.counts["skipped_windows"] == nil })
    // One of them, by hand.
    #expect(try home.run("sync daily --date 2025-11-20", at: later).status == .ok)
    #expect(try home.completed().last.map { "\($0.window.start)" } == "2025-11-20T00:00:00.000Z")
    #expect(try home.run("sync daily --date 2025-11-20", at: later).answer.isEmpty)
  }

  @Test func `midnight is the border, whatever the hour of cron`() throws {
    for (moment, start) in [
      ("2025-11-16T23:59:59.999Z", "2025-11-15"), ("2025-11-17T00:00:00Z", "2025-11-16"),
      ("2025-11-17T12:34:56Z", "2025-11-16"),
    ] {
      let home = try home()
      let now = try #require(Timestamp(rfc3339: Text(moment), offsetRequired: true))
      _ = try home.run("sync daily", at: now)
      #expect(
        try home.completed().map { "\($0.window.start)" } == ["\(start)T00:00:00.000Z"])
    }
  }

  @Test(arguments: ["sync daily", "monitor stale"])
  func `a second run at the same time exits 75 and changes nothing`(line: String) throws {
    let home = try home()
    let name = line == "sync daily" ? "x402_daily_ledger_sync" : "x402_stale_payments"
    mkdir("\(home.path)/data/run", 0o700)
    let descriptor = open("\(home.path)/data/run/\(name).lock", O_RDWR | O_CREAT, 0o600)
    try #require(descriptor >= 0)
    try #require(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    let before = try home.treePrint()
    let run = try home.run(line)
    #expect(run.status == .busy)
    #expect(run.messages.contains("another run of \(name) is under way"))
    #expect(try home.treePrint() == before)
    close(descriptor)
    #expect(try home.run(line).status == .ok)
  }

  @Test(arguments: ["sync daily", "monitor stale"])
  func `a dry run leaves every byte as it was`(line: String) throws {
    let home = try home()
    try home.finance([JobsHome.line("tx-9", "1")])
    for job in [line, "\(line) --force", "\(line) --no-discord -o json"] {
      let before = try home.treePrint()
      let run = try home.run("\(job) --dry-run")
      #expect(run.status == (line == "sync daily" ? .checkFailed : .ok))
      #expect(run.messages.contains("dry run: nothing is appended, written or posted"))
      #expect(!run.answer.isEmpty)
      #expect(try home.treePrint() == before)
    }
    // And what would have been found is found.
    #expect(try home.run(line).status == (line == "sync daily" ? .checkFailed : .ok))
    let empty = try JobsHome()
    let before = try empty.treePrint()
    _ = try empty.run("\(line) --dry-run")
    #expect(try empty.treePrint() == before)
  }

  @Test func `what is checked on a part of the log does not count as checked`() throws {
    let home = try home()
    let run = try home.run("sync daily --at 2")
    #expect(run.messages.contains("not recorded: the log goes on behind seq"))
    #expect(try home.completed().isEmpty)
    #expect(try home.run("sync daily --at 2025-11-17T03:00:00Z").status == .ok)
    #expect(try home.completed().count == 1)
    let future = try home.run("sync daily --at 2025-11-17T03:00:00.001Z")
    #expect(future.status == .usage)
    #expect(try home.run("sync daily --date 2025-11-17").status == .usage)
    #expect(try home.run("sync daily --date 2025-11-16 --at 2").status == .usage)
  }

  @Test func `stale is longer than the limit, and a look back tells the same`() throws {
    let home = try JobsHome()
    try home.pay([
      .init("tx-1", "1") {
        $0.phase = .pending
        $0.at = "2025-11-17T02:45:00Z"
      }
    ])
    #expect(try home.run("monitor stale").status == .ok)
    let late = JobsHome.now.advanced(byMilliseconds: 1)
    let run = try home.run("monitor stale", at: late)
    #expect(run.status == .checkFailed)
    #expect(run.answer.contains("high stale_payment tx-1, expected closed within 15 minutes"))
    // The first look of the hour is recorded, the second one is only told.
    #expect(try home.completed().map(\.status) == [.pass])
    #expect(try home.run("monitor stale --force", at: late).status == .checkFailed)
    #expect(try home.completed().map(\.status) == [.pass, .fail])
    #expect(
      try home.run("monitor stale --at 2025-11-17T03:00:00Z", at: late).status == .ok)
  }

  @Test func `jobs work on a home with nothing in it`() throws {
    let home = try JobsHome()
    #expect(try home.run("job list").status == .ok)
    #expect(try home.run("monitor stale").status == .ok)
    try home.finance([])
    #expect(try home.run("sync daily").status == .ok)
    #expect(try home.completed().count == 2)
  }

  @Test func `runs that did not come are seen`() throws {
    let home = try home()
    _ = try home.run("sync daily")
    _ = try home.run("monitor stale")
    #expect(try home.run("job list").status == .ok)
    let later = JobsHome.now.advanced(byMilliseconds: JobRunnerTests.day)
    let patient = try home.run("job list -o json", at: later)
    #expect(patient.status == .checkFailed)
    func missed(_ run: JobsHome.Run) throws -> [Int64?] {
      try run.documents().map { document in
        guard case .number(let number) = document["missed"] else { return nil }
        return number.integer()
      }
    }
    // At 03:00 the daily run may still come; of the hours' runs 24 did not, the last may.
    #expect(try missed(patient) == [0, 23])
    let tired = later.advanced(byMilliseconds: 3 * 3_600_000)
    #expect(try missed(try home.run("job list -o json", at: tired)) == [1, 26])
    let text = try home.run("job list", at: tired)
    #expect(text.messages.contains("x402_daily_ledger_sync: 1 run was missed"))
  }

  @Test func `doctor tells of missed runs in its last step, and fails nothing for it`() throws {
    let home = try home()
    let fresh = try JobsHome().run("doctor --step other")
    #expect(fresh.answer.contains("job x402_daily_ledger_sync: never ran; cron/crontab.x402"))
    // doctor goes by the clock of the machine, and the run is of 2025.
    _ = try home.run("sync daily")
    let run = try home.run("doctor --step other")
    #expect(run.status == .ok)
    #expect(run.answer.contains("runs were missed; crontab -l | grep x402"))
  }

  @Test func `a daemon that holds the ledger records for the job`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    let jobs = try JobsHome(at: home.path)
    try jobs.finance([])
    let now = Clocks.system.wall()
    let run = try jobs.run("sync daily", at: now, fake: true)
    let record = try jobs.run("finance record payment 1.5 --key k", at: now, fake: true)
    daemon.stop()
    #expect(run.status == .ok, "\(run.messages)")
    #expect(record.status == .ok, "\(record.messages)")
    #expect(try home.count(of: .jobCompleted) == 1)
    #expect(try jobs.financeText.contains(#""amount_usd":1.500000"#))
  }

  @Test func `a job may be recorded by line, and what cannot be is refused`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    defer { daemon.stop() }
    let good =
      #"{"command":"job.complete","key":"run_1","run_id":"run_1","job":"x","window_from":"2025-11-15T00:00:00.000Z","window_to":"2025-11-16T00:00:00.000Z","status":"PASS","counts":{"findings":0},"findings":[],"folded_to_seq":1,"duration_ms":3}"#
    #expect(try daemon.command(good) == "recorded")
    #expect(try daemon.command(good) == "repeated")
    for (part, other) in [
      (#""folded_to_seq":1"#, #""folded_to_seq":999"#), (#""status":"PASS""#, #""status":1"#),
      (#""run_id":"run_1""#, #""run_id":"a b""#), (#""findings":[]"#, #""findings":[1]"#),
      (#""window_to":"2025"#, #""window_to":"2999"#), (#""job":"x","#, ""),
    ] {
      let pieces = good.split(separator: part, omittingEmptySubsequences: false)
      try #require(pieces.count == 2)
      let line = (pieces[0] + other + pieces[1]).split(separator: #""key":"run_1","#).joined()
      #expect(try daemon.command(line) == "refused", "\(other)")
    }
    #expect(
      try daemon.command(
        #"{"command":"job.fail","run_id":"run_2","job":"x","error":"e","duration_ms":3}"#)
        == "recorded")
    #expect(
      try daemon.command(#"{"command":"finance.record","entry_type":"p","amount":"1.0000001"}"#)
        == "refused")
  }
}
