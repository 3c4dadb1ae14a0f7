public import JSON

/// Begins a ledger: its very first record.
public struct OpenLedger: Command {
  public static var name: StaticString { "ledger.open" }

  public let ledgerID: Text
  public let software: Text

  public init(ledgerID: Text, software: Text) {
    self.ledgerID = ledgerID
    self.software = software
  }

  public func writePrint(to out: inout JSONWriter) { out.field("ledger_id", ledgerID) }

  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    guard state.seq == 0 else { throw .ledgerAlreadyOpen }
    return .accepted([.ledgerOpened(LedgerOpened(ledgerID: ledgerID, software: software))])
  }
}

/// Begins the next file of the log.
public struct OpenSegment: Command {
  public static var name: StaticString { "segment.open" }

  public let predecessor: Text

  public init(predecessor: Text) { self.predecessor = predecessor }

  public func writePrint(to out: inout JSONWriter) { out.field("predecessor", predecessor) }

  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    .accepted([.segmentOpened(SegmentOpened(predecessor: predecessor, lastSeq: state.seq))])
  }
}

/// Fixes the hash that a finished file must have for ever.
public struct SealSegment: Command {
  public static var name: StaticString { "segment.seal" }

  private let seal: SegmentSealed

  public init(
    segment: Text, firstSeq: UInt64, lastSeq: UInt64, lastHash: Fingerprint, bytes: Int,
    sha256: Fingerprint
  ) {
    seal = SegmentSealed(
      segment: segment, firstSeq: firstSeq, lastSeq: lastSeq, lastHash: lastHash, bytes: bytes,
      sha256: sha256)
  }

  public func writePrint(to out: inout JSONWriter) { seal.write(to: &out) }

  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    guard !state.controls.seals.contains(where: { $0.segment == seal.segment }) else {
      return .unchanged
    }
    return .accepted([.segmentSealed(seal)])
  }
}

/// Notes that an unfinished end of the log was cut off and kept.
public struct NoteTailRepair: Command {
  public static var name: StaticString { "ledger.note_repair" }

  private let repair: LedgerTailRepaired

  public init(file: Text, bytesDropped: Int, quarantineFile: Text, lastGoodSeq: UInt64) {
    repair = LedgerTailRepaired(
      file: file, bytesDropped: bytesDropped, quarantineFile: quarantineFile,
      lastGoodSeq: lastGoodSeq)
  }

  public func writePrint(to out: inout JSONWriter) { repair.write(to: &out) }

  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    .accepted([.ledgerTailRepaired(repair)])
  }
}

/// Notes that an operator accepted the loss of everything after a point.
public struct RestoreLedger: Command {
  public static var name: StaticString { "ledger.restore" }

  private let restored: LedgerRestored

  public init(
    reason: Text, by: Text, lastGoodSeq: UInt64, lastGoodHash: Fingerprint, markSeq: UInt64?,
    quarantine: Text?
  ) {
    restored = LedgerRestored(
      reason: reason.cutForEvent, by: by, lastGoodSeq: lastGoodSeq, lastGoodHash: lastGoodHash,
      markSeq: markSeq, quarantine: quarantine)
  }

  public func writePrint(to out: inout JSONWriter) { restored.write(to: &out) }

  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    .accepted([.ledgerRestored(restored)])
  }
}

/// Declares the wall clock right after it was suspect.
public struct AcceptClock: Command {
  public static var name: StaticString { "clock.accept" }

  public let wall: Timestamp
  public let reason: Text
  public let by: Text

  public init(wall: Timestamp, reason: Text, by: Text) {
    self.wall = wall
    self.reason = reason
    self.by = by
  }

  public func writePrint(to out: inout JSONWriter) { out.field("reason", reason) }

  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    guard !reason.isEmpty else {
      throw .fieldInvalid(field: "reason", reason: "must say why the clock is right")
    }
    return .accepted([
      .clockAdjusted(ClockAdjusted(from: state.at, to: wall, reason: reason.cutForEvent, by: by))
    ])
  }
}

/// Puts settings in force, as far as they differ from those in force.
public struct ApplySettings: Command {
  public static var name: StaticString { "config.apply" }

  /// All effective settings; a name that is missing here, or has no value, is taken back.
  public let settings: [Text: Text]

  public init(settings: [Text: Text]) { self.settings = settings }

  public func writePrint(to out: inout JSONWriter) { out.field("settings", map: settings) }

  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    let wished = settings.filter { !$0.value.isEmpty }
    _ = try GatewayPolicy(reading: wished)
    _ = try SpendPolicy(reading: wished)
    _ = try VendorCachePolicy(reading: wished)
    var budgets = BudgetSettings()
    try budgets.apply(wished, seq: 0)
    let inForce = state.controls.settings
    var changes = wished.filter { inForce[$0.key] != $0.value }
    for name in inForce.keys where wished[name] == nil { changes[name] = "" }
    guard !changes.isEmpty || state.controls.gateway == nil else { return .unchanged }
    return .accepted([.configApplied(ConfigApplied(settings: changes))])
  }
}
