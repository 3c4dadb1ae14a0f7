/// What stops the journal, with what an operator needs to act.
public enum JournalError: Error, Equatable, Sendable {
  /// The log is damaged; exit 5. `tollbook log recover` is the way out.
  case damage(LogFault)
  /// The log was written by a newer program; exit 5, `LOG_NEWER`.
  case newer(LogFault)
  /// A repair or a write failed; exit 8.
  case lost(DiskLost)
  /// A call that changes nothing failed: the log could not be read; exit 8.
  case disk(DiskError)

  /// The exit code of DESIGN section 5.
  public var exitCode: Int32 {
    switch self {
    case .damage, .newer: 5
    case .lost, .disk: 8
    }
  }
}

extension JournalError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .damage(let fault):
      "the log is damaged at \(fault); restore the file from a backup, "
        + "or accept the loss with: tollbook log recover --accept-loss --reason R"
    case .newer(let fault):
      "LOG_NEWER: the log was written by a newer tollbook: \(fault); start that version"
    case .lost(let lost): "\(lost)"
    case .disk(let error): "the log could not be read: \(error)"
    }
  }
}

/// The first place where the log is not what it should be.
public struct LogFault: Error, Equatable, Sendable, CustomStringConvertible {
  /// In which way.
  public enum Problem: Equatable, Sendable {
    /// The line is not strict JSON with our envelope.
    case unreadable
    /// The line reads, but this program does not know its type or a required field.
    case newer
    /// The seq is not the next.
    case wrongSeq
    /// The hash does not fit the line and the one before it.
    case wrongHash
    /// The file ends within a line or a unit.
    case unfinished
    /// More than the line limit without a line feed.
    case lineTooLong
    /// A file that does not belong there, or is not a regular file.
    case misplaced
    /// The log ends before the mark, or is not the one that the mark was made for.
    case markUnmet
    /// The line reads, but says something that the state does not allow.
    case illegal
  }
  /// File name within the ledger folder.
  public let file: String
  /// From 1; 0 for the file as a whole.
  public let line: Int
  /// Of the first byte of the line, or of the byte that does not read, in the file.
  public let offset: Int
  public let problem: Problem
  /// What was expected there.
  public let expected: String

  public init(file: String, line: Int, offset: Int, problem: Problem, expected: String) {
    self.file = file
    self.line = line
    self.offset = offset
    self.problem = problem
    self.expected = expected
  }

  public var description: String { "\(file):\(line):\(offset): expected \(expected)" }
}

extension String {
  /// What was expected where a line does not read.
  static func readable(_ reason: String) -> String { "a line that reads (\(reason))" }

  /// What was expected where a line reads that a newer program wrote.
  static func known(_ reason: String) -> String {
    "an event that this program knows (\(reason))"
  }
}

/// The disk did not take what was written: nothing that waits may be answered, ever.
public struct DiskLost: Error, Equatable, Sendable, CustomStringConvertible {
  /// The call that failed.
  public let cause: DiskError

  init(_ cause: DiskError) { self.cause = cause }

  public var description: String {
    "LEDGER_UNAVAILABLE: \(cause); whether the last writes are durable is unknown, "
      + "retry with the same keys after a restart"
  }
}
