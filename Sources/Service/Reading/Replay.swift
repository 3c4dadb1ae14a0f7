package import Journal
package import Ledger

/// Folds a log into the state: the same state on any number of threads.
package enum Replay {
  /// What a fold came to.
  package struct Outcome: Sendable {
    package let state: State
    package let summary: LogReading.Summary
  }

  /// Folds everything that a reading hands over.
  ///
  /// With one thread it is a plain loop. With more, the sums are folded where the records are
  /// decoded and merged in order; when a record turns out to be illegal those sums hold what must
  /// not be in them, and the log is folded once more, in order.
  /// - Throws: `.damage` and `.newer` at the first fault that a start would not repair; `.disk`.
  package static func run(_ reading: LogReading) throws(JournalError) -> Outcome {
    guard reading.threads > 1 else { return try inOrder(reading) }
    var fold = SplitFold()
    let summary = try reading.eachBatch(wantsSums: true) { records, sums in
      fold.apply(records, sums: sums ?? Replay.sums(of: records))
      return true
    }
    guard let state = fold.finish() else { return try inOrder(reading) }
    return Outcome(state: state, summary: summary)
  }

  private static func inOrder(_ reading: LogReading) throws(JournalError) -> Outcome {
    var state = State()
    let summary = try reading.eachRecord { state.apply($0) }
    return Outcome(state: state, summary: summary)
  }

  private static func sums(of records: [Record]) -> PartialTallies {
    var sums = PartialTallies()
    for index in records.indices { sums.apply(records[index]) }
    return sums
  }
}
