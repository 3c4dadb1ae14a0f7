import Ledger

/// Follows scanned chunks in log order, checks what lies between them, and finds whole units.
struct UnitWalk {
  /// A place between two units.
  struct Place: Equatable {
    /// Index among the segments.
    var segment = 0
    /// Bytes of that segment before the place.
    var offset = 0
    /// Lines of that segment before the place.
    var line = 0
    /// The last seq before the place; 0 at the start of the log.
    var seq: UInt64 = 0
  }

  private let files: [SegmentFile]
  /// Behind the last whole unit.
  private(set) var end = Place()
  /// The last record before `end`; nil when there is none.
  private(set) var last: Record?
  /// Lines that read, in all segments.
  private(set) var lines = 0
  /// Bytes of those lines.
  private(set) var bytes = 0
  /// What ended the walk; nil while nothing has.
  private(set) var fault: LogFault?

  /// The records of a unit that has not ended yet.
  private var open: [(Record, LineSite)] = []
  private var line = 0
  private var segment = -1
  private var seq: UInt64 = 0
  private var endOfLine = 0

  init(_ files: [SegmentFile]) { self.files = files }

  /// Takes the next chunk; each record of each unit that is whole goes to `deliver`, with the
  /// place of its line.
  /// - Returns: false when there is a fault, after which nothing more may be taken.
  mutating func take(
    _ chunk: ScannedChunk, deliver: (Record, LineSite) throws(JournalError) -> Void
  ) throws(JournalError) -> Bool {
    if chunk.segment != segment, !enter(chunk.segment, chunk) { return false }
    if let record = chunk.records.first, record.seq != seq + 1 {
      fault = note(.wrongSeq, at: chunk.start, "seq \(seq + 1)")
      return false
    }
    try takeUnits(chunk, deliver)
    guard var found = chunk.fault else { return true }
    found = LogFault(
      file: found.file, line: line + 1, offset: found.offset, problem: found.problem,
      expected: found.expected)
    fault = found
    return false
  }

  /// Takes the records of a chunk that is known to follow on.
  private mutating func takeUnits(
    _ chunk: ScannedChunk, _ deliver: (Record, LineSite) throws(JournalError) -> Void
  ) throws(JournalError) {
    let file = files[segment].name
    let linesBefore = line
    var whole: Int?
    // By index: copying a record costs more than all else here.
    for index in chunk.records.indices {
      line += 1
      let start = index == 0 ? chunk.start : chunk.ends[index - 1]
      let site = LineSite(file: file, line: line, offset: start)
      if chunk.records[index].more {
        open.append((chunk.records[index], site))
        continue
      }
      if !open.isEmpty {
        for (earlier, site) in open { try deliver(earlier, site) }
        open.removeAll(keepingCapacity: true)
      }
      try deliver(chunk.records[index], site)
      whole = index
    }
    guard let last = chunk.records.indices.last else { return }
    lines += line - linesBefore
    bytes += chunk.ends[last] - chunk.start
    seq = chunk.records[last].seq
    endOfLine = chunk.ends[last]
    guard let whole else { return }
    self.last = chunk.records[whole]
    end = Place(
      segment: segment, offset: chunk.ends[whole], line: linesBefore + whole + 1,
      seq: chunk.records[whole].seq)
  }

  /// Says that there are no more chunks.
  mutating func finish() {
    guard fault == nil else { return }
    checkUnitEnd()
  }

  /// Says that reading came to a file that is none.
  mutating func stop(_ found: LogFault) { fault = fault ?? found }

  /// Begins a segment; false when the one before it or its name is not as it should be.
  private mutating func enter(_ index: Int, _ chunk: ScannedChunk) -> Bool {
    checkUnitEnd()
    guard fault == nil else { return false }
    for skipped in segment + 1..<index where files[skipped].size == 0 {
      segment = skipped
      line = 0
      fault = note(.unfinished, at: 0, "a first line: only the last segment may be empty")
      return false
    }
    segment = index
    line = 0
    endOfLine = 0
    let name = files[index].name
    guard name.firstSeq == seq + 1 else {
      fault = note(.misplaced, at: 0, "a file that begins with seq \(seq + 1)")
      return false
    }
    guard let record = chunk.records.first, record.at.day != name.day else { return true }
    fault = note(.misplaced, at: 0, "a first line of \(name.day), as the file name says")
    return false
  }

  /// A segment may not end within a unit.
  private mutating func checkUnitEnd() {
    guard !open.isEmpty else { return }
    fault = note(.unfinished, at: endOfLine, "the rest of the unit that line \(line) announces")
  }

  private func note(_ problem: LogFault.Problem, at offset: Int, _ expected: String) -> LogFault {
    LogFault(
      file: files[segment].name.text, line: line + 1, offset: offset, problem: problem,
      expected: expected)
  }
}
