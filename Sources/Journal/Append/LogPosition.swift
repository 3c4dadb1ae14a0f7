/// The end of the log: where the next line goes, and what it follows.
public struct LogPosition: Equatable, Sendable {
  /// The ledger's own name, from its first record.
  public let ledgerID: String
  /// The open segment.
  public var segment: SegmentName
  /// Its length in bytes.
  public var bytes: Int
  /// The last seq.
  public var seq: UInt64
  /// The last hash, 64 ASCII characters.
  var hash: [UInt8]

  /// The last hash as 64 hex digits.
  public var hashText: String { String(decoding: hash, as: UTF8.self) }

  /// The mark that says that everything up to here is durable.
  var mark: Mark {
    Mark(ledgerID: ledgerID, segment: segment, seq: seq, offset: bytes, hash: hashText)
  }
}
