public import JSON

/// Names of runs.
public enum RunKind: IdentifierKind {
  public static var prefix: StaticString { "run_" }
}
/// Names one run of a job.
public typealias RunID = Identifier<RunKind>

/// What a run came to.
public enum JobStatus: UInt8, CaseIterable, Sendable {
  /// It checked something and found nothing wrong.
  case pass
  /// It checked something, and somebody has to act.
  case fail
  /// It had nothing to check.
  case ok

  /// As it stands in the log.
  public var name: StaticString {
    switch self {
    case .pass: "PASS"
    case .fail: "FAIL"
    case .ok: "OK"
    }
  }

  /// Looks a status up by its name; nil when there is none of it.
  public init?(_ name: Text) {
    guard let status = JobStatus.allCases.first(where: { Text("\($0.name)") == name }) else {
      return nil
    }
    self = status
  }
}

/// One thing that a run found, with what was expected and what was there.
public struct JobFinding: Equatable, Sendable {
  /// How much it matters; high and medium make a run fail.
  public enum Severity: UInt8, CaseIterable, Sendable {
    case high, medium, low

    public var name: StaticString {
      switch self {
      case .high: "high"
      case .medium: "medium"
      case .low: "low"
      }
    }
  }

  /// One word, e.g. `amount_differs`.
  public let kind: Text
  public let severity: Severity
  /// What it is about: a transaction id, a file and line.
  public let subject: Text
  public let expected: Text?
  public let got: Text?

  public init(kind: Text, severity: Severity, subject: Text, expected: Text?, got: Text?) {
    self.kind = kind
    self.severity = severity
    self.subject = subject
    self.expected = expected
    self.got = got
  }

  public func write(to out: inout JSONWriter) {
    out.field("kind", kind)
    out.field("severity", severity.name)
    out.field("subject", subject)
    out.optional("expected", expected)
    out.optional("got", got)
  }

  init(from fields: inout FieldReader) throws(FieldError) {
    kind = try fields.text("kind")
    let name = try fields.text("severity")
    guard let severity = Severity.allCases.first(where: { Text("\($0.name)") == name }) else {
      throw .invalid("severity", "is not a severity that this binary knows")
    }
    self.severity = severity
    subject = try fields.text("subject")
    expected = try fields.optionalText("expected")
    got = try fields.optionalText("got")
  }

  /// The first thousand that fit 256 KiB, each text cut: what an event holds of them.
  static func keptInEvent(_ findings: [JobFinding]) -> [JobFinding] {
    var kept: [JobFinding] = []
    var bytes = 0
    for finding in findings.prefix(1_000) {
      let short = JobFinding(
        kind: finding.kind.cutForEvent, severity: finding.severity,
        subject: finding.subject.cutForEvent, expected: finding.expected?.cutForEvent,
        got: finding.got?.cutForEvent)
      var out = JSONWriter()
      short.write(to: &out)
      bytes += out.bytes.count
      guard bytes <= 262_144 else { break }
      kept.append(short)
    }
    return kept
  }
}

/// A job ran to its end, for one window of time.
///
/// Wire: `job.completed`. Subject: the run. What it found may be FAIL: that is a result, too.
public struct JobCompleted: EventData {
  /// The run's report: a file that the log vouches for by its hash.
  public struct Report: Equatable, Sendable {
    /// Relative to the home folder.
    public let path: Text
    public let sha256: Fingerprint

    public init(path: Text, sha256: Fingerprint) {
      self.path = path
      self.sha256 = sha256
    }
  }

  public let run: RunID
  public let job: Text
  public let window: JobWindow
  public let status: JobStatus
  public let counts: [Text: Int]
  /// The first thousand; `counts` says how many there were, the report holds them all.
  public let findings: [JobFinding]
  public let report: Report?
  /// The last record that it had read: all that there was when it began.
  public let foldedTo: UInt64
  public let durationMilliseconds: Int64

  var subject: Text { run.text }

  func write(to out: inout JSONWriter) {
    out.field("job", job)
    out.field("window_from", window.start)
    out.field("window_to", window.end)
    out.field("status", status.name)
    out.field("counts", map: counts)
    out.key("findings")
    out.beginArray()
    for finding in findings {
      out.beginObject()
      finding.write(to: &out)
      out.endObject()
    }
    out.endArray()
    if let report {
      out.field("report_path", report.path)
      out.field("report_sha256", report.sha256)
    }
    out.field("folded_to_seq", foldedTo)
    out.field("duration_ms", durationMilliseconds)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    run = try FieldReader.named(RunID(subject.text))
    job = try fields.text("job")
    window = JobWindow(
      start: try fields.moment("window_from"), end: try fields.moment("window_to"))
    guard let status = JobStatus(try fields.text("status")) else {
      throw .invalid("status", "is not a status that this binary knows")
    }
    self.status = status
    counts = try fields.counts("counts")
    findings = try fields.objects("findings", JobFinding.init(from:))
    let path = try fields.optionalText("report_path")
    let sha256 = try unsafe fields.withOptionalString("report_sha256") { bytes throws(FieldError) in
      guard let print = unsafe Fingerprint(hex: bytes.span) else {
        throw .invalid("report_sha256", "is not 64 lower-case hex digits")
      }
      return print
    }
    switch (path, sha256) {
    case (let path?, let sha256?): report = Report(path: path, sha256: sha256)
    case (nil, nil): report = nil
    default: throw .invalid("report_path", "and report_sha256 stand together or not at all")
    }
    foldedTo = try fields.sequence("folded_to_seq")
    durationMilliseconds = try fields.integer("duration_ms")
  }

  init(
    run: RunID, job: Text, window: JobWindow, status: JobStatus, counts: [Text: Int],
    findings: [JobFinding], report: Report?, foldedTo: UInt64, durationMilliseconds: Int64
  ) {
    self.run = run
    self.job = job
    self.window = window
    self.status = status
    self.counts = counts
    self.findings = findings
    self.report = report
    self.foldedTo = foldedTo
    self.durationMilliseconds = durationMilliseconds
  }
}

/// A job could not do its work: nothing is known about its window.
///
/// Wire: `job.failed`. Subject: the run.
public struct JobFailed: EventData {
  public let run: RunID
  public let job: Text
  /// What went wrong and what to do; at most 1 KiB.
  public let error: Text
  public let durationMilliseconds: Int64

  var subject: Text { run.text }

  func write(to out: inout JSONWriter) {
    out.field("job", job)
    out.field("error", error)
    out.field("duration_ms", durationMilliseconds)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    run = try FieldReader.named(RunID(subject.text))
    job = try fields.text("job")
    error = try fields.text("error")
    durationMilliseconds = try fields.integer("duration_ms")
  }

  init(run: RunID, job: Text, error: Text, durationMilliseconds: Int64) {
    self.run = run
    self.job = job
    self.error = error
    self.durationMilliseconds = durationMilliseconds
  }
}
