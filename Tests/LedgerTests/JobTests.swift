import JSON
import Ledger
import Testing

/// A run of the daily job, to be changed field by field.
private struct RunFixture {
  var job: Text = "sync"
  var start: Text = "2026-11-15T00:00:00Z"
  var end: Text = "2026-11-16T00:00:00Z"
  var status = JobStatus.pass
  var findings: [JobFinding] = []
  var counts: [Text: Int] = ["findings": 0]
  var report: JobCompleted.Report?
  var foldedTo: UInt64 = 2
  var duration: Int64 = 7

  func command(run: UInt64 = 1) throws -> RecordJobCompletion {
    RecordJobCompletion(
      run: RunID(ULID(high: 9, low: run)), job: job,
      window: JobWindow(start: try .of(start), end: try .of(end)), status: status,
      counts: counts, findings: findings, report: report, foldedTo: foldedTo,
      durationMilliseconds: duration)
  }

  func with(_ change: (inout RunFixture) -> Void) -> RunFixture {
    var changed = self
    change(&changed)
    return changed
  }
}

/// Runs of jobs in the core: what is recorded, what of it is refused, what is remembered.
struct JobTests {
  private func window(_ start: Text, _ end: Text) throws -> JobWindow {
    JobWindow(start: try .of(start), end: try .of(end))
  }

  // MARK: windows

