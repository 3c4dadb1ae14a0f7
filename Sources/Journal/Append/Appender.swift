/// Puts batches at the end of the log: hash, one write, one sync, then the mark.
///
/// The first call that fails ends it: no descriptor is ever synced again, because the kernel may
/// count lost pages as clean. Used by one thread.
public struct Appender {
  private let disk: any Disk
  private var file: DiskFile
  private var markFile: MarkFile
  private var lost: DiskLost?
  /// The durable end of the log.
  public private(set) var position: LogPosition
  /// Syncs that have returned; new segments count their folder's too.
  public private(set) var syncs = 0

  /// Goes on at the end of an existing segment.
  init(disk: any Disk, at position: LogPosition, markSlot: Int?) throws(DiskError) {
    self.disk = disk
    self.position = position
    file = try disk.open(position.segment.text, for: .writing)
    markFile = try MarkFile(disk: disk, after: markSlot)
  }

  /// Begins a ledger: the batch holds `ledger.opened` and opens the first segment.
  init(disk: any Disk, beginning ledgerID: String, with batch: inout Batch) throws(DiskError) {
    guard let segment = batch.opening else {
      fatalError("the first batch of a ledger must open its first segment")
    }
    self.disk = disk
    position = LogPosition(
      ledgerID: ledgerID, segment: segment, bytes: 0, seq: segment.firstSeq - 1,
      hash: Chain.origin)
    file = try disk.open(segment.text, for: .creating)
    markFile = try MarkFile(disk: disk, after: nil)
    try write(&batch, isNew: true)
  }

  /// Notes where the log ends although nothing was appended; all of it must be durable.
  mutating func noteMark() throws(DiskError) {
    try markFile.note(position.mark)
  }

  /// Makes a batch durable; when it returns, all its lines are.
  /// - Throws: `DiskLost`, once and then always.
  public mutating func append(_ batch: inout Batch) throws(DiskLost) {
    if let lost { throw lost }
    guard !batch.isEmpty else { return }
    do {
      if let segment = batch.opening {
        disk.close(file)
        file = try disk.open(segment.text, for: .creating)
        position.segment = segment
        position.bytes = 0
      }
      try write(&batch, isNew: batch.opening != nil)
    } catch {
      let failure = DiskLost(error)
      lost = failure
      throw failure
    }
  }

  /// Gives the descriptors back.
  public func close() {
    disk.close(file)
    markFile.close()
  }

  private mutating func write(_ batch: inout Batch, isNew: Bool) throws(DiskError) {
    var chain = Chain(after: position.hash)
    batch.link(&chain)
    try disk.write(file, batch.bytes, at: position.bytes)
    try disk.sync(file)
    syncs += 1
    // A file that was removed or cut from outside would take everything and keep nothing.
    guard try disk.size(of: file) == position.bytes + batch.bytes.count else {
      throw DiskError(.size, position.segment.text, .shortRead)
    }
    if isNew { try settle(position.segment) }
    position.bytes += batch.bytes.count
    position.seq += UInt64(batch.records)
    position.hash = chain.last
    try markFile.note(position.mark)
  }

  /// Makes the name of a new segment durable and points `current` at it.
  private mutating func settle(_ segment: SegmentName) throws(DiskError) {
    try CurrentLink.point(to: segment, on: disk)
    try disk.syncFolder("")
    syncs += 1
  }
}
