import Glibc
import JSON
import Journal
import Ledger
import Testing

/// The journal on the machine's own disk, and things that stand where they should not.
struct MachineTests {
  /// A fresh folder for one test; what is in it is left to the system's cleaning.
  private func fresh() throws -> String {
    var template = Array("/tmp/tollbook-journal-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    return try #require(made)
  }

  private func ledger() throws -> String {
    let folder = try fresh() + "/ledger"
    try LedgerFolder.prepare(folder)
    return folder
  }

  private func start(_ folder: String) throws -> StartedLedger {
    let options = Bench.options(at: Bench.noon, limit: Layout.segmentLimit, id: "led_1")
    return try LedgerStart.open(try POSIXDisk(folder: folder), options) { _ in }
  }

  @Test func `a ledger is written, torn, repaired and verified on a real disk`() throws {
    let folder = try ledger()
    var started = try start(folder)
    for seq in UInt64(2)..<50 { try Bench.append([Bench.line(seq: seq)], to: &started.appender) }
    started.appender.close()
    let path = "\(folder)/\(started.appender.position.segment)"
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    #expect(write(descriptor, "{\"seq", 5) == 5)
    close(descriptor)
    let disk = try POSIXDisk(folder: folder)
    let torn = try LogVerification.run(disk, threads: 2, whileWriting: false) { _ in nil }
    #expect(torn.exitCode == 1)
    let again = try start(folder)
    #expect(again.facts.torn?.line == 50)
    again.appender.close()
    let clean = try LogVerification.run(disk, threads: 2, whileWriting: false) { _ in nil }
    #expect(clean.verdict == .clean)
    #expect(clean.records == 50)
    #expect(try disk.target(of: "current") == started.appender.position.segment.text)
    #expect(try disk.status(started.appender.position.segment.text)?.mode == 0o640)
  }

  @Test func `a FIFO, a folder and a link loop in place of a segment are errors, not hangs`()
    throws
  {
    let name = "000000000002-2025-10-09.jsonl"
    let places: [(String) -> Int32] = [
      { mkfifo($0, 0o640) }, { mkdir($0, 0o750) }, { symlink($0, $0) },
      { symlink("/dev/zero", $0) },
    ]
    for place in places {
      let folder = try ledger()
      try start(folder).appender.close()
      #expect(place("\(folder)/\(name)") == 0)
      let disk = try POSIXDisk(folder: folder)
      let report = try LogVerification.run(disk, threads: 2, whileWriting: false) { _ in nil }
      #expect(report.exitCode == 5)
      guard case .damaged(let fault) = report.verdict else {
        Issue.record("not damaged: \(report.verdict)")
        return
      }
      #expect(fault.file == name && fault.problem == .misplaced)
      #expect(throws: DiskError.self) { try disk.open(name, for: .reading) }
      #expect(throws: JournalError.self) { try start(folder) }
    }
  }

  @Test func `a folder that others may write, a file, and a missing parent are refused`() throws {
    let folder = try ledger()
    chmod(folder, 0o777)
    #expect(throws: FolderError.writableByOthers(folder)) { try LedgerFolder.prepare(folder) }
    chmod(folder, 0o750)
    try LedgerFolder.prepare(folder)
    let file = try fresh() + "/file"
    close(open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0o640))
    #expect(throws: FolderError.notAFolder(file)) { try LedgerFolder.prepare(file) }
    let orphan = try fresh() + "/missing/ledger"
    #expect(throws: FolderError.missingParent(orphan)) { try LedgerFolder.prepare(orphan) }
    #expect(throws: FolderError.missing(orphan)) { try LedgerFolder.check(orphan) }
  }

  @Test func `one writer holds the lock, and the other learns who`() throws {
    let folder = try ledger()
    #expect(try LedgerLock.holder(of: folder) == nil)
    let lock = try LedgerLock.take(in: folder, as: "serve", waitingMilliseconds: 0)
    let holder = "process \(getpid()) serve"
    #expect(throws: LockError.heldBy(holder)) {
      try LedgerLock.take(in: folder, as: "import", waitingMilliseconds: 40)
    }
    #expect(try LedgerLock.holder(of: folder) == holder)
    lock.release()
    #expect(try LedgerLock.holder(of: folder) == nil)
    let next = try LedgerLock.take(in: folder, as: "import", waitingMilliseconds: 0)
    #expect(try LedgerLock.holder(of: folder) == "process \(getpid()) import")
    next.release()
  }

  @Test func `a mark survives a torn slot and says what was noted last`() throws {
    let bench = Bench()
    var (started, _) = try bench.start()
    for seq in UInt64(2)..<6 { try Bench.append([Bench.line(seq: seq)], to: &started.appender) }
    let mark = try #require(try Mark.read(from: bench.disk))
    #expect(mark.mark.seq == 5 && mark.mark.hash == started.appender.position.hashText)
    for index in 0..<512 {
      let torn = Bench(SimulatedDisk(seed: 1, plan: .none))
      torn.disk.place("HEAD", bench.disk.contents(of: "HEAD") ?? [])
      torn.edit("HEAD") { $0[mark.slot * 512 + index] ^= 1 }
      #expect(try Mark.read(from: torn.disk)?.mark.seq == 4)
    }
  }

  @Test(arguments: [
    "000000000000-2025-10-09.jsonl", "000000000001-2025-13-09.jsonl", "1-2025-10-09.jsonl",
    "000000000001-2025-10-09.jsonl ", "+00000000001-2025-10-09.jsonl",
    "000000000001_2025-10-09.jsonl", "000000000001-2025-10-09.JSONL", "",
  ])
  func `a name that is not exactly a segment's is none`(name: String) {
    #expect(SegmentName(name) == nil)
    #expect(SegmentName("000000000001-2025-10-09.jsonl")?.text == "000000000001-2025-10-09.jsonl")
  }
}
