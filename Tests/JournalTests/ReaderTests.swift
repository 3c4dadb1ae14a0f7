import JSON
import Journal
import Ledger
import Testing

/// Reading parts of a log, and following it.
struct ReaderTests {
  private let log = SampleLog(seed: 21, bytes: 1_500_000, segmentLimit: 600_000)

  private func seqs(
    _ reader: LogReader, from first: UInt64, until limit: ReadLimit
  ) throws -> [UInt64] {
    var seqs: [UInt64] = []
    try reader.lines(from: first, until: limit) { line in
      seqs.append(line.seq)
      return true
    }
    return seqs
  }

  private func records() throws -> [Record] {
    var records: [Record] = []
    let disk = log.disk(head: nil, changing: nil)
    try LogReader(disk, whileWriting: false).records(from: 1, until: .end) { record in
      records.append(record)
      return true
    }
    return records
  }

  @Test func `every seq can be the first to be read`() throws {
    let reader = try LogReader(log.disk(head: nil, changing: nil), whileWriting: false)
    let last = try #require(seqs(reader, from: 1, until: .end).last)
    #expect(try seqs(reader, from: 1, until: .end) == Array(1...last))
    for first in stride(from: UInt64(1), through: last, by: 97) {
      #expect(try seqs(reader, from: first, until: .end).first == first)
    }
    #expect(try seqs(reader, from: last + 1, until: .end).isEmpty)
  }

  @Test func `a limit by seq stops at a unit's end`() throws {
    let reader = try LogReader(log.disk(head: nil, changing: nil), whileWriting: false)
    let records = try records()
    for index in stride(from: 0, to: 300, by: 7) {
      let wanted = records[...index].last { !$0.more }?.seq
      #expect(try seqs(reader, from: 1, until: .seq(records[index].seq)).last == wanted)
    }
  }

  @Test func `a limit by time stops before the first unit that is later`() throws {
    let reader = try LogReader(log.disk(head: nil, changing: nil), whileWriting: false)
    let records = try records()
    let moment = records[200].at
    let expected = records.prefix { $0.at <= moment }.map(\.seq)
    #expect(try seqs(reader, from: 1, until: .time(moment)) == expected)
  }

  @Test func `a reader stops at the mark while a daemon writes, else at the last whole unit`()
    throws
  {
    let disk = log.disk(head: log.heads[10], changing: nil)
    let marked = try #require(try Mark.read(from: disk)).mark
    let reader = try LogReader(disk, whileWriting: true)
    #expect(try seqs(reader, from: 1, until: .end).last == marked.seq)
    let last = log.files.count - 1
    let torn = Array(log.files[last].bytes.dropLast(5))
    let tornDisk = log.disk(head: nil, changing: (last, torn))
    let end = try #require(
      seqs(try LogReader(tornDisk, whileWriting: false), from: 1, until: .end).last)
    let records = try records()
    #expect(records.first { $0.seq == end }?.more == false)
    #expect(end < (records.last?.seq ?? 0))
  }

  @Test func `folding with three threads gives the records of one in the same order`() throws {
    let reader = try LogReader(log.disk(head: nil, changing: nil), whileWriting: false)
    var folded: [Record] = []
    var sum = 0
    try reader.fold(
      threads: 3, checkingHashes: true, prepare: { $0.count },
      consume: { records, count in
        folded += records
        sum += count
      })
    #expect(folded == (try records()))
    #expect(sum == folded.count)
  }

  @Test func `a follower sees each line once, across rotation`() throws {
    let bench = Bench()
    var (started, _) = try bench.start()
    var follower = LogFollower(bench.disk, from: 1)
    var seen: [UInt64] = []
    for seq in UInt64(2)..<40 {
      var batch = Batch()
      let name = SegmentName(firstSeq: seq, day: Bench.noon.day)
      batch.add(Bench.line(seq: seq), records: 1, opening: seq % 10 == 0 ? name : nil)
      try started.appender.append(&batch)
      if seq % 3 == 0 {
        _ = try follower.poll(whileWriting: true) { seen.append($0.seq) }
      }
    }
    #expect(try follower.poll(whileWriting: true) { _ in } == 0)
    #expect(seen == Array(1...39))
  }
}
