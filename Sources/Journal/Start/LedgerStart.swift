public import Ledger

/// The start of a ledger: read everything, repair what a crash can have torn, refuse the rest.
///
/// The caller holds the ledger's lock. Source: DESIGN section 3, Starting.
public enum LedgerStart {
  /// Reads the log, each record going to `fold` in order, repairs its end, and opens it.
  ///
  /// What the start itself has to write goes to `fold` too. In a folder without a log a ledger
  /// begins.
  /// - Throws: `.damage`, `.newer` and `.disk` with nothing changed; `.lost` when a write failed,
  ///   after which the next start goes on with the repair.
  public static func open(
    _ disk: any Disk, _ options: StartOptions, fold: (Record) -> Void
  ) throws(JournalError) -> StartedLedger {
    let survey = try LogSurvey(disk: disk, threads: options.threads, whileWriting: false) {
      record, _ in fold(record)
    }
    switch survey.verdict {
    case .newer(let fault): throw .newer(fault)
    case .damaged(let fault): throw .damage(fault)
    case .clean, .torn: break
    }
    var start = Opening(disk: disk, survey: survey, options: options)
    do {
      return try start.run(restoring: nil, fold: fold)
    } catch { throw .lost(DiskLost(error)) }
  }
}
