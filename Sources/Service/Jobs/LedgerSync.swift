internal import Glibc
internal import JSON
internal import Ledger

/// `x402_daily_ledger_sync`: compares each day's completed payments with the finance ledger, in
/// both directions, by transaction id, to the last digit.
///
/// A payment of the day needs its line, whenever that was written; a line of the day needs its
/// payment, whenever that was made: so midnight between the two is no discrepancy. Totals are not
/// compared, as two swapped amounts leave them equal.
struct LedgerSync {
  static let job = Job(
    name: "x402_daily_ledger_sync", command: .syncDaily, schedule: .daily, scope: .window,
    cron: "0 3 * * *", patience: 6 * 3_600_000, report: "ledger_sync",
    start: { (scene) throws(JobFault) in
      let sync = try LedgerSync(scene)
      return { sync.check($0) }
    })

  private let payments: Payments
  private let file: FinanceFile?
  /// Lines of each transaction, in the order of the file.
  private let lines: [Text: [FinanceFile.Entry]]
  /// Records that the fold had to leave out since the last run: what was not folded is not checked.
  private let illegal: [Violation]

  init(_ scene: JobScene) throws(JobFault) {
    payments = scene.state[scene.book].payments
    let known = scene.health.lastRun?.foldedTo ?? 0
    illegal = scene.state.violations.first.filter { $0.seq > known }
    var bar: ProgressBar?
    defer { bar?.finish(on: scene.output) }
    do throws(LineSource.Fault) {
      file = try FinanceFile.read(
        home: scene.configuration.home, book: scene.book
      ) { done, total in
        let now = scene.clocks.boot()
        if bar == nil {
          bar = ProgressBar(
            FinanceFile.path, total: total, unit: "bytes", on: scene.output,
            isQuiet: scene.isQuiet, at: now)
        }
        bar?.update(done, on: scene.output, at: now)
      }
    } catch {
      throw JobFault(
        status: .checkFailed,
        message: "\(FinanceFile.path) \(error.reason); nothing was compared")
    }
    var lines: [Text: [FinanceFile.Entry]] = [:]
    for entry in file?.entries ?? [] {
      if let transaction = entry.transaction { lines[transaction, default: []].append(entry) }
    }
    self.lines = lines
  }

  /// Compares one window.
  func check(_ window: JobWindow) -> JobResult {
    let completed = payments.completed(in: window).filter { !$0.network.isTest }
    var findings = illegal.map {
      LedgerSync.finding(
        "ledger_illegal_record", .medium, Text("seq \($0.seq)"), nil, Text("\($0.reason.sentence)"))
    }
    guard let file else {
      findings.append(
        LedgerSync.finding(
          "finance_file_missing", .high, Text(FinanceFile.path), "a file, be it empty", "no file"))
      return result(findings, ["ledger_payments": completed.count])
    }
    for fault in file.faults {
      findings.append(
        LedgerSync.finding(
          "unreadable_line", .high, LedgerSync.place(fault.line), nil, Text(fault.reason)))
    }
    let recorded = file.entries.filter { window.contains($0.recordedAt) }
    var seen: Set<Text> = []
    for id in completed.map(\.id.text) + recorded.compactMap(\.transaction) {
      if seen.insert(id).inserted { findings += compare(id) }
    }
    for entry in recorded where entry.transaction == nil {
      findings.append(
        LedgerSync.finding(
          "no_transaction_id", .low, LedgerSync.place(entry.line), nil,
          Text("\(entry.type.string) \(entry.amount.text)")))
    }
    return result(
      findings,
      [
        "ledger_payments": completed.count, "finance_lines": recorded.count,
        "compared": seen.count, "unreadable_lines": file.faults.count,
        "other_book_lines": file.foreign,
      ])
  }

  private func result(_ findings: [JobFinding], _ counts: [Text: Int]) -> JobResult {
    var counts = counts
    counts["findings"] = findings.count
    return JobResult(counts: counts, findings: findings)
  }

  /// All that is wrong about one transaction.
  private func compare(_ id: Text) -> [JobFinding] {
    let lines = lines[id] ?? []
    var findings: [JobFinding] = []
    if lines.count > 1 {
      let places = lines.map { "\($0.line)" }.joined(separator: ", ")
      findings.append(
        LedgerSync.finding("duplicate_in_finance", .high, id, "one line", Text("lines \(places)")))
    }
    guard let payment = TransactionID(id).flatMap({ payments[$0] }) else {
      return findings
        + lines.prefix(1).map {
          LedgerSync.finding("missing_in_ledger", .high, id, nil, LedgerSync.told($0))
        }
    }
    guard payment.phase == .completed, !payment.network.isTest else {
      let state =
        payment.phase == .completed
        ? "on test network \(payment.network.name)" : "\(payment.phase.name)"
      return findings
        + [
          LedgerSync.finding(
            "not_completed_in_ledger", .high, id, Text("completed"), Text("\(state)"))
        ]
    }
    guard !lines.isEmpty else {
      let amount = Text("\(payment.amount)")
      return [LedgerSync.finding("missing_in_finance", .high, id, amount, nil)]
    }
    for line in lines {
      if !payment.amount.asset.isDollar {
        findings.append(
          LedgerSync.finding(
            "amount_not_comparable", .low, id, Text("\(payment.amount)"), LedgerSync.told(line)))
      } else if line.amount != ExactDecimal(payment.amount) {
        findings.append(
          LedgerSync.finding(
            "amount_differs", .high, id, payment.amount.decimal, LedgerSync.told(line)))
      }
    }
    return findings
  }

  private static func told(_ entry: FinanceFile.Entry) -> Text {
    Text("\(entry.amount.text) in line \(entry.line)")
  }

  private static func place(_ line: Int) -> Text { Text("\(FinanceFile.path):\(line)") }

  private static func finding(
    _ kind: Text, _ severity: JobFinding.Severity, _ subject: Text, _ expected: Text?, _ got: Text?
  ) -> JobFinding {
    JobFinding(kind: kind, severity: severity, subject: subject, expected: expected, got: got)
  }
}

extension LineSource.Fault {
  /// What is wrong with the file, to stand after its name.
  fileprivate var reason: String {
    switch self {
    case .noSuchFile: "is not there"
    case .folder: "is a folder"
    case .notAFile: "is no regular file"
    case .cannotOpen(let code): "cannot be opened: \(String(cString: strerror(code)))"
    case .cannotRead(let code): "cannot be read: \(String(cString: strerror(code)))"
    }
  }
}
