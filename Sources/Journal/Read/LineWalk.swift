import Glibc
import Ledger

/// Hands out the lines of one segment, unit by unit.
struct LineWalk {
  private let disk: any Disk
  private let file: SegmentFile
  private let limit: ReadLimit
  private let buffer = ReadBuffer(capacity: 2 * Chunk.length)

  init(disk: any Disk, file: SegmentFile, limit: ReadLimit) {
    self.disk = disk
    self.file = file
    self.limit = limit
  }

  /// Runs from the line with a seq, or the first one after it; false when reading is to stop.
  mutating func run(
    from seq: UInt64, _ body: (LogLine) throws(JournalError) -> Bool
  ) throws(JournalError) -> Bool {
    let opened: DiskFile
    do {
      opened = try disk.open(file.name.text, for: .reading)
    } catch {
      guard error.reason == .notAFile else { throw .disk(error) }
      throw .damage(.misplaced(file.name.text))
    }
    defer { disk.close(opened) }
    var start = try place(of: seq, in: opened)
    var number: Int? = start == 0 ? 1 : nil
    while start < file.size {
      let lines = try unit(at: start, number, in: opened)
      guard let last = lines.last, allows(last) else { return false }
      for line in lines where line.seq >= seq {
        guard try body(line) else { return false }
      }
      start = last.offset + last.bytes.count + 1
      number = number.map { $0 + lines.count }
    }
    return true
  }

  private func allows(_ last: LogLine) -> Bool {
    switch limit {
    case .end: true
    case .seq(let limit): last.seq <= limit
    case .time(let limit): last.at <= limit
    }
  }

  /// All lines of the unit that begins at an offset.
  private func unit(
    at start: Int, _ number: Int?, in opened: DiskFile
  ) throws(JournalError) -> [LogLine] {
    var ahead = Chunk.length
    if start >= buffer.offset, let lines = try wholeUnit(at: start, number) { return lines }
    while true {
      try load(opened, start..<min(file.size, start + ahead))
      if let lines = try wholeUnit(at: start, number) { return lines }
      guard start + ahead < file.size, ahead <= 2 * Layout.batchLimit else {
        throw .damage(
          LogFault(
            file: file.name.text, line: number ?? 0, offset: start, problem: .unfinished,
            expected: "a whole unit"))
      }
      ahead *= 2
    }
  }

  /// The unit's lines; nil when the buffer ends before the unit does.
  private func wholeUnit(at start: Int, _ number: Int?) throws(JournalError) -> [LogLine]? {
    var lines: [LogLine] = []
    var index = start - buffer.offset
    let bytes = buffer.bytes
    while index < bytes.count, let base = bytes.baseAddress,
      let feed = memchr(base + index, 0x0A, bytes.count - index)
    {
      let end = UnsafeRawPointer(feed) - base
      let line = UnsafeRawBufferPointer(rebasing: bytes[index..<end])
      guard let peek = LinePeek(line) else {
        throw .damage(
          LogFault(
            file: file.name.text, line: number.map { $0 + lines.count } ?? 0,
            offset: buffer.offset + index, problem: .unreadable, expected: "a line of the log"))
      }
      lines.append(
        LogLine(
          bytes: line, file: file.name.text, number: number.map { $0 + lines.count },
          offset: buffer.offset + index, seq: peek.seq, at: peek.at))
      if !peek.more { return lines }
      index = end + 1
    }
    return nil
  }

  /// Where the line with a seq begins: halving the file, then its first line at or before it.
  private func place(of seq: UInt64, in opened: DiskFile) throws(JournalError) -> Int {
    guard seq > file.name.firstSeq else { return 0 }
    var low = 0
    var high = file.size
    while high - low > Chunk.length {
      let middle = low + (high - low) / 2
      guard let line = try lineStart(after: middle, before: high, in: opened),
        let peek = LinePeek(line.bytes), peek.seq <= seq
      else {
        high = middle
        continue
      }
      low = line.start
    }
    return try lastStart(from: low, of: seq, in: opened)
  }

  /// Steps line by line from an offset to the line with a seq.
  private func lastStart(
    from low: Int, of seq: UInt64, in opened: DiskFile
  ) throws(JournalError) -> Int {
    var start = low
    while start < file.size {
      guard let line = try line(at: start, in: opened), let peek = LinePeek(line),
        peek.seq < seq
      else { break }
      start += line.count + 1
    }
    return start
  }

  /// The first line that begins behind an offset and ends before another.
  private func lineStart(
    after offset: Int, before high: Int, in opened: DiskFile
  ) throws(JournalError) -> (start: Int, bytes: UnsafeRawBufferPointer)? {
    guard let skipped = try line(at: offset, in: opened) else { return nil }
    let start = offset + skipped.count + 1
    guard start < high, let line = try line(at: start, in: opened) else { return nil }
    return (start, line)
  }

  /// The bytes from an offset to the next line feed; nil when there is none.
  private func line(
    at start: Int, in opened: DiskFile
  ) throws(JournalError) -> UnsafeRawBufferPointer? {
    var ahead = 65_536
    while true {
      let end = min(file.size, start + ahead)
      if start < buffer.offset || end > buffer.offset + buffer.count {
        try load(opened, start..<min(file.size, start + max(ahead, Chunk.length)))
      }
      let bytes = buffer.bytes[(start - buffer.offset)...]
      if let feed = bytes.firstIndex(of: 0x0A) {
        return UnsafeRawBufferPointer(rebasing: bytes[..<feed])
      }
      guard end < file.size, ahead <= Layout.lineLimit else { return nil }
      ahead *= 2
    }
  }

  private func load(_ opened: DiskFile, _ range: Range<Int>) throws(JournalError) {
    do { try buffer.load(opened, on: disk, range) } catch { throw .disk(error) }
  }
}
