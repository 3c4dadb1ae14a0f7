public import JSON

/// How a job is doing: its last run, its last failure, and the windows that it has completed.
public struct JobHealth: Equatable, Sendable {
  /// A run that came to its end.
  public struct Run: Equatable, Sendable {
    public let id: RunID
    public let window: JobWindow
    public let status: JobStatus
    public let at: Timestamp
    public let foldedTo: UInt64
  }

  /// A run that could not do its work.
  public struct Failure: Equatable, Sendable {
    public let id: RunID
    public let error: Text
    public let at: Timestamp
  }

  public fileprivate(set) var lastRun: Run?
  public fileprivate(set) var lastFailure: Failure?
  public fileprivate(set) var windows = CompletedWindows()

  public init() {}

  /// Whether the last that was heard of it is a failure.
  public var hasFailedSince: Bool {
    guard let lastFailure else { return false }
    return lastRun.map { $0.at < lastFailure.at } ?? true
  }
}

/// The runs of all jobs of one book.
public struct Jobs: Equatable, Sendable {
  private var byName: [Text: JobHealth] = [:]

  public subscript(job: Text) -> JobHealth? { byName[job] }

  mutating func apply(_ event: JobCompleted, at record: Record) -> Violation.Reason? {
    guard event.window.start < event.window.end, event.foldedTo < record.seq else {
      return .badRun
    }
    var health = byName[event.job] ?? JobHealth()
    health.lastRun = JobHealth.Run(
      id: event.run, window: event.window, status: event.status, at: record.at,
      foldedTo: event.foldedTo)
    health.windows.insert(event.window, event.status)
    byName[event.job] = health
    return nil
  }

  mutating func apply(_ event: JobFailed, at record: Record) -> Violation.Reason? {
    byName[event.job, default: JobHealth()].lastFailure = JobHealth.Failure(
      id: event.run, error: event.error, at: record.at)
    return nil
  }

  func feed(into sink: inout StateSink) {
    sink.word(byName.count)
    for (name, health) in byName.sorted(by: { $0.key < $1.key }) {
      sink.text(name)
      sink.optional(health.lastRun?.id.text)
      sink.moment(health.lastRun?.window.start)
      sink.moment(health.lastRun?.window.end)
      sink.word(health.lastRun.map { Int($0.status.rawValue) } ?? -1)
      sink.moment(health.lastRun?.at)
      sink.word(health.lastRun?.foldedTo ?? 0)
      sink.optional(health.lastFailure?.id.text)
      sink.optional(health.lastFailure?.error)
      sink.moment(health.lastFailure?.at)
      health.windows.feed(into: &sink)
    }
  }
}
