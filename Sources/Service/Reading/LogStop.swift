package import Ledger

/// Where a fold stops before the end of the log; always at the end of a unit.
package enum LogStop: Equatable, Sendable {
  case end
  /// The last unit of which no record is past this seq.
  case sequence(UInt64)
  /// Before the first unit in log order that is later than this.
  case time(Timestamp)

  /// What a person named; nil for the end.
  package init(_ moment: LogMoment?) {
    switch moment {
    case nil: self = .end
    case .sequence(let seq): self = .sequence(seq)
    case .time(let milliseconds): self = .time(Timestamp(milliseconds: milliseconds))
    }
  }

  /// Whether a record may still be taken in.
  func admits(_ record: Record) -> Bool {
    switch self {
    case .end: true
    case .sequence(let seq): record.seq <= seq
    case .time(let time): record.at <= time
    }
  }
}
