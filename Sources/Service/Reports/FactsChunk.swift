import JSON
import Ledger

/// What the four questions need to know of one chunk, in log order where order counts.
struct FactsChunk: Sendable {
  /// One event of a payment.
  struct Step: Sendable {
    let payment: Hash128
    /// A hash of agent, vendor and network: the end must repeat those of the start.
    let parties: UInt64
    /// Nil for a failure, whose event has none.
    let asset: Asset?
    /// When it began, in milliseconds; nil for an end.
    let startedAt: Int64?
    /// Offset of the line in the file.
    let offset: Int
  }

  /// A vendor's run of failures within the chunk.
  struct Streak: Sendable {
    /// As first seen in the chunk.
    let vendor: Text
    /// Of the vendor as written.
    let hash: UInt64
    var hasCompleted = false
    var failures = 0
  }

  /// Index among the pieces of the extent.
  var piece = 0
  var records = 0
  var firstSeq: UInt64 = 0
  var firstAt: Int64 = 0
  var lastAt: Int64 = 0
  /// Whether the first record carries a key, and whether the last one announces another.
  var beginsWithKey = false
  var endsInsideUnit = false
  var steps: [Step] = []
  /// Of the book's units: hashes of key, op and actor.
  var keys: [Hash128] = []
  /// Records that are not payments, of all books.
  var others: [Record] = []
  /// In the order of first appearance.
  var streaks: [Streak] = []
}
