import Journal
import Ledger

/// What one chunk holds: its records up to the first fault.
struct DecodedChunk: Sendable {
  /// Index among the pieces of the extent.
  let piece: Int
  /// Offset in the file of its first line.
  let start: Int
  /// In seq order, each the successor of the one before.
  var records: [Record] = []
  /// How many of them belong to units that end in this chunk.
  var closed = 0
  /// Offset in the file behind the last of those.
  var closedEnd = 0
  /// Bytes of all records' lines.
  var bytes = 0
  /// What is wrong with the line after the records; its line number counts from the chunk's first.
  var fault: LogFault?
}

/// Decodes chunks: lines, records, and hashes if they are to be checked.
///
/// Used by one thread.
final class ChunkDecoder {
  private let extent: LogExtent
  private let buffer: LineBuffer
  private let codec = RecordCodec()
  private var hashes: HashCheck?

  init(_ extent: LogExtent, checksHashes: Bool) {
    self.extent = extent
    buffer = LineBuffer(extent)
    hashes = checksHashes ? HashCheck() : nil
  }

  func decode(_ chunk: LogChunk) throws(JournalError) -> DecodedChunk {
    var previous: [UInt8]?
    if hashes != nil, chunk.range.lowerBound == 0, chunk.piece > 0 {
      previous = try buffer.lastHash(of: chunk.piece - 1)
    }
    let lines = try buffer.load(chunk)
    var result = DecodedChunk(piece: chunk.piece, start: lines.offset)
    if hashes != nil {
      let before = lines.hashBefore.map { Array($0) } ?? previous ?? HashCheck.origin
      hashes?.check(lines.bytes, after: before)
    }
    let end = decode(lines, into: &result)
    if result.fault == nil, lines.isUnfinished {
      result.fault = fault(
        lines.offset + end, chunk.piece, result.records.count, .unfinished,
        "a line feed at the end of a line of at most \(Layout.lineLimit) bytes")
    }
    return result
  }

  /// Decodes lines up to the first fault; the index behind the last good one.
  private func decode(_ lines: LineBuffer.Lines, into result: inout DecodedChunk) -> Int {
    // A copy is used while the chunk lasts: a member of a class is checked at every use.
    var codec = codec
    var start = 0
    // Not asked of the last record: that would copy it with all its references.
    var next: UInt64?
    result.records.reserveCapacity(lines.bytes.count / 384 + 1)
    while let end = lines.bytes.lineEnd(from: start) {
      let line = UnsafeRawBufferPointer(rebasing: lines.bytes[start..<end - 1])
      let number = result.records.count
      let at = lines.offset + start
      do throws(LineFault) {
        let record = try codec.decode(line)
        if let next, record.seq != next {
          result.fault = fault(at, result.piece, number, .wrongSeq, "seq \(next)")
          return start
        }
        guard hashes?.isRight(number) ?? true else {
          result.fault = fault(
            at, result.piece, number, .wrongHash,
            "a hash that covers the line before and this line")
          return start
        }
        next = record.seq + 1
        let isLast = !record.more
        result.records.append(record)
        if isLast {
          result.closed = number + 1
          result.closedEnd = lines.offset + end
        }
      } catch {
        switch error {
        case .newer(let reason):
          // A line that was changed is damage, whatever it now seems to say.
          let isOurs = hashes?.isRight(number) ?? true
          result.fault = fault(
            at, result.piece, number, isOurs ? .newer : .wrongHash, reason)
        case .unreadable(let offset, let reason):
          result.fault = fault(at + offset, result.piece, number, .unreadable, reason)
        }
        return start
      }
      result.bytes += end - start
      start = end
    }
    return start
  }

  private func fault(
    _ offset: Int, _ piece: Int, _ line: Int, _ problem: LogFault.Problem, _ expected: String
  ) -> LogFault {
    LogFault(
      file: extent.pieces[piece].name.text, line: line + 1, offset: offset, problem: problem,
      expected: expected)
  }
}
