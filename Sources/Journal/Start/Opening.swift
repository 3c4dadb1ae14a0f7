import JSON
import Ledger

/// The writing half of a start: repair, rewrite, note, open; in this order.
struct Opening {
  /// An operator's acceptance of a loss, which the start notes.
  struct Restoration {
    let command: RestoreLedger
    /// What was moved away for it; nil when nothing was.
    let piece: String?
  }

  private let disk: any Disk
  private let survey: LogSurvey
  private let options: StartOptions
  private let quarantine: Quarantine
  private var units: ControlUnits
  /// The segments as they stand after the repair.
  private var files: [SegmentFile]

  init(disk: any Disk, survey: LogSurvey, options: StartOptions) {
    self.disk = disk
    self.survey = survey
    self.options = options
    quarantine = Quarantine(disk: disk)
    units = ControlUnits(after: survey.walk.last, at: options.now)
    files = survey.files
  }

  mutating func run(
    restoring: Restoration?, fold: (Record) -> Void
  ) throws(DiskError) -> StartedLedger {
    try repairEnd()
    if survey.mark == nil { try disk.remove(Layout.head) }
    try Rewrite(disk: disk).run(files, after: survey.mark?.mark)
    let pieces = try quarantine.pieces().filter { !survey.notes.quarantined.contains($0) }
    var appender = try begin()
    if let restoring { try note(restoring.command, by: &appender) }
    for piece in pieces where piece != restoring?.piece {
      let repair = NoteTailRepair(
        file: Text(Quarantine.segment(of: piece)), bytesDropped: try quarantine.size(of: piece),
        quarantineFile: Text(piece), lastGoodSeq: survey.walk.end.seq)
      try note(repair, by: &appender)
    }
    try appender.noteMark()
    try CurrentLink.point(to: appender.position.segment, on: disk)
    try quarantine.tidy()
    try Sealing.publish(survey.notes.seals, on: disk)
    for record in units.records { fold(record) }
    return StartedLedger(appender: appender, facts: facts(appender.position, pieces))
  }

  /// Keeps a copy of what is torn, cuts it off, and removes segments that hold nothing.
  private mutating func repairEnd() throws(DiskError) {
    if case .torn(let cut, _) = survey.verdict {
      let torn = files[cut.segment]
      _ = try quarantine.keep(torn, from: cut.offset)
      if cut.offset == 0 {
        try disk.remove(torn.name.text)
        files.removeLast()
      } else {
        try truncate(torn, to: cut.offset)
        files[cut.segment] = SegmentFile(name: torn.name, size: cut.offset)
      }
    }
    for empty in survey.empties { try disk.remove(empty.name.text) }
    try disk.syncFolder("")
  }

  private func truncate(_ segment: SegmentFile, to count: Int) throws(DiskError) {
    let file = try disk.open(segment.name.text, for: .writing)
    defer { disk.close(file) }
    try disk.truncate(file, to: count)
    try disk.sync(file)
  }

  /// Goes on at the end of the last segment, or begins the ledger.
  private mutating func begin() throws(DiskError) -> Appender {
    guard let last = files.last else {
      let name = SegmentName(firstSeq: 1, day: units.moment.day)
      let command = OpenLedger(ledgerID: options.newLedgerID, software: options.software)
      var batch = Batch()
      batch.add(units.lines(of: command), records: 1, opening: name)
      return try Appender(disk: disk, beginning: options.newLedgerID.string, with: &batch)
    }
    let position = LogPosition(
      ledgerID: survey.notes.ledgerID ?? "", segment: last.name, bytes: last.size,
      seq: survey.walk.end.seq,
      hash: try SegmentFile.storedHash(on: disk, in: last.name, before: last.size))
    return try Appender(disk: disk, at: position, markSlot: survey.mark?.slot)
  }

  /// Appends a unit of the journal's own, in a new segment if it is its time.
  private mutating func note(
    _ command: some Command, by appender: inout Appender
  ) throws(DiskError) {
    var trial = units
    let position = appender.position
    var batch = Batch()
    let isDue = Layout.rotationNeeded(
      open: position.segment, bytes: position.bytes, at: units.moment,
      adding: trial.lines(of: command).count, limit: options.segmentLimit)
    if isDue {
      let name = SegmentName(firstSeq: units.nextSeq, day: units.moment.day)
      let opened = OpenSegment(predecessor: Text(position.segment.text))
      batch.add(units.lines(of: opened), records: 1, opening: name)
    }
    batch.add(units.lines(of: command), records: 1, opening: nil)
    do { try appender.append(&batch) } catch { throw error.cause }
  }

  private func facts(_ position: LogPosition, _ pieces: [String]) -> StartFacts {
    var torn: LogFault?
    if case .torn(_, let fault) = survey.verdict { torn = fault }
    let sealed = Set(survey.notes.seals.map(\.name))
    let unsealed = files.map(\.name).filter {
      $0 != position.segment && !sealed.contains($0.text)
    }
    return StartFacts(
      ledgerID: position.ledgerID, isNew: files.isEmpty, records: survey.walk.lines,
      bytes: survey.walk.bytes, markWasKnown: survey.mark != nil, torn: torn,
      quarantined: pieces, unsealed: unsealed, seals: survey.notes.seals)
  }
}
