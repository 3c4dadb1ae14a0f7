internal import Glibc
internal import JSON
internal import Journal
internal import Ledger

/// Runs one job: under its lock, on the log as it is now, for each window that is due.
///
/// Exit codes: 0 PASS, 1 FAIL or not able to, 2 usage, 3 refused, 5 log damaged, 7 unknown whether
/// it was recorded, 8 disk lost, 75 another run is under way. First the report, then the event: a
/// crash between them leaves a report that no event names, and the window is still due.
struct JobRunner {
  private let job: Job
  private let context: CommandContext
  private let configuration: Configuration
  private let book: Book
  private let isDry: Bool
  private let startedAt: Int64

  /// Findings that a person is shown; the report has them all.
  private static let shown = 100

  static func run(_ job: Job, _ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let runner = JobRunner(
      job: job, context: context, configuration: try context.configuration(),
      book: try context.book(), isDry: context.parsed.has("dry-run"),
      startedAt: context.clocks.boot())
    if runner.isDry {
      context.output.message("dry run: nothing is appended, written or posted")
      return try runner.runWindows()
    }
    let lock: JobLock
    do throws(JobFault) {
      lock = try JobLock.take(
        job.name.string, home: runner.configuration.home, waitingMilliseconds: 0)
    } catch {
      throw CommandStop(error.status, error.message)
    }
    let status = try runner.runWindows()
    lock.release()
    return status
  }

  private func runWindows() throws(CommandStop) -> ExitStatus {
    let scene = try scene()
    let (windows, skipped) = plan(scene)
    guard !windows.isEmpty else { return nothingIsDue(scene) }
    let check: (JobWindow) -> JobResult
    do throws(JobFault) {
      check = try job.start(scene)
    } catch {
      throw noted(error)
    }
    var reports: [JobReport] = []
    for (index, window) in windows.enumerated() {
      let result = check(window).noting(skipped: index == 0 ? skipped : 0)
      let now = context.clocks.wall()
      let report = JobReport(
        job: job.name, run: RunID(Mint.ulid(at: now)), at: now, book: book, window: window,
        result: result, foldedTo: scene.state.seq)
      reports.append(report)
      tell(report)
      do throws(CommandStop) {
        try keep(report, scene)
      } catch {
        tell(all: reports)
        throw error
      }
    }
    tell(all: reports)
    return reports.contains { $0.result.status == .fail } ? .checkFailed : .ok
  }

  // MARK: what to do

  private func scene() throws(CommandStop) -> JobScene {
    let date = context.parsed.value("date").flatMap { Day(Text($0)) }
    guard date == nil || context.parsed.value("at") == nil else {
      throw CommandStop(.usage, "--date and --at both say when; give one of them")
    }
    let head = try context.stop == .end ? 0 : lastSeq()
    let state = try context.state()
    let now = max(state.at, context.clocks.wall())
    let asOf: Timestamp
    if let date {
      asOf = date.advanced(by: 1).start
      guard asOf <= now else { throw CommandStop(.usage, "--date: \(date) is not over yet") }
    } else {
      switch context.stop {
      case .end: asOf = now
      case .sequence: asOf = state.at
      case .time(let time):
        asOf = time
        guard time <= now else { throw CommandStop(.usage, "--at: \(time) lies in the future") }
      }
    }
    return JobScene(
      configuration: configuration, state: state, book: book, asOf: asOf,
      isWhole: state.seq >= head, output: context.output, isQuiet: context.parsed.has("quiet"),
      clocks: context.clocks,
      health: state[book].jobs[job.name] ?? JobHealth())
  }

  /// Where the log ends now; 0 without one.
  private func lastSeq() throws(CommandStop) -> UInt64 {
    guard let reader = try LogFolder(context.ledgerFolder)?.reader() else { return 0 }
    do throws(JournalError) {
      return try LogTail.lastSeq(reader)
    } catch {
      throw CommandStop(error)
    }
  }

  private var isForced: Bool { context.parsed.has("force") }

  /// The windows to run, oldest first, and how many are given up because they are too old.
  private func plan(_ scene: JobScene) -> (windows: [JobWindow], skipped: Int) {
    let last = job.schedule.window(endingBy: scene.asOf)
    let completed = scene.health.windows
    let due = job.schedule.due(at: scene.asOf, after: completed)
    switch job.scope {
    case .present: return ([last], max(0, due.windows.count + due.skipped - 1))
    case .window where context.parsed.value("date") != nil:
      return (isForced || completed.status(of: last) == nil ? [last] : [], 0)
    case .window: return (isForced && due.windows.isEmpty ? [last] : due.windows, due.skipped)
    }
  }

