import Digest
import JSON
import Journal
import Ledger
import Testing

/// The rules of a start, one by one.
struct StartTests {
  private let bench = Bench()
  private let first = "000000000001-2025-10-09.jsonl"

  @Test func `an empty folder becomes a ledger whose first record is ledger.opened`() throws {
    let (started, records) = try bench.start()
    #expect(started.facts.isNew)
    #expect(started.facts.ledgerID == "led_1")
    #expect(records.map(\.event.type) == [.ledgerOpened])
    #expect(try bench.disk.list("") == ["HEAD", first, "current"].sorted())
    #expect(try bench.disk.target(of: "current") == first)
    #expect(try bench.verify().verdict == .clean)
  }

  @Test func `a second start reads what the first wrote and writes nothing`() throws {
    var (started, _) = try bench.start()
    try Bench.append([Bench.line(seq: 2, more: true), Bench.line(seq: 3)], to: &started.appender)
    let bytes = bench.disk.contents(of: first)
    let (again, records) = try bench.start()
    #expect(records.map(\.seq) == [1, 2, 3])
    #expect(records.map(\.more) == [false, true, false])
    #expect(again.facts.markWasKnown)
    #expect(bench.disk.contents(of: first) == bytes)
  }

  @Test func `a torn end goes to quarantine and is noted`() throws {
    var (started, _) = try bench.start()
    try Bench.append([Bench.line(seq: 2)], to: &started.appender)
    let sound = bench.disk.contents(of: first) ?? []
    bench.edit(first) { $0 += Array("{\"seq\":3,\"at".utf8) }
    #expect(try bench.verify().exitCode == 1)
    let (again, records) = try bench.start()
    let piece = "000000000001-2025-10-09-\(sound.count)-0.torn"
    #expect(again.facts.quarantined == [piece])
    #expect(bench.disk.contents(of: "quarantine/\(piece)") == Array("{\"seq\":3,\"at".utf8))
    #expect(records.map(\.event.type) == [.ledgerOpened, .configApplied, .ledgerTailRepaired])
    #expect(Array((bench.disk.contents(of: first) ?? []).prefix(sound.count)) == sound)
    #expect(try bench.verify().verdict == .clean)
  }

  @Test func `whole lines behind a torn one are cut with it`() throws {
    var (started, _) = try bench.start()
    try Bench.append([Bench.line(seq: 2), Bench.line(seq: 3)], to: &started.appender)
    let head = bench.disk.contents(of: "HEAD") ?? []
    let sound = bench.disk.contents(of: first)?.count ?? 0
    try Bench.append([Bench.line(seq: 4), Bench.line(seq: 5)], to: &started.appender)
    bench.disk.place("HEAD", head)
    bench.edit(first) { $0[sound + 20] = 0 }
    let (again, records) = try bench.start()
    #expect(records.map(\.seq) == [1, 2, 3, 4])
    #expect(again.facts.torn?.line == 4)
  }

  @Test func `an unfinished unit is cut though it reads`() throws {
    var (started, _) = try bench.start()
    let head = bench.disk.contents(of: "HEAD") ?? []
    try Bench.append([Bench.line(seq: 2), Bench.line(seq: 3, more: true)], to: &started.appender)
    bench.disk.place("HEAD", head)
    let (_, records) = try bench.start()
    #expect(records.map(\.event.type) == [.ledgerOpened, .configApplied, .ledgerTailRepaired])
  }

  @Test func `a log that ends before its mark is damage, and nothing changes`() throws {
    var (started, _) = try bench.start()
    try Bench.append([Bench.line(seq: 2)], to: &started.appender)
    bench.edit(first) { $0.removeLast(40) }
    let bytes = bench.disk.contents(of: first)
    #expect(throws: JournalError.self) { try bench.start() }
    #expect(try bench.verify().exitCode == 5)
    #expect(bench.disk.contents(of: first) == bytes)
    #expect(try bench.disk.list("quarantine").isEmpty)
  }

  @Test func `a mark of another ledger is unknown`() throws {
    var (started, _) = try bench.start()
    try Bench.append([Bench.line(seq: 2)], to: &started.appender)
    let other = Bench()
    var (foreign, _) = try other.start(id: "led_2")
    for seq in UInt64(2)..<9 { try Bench.append([Bench.line(seq: seq)], to: &foreign.appender) }
    bench.disk.place("HEAD", other.disk.contents(of: "HEAD") ?? [])
    #expect(try !bench.start().started.facts.markWasKnown)
    #expect(try bench.start().started.facts.markWasKnown)
  }

  @Test(arguments: [
    ("no.such_event", "{}"), ("config.applied", "{\"other\":1}"),
  ])
  func `a line of a newer program stops the start with nothing changed`(
    type: String, data: String
  ) throws {
    var (started, _) = try bench.start()
    let line = Bench.line(seq: 2, type: type, more: false, data: data)
    try Bench.append([line], to: &started.appender)
    bench.edit(first) { $0 += [0x7B] }
    let bytes = bench.disk.contents(of: first)
    do {
      _ = try bench.start()
      Issue.record("the start went on")
    } catch {
      guard case .newer(let fault) = error else { throw error }
      #expect(fault.line == 2)
    }
    #expect(bench.disk.contents(of: first) == bytes)
    #expect(throws: JournalError.self) { try LossAcceptance(bench.disk, threads: 1) }
  }

