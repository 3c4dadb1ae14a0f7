import Digest
import Glibc
import Ledger

/// Reads one chunk at a time: lines, records, and with them the hash chain.
///
/// Checks everything that can be seen within a chunk; what lies between chunks is for `UnitWalk`.
/// Used by one thread.
final class ChunkScanner {
  private let disk: any Disk
  private let files: [SegmentFile]
  private let checksHashes: Bool
  private let buffer = ReadBuffer(capacity: Chunk.length + 2 * 65_536)
  private var codec = RecordCodec()
  private var lanes = ChainCheck()
  private var opened: (segment: Int, file: DiskFile)?

  init(disk: any Disk, files: [SegmentFile], checksHashes: Bool) {
    self.disk = disk
    self.files = files
    self.checksHashes = checksHashes
  }

  deinit {
    if let opened { disk.close(opened.file) }
  }

  /// Bytes before a line that hold the hash of the line before it.
  private static let back = Chain.length + 3

  func scan(_ chunk: Chunk) throws(JournalError) -> ScannedChunk {
    do {
      let file = try open(chunk.segment)
      let from = max(0, chunk.range.lowerBound - ChunkScanner.back)
      try buffer.load(file, on: disk, from..<chunk.range.upperBound)
      return try scan(chunk, in: file)
    } catch {
      guard error.reason == .notAFile else { throw .disk(error) }
      throw .damage(.misplaced(files[chunk.segment].name.text))
    }
  }

  private func open(_ segment: Int) throws(DiskError) -> DiskFile {
    if let opened, opened.segment == segment { return opened.file }
    if let opened { disk.close(opened.file) }
    opened = nil
    let file = try disk.open(files[segment].name.text, for: .reading)
    opened = (segment, file)
    return file
  }

  private func scan(_ chunk: Chunk, in file: DiskFile) throws(DiskError) -> ScannedChunk {
    var result = ScannedChunk(segment: chunk.segment)
    guard let first = firstLine(of: chunk) else { return result }
    result.start = first
    result.records.reserveCapacity(chunk.range.count / 256)
    result.ends.reserveCapacity(chunk.range.count / 256)
    var start = first
    var newer: LogFault?
    while start < chunk.range.upperBound, result.fault == nil, newer == nil {
      guard let end = try lineEnd(from: start, chunk, in: file) else {
        result.fault = unfinished(chunk, at: start, result.ends.count)
        break
      }
      let place = (start - buffer.offset)..<(end - 1 - buffer.offset)
      do throws(LineFault) {
        let record = try codec.decode(UnsafeRawBufferPointer(rebasing: buffer.bytes[place]))
        if let last = result.records.last, record.seq != last.seq + 1 {
          result.fault = fault(
            chunk, at: start, result.ends.count, .wrongSeq, "seq \(last.seq + 1)")
          break
        }
        result.records.append(record)
        result.ends.append(end)
      } catch {
        switch error {
        case .newer(let reason):
          newer = fault(chunk, at: start, result.ends.count, .newer, .known(reason))
          result.ends.append(end)
        case .unreadable(let offset, let reason):
          result.fault = fault(
            chunk, at: start + offset, result.ends.count, .unreadable, .readable(reason))
        }
      }
      start = end
    }
    if checksHashes || newer != nil { try checkHashes(&result, chunk) }
    if let newer, result.ends.count > result.records.count {
      result.ends.removeLast()
      result.fault = newer
    }
    return result
  }

  /// The offset of the first line that begins in the chunk; nil when none does.
  private func firstLine(of chunk: Chunk) -> Int? {
    let lower = chunk.range.lowerBound
    guard lower > 0 else { return chunk.range.isEmpty ? nil : 0 }
    let bytes = buffer.bytes
    let from = lower - 1 - buffer.offset
    guard from < bytes.count, let base = bytes.baseAddress,
      let feed = memchr(base + from, 0x0A, bytes.count - from)
    else { return nil }
    let start = UnsafeRawPointer(feed) - base + buffer.offset + 1
    return start < chunk.range.upperBound ? start : nil
  }

  /// The offset behind the line feed; nil when the file or the line limit ends before one.
  private func lineEnd(
    from start: Int, _ chunk: Chunk, in file: DiskFile
  ) throws(DiskError) -> Int? {
    var searched = start
    while true {
      let bytes = buffer.bytes
      let from = searched - buffer.offset
      if from < bytes.count, let base = bytes.baseAddress,
        let feed = memchr(base + from, 0x0A, bytes.count - from)
      {
        let end = UnsafeRawPointer(feed) - base + buffer.offset + 1
        return end - start <= Layout.lineLimit ? end : nil
      }
      searched = buffer.offset + buffer.count
      let wanted = min(chunk.limit, searched + 65_536)
      guard wanted > searched, searched - start <= Layout.lineLimit else { return nil }
      try buffer.extend(file, on: disk, to: wanted)
      guard buffer.offset + buffer.count > searched else { return nil }
    }
  }

  private func checkHashes(_ result: inout ScannedChunk, _ chunk: Chunk) throws(DiskError) {
    let before = try hashBefore(result.start, chunk)
    let wrong = lanes.firstWrong(
      in: buffer.bytes, from: result.start - buffer.offset,
      ends: result.ends, offset: buffer.offset, before: before)
    guard let wrong else { return }
    let start = wrong == 0 ? result.start : result.ends[wrong - 1]
    result.fault = fault(
      chunk, at: start, wrong, .wrongHash, "a hash that covers the line before and this line")
    result.ends.removeLast(result.ends.count - wrong)
    result.records.removeLast(max(0, result.records.count - wrong))
  }

  /// The hash that the chunk's first line follows.
  private func hashBefore(_ start: Int, _ chunk: Chunk) throws(DiskError) -> [UInt8] {
    if start >= ChunkScanner.back {
      let from = start - ChunkScanner.back - buffer.offset
      return Array(buffer.bytes[from..<from + Chain.length])
    }
    guard start == 0, chunk.segment > 0 else { return Chain.origin }
    let previous = files[chunk.segment - 1]
    return try SegmentFile.storedHash(on: disk, in: previous.name, before: previous.size)
  }

  private func unfinished(_ chunk: Chunk, at start: Int, _ line: Int) -> LogFault {
    let seen = buffer.offset + buffer.count - start
    return seen > Layout.lineLimit
      ? fault(chunk, at: start, line, .lineTooLong, "a line of at most \(Layout.lineLimit) bytes")
      : fault(chunk, at: start, line, .unfinished, "a line feed at the end of the line")
  }

  private func fault(
    _ chunk: Chunk, at offset: Int, _ line: Int, _ problem: LogFault.Problem, _ expected: String
  ) -> LogFault {
    LogFault(
      file: files[chunk.segment].name.text, line: line + 1, offset: offset, problem: problem,
      expected: expected)
  }
}
