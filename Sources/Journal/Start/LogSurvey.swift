import Ledger

/// What a reading of the whole log and its mark has found, and what a start would do about it.
struct LogSurvey {
  /// What the log calls for.
  enum Verdict: Equatable {
    case clean
    /// The end from a place on is torn and may be cut.
    case torn(UnitWalk.Place, LogFault)
    case damaged(LogFault)
    case newer(LogFault)
  }

  /// The segments that have bytes.
  let files: [SegmentFile]
  /// Empty segments behind them, which a start removes.
  let empties: [SegmentFile]
  /// The mark of this ledger, and its slot; nil when it is unknown.
  private(set) var mark: (mark: Mark, slot: Int)?
  private(set) var walk: UnitWalk
  private(set) var notes = LogNotes()
  private(set) var verdict = Verdict.clean
  /// Whether a unit ends exactly where the mark says.
  private var markIsMet = false

  /// Reads everything, each record of each whole unit going to `fold` in order.
  ///
  /// `isWriting`: a daemon writes the log, which then ends at HEAD's place.
  /// - Throws: `.disk` when a call fails; what a verdict can say is no error.
  init(
    disk: any Disk, threads: Int, whileWriting isWriting: Bool,
    fold: (Record, LineSite) throws(JournalError) -> Void
  ) throws(JournalError) {
    mark = try disk.asking { disk throws(DiskError) in try Mark.read(from: disk) }
    var found = try SegmentFile.all(on: disk)
    if isWriting, let mark = mark?.mark { found = LogEnd.upTo(mark, found) }
    let lastFull = found.lastIndex { $0.size > 0 }
    empties = Array(found[(lastFull.map { $0 + 1 } ?? 0)...])
    found.removeLast(empties.count)
    files = found
    walk = UnitWalk(files)
    try follow(disk, threads, fold)
    if let mark, let own = notes.ledgerID, mark.mark.ledgerID != own { self.mark = nil }
    verdict = try judge(disk)
  }

  private mutating func follow(
    _ disk: any Disk, _ threads: Int, _ fold: (Record, LineSite) throws(JournalError) -> Void
  ) throws(JournalError) {
    let scan = ChunkScan(disk: disk, files: files, checksHashes: true, threads: threads)
    var notes = notes
    var walk = walk
    var isMet = false
    let marked = mark?.mark
    let index = marked.flatMap { mark in files.firstIndex { $0.name == mark.segment } }
    do {
      try scan.run(
        prepare: { _ in () },
        consume: { chunk, _ throws(JournalError) in
          if chunk.segment == index, let marked, chunk.holds(marked) { isMet = true }
          return try walk.take(chunk) { record, site throws(JournalError) in
            notes.take(record)
            try fold(record, site)
          }
        })
      walk.finish()
    } catch .damage(let fault) {
      walk.stop(fault)
    }
    self.walk = walk
    self.notes = notes
    markIsMet = isMet
  }

  private func judge(_ disk: any Disk) throws(JournalError) -> Verdict {
    if case .newer = walk.fault?.problem, let fault = walk.fault { return .newer(fault) }
    if let fault = try beforeMark(disk) { return .damaged(fault) }
    guard let fault = walk.fault else { return .clean }
    guard fault.problem != .misplaced else { return .damaged(fault) }
    let cut = self.cut
    guard cut.segment == files.count - 1,
      files[cut.segment].size - cut.offset <= Layout.batchLimit
    else { return .damaged(fault) }
    return .torn(cut, fault)
  }

  /// The first byte behind the last whole unit.
  var cut: UnitWalk.Place {
    var place = walk.end
    if place.segment + 1 < files.count, place.offset == files[place.segment].size {
      place.segment += 1
      place.offset = 0
      place.line = 0
    }
    return place
  }

  /// What a start would put in order although every byte reads; nil for nothing.
  func pending(on disk: any Disk) throws(JournalError) -> LogFault? {
    if let empty = empties.first {
      return LogFault(
        file: empty.name.text, line: 1, offset: 0, problem: .unfinished, expected: "a first line")
    }
    let pieces = try disk.asking { disk throws(DiskError) in
      try Quarantine(disk: disk).pieces().first { !notes.quarantined.contains($0) }
    }
    return pieces.map { piece in
      LogFault(
        file: "\(Layout.quarantine)/\(piece)", line: 0, offset: 0, problem: .misplaced,
        expected: "a ledger.tail_repaired that names it")
    }
  }

  /// What is wrong up to the mark; nil when the mark is unknown or all is well.
  private func beforeMark(_ disk: any Disk) throws(JournalError) -> LogFault? {
    guard let mark = mark?.mark else { return nil }
    let end = walk.end
    let index = files.firstIndex { $0.name == mark.segment }
    guard let index, (end.segment, end.offset) >= (index, mark.offset) else {
      return walk.fault
        ?? LogFault(
          file: index == nil ? mark.segment.text : files[end.segment].name.text,
          line: index == nil ? 0 : end.line + 1, offset: index == nil ? 0 : end.offset,
          problem: .markUnmet,
          expected: "a log that goes on at least to seq \(mark.seq), as HEAD says")
    }
    let stored = try disk.asking { disk throws(DiskError) in
      try SegmentFile.storedHash(on: disk, in: mark.segment, before: mark.offset)
    }
    guard markIsMet, String(decoding: stored, as: UTF8.self) == mark.hash else {
      return LogFault(
        file: mark.segment.text, line: 0, offset: mark.offset, problem: .markUnmet,
        expected: "the end of seq \(mark.seq) with hash \(mark.hash), as HEAD says")
    }
    return nil
  }
}

extension ScannedChunk {
  /// Whether a unit of the mark's seq ends exactly where the mark says.
  fileprivate func holds(_ mark: Mark) -> Bool {
    for (index, end) in ends.enumerated() where end == mark.offset {
      return records[index].seq == mark.seq && !records[index].more
    }
    return false
  }
}
