import JSON
public import Ledger

/// The file name of a segment: `<first seq, 12 digits>-<UTC date>.jsonl`.
///
/// Ordered by first seq, which is also the order of the names as text.
public struct SegmentName: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The seq of the first line, from 1.
  public let firstSeq: UInt64
  /// The UTC day of the first line.
  public let day: Day

  public init(firstSeq: UInt64, day: Day) {
    self.firstSeq = firstSeq
    self.day = day
  }

  /// Reads a file name; nil when it is not exactly what `text` gives for a segment.
  public init?(_ name: String) {
    let bytes = Array(name.utf8)
    guard bytes.count == SegmentName.length, name.hasSuffix(".jsonl"), bytes[12] == 0x2D,
      bytes[..<12].allSatisfy({ (0x30...0x39).contains($0) }),
      let firstSeq = UInt64(String(decoding: bytes[..<12], as: UTF8.self)), firstSeq > 0,
      let day = Day(Text(String(decoding: bytes[13..<23], as: UTF8.self)))
    else { return nil }
    self.init(firstSeq: firstSeq, day: day)
    guard text == name else { return nil }
  }

  /// 12 digits, a hyphen, 10 characters of date, `.jsonl`.
  private static let length = 29

  /// The file name, e.g. `000000000001-2026-11-20.jsonl`.
  public var text: String {
    let digits = String(firstSeq)
    return String(repeating: "0", count: max(0, 12 - digits.utf8.count)) + digits + "-\(day).jsonl"
  }

  public var description: String { text }

  public static func < (left: SegmentName, right: SegmentName) -> Bool {
    left.firstSeq < right.firstSeq
  }
}
