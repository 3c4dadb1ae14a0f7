public import JSON
public import Ledger

/// What a start of the ledger is told by its caller.
public struct StartOptions: Sendable {
  /// The clock's time; what the start writes carries it, or the last record's `at` if later.
  public let now: Timestamp
  /// The id that a new ledger gets, minted by the caller.
  public let newLedgerID: Text
  /// Program and version, for a new ledger's first record.
  public let software: Text
  /// Bytes that no segment passes; `Layout.segmentLimit` outside of tests.
  public let segmentLimit: Int
  /// Threads that decode and hash; at least 1.
  public let threads: Int

  public init(
    now: Timestamp, newLedgerID: Text, software: Text, segmentLimit: Int, threads: Int
  ) {
    self.now = now
    self.newLedgerID = newLedgerID
    self.software = software
    self.segmentLimit = segmentLimit
    self.threads = threads
  }
}

/// What a start has found and done.
public struct StartFacts: Equatable, Sendable {
  /// The ledger's name.
  public let ledgerID: String
  /// Whether the ledger began with this start.
  public let isNew: Bool
  /// Records read, without those that the start itself wrote.
  public let records: Int
  /// Bytes of log read.
  public let bytes: Int
  /// Whether HEAD could be read and was this ledger's.
  public let markWasKnown: Bool
  /// What was wrong with the end that was cut; nil when nothing was.
  public let torn: LogFault?
  /// Pieces in quarantine that got their event by this start.
  public let quarantined: [String]
  /// Finished segments that have no seal yet, in order: the caller seals them.
  public let unsealed: [SegmentName]
  /// Seals so far, in order.
  public let seals: [SealedSegment]
}

/// A ledger that is ready to be written.
public struct StartedLedger {
  /// Stands at the end of the log.
  public var appender: Appender
  public let facts: StartFacts
}
