public import JSON

/// Records that a job ran to its end.
public struct RecordJobCompletion: Command {
  public static var name: StaticString { "job.complete" }

  private let event: JobCompleted

  /// Findings past the first thousand, or past 256 KiB, are left to the report.
  public init(
    run: RunID, job: Text, window: JobWindow, status: JobStatus, counts: [Text: Int],
    findings: [JobFinding], report: JobCompleted.Report?, foldedTo: UInt64,
    durationMilliseconds: Int64
  ) {
    event = JobCompleted(
      run: run, job: job, window: window, status: status, counts: counts,
      findings: JobFinding.keptInEvent(findings), report: report, foldedTo: foldedTo,
      durationMilliseconds: durationMilliseconds)
  }

  /// Reads the members that `writePrint` writes.
  public init(run: RunID, reading object: JSONObject) throws(FieldError) {
    var fields = FieldReader(object)
    let read = try JobCompleted(subject: Subject(run.text), from: &fields)
    self.init(
      run: run, job: read.job, window: read.window, status: read.status, counts: read.counts,
      findings: read.findings, report: read.report, foldedTo: read.foldedTo,
      durationMilliseconds: read.durationMilliseconds)
  }

  /// Everything but the run's id: a retry says the very same again.
  public func writePrint(to out: inout JSONWriter) { event.write(to: &out) }

  /// - Throws: `Rejection.fieldInvalid`. A window that is not over, or a log that was not read as
  ///   far as it says, must never count as checked.
  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    try JobName.check(event.job, event.durationMilliseconds)
    guard event.window.start < event.window.end else {
      throw .fieldInvalid(field: "window_to", reason: "must lie after window_from")
    }
    guard event.window.end <= now else {
      throw .fieldInvalid(field: "window_to", reason: "lies in the future: the window is not over")
    }
    guard event.foldedTo <= state.seq else {
      throw .fieldInvalid(field: "folded_to_seq", reason: "is past the end of the log")
    }
    guard event.counts.count <= 100, event.counts.keys.allSatisfy({ $0.utf8Count <= 64 }) else {
      throw .fieldInvalid(field: "counts", reason: "must have at most 100 names of 64 bytes")
    }
    guard event.report.map({ (1...1_024).contains($0.path.utf8Count) }) ?? true else {
      throw .fieldInvalid(field: "report_path", reason: "must have 1 to 1024 bytes")
    }
    return .accepted([.jobCompleted(event)])
  }
}

/// Records that a job could not do its work.
public struct RecordJobFailure: Command {
  public static var name: StaticString { "job.fail" }

  private let event: JobFailed

  public init(run: RunID, job: Text, error: Text, durationMilliseconds: Int64) {
    event = JobFailed(
      run: run, job: job, error: error.cutForEvent, durationMilliseconds: durationMilliseconds)
  }

  /// Reads the members that `writePrint` writes.
  public init(run: RunID, reading object: JSONObject) throws(FieldError) {
    var fields = FieldReader(object)
    let read = try JobFailed(subject: Subject(run.text), from: &fields)
    self.init(
      run: run, job: read.job, error: read.error,
      durationMilliseconds: read.durationMilliseconds)
  }

  public func writePrint(to out: inout JSONWriter) { event.write(to: &out) }

  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    try JobName.check(event.job, event.durationMilliseconds)
    guard !event.error.isEmpty else {
      throw .fieldInvalid(field: "error", reason: "must say what went wrong")
    }
    return .accepted([.jobFailed(event)])
  }
}

/// What both commands ask of a run.
private enum JobName {
  /// A job is 1 to 64 bytes of `[a-z0-9_]`, and took no time below zero.
  static func check(_ job: Text, _ duration: Int64) throws(Rejection) {
    let isPlain = job.string.utf8.allSatisfy { byte in
      (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
    }
    guard (1...64).contains(job.utf8Count), isPlain else {
      throw .fieldInvalid(field: "job", reason: "must be 1 to 64 bytes of [a-z0-9_]")
    }
    guard duration >= 0 else {
      throw .fieldInvalid(field: "duration_ms", reason: "must not be negative")
    }
  }
}