  @Test(arguments: [
    (
      JobSchedule.hourly, "2026-11-16T10:59:59.999Z", "2026-11-16T09:00:00Z", "2026-11-16T10:00:00Z"
    ),
    (.hourly, "2026-11-16T11:00:00.000Z", "2026-11-16T10:00:00Z", "2026-11-16T11:00:00Z"),
    (.daily, "2026-11-16T23:59:59.999Z", "2026-11-15T00:00:00Z", "2026-11-16T00:00:00Z"),
    (.daily, "2026-11-17T00:00:00.000Z", "2026-11-16T00:00:00Z", "2026-11-17T00:00:00Z"),
    (.daily, "2026-11-17T00:00:00.001Z", "2026-11-16T00:00:00Z", "2026-11-17T00:00:00Z"),
    (.daily, "2028-03-01T03:00:00Z", "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"),
    // The 16th of November 2026 is a Monday.
    (.weekly, "2026-11-15T23:59:59.999Z", "2026-11-02T00:00:00Z", "2026-11-09T00:00:00Z"),
    (.weekly, "2026-11-16T00:00:00.000Z", "2026-11-09T00:00:00Z", "2026-11-16T00:00:00Z"),
    (.weekly, "2026-11-16T04:00:00.000Z", "2026-11-09T00:00:00Z", "2026-11-16T00:00:00Z"),
    (.weekly, "2026-11-18T09:00:00.000Z", "2026-11-09T00:00:00Z", "2026-11-16T00:00:00Z"),
    // Before 1970 the remainder is negative.
    (.daily, "1969-12-31T12:00:00Z", "1969-12-30T00:00:00Z", "1969-12-31T00:00:00Z"),
    (.weekly, "1970-01-05T00:00:00Z", "1969-12-29T00:00:00Z", "1970-01-05T00:00:00Z"),
  ])
  func `the last window is over at its very end and not before`(
    schedule: JobSchedule, moment: String, start: String, end: String
  ) throws {
    #expect(
      schedule.window(endingBy: try .of(Text(moment))) == (try window(Text(start), Text(end))))
  }

  @Test func `a window holds its start and not its end`() throws {
    let day = try window("2026-11-15T00:00:00Z", "2026-11-16T00:00:00Z")
    #expect(!day.contains(try .of("2026-11-14T23:59:59.999Z")))
    #expect(day.contains(try .of("2026-11-15T00:00:00.000Z")))
    #expect(day.contains(try .of("2026-11-15T23:59:59.999Z")))
    #expect(!day.contains(try .of("2026-11-16T00:00:00.000Z")))
  }

  @Test func `a job that never ran owes the last window only`() throws {
    let due = JobSchedule.daily.due(
      at: try .of("2026-11-16T03:00:00Z"), after: CompletedWindows())
    #expect(due.windows == [try window("2026-11-15T00:00:00Z", "2026-11-16T00:00:00Z")])
    #expect(due.skipped == 0)
  }

  @Test(arguments: [
    ("2026-11-16T23:59:59.999Z", 0, 0), ("2026-11-17T00:00:00Z", 1, 0),
    ("2026-11-19T03:00:00Z", 3, 0), ("2026-12-17T03:00:00Z", 31, 0),
    ("2026-12-18T03:00:00Z", 31, 1), ("2027-11-16T03:00:00Z", 31, 334),
  ])
  func `missed windows are due one by one, oldest first, up to 31 days back`(
    moment: String, count: Int, skipped: Int
  ) throws {
    var scenario = try Scenario()
    try scenario.submit(try RunFixture().command())
    let completed = try #require(scenario.state[.real].jobs["sync"]).windows
    let now = try Timestamp.of(Text(moment))
    let due = JobSchedule.daily.due(at: now, after: completed)
    #expect(due.windows.count == count)
    #expect(due.skipped == skipped)
    #expect(due.windows.last?.end ?? now == (count == 0 ? now : now.day.start))
    for (left, right) in zip(due.windows, due.windows.dropFirst()) {
      #expect(left.end == right.start)
    }
    #expect(due.windows.allSatisfy { $0.end.milliseconds(since: $0.start) == 86_400_000 })
    if skipped == 0, count > 0 { #expect(due.windows[0].start == completed.end) }
  }

  @Test(arguments: [
    // The run of the 17th comes up to six hours after midnight.
    ("2026-11-17T05:59:59.999Z", 0), ("2026-11-17T06:00:00Z", 1), ("2026-11-18T05:59:59.999Z", 1),
    ("2026-11-18T06:00:00Z", 2),
  ])
  func `a run is missed when its patience is over`(moment: String, missed: Int) throws {
    var scenario = try Scenario()
    try scenario.submit(try RunFixture().command())
    let completed = try #require(scenario.state[.real].jobs["sync"]).windows
    let now = try Timestamp.of(Text(moment))
    let patience: Int64 = 6 * 3_600_000
    #expect(
      JobSchedule.daily.missed(at: now, patience: patience, after: completed, since: .earliest)
        == missed)
    // One that never ran counts from the first whole window after the origin.
    #expect(
      JobSchedule.daily.missed(
        at: now, patience: patience, after: CompletedWindows(),
        since: try .of("2026-11-15T00:00:00.001Z")) == missed)
  }

  // MARK: what is remembered

  @Test func `a window is completed when all of it is, and the worst part counts`() throws {
    var scenario = try Scenario()
    let days: [(Text, Text, JobStatus)] = [
      ("2026-11-12T00:00:00Z", "2026-11-13T00:00:00Z", .pass),
      ("2026-11-14T00:00:00Z", "2026-11-15T00:00:00Z", .pass),
      ("2026-11-15T00:00:00Z", "2026-11-16T00:00:00Z", .fail),
      ("2026-11-10T00:00:00Z", "2026-11-11T00:00:00Z", .ok),
    ]
    for (number, (start, end, status)) in days.enumerated() {
      try scenario.submit(
        try RunFixture().with {
          $0.start = start
          $0.end = end
          $0.status = status
        }.command(run: UInt64(number)))
    }
    var windows = try #require(scenario.state[.real].jobs["sync"]).windows
    for (start, end, status) in days {
      #expect(windows.status(of: try window(start, end)) == status)
    }
    func status(_ start: Text, _ end: Text) throws -> JobStatus? {
      windows.status(of: try window(start, end))
    }
    #expect(try status("2026-11-13T00:00:00Z", "2026-11-14T00:00:00Z") == nil)
    #expect(try status("2026-11-12T00:00:00Z", "2026-11-14T00:00:00Z") == nil)
    #expect(try status("2026-11-14T00:00:00Z", "2026-11-16T00:00:00Z") == .fail)
    #expect(try status("2026-11-15T00:00:00Z", "2026-11-16T00:00:00.001Z") == nil)
    #expect(try windows.end == .of("2026-11-16T00:00:00Z"))
    // The same day again, this time well: the later run counts, its neighbours stay.
    try scenario.submit(try RunFixture().with { $0.foldedTo = 6 }.command(run: 9))
    windows = try #require(scenario.state[.real].jobs["sync"]).windows
    #expect(try status("2026-11-14T00:00:00Z", "2026-11-16T00:00:00Z") == .pass)
    #expect(try status("2026-11-10T00:00:00Z", "2026-11-11T00:00:00Z") == .ok)
  }

  @Test func `a later run over the middle of a longer one leaves both its ends`() throws {
    var scenario = try Scenario()
    try scenario.submit(
      try RunFixture().with {
        $0.start = "2026-11-09T00:00:00Z"
        $0.status = .fail
      }.command())
    try scenario.submit(
      try RunFixture().with {
        $0.start = "2026-11-12T00:00:00Z"
        $0.end = "2026-11-13T00:00:00Z"
      }.command(run: 2))
    let windows = try #require(scenario.state[.real].jobs["sync"]).windows
    for (start, end, status): (Text, Text, JobStatus) in [
      ("2026-11-09T00:00:00Z", "2026-11-12T00:00:00Z", .fail),
      ("2026-11-12T00:00:00Z", "2026-11-13T00:00:00Z", .pass),
      ("2026-11-13T00:00:00Z", "2026-11-16T00:00:00Z", .fail),
    ] {
      #expect(windows.status(of: try window(start, end)) == status)
    }
  }

  @Test func `each book has its own runs, and a failure shows until the next run`() throws {
    var scenario = try Scenario()
    scenario.book = .fake
    try scenario.submit(try RunFixture().command())
    #expect(scenario.state[.real].jobs["sync"] == nil)
    let run = try #require(scenario.state[.fake].jobs["sync"]?.lastRun)
    #expect(run.id == RunID(ULID(high: 9, low: 1)))
    #expect(run.window == (try window("2026-11-15T00:00:00Z", "2026-11-16T00:00:00Z")))
    #expect(run.at == scenario.now)
    #expect(run.foldedTo == 2)
    scenario.now = scenario.now.advanced(byMilliseconds: 1)
    let failure = RecordJobFailure(
      run: RunID(ULID(high: 9, low: 2)), job: "sync", error: "disk", durationMilliseconds: 1)
    try scenario.submit(failure)
    var health = try #require(scenario.state[.fake].jobs["sync"])
    #expect(health.hasFailedSince)
    #expect(health.lastFailure?.error == "disk")
    // A failure completes nothing.
    #expect(health.lastRun == run)
    scenario.now = scenario.now.advanced(byMilliseconds: 1)
    try scenario.submit(try RunFixture().command(run: 3))
    health = try #require(scenario.state[.fake].jobs["sync"])
    #expect(!health.hasFailedSince)
  }

  // MARK: what is refused

  @Test func `a run says only what can be true`() throws {
    let scenario = try Scenario()
    func field(_ change: (inout RunFixture) -> Void) throws -> Text? {
      guard
        case .fieldInvalid(let field, _) = scenario.rejection(
          of: try RunFixture().with(change).command())
      else { return nil }
      return field
    }
    #expect(try field { _ in } == nil)
    for job: Text in ["", "Sync", "a b", "a-b", Text(String(repeating: "a", count: 65))] {
      #expect(try field { $0.job = job } == "job")
    }
    #expect(try field { $0.job = Text(String(repeating: "a", count: 64)) } == nil)
    #expect(try field { $0.end = $0.start } == "window_to")
    // Now is noon of the 16th.
    #expect(try field { $0.end = "2026-11-16T12:00:00.000Z" } == nil)
    #expect(try field { $0.end = "2026-11-16T12:00:00.001Z" } == "window_to")
    #expect(try field { $0.foldedTo = 3 } == "folded_to_seq")
    #expect(try field { $0.duration = -1 } == "duration_ms")
    #expect(
      try field { $0.counts = [Text(String(repeating: "a", count: 65)): 1] } == "counts")
    #expect(try field { $0.report = .init(path: "", sha256: fingerprint(1)) } == "report_path")
    let failure = RecordJobFailure(
      run: RunID(ULID(high: 9, low: 2)), job: "sync", error: "", durationMilliseconds: 1)
    #expect(
      scenario.rejection(of: failure)
        == .fieldInvalid(field: "error", reason: "must say what went wrong"))
  }

  @Test func `an event holds the first thousand findings, and less when they are long`() throws {
    func kept(_ count: Int, subjectBytes: Int) throws -> [JobFinding] {
      var scenario = try Scenario()
      let subject = Text(String(repeating: "s", count: subjectBytes))
      let finding = JobFinding(
        kind: "k", severity: .high, subject: subject, expected: nil, got: nil)
      try scenario.submit(
        try RunFixture().with {
          $0.findings = Array(repeating: finding, count: count)
          $0.counts = ["findings": count]
        }.command())
      guard case .jobCompleted(let event) = scenario.log.last?.event else { return [] }
      #expect(event.counts == ["findings": count])
      return event.findings
    }
    #expect(try kept(1_000, subjectBytes: 4).count == 1_000)
    #expect(try kept(1_001, subjectBytes: 4).count == 1_000)
    let long = try kept(1_000, subjectBytes: 2_000)
    #expect(long.allSatisfy { $0.subject.utf8Count == 1_024 })
    // 1,024 and the members' own 38 bytes each: 246 of them fit 256 KiB.
    #expect(long.count == 262_144 / 1_062)
  }

  @Test func `a completion comes back as the same from its line`() throws {
    let command = try RunFixture().with {
      $0.findings = [
        JobFinding(
          kind: "k", severity: .medium, subject: "s", expected: "\"1\"", got: nil)
      ]
      $0.report = .init(path: "r", sha256: fingerprint(3))
    }.command()
    var out = JSONWriter()
    out.beginObject()
    command.writePrint(to: &out)
    out.endObject()
    let object = try #require(try JSONParser.parse(out.bytes, limits: .line).object)
    let again = try RecordJobCompletion(
      run: RunID(ULID(high: 9, low: 1)), reading: object)
    var first = try Scenario()
    var second = try Scenario()
    try first.submit(command)
    try second.submit(again)
    #expect(first.log == second.log)
  }

  // MARK: stale, finance

  @Test(arguments: [(900_000, 0), (900_001, 1)])
  func `open for exactly the limit is not stale`(age: Int64, count: Int) throws {
    var scenario = try Scenario()
    try scenario.submit(try ImportFixture.pending.command())
    try scenario.submit(
      try ImportFixture.failed.with { $0.transaction = "tx_failed" }.command())
    let start = try Timestamp.of(ImportFixture.pending.occurredAt)
    let stale = scenario.state[.real].staleOpenPayments(
      olderThan: 900_000, asOf: start.advanced(byMilliseconds: age))
    #expect(stale.map(\.id) == (count == 0 ? [] : ["tx_12345"]))
  }

  @Test func `finance entries are dollars, summed by type, repeated by key`() throws {
    var scenario = try Scenario()
    func entry(_ number: UInt64, _ type: Text, _ money: Money) -> RecordFinanceEntry {
      RecordFinanceEntry(
        entry: FinanceEntryID(ULID(high: 5, low: number)), type: type, transaction: nil,
        amount: money, vendor: nil, memo: nil)
    }
    let key = KeyBinding(key: "k", op: "finance.record", print: fingerprint(1))
    try scenario.submit(entry(1, "payment", try .usdc("1.25")), key: key)
    let first = scenario.state.seq
    #expect(
      try scenario.submit(entry(2, "payment", try .usdc("1.25")), key: key)
        == .repeated(first: first))
    try scenario.submit(entry(3, "payment", try .usdc("2")))
    try scenario.submit(entry(4, "payroll", try .usdc("0")))
    let rows = scenario.state[.real].tallies.finance.rows
    #expect(rows.map(\.type) == ["payment", "payroll"])
    #expect(rows.map(\.total.units) == [3_250_000, 0])
    #expect(rows.map(\.total.count) == [2, 1])
    func field(_ command: RecordFinanceEntry) -> Text? {
      guard case .fieldInvalid(let field, _) = scenario.rejection(of: command) else { return nil }
      return field
    }
    let most = Money(units: 1_000_000_000_000_000_000, asset: .usdc)
    #expect(field(entry(5, "p", most)) == nil)
    #expect(field(entry(5, "p", Money(units: most.units + 1, asset: .usdc))) == "amount")
    #expect(field(entry(5, "p", Money(units: -1, asset: .usdc))) == "amount")
    #expect(field(entry(5, "p", Money(units: 1, asset: .dai))) == "asset")
    #expect(field(entry(5, "", most)) == "entry_type")
  }
}
