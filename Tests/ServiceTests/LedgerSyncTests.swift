import Glibc
import JSON
import Ledger
import Service
import Testing

/// What the nightly sync finds: each kind of discrepancy alone, and nothing where there is none.
struct LedgerSyncTests {
  /// Payments of the 16th, the lines that others have of them, and what must be found.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    var payments = [
      JobsHome.Payment("tx-1", "1.25"), .init("tx-2", "2.50"), .init("tx-3", "7"),
      // Of the days before and after: not this window's.
      .init("tx-before", "1") { $0.at = "2025-11-15T23:59:59.999Z" },
      .init("tx-after", "1") { $0.at = "2025-11-17T00:00:00Z" },
    ]
    var lines: [String] = [
      JobsHome.line("tx-1", "1.250000"), JobsHome.line("tx-2", "\"2.5\""),
      JobsHome.line("tx-3", "70e-1"),
    ]
    /// `kind subject`, in order.
    var found: [String] = []
    var isFail: Bool { found.contains { !low.contains($0.split(separator: " ")[0]) } }
    private let low: [Substring] = ["no_transaction_id", "amount_not_comparable"]
    var testDescription: String { name }

    init(_ name: String, _ change: (inout Case) -> Void) {
      self.name = name
      change(&self)
    }
  }

  static let cases: [Case] = [
    Case("the same in both books") { _ in },
    Case("missing in finance") {
      $0.lines.remove(at: 1)
      $0.found = ["missing_in_finance tx-2"]
    },
    Case("missing in the ledger") {
      $0.lines.append(JobsHome.line("tx-9", "3"))
      $0.found = ["missing_in_ledger tx-9"]
    },
    Case("an id that no ledger can have") {
      $0.lines.append(JobsHome.line("a b", "3"))
      $0.found = ["missing_in_ledger a b"]
    },
    Case("one amount differs by one millionth") {
      $0.lines[0] = JobsHome.line("tx-1", "1.250001")
      $0.found = ["amount_differs tx-1"]
    },
    Case("an amount that a float has spoilt") {
      $0.lines[0] = JobsHome.line("tx-1", "1.2500000000000002")
      $0.found = ["amount_differs tx-1"]
    },
    Case("a sign") {
      $0.lines[0] = JobsHome.line("tx-1", "-1.25")
      $0.found = ["amount_differs tx-1"]
    },
    Case("two amounts swapped, the sum the same") {
      $0.lines[0] = JobsHome.line("tx-1", "2.50")
      $0.lines[1] = JobsHome.line("tx-2", "1.25")
      $0.found = ["amount_differs tx-1", "amount_differs tx-2"]
    },
    Case("a duplicate") {
      $0.lines.append($0.lines[0])
      $0.found = ["duplicate_in_finance tx-1"]
    },
    Case("a duplicate of another day") {
      $0.lines.append(JobsHome.line("tx-1", "1.25", at: "2025-11-18T09:00:00Z"))
      $0.found = ["duplicate_in_finance tx-1"]
    },
    Case("not completed here") {
      $0.payments.append(.init("tx-4", "4") { $0.phase = .pending })
      $0.payments.append(.init("tx-5", "5") { $0.phase = .failed })
      $0.lines += [JobsHome.line("tx-4", "4"), JobsHome.line("tx-5", "5")]
      $0.found = ["not_completed_in_ledger tx-4", "not_completed_in_ledger tx-5"]
    },
    Case("pending and failed ones need no line") {
      $0.payments.append(.init("tx-4", "4") { $0.phase = .pending })
      $0.payments.append(.init("tx-5", "5") { $0.phase = .failed })
    },
    Case("a line of the day after for a payment of the day") {
      $0.lines[0] = JobsHome.line("tx-1", "1.25", at: "2025-11-17T00:00:00.500Z")
    },
    Case("a line of the day for a payment of the day before") {
      $0.lines.append(JobsHome.line("tx-before", "1"))
    },
    Case("lines of other days are those days' concern") {
      $0.lines += [
        JobsHome.line("tx-9", "3", at: "2025-11-15T23:59:59.999Z"),
        JobsHome.line("tx-8", "3", at: "2025-11-17T00:00:00Z"),
      ]
    },
    Case("a time with an offset, and one without") {
      $0.lines += [
        JobsHome.line("tx-9", "3", at: "2025-11-17T01:30:00+02:00"),
        JobsHome.line("tx-8", "3", at: "2025-11-17T00:00:00.000001"),
      ]
      $0.found = ["missing_in_ledger tx-9"]
    },
    Case("play money") {
      $0.payments.append(.init("tx-t", "4") { $0.network = "base-sepolia" })
    },
    Case("a line about play money") {
      $0.payments.append(.init("tx-t", "4") { $0.network = "base-sepolia" })
      $0.lines.append(JobsHome.line("tx-t", "4"))
      $0.found = ["not_completed_in_ledger tx-t"]
    },
    Case("what is not counted in dollars is told") {
      $0.payments.append(.init("tx-b", "0.1") { $0.asset = .btc })
      $0.lines.append(JobsHome.line("tx-b", "9000"))
      $0.found = ["amount_not_comparable tx-b"]
    },
    Case("other entries are told") {
      $0.lines.append(
        #"{"type":"payroll","amount_usd":100,"recorded_at":"2025-11-16T10:00:00Z"}"#)
      $0.found = ["no_transaction_id logs/finance_ledger.jsonl:4"]
    },
    Case("the other book's") {
      $0.payments.append(.init("tx-f", "4") { $0.book = .fake })
      $0.lines.append(JobsHome.line("tx-g", "4", #","fake":true"#))
    },
    Case("the other book's line is no line of this one") {
      $0.lines[0] = JobsHome.line("tx-1", "1.25", #","fake":true"#)
      $0.found = ["missing_in_finance tx-1"]
    },
    Case("a line that says that it is real") {
      $0.lines[0] = JobsHome.line("tx-1", "1.25", #","fake":false"#)
    },
  ]

  @Test(arguments: cases)
  func `each discrepancy is found alone`(example: Case) throws {
    let home = try JobsHome()
    try home.pay(example.payments)
    try home.finance(example.lines)
    let run = try home.run("sync daily -o json")
    #expect(run.status == (example.isFail ? .checkFailed : .ok), "\(run.messages)")
    let document = try #require(try run.documents().first)
    let found = document["findings"]?.elements?.compactMap(\.object).map { finding in
      "\(finding["kind"]?.text?.string ?? "") \(finding["subject"]?.text?.string ?? "")"
    }
    #expect(found == example.found)
    #expect(document["status"]?.text == (example.isFail ? "FAIL" : "PASS"))
  }

  @Test(arguments: [
    "rubbish", "", "[]", "{", #"{"type":"payment"}"#,
    #"{"amount_usd":1,"recorded_at":"2025-11-16T10:00:00Z","transaction_id":"tx-1"}"#,
    #"{"type":"payment","amount_usd":"1,5","recorded_at":"2025-11-16T10:00:00Z"}"#,
    #"{"type":"payment","amount_usd":null,"recorded_at":"2025-11-16T10:00:00Z"}"#,
    #"{"type":"payment","amount_usd":1,"recorded_at":"yesterday"}"#,
    #"{"type":"payment","amount_usd":1,"recorded_at":"2025-11-16T10:00:00Z","transaction_id":7}"#,
    #"{"type":"payment","amount_usd":1,"recorded_at":"2025-11-16T10:00:00Z","fake":"no"}"#,
    #"{"type":"a","type":"b","amount_usd":1,"recorded_at":"2025-11-16T10:00:00Z"}"#,
    #"{"type":"payment","amount_usd":1e999,"recorded_at":"2025-11-16T10:00:00Z"}"#,
  ])
  func `a line that does not read is found by its number, and the others are compared`(
    line: String
  ) throws {
    let home = try JobsHome()
    try home.pay([.init("tx-1", "1.25"), .init("tx-2", "2")])
    try home.finance([JobsHome.line("tx-1", "1.25"), line, JobsHome.line("tx-2", "3")])
    let run = try home.run("sync daily")
    #expect(run.status == .checkFailed)
    #expect(run.answer.contains("  high unreadable_line logs/finance_ledger.jsonl:2, got "))
    #expect(run.answer.contains("  high amount_differs tx-2, expected 2.000000, got 3 in line 3\n"))
    #expect(run.answer.contains("findings 2, "))
  }

  @Test func `no finance ledger is a clear FAIL, an empty one is none`() throws {
    let home = try JobsHome()
    let missing = try home.run("sync daily")
    #expect(missing.status == .checkFailed)
    #expect(
      missing.answer.contains(
        "high finance_file_missing logs/finance_ledger.jsonl, expected a file, be it empty"))
    try home.finance([])
    let empty = try home.run("sync daily --force")
    #expect(empty.status == .ok, "\(empty.messages)")
    #expect(empty.answer.hasPrefix("PASS x402_daily_ledger_sync 2025-11-16T00:00:00.000Z to "))
  }

  @Test func `what cannot be read at all is a failure of the job, recorded as one`() throws {
    let home = try JobsHome()
    try home.pay([.init("tx-1", "1.25")])
    try home.finance([])
    try #require(unlink("\(home.path)/\(JobsHome.financePath)") == 0)
    try #require(mkdir("\(home.path)/\(JobsHome.financePath)", 0o750) == 0)
    let run = try home.run("sync daily")
    #expect(run.status == .checkFailed)
    #expect(run.messages.contains("logs/finance_ledger.jsonl is a folder; nothing was compared"))
    let errors = try home.records().compactMap { record in
      guard case .jobFailed(let event) = record.event else { return nil as Text? }
      return event.error
    }
    #expect(errors == ["logs/finance_ledger.jsonl is a folder; nothing was compared"])
    let list = try home.run("job list")
    #expect(list.messages.contains("x402_daily_ledger_sync: failed at 2025-11-17T03:00:00.000Z"))
    // Its window is still due.
    #expect(try home.completed().isEmpty)
  }

  @Test func `a record that is illegal is told once, as it was not folded`() throws {
    let home = try JobsHome()
    let ledger = try ReadingLedger()
    let payment = try ReadingLedger.payment(
      "tx-1", agent: "a", vendor: "v", amount: "1", phase: .pending, at: ReadingLedger.start)
    try ledger.submit(payment, book: .real, at: ReadingLedger.start)
    try ledger.forge(payment, book: .real, at: ReadingLedger.start)
    try home.adopt(ledger)
    try home.finance([])
    let first = try home.run("sync daily")
    #expect(first.status == .checkFailed)
    #expect(
      first.answer.contains("medium ledger_illegal_record seq 3, got the payment had already"))
    #expect(try home.run("sync daily --force").status == .ok)
  }

  @Test func `in fake mode the fake book is compared`() throws {
    let home = try JobsHome()
    try home.pay([.init("tx-r", "1"), .init("tx-f", "2") { $0.book = .fake }])
    try home.finance([JobsHome.line("tx-f", "2")])
    #expect(try home.run("sync daily", fake: true).status == .ok)
    #expect(try home.run("sync daily").status == .checkFailed)
    #expect(try home.completed().count == 2)
  }
}
