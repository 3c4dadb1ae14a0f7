public import Ledger

/// A part of a segment; it owns the lines whose first byte lies in its range.
struct Chunk: Sendable {
  /// Index among the segments that are read.
  let segment: Int
  /// Bytes of the file.
  let range: Range<Int>
  /// Where reading ends in that file; lines of the chunk may run past `range`, never past this.
  let limit: Int

  /// Bytes of a chunk: fits the second-level cache beside what is decoded from it.
  static let length = 262_144

  /// Splits segments into chunks, up to a limit in the last of them.
  static func split(_ files: [SegmentFile], length: Int) -> [Chunk] {
    var chunks: [Chunk] = []
    for (index, file) in files.enumerated() {
      for start in stride(from: 0, to: file.size, by: length) {
        let end = min(start + length, file.size)
        chunks.append(Chunk(segment: index, range: start..<end, limit: file.size))
      }
    }
    return chunks
  }
}

/// What one chunk holds: its records up to the first fault.
public struct ScannedChunk: Sendable {
  /// Index among the segments that are read.
  let segment: Int
  /// In seq order, each the successor of the one before.
  public internal(set) var records: [Record] = []
  /// For each record, the offset behind its line feed.
  var ends: [Int] = []
  /// Offset of the chunk's first line.
  var start = 0
  /// What is wrong with the line after the records; nil when the chunk was read whole. Its line
  /// number counts from the chunk's first line.
  var fault: LogFault?
}
