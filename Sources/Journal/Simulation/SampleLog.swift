import JSON
import Ledger

/// A small, sound log in memory, to be damaged by tests.
public struct SampleLog: Sendable {
  /// Segments by name, in log order.
  public let files: [(name: String, bytes: [UInt8])]
  /// What HEAD held after each batch.
  public let heads: [[UInt8]]
  /// Where a unit ends: segment index and offset, in log order.
  public let unitEnds: [(segment: Int, offset: Int)]

  /// Writes batches until the log has so many bytes.
  public init(seed: UInt64, bytes: Int, segmentLimit: Int) {
    let disk = SimulatedDisk(seed: seed, plan: .none)
    var random = SplitMix64(seed: seed)
    var load = SimulatedLoad()
    var heads: [[UInt8]] = []
    do {
      var last: Record?
      let options = StartOptions(
        now: load.now, newLedgerID: "led_sample", software: "sample",
        segmentLimit: segmentLimit, threads: 1)
      var appender = try LedgerStart.open(disk, options) { last = $0 }.appender
      var size = appender.position.bytes
      while size < bytes {
        var made = load.batch(after: last, at: appender.position, limit: segmentLimit, &random)
        try appender.append(&made.batch)
        size += made.batch.bytes.count
        last = made.last
        heads.append(disk.contents(of: Layout.head) ?? [])
      }
      let names = try Layout.segments(on: disk)
      files = names.map { ($0.text, disk.contents(of: $0.text) ?? []) }
      self.heads = heads
      unitEnds = try SampleLog.unitEnds(disk)
    } catch {
      fatalError("a sample log could not be written: \(error)")
    }
  }

  /// A disk with these files and nothing else.
  public func disk(
    head: [UInt8]?, changing changed: (segment: Int, bytes: [UInt8])?
  ) -> SimulatedDisk {
    let disk = SimulatedDisk(seed: 1, plan: .none)
    for (index, file) in files.enumerated() {
      let bytes = changed?.segment == index ? changed?.bytes : nil
      disk.place(file.name, bytes ?? file.bytes)
    }
    if let head { disk.place(Layout.head, head) }
    return disk
  }

  private static func unitEnds(
    _ disk: any Disk
  ) throws(JournalError) -> [(segment: Int, offset: Int)] {
    var ends: [(segment: Int, offset: Int)] = []
    let files = try SegmentFile.all(on: disk)
    let scan = ChunkScan(disk: disk, files: files, checksHashes: true, threads: 1)
    try scan.run(
      prepare: { _ in () },
      consume: { chunk, _ in
        for (index, record) in chunk.records.enumerated() where !record.more {
          ends.append((chunk.segment, chunk.ends[index]))
        }
        return true
      })
    return ends
  }
}
