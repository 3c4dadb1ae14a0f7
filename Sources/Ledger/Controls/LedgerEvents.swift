public import JSON

/// The name under which records about the ledger itself stand.
let ledgerSubject: Text = "ledger"

/// The first record of every ledger.
///
/// Wire: `ledger.opened`. Follows: nothing, and only as seq 1.
public struct LedgerOpened: EventData {
  /// Names this ledger for ever; in HEAD too, so that a mark of another ledger is noticed.
  public let ledgerID: Text
  /// Version of the log format: 1.
  public let schema: Int
  /// Program and version that began it.
  public let software: Text

  var subject: Text { ledgerSubject }

  func write(to out: inout JSONWriter) {
    out.field("ledger_id", ledgerID)
    out.field("schema", schema)
    out.field("software", software)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    ledgerID = try fields.text("ledger_id")
    schema = Int(try fields.integer("schema"))
    software = try fields.text("software")
  }

  init(ledgerID: Text, software: Text) {
    self.ledgerID = ledgerID
    self.software = software
    schema = 1
  }
}

/// A new file of the log begins.
///
/// Wire: `segment.opened`. A unit of its own, the first line of its file.
public struct SegmentOpened: EventData {
  /// File name of the segment before this one.
  public let predecessor: Text
  /// The last seq in it.
  public let lastSeq: UInt64

  var subject: Text { ledgerSubject }

  func write(to out: inout JSONWriter) {
    out.field("predecessor", predecessor)
    out.field("last_seq", lastSeq)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    predecessor = try fields.text("predecessor")
    lastSeq = try fields.sequence("last_seq")
  }

  init(predecessor: Text, lastSeq: UInt64) {
    self.predecessor = predecessor
    self.lastSeq = lastSeq
  }
}

/// A finished file of the log, and the hash that it must have for ever.
///
/// Wire: `segment.sealed`. Once per segment; `SHA256SUMS` is a view of these.
public struct SegmentSealed: EventData {
  public let segment: Text
  public let firstSeq: UInt64
  public let lastSeq: UInt64
  /// The chain's hash in the last line.
  public let lastHash: Fingerprint
  public let bytes: Int
  /// Of the whole file, as `sha256sum` prints it.
  public let sha256: Fingerprint

  var subject: Text { ledgerSubject }

  func write(to out: inout JSONWriter) {
    out.field("segment", segment)
    out.field("first_seq", firstSeq)
    out.field("last_seq", lastSeq)
    out.field("last_hash", lastHash)
    out.field("bytes", bytes)
    out.field("sha256", sha256)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    segment = try fields.text("segment")
    firstSeq = try fields.sequence("first_seq")
    lastSeq = try fields.sequence("last_seq")
    lastHash = try fields.fingerprint("last_hash")
    bytes = Int(try fields.integer("bytes"))
    sha256 = try fields.fingerprint("sha256")
  }

  init(
    segment: Text, firstSeq: UInt64, lastSeq: UInt64, lastHash: Fingerprint, bytes: Int,
    sha256: Fingerprint
  ) {
    self.segment = segment
    self.firstSeq = firstSeq
    self.lastSeq = lastSeq
    self.lastHash = lastHash
    self.bytes = bytes
    self.sha256 = sha256
  }
}

/// A start found an unfinished end of the log, kept a copy of it, and cut it off.
///
/// Wire: `ledger.tail_repaired`. Nothing acknowledged was in it.
public struct LedgerTailRepaired: EventData {
  public let file: Text
  public let bytesDropped: Int
  /// Where the copy lies, below `data/ledger/quarantine/`.
  public let quarantineFile: Text
  public let lastGoodSeq: UInt64

  var subject: Text { ledgerSubject }

  func write(to out: inout JSONWriter) {
    out.field("file", file)
    out.field("bytes_dropped", bytesDropped)
    out.field("quarantine_file", quarantineFile)
    out.field("last_good_seq", lastGoodSeq)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    file = try fields.text("file")
    bytesDropped = Int(try fields.integer("bytes_dropped"))
    quarantineFile = try fields.text("quarantine_file")
    lastGoodSeq = try fields.sequence("last_good_seq")
  }

