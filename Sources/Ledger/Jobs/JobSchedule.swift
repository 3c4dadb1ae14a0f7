/// A stretch of time that a run is about: from its start up to, and without, its end.
public struct JobWindow: Hashable, Sendable {
  public let start: Timestamp
  public let end: Timestamp

  public init(start: Timestamp, end: Timestamp) {
    self.start = start
    self.end = end
  }

  public func contains(_ moment: Timestamp) -> Bool { start <= moment && moment < end }
}

/// How time is cut into windows: in UTC, whatever hour cron fires and wherever the machine stands.
public enum JobSchedule: CaseIterable, Sendable {
  /// From each full hour.
  case hourly
  /// From each midnight.
  case daily
  /// Seven days from each Monday's midnight.
  case weekly

  /// Windows older than this are not caught up by themselves: 31 days.
  public static let reach: Int64 = 31 * 86_400_000

  /// Milliseconds of a window.
  public var length: Int64 {
    switch self {
    case .hourly: 3_600_000
    case .daily: 86_400_000
    case .weekly: 604_800_000
    }
  }

  /// The last window that is over at a moment; one that ends at that very moment is.
  public func window(endingBy moment: Timestamp) -> JobWindow {
    // 1970 began on a Thursday; its first Monday was the 5th.
    let origin: Int64 = self == .weekly ? 4 * 86_400_000 : 0
    let (count, rest) = (moment.milliseconds - origin).quotientAndRemainder(dividingBy: length)
    let end = Timestamp(milliseconds: origin + (rest < 0 ? count - 1 : count) * length)
    return JobWindow(start: end.advanced(byMilliseconds: -length), end: end)
  }

  /// Windows that are over and were not completed, oldest first, and how many were left out as
  /// they are older than `reach`.
  ///
  /// A job that never ran owes only the last window: what lies before was never asked for.
  public func due(
    at moment: Timestamp, after completed: CompletedWindows
  ) -> (windows: [JobWindow], skipped: Int) {
    let last = window(endingBy: moment)
    guard let end = completed.end, end < last.end else {
      return (completed.status(of: last) == nil ? [last] : [], 0)
    }
    let first = window(endingBy: end).end
    let owed = Int((last.end.milliseconds - first.milliseconds) / length)
    let kept = min(owed, max(1, Int(JobSchedule.reach / length)))
    let windows = (0..<kept).reversed().map { back in
      let end = last.end.advanced(byMilliseconds: -Int64(back) * length)
      return JobWindow(start: end.advanced(byMilliseconds: -length), end: end)
    }
    return (windows, owed - kept)
  }

  /// How many windows ought to have been completed by a moment and were not.
  ///
  /// - Parameters:
  ///   - patience: milliseconds that a run may come after the end of its window.
  ///   - origin: for a job that never ran, when it could have begun to.
  public func missed(
    at moment: Timestamp, patience: Int64, after completed: CompletedWindows,
    since origin: Timestamp
  ) -> Int {
    let last = window(endingBy: moment.advanced(byMilliseconds: -patience)).end
    let first: Timestamp
    if let end = completed.end {
      first = window(endingBy: end).end
    } else {
      // The first window that begins at the origin or later.
      first = window(endingBy: origin.advanced(byMilliseconds: length - 1)).end
    }
    return max(0, Int((last.milliseconds - first.milliseconds) / length))
  }
}

/// Which windows of a job were completed and how; neighbours of one status are one entry.
public struct CompletedWindows: Equatable, Sendable {
  /// One or more windows in a row.
  struct Span: Equatable, Sendable {
    var window: JobWindow
    let status: JobStatus
  }

  /// In order of time, none over another.
  private(set) var spans: [Span] = []

  public init() {}

  /// Where the latest of them ends; nil when there is none.
  public var end: Timestamp? { spans.last?.window.end }

  /// How a window was completed; nil when any part of it was not. Of several the worst counts.
  public func status(of window: JobWindow) -> JobStatus? {
    var reached = window.start
    var status: JobStatus?
    for span in spans where span.window.end > window.start && span.window.start < window.end {
      guard span.window.start <= reached else { return nil }
      reached = span.window.end
      status = status == .fail || span.status == .fail ? .fail : span.status
    }
    return reached >= window.end ? status : nil
  }

  /// Takes in a run; where it overlaps an earlier one, the later one counts.
  mutating func insert(_ window: JobWindow, _ status: JobStatus) {
    guard let end, window.start < end else {
      append(Span(window: window, status: status))
      return
    }
    let old = spans
    spans = []
    var isPlaced = false
    for span in old {
      if span.window.start < window.start {
        append(span.cut(from: span.window.start, to: min(span.window.end, window.start)))
      }
      if !isPlaced, span.window.end > window.start {
        append(Span(window: window, status: status))
        isPlaced = true
      }
      if span.window.end > window.end {
        append(span.cut(from: max(span.window.start, window.end), to: span.window.end))
      }
    }
  }

  private mutating func append(_ span: Span) {
    if let last = spans.last, last.window.end == span.window.start, last.status == span.status {
      spans[spans.count - 1].window = JobWindow(start: last.window.start, end: span.window.end)
    } else {
      spans.append(span)
    }
  }

  func feed(into sink: inout StateSink) {
    sink.word(spans.count)
    for span in spans {
      sink.moment(span.window.start)
      sink.moment(span.window.end)
      sink.word(Int(span.status.rawValue))
    }
  }
}

extension CompletedWindows.Span {
  fileprivate func cut(from start: Timestamp, to end: Timestamp) -> CompletedWindows.Span {
    CompletedWindows.Span(window: JobWindow(start: start, end: end), status: status)
  }
}
