import JSON
import Journal
import Ledger
import Synchronization
import Testing

/// The writer thread: group commit, order, and silence after a failure.
struct WriterTests {
  /// What a writer told.
  private final class Told: Sendable {
    let durable = Mutex<[UInt64]>([])
    let lost = Atomic<Int>(0)
  }

  private func writer(_ bench: Bench, _ told: Told) throws -> LogWriter {
    LogWriter(
      appender: try bench.start().started.appender, segmentLimit: Layout.segmentLimit,
      onDurable: { seq in told.durable.withLock { $0.append(seq) } },
      onLost: { _ in told.lost.add(1, ordering: .relaxed) })
  }

  @Test func `what is collected becomes durable in order, with fewer syncs than units`() throws {
    let bench = Bench()
    let told = Told()
    let writer = try writer(bench, told)
    for _ in 0..<5_000 {
      try writer.waitForRoom()
      writer.collect(Bench.line(seq: writer.nextSeq), records: 1, opening: nil)
    }
    writer.close()
    let seqs = told.durable.withLock { $0 }
    #expect(seqs == seqs.sorted() && seqs.last == 5_001)
    #expect(writer.durableSeq == 5_001)
    #expect(writer.counts.records == 5_000)
    #expect(writer.counts.batches < 5_000)
    #expect(try bench.start().records.count == 5_001)
  }

  @Test func `a unit that opens a segment begins a batch and a file`() throws {
    let bench = Bench()
    let writer = try writer(bench, Told())
    let tomorrow = Bench.noon.advanced(byMilliseconds: 86_400_000)
    writer.collect(Bench.line(seq: 2), records: 1, opening: nil)
    #expect(!writer.rotationNeeded(at: Bench.noon, adding: 100))
    #expect(writer.rotationNeeded(at: tomorrow, adding: 100))
    #expect(writer.rotationNeeded(at: Bench.noon, adding: Layout.segmentLimit))
    writer.collect(
      Bench.line(seq: 3, at: tomorrow), records: 1,
      opening: SegmentName(firstSeq: 3, day: tomorrow.day))
    #expect(!writer.rotationNeeded(at: tomorrow, adding: 100))
    writer.collect(Bench.line(seq: 4, at: tomorrow), records: 1, opening: nil)
    writer.close()
    #expect(try bench.verify().verdict == .clean)
    #expect(try bench.verify().segments == 2)
    #expect(try bench.disk.target(of: "current") == "000000000003-2025-10-10.jsonl")
  }

  @Test(arguments: [FaultPlan.Fault.inputOutput, .noSpace, .shortWrite])
  func `after a failed call nothing is told durable any more`(fault: FaultPlan.Fault) throws {
    for call in 1...12 {
      let bench = Bench()
      let told = Told()
      let writer = try writer(bench, told)
      bench.disk.plan(
        FaultPlan(powerCutAtCall: nil, failAtCall: call, fault: fault, counted: nil))
      var collected = 0
      while collected < 100_000 {
        do { try writer.waitForRoom() } catch { break }
        writer.collect(Bench.line(seq: writer.nextSeq), records: 1, opening: nil)
        collected += 1
        if told.lost.load(ordering: .relaxed) > 0 { break }
      }
      writer.close()
      #expect(told.lost.load(ordering: .relaxed) == 1)
      let durable = told.durable.withLock { $0.last ?? 1 }
      #expect(writer.durableSeq == durable)
      // Four calls for each batch: write, sync, size, mark.
      #expect(told.durable.withLock { $0.count } == (call - 1) / 4)
      guard told.lost.load(ordering: .relaxed) == 1 else { return }
      bench.disk.restart(powerCut: true, plan: .none)
      #expect(try bench.start().records.last.map { $0.seq >= durable } == true)
    }
  }

  @Test func `units that do not fit wait for the next batch`() throws {
    let bench = Bench()
    let told = Told()
    let writer = try writer(bench, told)
    let pad = String(repeating: "x", count: 900_000)
    for _ in 0..<12 {
      try writer.waitForRoom()
      let seq = writer.nextSeq
      let data = "{\"settings\":{\"pad\":\"\(pad)\"}}"
      writer.collect(
        Bench.line(seq: seq, type: "config.applied", more: false, data: data), records: 1,
        opening: nil)
    }
    writer.close()
    #expect(writer.counts.batches >= 3)
    #expect(try bench.verify().records == 13)
  }
}
