internal import JSON
internal import Ledger

/// One thing that is done again and again, by cron or by hand.
struct Job: Sendable {
  /// As it stands in events, in `cron/` and in the crontab.
  let name: Text
  let command: CommandName
  let schedule: JobSchedule
  let scope: Scope
  /// When cron starts it, as in `cron/crontab.x402`.
  let cron: String
  /// Milliseconds after the end of a window until a run that has not come counts as missed.
  let patience: Int64
  /// How the names of its reports begin; nil for a job without reports.
  let report: String?
  /// Gets ready, then checks one window after the other.
  let start: @Sendable (JobScene) throws(JobFault) -> (JobWindow) -> JobResult

  /// What a run looks at.
  enum Scope: Sendable {
    /// All that happened within its window: each window has to be checked once.
    case window
    /// How things stand now: a missed look cannot be made up for, and one may always look again.
    case present
  }
}

/// The visible list of jobs. A new one is a file of its own and a line here.
enum JobList {
  static let all: [Job] = [LedgerSync.job, StaleCheck.job]
}

/// What a job works with.
struct JobScene {
  let configuration: Configuration
  let state: State
  let book: Book
  /// Now, for the job.
  let asOf: Timestamp
  /// Whether the state holds all that the log held when the run began.
  let isWhole: Bool
  let output: Output
  let isQuiet: Bool
  let clocks: Clocks
  /// What was completed of it before.
  let health: JobHealth
}

/// What a window came to.
struct JobResult {
  let counts: [Text: Int]
  let findings: [JobFinding]

  /// Low findings are told and do not fail.
  var status: JobStatus { findings.contains { $0.severity != .low } ? .fail : .pass }
}

/// Why a job could not do its work.
struct JobFault: Error {
  let status: ExitStatus
  /// What is wrong, where, and what to do next.
  let message: String
}