  /// What a rerun is told: the result of the window as recorded, so that a FAIL stays one.
  private func nothingIsDue(_ scene: JobScene) -> ExitStatus {
    let window = job.schedule.window(endingBy: scene.asOf)
    let status = scene.health.windows.status(of: window) ?? .ok
    tell(all: [])
    context.output.message(
      "\(job.name.string): \(window.start) to \(window.end) was completed before with "
        + "\(status.name); --force runs it again")
    return status == .fail ? .checkFailed : .ok
  }

  // MARK: what is kept

  /// Saves the report and records the run; in a dry run nothing.
  private func keep(_ report: JobReport, _ scene: JobScene) throws(CommandStop) {
    guard !isDry else { return }
    guard scene.isWhole else {
      // What was checked on a part of the log must not count as checked.
      context.output.message(
        "not recorded: the log goes on behind seq \(report.foldedTo), where --at stopped")
      return
    }
    // One may always look at the present, but only the first look of a window is recorded.
    let isNew = scene.health.windows.status(of: report.window) == nil
    guard job.scope == .window || isNew || isForced else { return }
    var saved: JobCompleted.Report?
    if let prefix = job.report {
      do throws(FileError) {
        saved = try report.save(home: configuration.home, prefix: prefix)
      } catch {
        throw noted(JobFault(status: .diskLost, message: "the report was not saved: \(error)"))
      }
    }
    let completion = RecordJobCompletion(
      run: report.run, job: job.name, window: report.window, status: report.result.status,
      counts: report.result.counts, findings: report.result.findings, report: saved,
      foldedTo: report.foldedTo,
      durationMilliseconds: max(0, context.clocks.boot() - startedAt))
    let reply = send(completion, report.run)
    if case .stopped(let status, let message) = reply {
      throw CommandStop(status, "the run was not recorded, its window is still due: \(message)")
    }
    if context.parsed.format ?? .table == .table, let saved {
      context.output.print("  report: \(saved.path.string)")
    }
  }

  /// Records that the job could not do its work; what it says goes on to the caller.
  private func noted(_ fault: JobFault) -> CommandStop {
    guard !isDry else { return CommandStop(fault.status, fault.message) }
    let run = RunID(Mint.ulid(at: context.clocks.wall()))
    let failure = RecordJobFailure(
      run: run, job: job.name, error: Text(fault.message),
      durationMilliseconds: max(0, context.clocks.boot() - startedAt))
    guard case .stopped(_, let message) = send(failure, run) else {
      return CommandStop(fault.status, fault.message)
    }
    return CommandStop(fault.status, "\(fault.message); and that was not recorded: \(message)")
  }

  /// The run's id is the key too: the very same line again would write nothing.
  private func send<Wish: Command>(_ command: Wish, _ run: RunID) -> CommandDelivery.Reply {
    var line = JSONWriter()
    line.beginObject()
    line.field("command", Wish.name)
    line.field("key", run.text)
    line.field("book", book.name)
    line.field("run_id", run.text)
    command.writePrint(to: &line)
    line.endObject()
    return CommandDelivery.send(
      line.bytes, for: job.command.rawValue, configuration, context.clocks)
  }

  // MARK: what is told

  private func tell(_ report: JobReport) {
    guard context.parsed.format ?? .table == .table else { return }
    let counts = report.result.counts.sorted { $0.key < $1.key }
      .map { "\($0.key.string) \($0.value)" }.joined(separator: ", ")
    context.output.print(
      "\(report.result.status.name) \(job.name.string) "
        + "\(report.window.start) to \(report.window.end): \(counts)")
    for finding in report.result.findings.prefix(JobRunner.shown) {
      var text = "  \(finding.severity.name) \(finding.kind.string) \(finding.subject.string)"
      if let expected = finding.expected { text += ", expected \(expected.string)" }
      if let got = finding.got { text += ", got \(got.string)" }
      context.output.print(DisplayText.safe(text))
    }
    let rest = report.result.findings.count - JobRunner.shown
    if rest > 0 { context.output.print("  and \(HumanNumber.count(rest)) more") }
  }

  private func tell(all reports: [JobReport]) {
    guard let format = context.parsed.format, format != .table else { return }
    context.printJSON(list: reports) { report, out in report.write(to: &out) }
  }
}

extension JobResult {
  /// The same, saying how many windows before it are not checked any more.
  fileprivate func noting(skipped: Int) -> JobResult {
    guard skipped > 0 else { return self }
    var counts = counts
    counts["skipped_windows"] = skipped
    let note = JobFinding(
      kind: "windows_skipped", severity: .low, subject: "schedule", expected: nil,
      got: Text("\(skipped) windows before the first of this run were not run"))
    return JobResult(counts: counts, findings: findings + [note])
  }
}
