/// Whole units on their way to the disk: one write, one sync.
public struct Batch: Sendable {
  /// Whole lines with 64 zeros where each hash will stand, at most `Layout.batchLimit` bytes.
  public private(set) var bytes: [UInt8] = []
  /// Lines in it.
  public private(set) var records = 0
  /// The segment that the first line opens; nil when the lines belong to the open one.
  public private(set) var opening: SegmentName?

  /// An empty batch.
  public init() {}

  public var isEmpty: Bool { bytes.isEmpty }

  /// Adds a unit's lines. A unit that opens a segment comes first in its batch.
  public mutating func add(_ lines: [UInt8], records count: Int, opening segment: SegmentName?) {
    if isEmpty { opening = segment }
    bytes.append(contentsOf: lines)
    records += count
  }

  /// Whether a unit may join: it opens no segment, and the limit holds.
  func hasRoom(for count: Int, opening segment: SegmentName?) -> Bool {
    isEmpty || (segment == nil && bytes.count + count <= Layout.batchLimit)
  }

  /// Forgets the lines and keeps their memory.
  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    records = 0
    opening = nil
  }

  /// Writes each line's hash into its place, following on from the last one.
  mutating func link(_ chain: inout Chain) {
    bytes.withUnsafeMutableBytes { chain.link($0) }
  }
}