  init(file: Text, bytesDropped: Int, quarantineFile: Text, lastGoodSeq: UInt64) {
    self.file = file
    self.bytesDropped = bytesDropped
    self.quarantineFile = quarantineFile
    self.lastGoodSeq = lastGoodSeq
  }
}

/// An operator accepted the loss of everything after a point.
///
/// Wire: `ledger.restored`. What was behind it lies in quarantine.
public struct LedgerRestored: EventData {
  public let reason: Text
  public let by: Text
  public let lastGoodSeq: UInt64
  public let lastGoodHash: Fingerprint
  /// How far the mark said that the log was durable, when it could be read.
  public let markSeq: UInt64?
  public let quarantine: Text?

  var subject: Text { ledgerSubject }

  func write(to out: inout JSONWriter) {
    out.field("reason", reason)
    out.field("by", by)
    out.field("last_good_seq", lastGoodSeq)
    out.field("last_good_hash", lastGoodHash)
    if let markSeq { out.field("mark_seq", markSeq) }
    out.optional("quarantine", quarantine)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    reason = try fields.text("reason")
    by = try fields.text("by")
    lastGoodSeq = try fields.sequence("last_good_seq")
    lastGoodHash = try fields.fingerprint("last_good_hash")
    markSeq = try fields.optionalSequence("mark_seq")
    quarantine = try fields.optionalText("quarantine")
  }

  init(
    reason: Text, by: Text, lastGoodSeq: UInt64, lastGoodHash: Fingerprint, markSeq: UInt64?,
    quarantine: Text?
  ) {
    self.reason = reason
    self.by = by
    self.lastGoodSeq = lastGoodSeq
    self.lastGoodHash = lastGoodHash
    self.markSeq = markSeq
    self.quarantine = quarantine
  }
}

/// An operator declared the wall clock right; from here `at` follows it again.
///
/// Wire: `clock.adjusted`. The one record whose `at` may lie before its predecessor's.
public struct ClockAdjusted: EventData {
  public let from: Timestamp
  public let to: Timestamp
  public let reason: Text
  public let by: Text

  var subject: Text { ledgerSubject }

  func write(to out: inout JSONWriter) {
    out.field("from", from)
    out.field("to", to)
    out.field("reason", reason)
    out.field("by", by)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    from = try fields.moment("from")
    to = try fields.moment("to")
    reason = try fields.text("reason")
    by = try fields.text("by")
  }

  init(from: Timestamp, to: Timestamp, reason: Text, by: Text) {
    self.from = from
    self.to = to
    self.reason = reason
    self.by = by
  }
}

/// The settings that decisions are made on, as far as they changed; never a secret.
///
/// Wire: `config.applied`. Written by `serve` only. An empty value takes a setting back.
public struct ConfigApplied: EventData {
  /// Seed names to effective values, e.g. `X402_PRICE_USD` to `0.01`.
  public let settings: [Text: Text]

  var subject: Text { ledgerSubject }

  func write(to out: inout JSONWriter) {
    out.field("settings", map: settings)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    settings = try fields.textDictionary("settings")
  }

  init(settings: [Text: Text]) { self.settings = settings }
}

extension FieldReader {
  /// A position in the log: 0 or more.
  mutating func sequence(_ key: StaticString) throws(FieldError) -> UInt64 {
    guard let value = UInt64(exactly: try integer(key)) else {
      throw .invalid("\(key)", "is negative")
    }
    return value
  }

  /// A position in the log, nil when there is none.
  mutating func optionalSequence(_ key: StaticString) throws(FieldError) -> UInt64? {
    guard let integer = try optionalInteger(key) else { return nil }
    guard let value = UInt64(exactly: integer) else { throw .invalid("\(key)", "is negative") }
    return value
  }
}
