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
  /// With more threads than one the lines are decoded by all and applied by the caller's: applying
  /// costs less than folding sums apart and merging them, as most parties occur in every part.
  /// - Throws: `.damage` and `.newer` at the first fault that a start would not repair; `.disk`.
  package static func run(_ reading: LogReading) throws(JournalError) -> Outcome {
    var state = State()
    let summary = try reading.eachRecord { state.apply($0) }
    return Outcome(state: state, summary: summary)
  }
}
