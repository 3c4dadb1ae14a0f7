import Ledger

/// Finds where a log ends for those who only read: at HEAD's place while a daemon writes, else
/// behind the last whole unit.
enum LogEnd {
  /// The segments that have bytes to be read, the last of them only up to the end.
  static func files(
    on disk: any Disk, whileWriting isWriting: Bool
  ) throws(JournalError) -> [SegmentFile] {
    if isWriting {
      let mark = try disk.asking { disk throws(DiskError) in try Mark.read(from: disk) }
      if let mark = mark?.mark { return upTo(mark, try SegmentFile.all(on: disk)) }
    }
    var files = try SegmentFile.all(on: disk).filter { $0.size > 0 }
    while let last = files.last {
      let end = try lastUnit(files, on: disk)
      if end > 0 {
        files[files.count - 1] = SegmentFile(name: last.name, size: end)
        break
      }
      files.removeLast()
    }
    return files
  }

  /// What lies up to a mark.
  static func upTo(_ mark: Mark, _ files: [SegmentFile]) -> [SegmentFile] {
    var result = files.filter { $0.size > 0 && $0.name <= mark.segment }
    if let last = result.last, last.name == mark.segment {
      result[result.count - 1] = SegmentFile(name: last.name, size: min(last.size, mark.offset))
    }
    return result
  }

  /// The end of the last whole unit in the last segment; its size when even what no crash tears
  /// does not read, so that the reading itself meets the damage.
  private static func lastUnit(
    _ files: [SegmentFile], on disk: any Disk
  ) throws(JournalError) -> Int {
    let last = files.count - 1
    let size = files[last].size
    let start = max(0, size - Layout.batchLimit - Layout.lineLimit)
    let scanner = ChunkScanner(disk: disk, files: files, checksHashes: true)
    var end: Int?
    for chunk in Chunk.split(files, length: Chunk.length)
    where chunk.segment == last && chunk.range.upperBound > start {
      let scanned = try scanner.scan(chunk)
      for (index, record) in scanned.records.enumerated() where !record.more {
        end = scanned.ends[index]
      }
      if scanned.fault != nil { break }
    }
    return end ?? (start == 0 ? 0 : size)
  }
}
