public import JSON
public import Ledger

/// The operator's way out of damage: everything from the first fault on goes to quarantine.
///
/// The caller holds the ledger's lock, shows the plan, and carries it out only on request.
public struct LossAcceptance {
  /// The first fault; nil when the log is as it should be and there is nothing to accept.
  public let fault: LogFault?
  /// What is kept ends with this seq.
  public let lastGoodSeq: UInt64
  /// Bytes that go to quarantine.
  public let bytesLost: Int
  /// Segments that are touched by the loss and have a seal: what a good copy must hash to.
  public let wanted: [SealedSegment]

  private let disk: any Disk
  private let survey: LogSurvey

  /// Looks at a log and changes nothing.
  /// - Throws: `.newer`: such a log is not damaged; `.damage` when a file must be moved by hand.
  public init(_ disk: any Disk, threads: Int) throws(JournalError) {
    self.disk = disk
    let survey = try LogSurvey(disk: disk, threads: threads, whileWriting: false) { _, _ in }
    self.survey = survey
    switch survey.verdict {
    case .newer(let fault): throw .newer(fault)
    case .clean: fault = nil
    case .torn(_, let found), .damaged(let found): fault = found
    }
    let cut = survey.cut
    let touched = survey.files.indices.filter { index in
      index > cut.segment || (index == cut.segment && cut.offset < survey.files[index].size)
    }
    lastGoodSeq = survey.walk.end.seq
    bytesLost = touched.reduce(0) { sum, index in
      sum + survey.files[index].size - (index == cut.segment ? cut.offset : 0)
    }
    let names = Set(touched.map { survey.files[$0].name.text })
    let noted = try LossAcceptance.noted(survey.files, from: cut.segment, on: disk)
    let listed = try LossAcceptance.listed(on: disk)
    let seals = noted + listed.filter { line in !noted.contains { $0.name == line.name } }
    wanted = seals.filter { names.contains($0.name) }
  }

  /// Moves everything from the first fault on into quarantine, opens the ledger, and notes it.
  ///
  /// - Throws: `.lost` when a call failed; then it is to be run again.
  public func accept(
    reason: Text, by operatorName: Text, _ options: StartOptions, fold: (Record) -> Void
  ) throws(JournalError) -> StartedLedger {
    let hash = try lastGoodHash()
    let piece: String?
    do {
      piece = try moveAway()
      try disk.remove(Layout.head)
      try disk.syncFolder("")
    } catch { throw .lost(DiskLost(error)) }
    let command = RestoreLedger(
      reason: reason, by: operatorName, lastGoodSeq: lastGoodSeq, lastGoodHash: hash,
      markSeq: survey.mark?.mark.seq, quarantine: piece.map { Text($0) })
    return try reopen(options, Opening.Restoration(command: command, piece: piece), fold)
  }

  private func reopen(
    _ options: StartOptions, _ restoration: Opening.Restoration, _ fold: (Record) -> Void
  ) throws(JournalError) -> StartedLedger {
    let rest = try LogSurvey(disk: disk, threads: options.threads, whileWriting: false) {
      record, _ in fold(record)
    }
    guard case .clean = rest.verdict else {
      throw .damage(rest.walk.fault ?? fault ?? .misplaced(Layout.head))
    }
    var opening = Opening(disk: disk, survey: rest, options: options)
    do {
      return try opening.run(restoring: restoration, fold: fold)
    } catch { throw .lost(DiskLost(error)) }
  }

  /// Moves later segments from the last one back, then the rest of the faulty one, so that what
  /// is left at any moment ends in the same fault.
  private func moveAway() throws(DiskError) -> String? {
    guard bytesLost > 0 else { return nil }
    let folder = try Quarantine(disk: disk).makeFolder("restored-\(lastGoodSeq + 1)")
    let place = "\(Layout.quarantine)/\(folder)"
    let cut = survey.cut
    for index in survey.files.indices.reversed() where index >= cut.segment {
      let name = survey.files[index].name.text
      if index == cut.segment, cut.offset > 0 {
        if cut.offset < survey.files[index].size {
          try split(survey.files[index], at: cut.offset, into: place)
        }
      } else {
        try disk.rename(name, to: "\(place)/\(name)")
        try disk.syncFolder(place)
        try disk.syncFolder("")
      }
    }
    return folder
  }

  private func split(
    _ segment: SegmentFile, at offset: Int, into place: String
  ) throws(DiskError) {
    let name = segment.name.text
    let copy = "\(place)/\(name).from-\(offset)"
    if let entry = try disk.status(name), entry.mode & 0o200 == 0 {
      try disk.setMode(name, 0o640)
    }
    let file = try disk.open(name, for: .writing)
    defer { disk.close(file) }
    try WholeFile.copy(file, offset..<segment.size, to: copy, on: disk)
    try disk.syncFolder(place)
    try disk.truncate(file, to: offset)
    try disk.sync(file)
  }

  private func lastGoodHash() throws(JournalError) -> Fingerprint {
    let end = survey.walk.end
    let stored = try disk.asking { disk throws(DiskError) -> [UInt8] in
      guard survey.files.indices.contains(end.segment), end.offset > 0 else { return Chain.origin }
      return try SegmentFile.storedHash(
        on: disk, in: survey.files[end.segment].name, before: end.offset)
    }
    guard let hash = Fingerprint(hex: stored.span) else {
      throw .damage(fault ?? .misplaced(Layout.head))
    }
    return hash
  }

  /// The seals that stand behind the fault, in lines that still read.
  private static func noted(
    _ files: [SegmentFile], from first: Int, on disk: any Disk
  ) throws(JournalError) -> [SealedSegment] {
    let scanner = ChunkScanner(disk: disk, files: files, checksHashes: false)
    var seals: [SealedSegment] = []
    for chunk in Chunk.split(files, length: Chunk.length) where chunk.segment >= first {
      for record in try scanner.scan(chunk).records {
        guard case .segmentSealed(let event) = record.event else { continue }
        seals.append(SealedSegment(name: event.segment.string, sha256: event.sha256))
      }
    }
    return seals
  }

  /// What `SHA256SUMS` says; a line that does not read is no help and is left out.
  private static func listed(on disk: any Disk) throws(JournalError) -> [SealedSegment] {
    let bytes = try disk.asking { disk throws(DiskError) in
      try WholeFile.read(Layout.sums, limit: 64 * Layout.lineLimit, on: disk)
    }
    return (bytes ?? []).split(separator: 0x0A).compactMap { line in
      guard line.count > 66, let sha256 = Fingerprint(hex: Array(line.prefix(64)).span) else {
        return nil
      }
      return SealedSegment(
        name: String(decoding: line.dropFirst(66), as: UTF8.self), sha256: sha256)
    }
  }
}