  @Test func `an empty last segment is removed and the one before it is the last again`() throws {
    _ = try bench.start()
    bench.disk.place("000000000002-2025-10-10.jsonl", [])
    #expect(try bench.verify().exitCode == 1)
    let (started, _) = try bench.start()
    #expect(started.appender.position.segment.text == first)
    #expect(try bench.disk.list("").contains("000000000002-2025-10-10.jsonl") == false)
  }

  @Test func `a missing segment is damage and not a torn end`() throws {
    _ = try bench.start()
    let line = Bench.line(seq: 9)
    bench.disk.place("000000000009-2025-10-09.jsonl", line)
    try bench.disk.remove("HEAD")
    #expect(throws: JournalError.self) { try bench.start() }
    #expect(bench.disk.contents(of: "000000000009-2025-10-09.jsonl") == line)
  }

  @Test func `a repair on a later day opens a segment first`() throws {
    _ = try bench.start()
    bench.edit(first) { $0 += [0x7B] }
    let tomorrow = Bench.noon.advanced(byMilliseconds: 86_400_000)
    let (started, records) = try bench.start(at: tomorrow)
    #expect(
      records.map(\.event.type) == [.ledgerOpened, .segmentOpened, .ledgerTailRepaired])
    #expect(started.facts.unsealed.map(\.text) == [first])
    #expect(started.appender.position.segment.text == "000000000002-2025-10-10.jsonl")
  }

  @Test func `a finished segment is sealed, made read-only, and listed`() throws {
    _ = try bench.start()
    let tomorrow = Bench.noon.advanced(byMilliseconds: 86_400_000)
    bench.edit(first) { $0 += [0x7B] }
    let unsealed = try bench.start(at: tomorrow).started.facts.unsealed
    let command = try Sealing.seal(try #require(unsealed.first), on: bench.disk)
    let decision = try command.decide(given: State(), book: .real, at: tomorrow)
    guard case .accepted(let events) = decision, case .segmentSealed(let seal) = events.first
    else {
      Issue.record("no segment.sealed")
      return
    }
    let bytes = try #require(bench.disk.contents(of: first))
    #expect(seal.bytes == bytes.count)
    #expect(seal.firstSeq == 1 && seal.lastSeq == 1)
    let sum = SHA256.hash(bytes).hex
    #expect(seal.sha256.hex.string == sum)
    try Sealing.publish([SealedSegment(name: first, sha256: seal.sha256)], on: bench.disk)
    #expect(bench.disk.contents(of: "SHA256SUMS") == Array("\(sum)  \(first)\n".utf8))
    #expect(try bench.disk.status(first)?.mode == 0o440)
  }

  @Test func `accepting a loss keeps what is sound and moves the rest away`() throws {
    let log = SampleLog(seed: 7, bytes: 6_000, segmentLimit: 1_500)
    var bytes = log.files[1].bytes
    bytes[200] ^= 1
    let bench = Bench(log.disk(head: log.heads.last, changing: (1, bytes)))
    let all = log.files.reduce(0) { $0 + $1.bytes.count }
    #expect(throws: JournalError.self) { try bench.start() }
    let loss = try LossAcceptance(bench.disk, threads: 1)
    #expect(loss.fault?.file == log.files[1].name)
    #expect(loss.bytesLost == all - log.files[0].bytes.count)
    #expect(loss.wanted.isEmpty)
    let print = Fingerprint((1, 2, 3, 4))
    let seal = SealedSegment(name: log.files[1].name, sha256: print)
    bench.disk.place("SHA256SUMS", Array("\(print.hex)  \(seal.name)\nnonsense\n".utf8))
    #expect(try LossAcceptance(bench.disk, threads: 1).wanted == [seal])
    try bench.disk.remove("SHA256SUMS")
    var records: [Record] = []
    let options = Bench.options(at: Bench.noon, limit: Layout.segmentLimit, id: "led_3")
    let started = try loss.accept(reason: "test", by: "ann", options) { records.append($0) }
    guard case .ledgerRestored(let event) = records.last?.event else {
      Issue.record("no ledger.restored")
      return
    }
    #expect(event.lastGoodSeq == loss.lastGoodSeq)
    #expect(event.markSeq != nil)
    #expect(started.facts.ledgerID == "led_sample")
    #expect(try bench.verify().verdict == .clean)
    let folder = "quarantine/\(event.quarantine?.string ?? "")"
    var moved = 0
    for name in try bench.disk.list(folder) {
      moved += bench.disk.contents(of: "\(folder)/\(name)")?.count ?? 0
    }
    #expect(moved == loss.bytesLost)
  }
}
