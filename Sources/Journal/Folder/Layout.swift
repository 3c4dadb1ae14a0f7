public import Ledger

/// Where things stand in the ledger folder, and the numbers of the format.
public enum Layout {
  /// The mark: how far the log is known to be durable.
  public static let head = "HEAD"
  /// The file whose OFD lock makes one writer.
  public static let lock = "LOCK"
  /// A link to the open segment, without a suffix, so that `*.jsonl` is the log.
  public static let current = "current"
  /// A view of `segment.sealed`, in the format of `sha256sum`.
  public static let sums = "SHA256SUMS"
  /// Copies of what was cut from the log.
  public static let quarantine = "quarantine"

  /// The longest line with its line feed, in bytes.
  public static let lineLimit = 1_048_576
  /// The most bytes of one unit and of one batch; also how far before the end a cut may begin.
  public static let batchLimit = 4_194_304
  /// The size that no segment passes, in bytes.
  public static let segmentLimit = 268_435_456
  /// `,"hash":"<64 hex>"}`: the end of each line before its line feed, in bytes.
  public static let hashFieldLength = 75

  static let segmentSuffix = ".jsonl"

  /// The segments of the log in order.
  /// - Throws: `.disk`; `.damage` when a `*.jsonl` is not named like a segment.
  public static func segments(on disk: any Disk) throws(JournalError) -> [SegmentName] {
    var segments: [SegmentName] = []
    for name in try disk.asking({ d throws(DiskError) in try d.list("") })
    where name.hasSuffix(segmentSuffix) {
      guard let segment = SegmentName(name) else {
        throw .damage(
          LogFault(
            file: name, line: 0, offset: 0, problem: .misplaced,
            expected: "only files named <first seq, 12 digits>-<UTC date>.jsonl"))
      }
      segments.append(segment)
    }
    return segments
  }

  /// Whether a unit belongs into a new segment: its UTC day is later, or the file would grow past
  /// the limit.
  public static func rotationNeeded(
    open: SegmentName, bytes: Int, at: Timestamp, adding: Int, limit: Int
  ) -> Bool {
    at.day > open.day || bytes + adding > limit
  }
}

extension Disk {
  /// Turns a failed call into the error of a tool that only reads.
  func asking<R>(
    _ body: (any Disk) throws(DiskError) -> R
  ) throws(JournalError) -> R {
    do { return try body(self) } catch { throw .disk(error) }
  }
}
