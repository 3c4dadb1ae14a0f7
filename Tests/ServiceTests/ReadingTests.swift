import Glibc
import JSON
import Journal
import Ledger
import Service
import Testing

/// Replay: the same state on any number of threads, up to any place, and never past damage.
struct ReadingTests {
  @Test(arguments: UInt64(0)..<8)
  func `replay on any number of threads is the live state`(seed: UInt64) throws {
    let ledger = try ReadingLedger.play(400, seed: seed)
    let wanted = StatePrint.hex(of: ledger.state)
    for threads in [1, 2, 3, 7] {
      let outcome = try Replay.run(try ledger.reading(threads: threads))
      #expect(outcome.state == ledger.state)
      #expect(StatePrint.hex(of: outcome.state) == wanted)
      #expect(outcome.summary.records == ledger.records.count)
      #expect(outcome.summary.torn == nil)
    }
  }

  @Test func `chunks that cut lines and units fold to the live state`() throws {
    // More than 1 MiB, so that even the long chunks of several threads end within lines.
    let ledger = try ReadingLedger.play(2_500, seed: 77)
    #expect(try LogExtent.find(in: ledger.folder).bytes > 1_200_000)
    for threads in [1, 2, 4] {
      #expect(try Replay.run(try ledger.reading(threads: threads)).state == ledger.state)
    }
  }

  @Test func `illegal records are listed, not applied, on any number of threads`() throws {
    let ledger = try ReadingLedger.play(60, seed: 5)
    let twice = try ReadingLedger.payment(
      "tx-twice", agent: "a", vendor: "v", amount: "1", phase: .completed, at: ledger.state.at)
    try ledger.submit(twice, book: .real, at: ledger.state.at)
    try ledger.forge(twice, book: .real, at: ledger.state.at)
    #expect(ledger.state.violations.count == 2)
    for threads in [1, 2, 3] {
      #expect(try Replay.run(try ledger.reading(threads: threads)).state == ledger.state)
    }
  }

  @Test(arguments: [1, 3])
  func `a stop at any seq is the state after the last unit that ends there`(threads: Int) throws {
    let ledger = try ReadingLedger.play(40, seed: 11)
    var state = State()
    var whole = State()
    for record in ledger.records {
      state.apply(record)
      if !record.more { whole = state }
      let stop = LogStop.sequence(record.seq)
      let outcome = try Replay.run(try ledger.reading(threads: threads, until: stop))
      #expect(outcome.state == whole)
    }
  }

  @Test func `a stop at a time is before the first unit that is later`() throws {
    let ledger = try ReadingLedger.play(40, seed: 12)
    for record in ledger.records {
      for offset in [Int64(-1), 0, 1] {
        let time = record.at.advanced(byMilliseconds: offset)
        var wanted = State()
        for earlier in ledger.records.prefix(while: { $0.at <= time }) { wanted.apply(earlier) }
        let outcome = try Replay.run(try ledger.reading(threads: 2, until: .time(time)))
        #expect(outcome.state == wanted)
      }
    }
  }

  @Test func `different prefixes have different fingerprints`() throws {
    let ledger = try ReadingLedger.play(50, seed: 3)
    var state = State()
    var prints: Set<String> = []
    for record in ledger.records {
      state.apply(record)
      prints.insert(StatePrint.hex(of: state))
    }
    #expect(prints.count == ledger.records.count)
  }

  @Test(arguments: [1, 3])
  func `a damaged line in the middle is named with its file, line and offset`(
    threads: Int
  ) throws {
    let ledger = try ReadingLedger.play(60, seed: 21)
    let name = try #require(try ledger.segments.first)
    var offset = 0
    try ledger.change(name) { bytes in
      offset = (bytes.firstIndex(of: 0x0A) ?? 0) + 1
      bytes[offset] = 0x58
    }
    #expect(throws: JournalError.self) { try Replay.run(try ledger.reading(threads: threads)) }
    do {
      _ = try Replay.run(try ledger.reading(threads: threads))
    } catch let error as JournalError {
      guard case .damage(let fault) = error else { throw error }
      #expect(fault.file == name)
      #expect(fault.line == 2)
      #expect(fault.offset == offset)
    }
  }

  @Test func `a changed amount is found by the hash, and only by the hash`() throws {
    let ledger = try ReadingLedger.play(60, seed: 22)
    let name = try #require(try ledger.segments.first)
    try ledger.change(name) { bytes in
      let key = Array("\"amount\":\"".utf8)
      let place = bytes.indices.first { bytes[$0...].starts(with: key) } ?? 0
      bytes[place + key.count] = bytes[place + key.count] == 0x31 ? 0x32 : 0x31
    }
    #expect(throws: JournalError.self) { try Replay.run(try ledger.reading(threads: 2)) }
    _ = try Replay.run(try ledger.reading(threads: 2, checksHashes: false))
  }

  @Test func `a log that is cut anywhere in its last unit reads up to the unit before`() throws {
    let ledger = try ReadingLedger.play(12, seed: 9)
    let unit = try ledger.submit(
      try ReadingLedger.payment(
        "tx-last", agent: "a", vendor: "v", amount: "1", phase: .completed, at: ledger.state.at),
      book: .real, at: ledger.state.at)
    let name = try #require(try ledger.segments.last)
    let whole = try ReadingLedger.bytes(of: "\(ledger.folder)/\(name)")
    var wanted = State()
    for record in ledger.records.dropLast(unit.count) { wanted.apply(record) }
    let lines = whole.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
    let length = lines.suffix(unit.count).reduce(0) { $0 + $1.count + 1 }
    unlink("\(ledger.folder)/HEAD")
    for cut in 1..<length {
      try ReadingLedger.write(Array(whole.dropLast(cut)), to: "\(ledger.folder)/\(name)")
      let outcome = try Replay.run(try ledger.reading(threads: 1 + cut % 2))
      #expect(outcome.state == wanted)
      #expect(outcome.summary.torn != nil)
    }
  }

  @Test func `a log that ends before its mark is damage`() throws {
    let ledger = try ReadingLedger.play(12, seed: 10)
    let name = try #require(try ledger.segments.last)
    try ledger.change(name) { $0.removeLast(1) }
    #expect(throws: JournalError.self) { try Replay.run(try ledger.reading(threads: 1)) }
  }

  @Test func `a folder that is not there is an empty log`() throws {
    let home = try ReadingLedger.emptyHome()
    defer { ReadingLedger.remove(home) }
    let extent = try LogExtent.find(in: home + "/data/ledger")
    let outcome = try Replay.run(
      LogReading(extent, until: .end, checksHashes: true, threads: 2))
    #expect(outcome.state == State())
  }

  @Test func `while a writer holds the ledger reading stops at the mark`() throws {
    let ledger = try ReadingLedger.play(12, seed: 13)
    let lock = try LedgerLock.take(in: ledger.folder, as: "test", waitingMilliseconds: 0)
    defer { lock.release() }
    let name = try #require(try ledger.segments.last)
    // What a writer has written and not yet synced is nobody's business.
    try ledger.change(name) { $0.append(contentsOf: "{\"seq\":".utf8) }
    let outcome = try Replay.run(try ledger.reading(threads: 2))
    #expect(outcome.state == ledger.state)
    #expect(outcome.summary.torn == nil)
  }
}
