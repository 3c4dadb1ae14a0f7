public import Ledger

/// Checks a whole log without changing anything: every byte, the order, that all can be decoded,
/// and by the caller's fold that all is legal.
public struct LogVerification: Equatable, Sendable {
  /// What came of it.
  public enum Verdict: Equatable, Sendable {
    case clean
    /// A start repairs this by itself.
    case repairable(LogFault)
    /// A line reads and is illegal: the fold does not apply it.
    case illegal(LogFault)
    case damaged(LogFault)
    /// Written by a newer program.
    case newer(LogFault)
  }

  public let verdict: Verdict
  /// Segments with at least one byte.
  public let segments: Int
  /// Lines that read, up to the first fault.
  public let records: Int
  /// Bytes of those lines.
  public let bytes: Int
  /// The seq of the last whole unit.
  public let lastSeq: UInt64
  /// Lines that read and are illegal.
  public let illegal: Int

  /// 0 clean, 1 exactly when a start would repair by itself, 5 damaged, illegal or newer.
  public var exitCode: Int32 {
    switch verdict {
    case .clean: 0
    case .repairable: 1
    case .illegal, .damaged, .newer: 5
    }
  }

  /// Verifies the log on a disk, decoding and hashing on several threads.
  ///
  /// `legality` folds each record of each whole unit in order and says what is illegal about it.
  /// `isWriting`: whether a daemon holds the ledger's lock; then the log ends at HEAD's place.
  /// - Throws: `.disk` only.
  public static func run(
    _ disk: any Disk, threads: Int, whileWriting isWriting: Bool,
    legality: (Record) -> String?
  ) throws(JournalError) -> LogVerification {
    var illegal = 0
    var first: LogFault?
    let survey: LogSurvey
    do {
      survey = try LogSurvey(disk: disk, threads: threads, whileWriting: isWriting) {
        record, site throws(JournalError) in
        guard let reason = legality(record) else { return }
        illegal += 1
        first = first ?? site.fault(.illegal, reason)
      }
    } catch {
      guard case .damage(let fault) = error else { throw error }
      return LogVerification(damaged: fault)
    }
    let pending = try survey.pending(on: disk)
    let verdict: Verdict =
      switch survey.verdict {
      case .newer(let fault): .newer(fault)
      case .damaged(let fault): .damaged(fault)
      case .torn(_, let fault): first.map { .illegal($0) } ?? .repairable(fault)
      case .clean: first.map { .illegal($0) } ?? pending.map { .repairable($0) } ?? .clean
      }
    return LogVerification(
      verdict: verdict, segments: survey.files.count, records: survey.walk.lines,
      bytes: survey.walk.bytes, lastSeq: survey.walk.end.seq, illegal: illegal)
  }

  private init(
    verdict: Verdict, segments: Int, records: Int, bytes: Int, lastSeq: UInt64, illegal: Int
  ) {
    self.verdict = verdict
    self.segments = segments
    self.records = records
    self.bytes = bytes
    self.lastSeq = lastSeq
    self.illegal = illegal
  }

  private init(damaged fault: LogFault) {
    self.init(
      verdict: .damaged(fault), segments: 0, records: 0, bytes: 0, lastSeq: 0, illegal: 0)
  }
}
