import JSON
import Journal
import Ledger

/// Follows decoded chunks in log order, checks what lies between them, and hands on whole units.
struct LogWalk {
  /// A place between two units.
  struct Place: Equatable {
    var piece = 0
    var offset = 0
  }

  private let extent: LogExtent
  private let stop: LogStop
  /// Behind the last whole unit.
  private(set) var end = Place()
  private(set) var seq: UInt64 = 0
  private(set) var records = 0
  private(set) var bytes = 0
  /// What ended the walk before the log did; nil while nothing has.
  private(set) var fault: LogFault?
  /// Whether the stop was met.
  private(set) var isStopped = false
  private var ledgerID: String?
  /// The records of a unit that has not ended yet.
  private var open: [Record] = []
  private var piece = -1
  private var line = 0

  init(_ extent: LogExtent, until stop: LogStop) {
    self.extent = extent
    self.stop = stop
  }

  /// Takes the next chunk; its whole units go to `deliver`.
  /// - Returns: false when nothing more may be taken.
  mutating func take(
    _ chunk: DecodedChunk, deliver: (ArraySlice<Record>) -> Void
  ) -> Bool {
    if chunk.piece != piece, !enter(chunk) { return false }
    if let record = chunk.records.first, record.seq != seq + 1 {
      note(.wrongSeq, at: chunk.start, "seq \(seq + 1)")
      return false
    }
    if ledgerID == nil, case .ledgerOpened(let event)? = chunk.records.first?.event {
      ledgerID = event.ledgerID.string
    }
    defer { line += chunk.records.count }
    if let last = chunk.records.last { seq = last.seq }
    if stop != .end, let cut = cut(chunk) {
      hand(chunk.records[..<cut], deliver)
      isStopped = true
      return false
    }
    bytes += chunk.bytes
    if chunk.closed > 0 {
      end = Place(piece: chunk.piece, offset: chunk.closedEnd)
      hand(chunk.records[..<chunk.closed], deliver)
    }
    open.append(contentsOf: chunk.records[chunk.closed...])
    guard let found = chunk.fault else { return true }
    fault = LogFault(
      file: found.file, line: found.line + line, offset: found.offset, problem: found.problem,
      expected: found.expected)
    return false
  }

  /// Hands on the open unit together with what closes it.
  private mutating func hand(
    _ closed: ArraySlice<Record>, _ deliver: (ArraySlice<Record>) -> Void
  ) {
    guard !closed.isEmpty else { return }
    records += open.count + closed.count
    if !open.isEmpty { deliver(open[...]) }
    open.removeAll(keepingCapacity: true)
    deliver(closed)
  }

  /// How many records of a chunk come before the stop; nil when the stop is not in it.
  private func cut(_ chunk: DecodedChunk) -> Int? {
    guard let first = chunk.records.firstIndex(where: { !stop.admits($0) }) else { return nil }
    // The unit that holds the first record too many began behind the last one that ends before it.
    let closed = chunk.records[..<first].lastIndex { !$0.more }
    return closed.map { $0 + 1 } ?? 0
  }

  /// Begins a segment; false when the one before it or its name is not as it should be.
  private mutating func enter(_ chunk: DecodedChunk) -> Bool {
    if !open.isEmpty {
      noteOpenUnit()
      return false
    }
    for skipped in (piece + 1)..<chunk.piece where extent.pieces[skipped].size == 0 {
      piece = skipped
      line = 0
      note(.unfinished, at: 0, "a first line: only the last segment may be empty")
      return false
    }
    piece = chunk.piece
    line = 0
    let name = extent.pieces[piece].name
    guard name.firstSeq == seq + 1 else {
      note(.misplaced, at: 0, "a file that begins with seq \(seq + 1)")
      return false
    }
    guard let record = chunk.records.first, record.at.day != name.day else { return true }
    note(.misplaced, at: 0, "a first line of \(name.day), as the file name says")
    return false
  }

  private mutating func noteOpenUnit() {
    note(
      .unfinished, at: extent.pieces[piece].size,
      "the rest of the unit that line \(line) belongs to")
  }

  private mutating func note(_ problem: LogFault.Problem, at offset: Int, _ expected: String) {
    fault = LogFault(
      file: extent.pieces[piece].name.text, line: line + 1, offset: offset, problem: problem,
      expected: expected)
  }

  /// Judges how the walk ended, by the rules of a start: what lies behind the mark, near the end,
  /// may be torn and is left alone; anything else is damage.
  ///
  /// - Returns: what is torn, or nil.
  mutating func finish() throws(JournalError) -> LogFault? {
    guard !isStopped else { return nil }
    if fault == nil, !open.isEmpty {
      noteOpenUnit()
    }
    if fault?.problem == .newer, let fault { throw .newer(fault) }
    try checkMark()
    guard let fault else { return nil }
    guard let last = extent.pieces.indices.last, fault.problem != .misplaced, !extent.endsAtMark
    else { throw .damage(fault) }
    var cut = end
    if cut.piece < last, cut.offset == extent.pieces[cut.piece].size {
      cut = Place(piece: cut.piece + 1, offset: 0)
    }
    guard cut.piece == last, extent.pieces[last].size - cut.offset <= Layout.batchLimit
    else { throw .damage(fault) }
    return fault
  }

  /// Makes sure that the log goes on at least as far as its mark says.
  private func checkMark() throws(JournalError) {
    guard let mark = extent.mark, ledgerID == nil || ledgerID == mark.ledgerID else { return }
    let index = extent.pieces.firstIndex { $0.name == mark.segment }
    if let index, (end.piece, end.offset) >= (index, mark.offset) { return }
    if let fault { throw .damage(fault) }
    throw .damage(
      LogFault(
        file: mark.segment.text, line: 0,
        offset: index.map { extent.pieces[$0].size } ?? 0, problem: .markUnmet,
        expected: "a log that goes on at least to seq \(mark.seq), as HEAD says"))
  }
}
