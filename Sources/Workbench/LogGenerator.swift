import Glibc
import JSON
import Journal
import Ledger
import Service

/// Writes a real ledger folder by the core's own commands and the journal's own appender.
///
/// Everything but the waiting is as in the daemon: decide, apply, encode, chain, segments by day,
/// seals, mark. The same seed and number of events give the same bytes.
struct LogGenerator {
  private let disk: POSIXDisk
  private var appender: Appender
  private var state = State()
  private var batch = Batch()
  private var lines = JSONWriter(reserving: 8_192)
  private var open: SegmentName
  private var openBytes: Int
  private var sealed: [SealedSegment] = []

  /// `make-log --home DIR [--events N] [--seed S]`.
  static func run(_ options: ToolOptions) throws(ToolError) -> Int32 {
    let home = try options.text("home")
    let events = try options.count("events", else: 1_000_000)
    let seed = UInt64(try options.count("seed", else: 42))
    umask(0o027)
    for folder in [home, home + "/data"] where mkdir(folder, 0o750) != 0 && errno != EEXIST {
      throw ToolError("\(folder): \(String(cString: strerror(errno)))")
    }
    let folder = home + "/data/ledger"
    do {
      try LedgerFolder.prepare(folder)
      let lock = try LedgerLock.take(in: folder, as: "Workbench make-log", waitingMilliseconds: 0)
      defer { lock.release() }
      var generator = try LogGenerator(POSIXDisk(folder: folder))
      let bytes = try generator.write(events: events, seed: seed)
      print("events=\(generator.state.seq) bytes=\(bytes) seed=\(seed)")
      return 0
    } catch {
      throw ToolError("\(error)")
    }
  }

  private init(_ disk: POSIXDisk) throws {
    self.disk = disk
    var state = State()
    let started = try LedgerStart.open(
      disk,
      StartOptions(
        now: Workload.start, newLedgerID: "01K3ZBENCH000000000000TEST", software: "tollbook bench",
        segmentLimit: Layout.segmentLimit, threads: 1)
    ) { state.apply($0) }
    guard started.facts.isNew else { throw ToolError("there is a ledger already") }
    self.state = state
    appender = started.appender
    open = appender.position.segment
    openBytes = appender.position.bytes
  }

  private mutating func write(events: Int, seed: UInt64) throws -> Int {
    var workload = Workload(events: events, seed: seed)
    while state.seq < events {
      let step = workload.next()
      try submit(step.command, actor: "agent:" + step.command.parties.agent.string, at: step.at)
    }
    try flush()
    try Sealing.publish(sealed, on: disk)
    appender.close()
    return try size()
  }

  private mutating func submit(
    _ command: some Ledger.Command, actor: String, at now: Timestamp
  ) throws {
    let submission = Submission(
      command, actor: Text(actor), book: .real, cause: nil, binding: nil)
    guard case .accepted(let events) = try submission.decide(given: state, at: now) else { return }
    if Layout.rotationNeeded(
      open: open, bytes: openBytes, at: now, adding: 4_096, limit: Layout.segmentLimit)
    {
      try rotate(at: now)
    }
    try add(submission.records(of: events, from: state.seq + 1, at: now, keyed: true), opening: nil)
  }

  /// Begins the next file, and seals the one before.
  private mutating func rotate(at now: Timestamp) throws {
    let finished = open
    try flush()
    let submission = Submission(
      OpenSegment(predecessor: Text(finished.text)), actor: "tollbook", book: .real, cause: nil,
      binding: nil)
    guard case .accepted(let events) = try submission.decide(given: state, at: now) else { return }
    open = SegmentName(firstSeq: state.seq + 1, day: now.day)
    openBytes = 0
    try add(
      submission.records(of: events, from: state.seq + 1, at: now, keyed: true), opening: open)
    let seal = try Sealing.seal(finished, on: disk)
    try submit(seal, actor: "tollbook", at: now)
    guard let sum = state.controls.seals.last else { return }
    sealed.append(SealedSegment(name: sum.segment.string, sha256: sum.sha256))
  }

  private mutating func add(_ records: [Record], opening segment: SegmentName?) throws {
    lines.removeAll()
    for record in records {
      RecordCodec.encode(record, into: &lines)
      state.apply(record)
    }
    if batch.bytes.count + lines.bytes.count > Layout.batchLimit { try flush() }
    batch.add(lines.bytes, records: records.count, opening: segment)
    openBytes += lines.bytes.count
  }

  private mutating func flush() throws {
    try appender.append(&batch)
    batch = Batch()
  }

  private func size() throws -> Int {
    var bytes = 0
    for segment in try Layout.segments(on: disk) {
      bytes += try disk.status(segment.text)?.size ?? 0
    }
    return bytes
  }
}
