import Glibc
import HTTP
import JSON
import Journal
import Ledger
import Service
import Synchronization

/// A disk in memory whose syncs wait for as long as a test wants them to.
final class GatedDisk: Disk {
  let inner: SimulatedDisk
  private let isShut = Atomic<Bool>(false)
  private let waiting = Atomic<Int>(0)

  init(_ inner: SimulatedDisk) { self.inner = inner }

  /// From now on syncs wait.
  func shut() { isShut.store(true, ordering: .sequentiallyConsistent) }

  /// Lets them go on.
  func open() { isShut.store(false, ordering: .sequentiallyConsistent) }

  /// Returns when a sync waits.
  func waitForSync() throws {
    for _ in 0..<10_000 {
      if waiting.load(ordering: .sequentiallyConsistent) > 0 { return }
      usleep(1_000)
    }
    throw GatewayTestFault.silence
  }

  func sync(_ file: DiskFile) throws(DiskError) {
    waiting.add(1, ordering: .sequentiallyConsistent)
    while isShut.load(ordering: .sequentiallyConsistent) { usleep(1_000) }
    waiting.subtract(1, ordering: .sequentiallyConsistent)
    try inner.sync(file)
  }

  func open(_ path: String, for purpose: OpenPurpose) throws(DiskError) -> DiskFile {
    try inner.open(path, for: purpose)
  }
  func close(_ file: DiskFile) { inner.close(file) }
  func size(of file: DiskFile) throws(DiskError) -> Int { try inner.size(of: file) }
  func read(
    _ file: DiskFile, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(DiskError) -> Int { try inner.read(file, into: buffer, at: offset) }
  func write(
    _ file: DiskFile, _ bytes: UnsafeRawBufferPointer, at offset: Int
  ) throws(DiskError) -> Int { try inner.write(file, bytes, at: offset) }
  func truncate(_ file: DiskFile, to count: Int) throws(DiskError) {
    try inner.truncate(file, to: count)
  }
  func syncFolder(_ path: String) throws(DiskError) { try inner.syncFolder(path) }
  func makeFolder(_ path: String) throws(DiskError) { try inner.makeFolder(path) }
  func rename(_ path: String, to newPath: String) throws(DiskError) {
    try inner.rename(path, to: newPath)
  }
  func remove(_ path: String) throws(DiskError) { try inner.remove(path) }
  func list(_ path: String) throws(DiskError) -> [String] { try inner.list(path) }
  func status(_ path: String) throws(DiskError) -> DiskEntry? { try inner.status(path) }
  func setMode(_ path: String, _ mode: UInt32) throws(DiskError) { try inner.setMode(path, mode) }
  func link(_ path: String, to target: String) throws(DiskError) {
    try inner.link(path, to: target)
  }
  func target(of path: String) throws(DiskError) -> String? { try inner.target(of: path) }
}

/// Words in the order in which threads wrote them down.
final class Notebook: Sendable {
  private let words = Mutex<[String]>([])

  func write(_ word: String) { words.withLock { $0.append(word) } }
  var all: [String] { words.withLock { $0 } }

  /// All words once there are so many.
  func wait(for count: Int) throws -> [String] {
    for _ in 0..<20_000 {
      if all.count >= count { return all }
      usleep(1_000)
    }
    throw GatewayTestFault.silence
  }
}

/// A bookkeeper on a disk in memory, with a price of 0.01 and what it tells.
final class BookkeeperDesk: Sendable {
  static let start = Timestamp(milliseconds: 1_790_000_000_000)

  let disk: GatedDisk
  let clock: GatewayClock
  let bookkeeper: Bookkeeper
  /// Finished segments in the order of rotation.
  let rotations: Notebook
  /// What the disk's loss said.
  let losses: Notebook
  /// Types of records as they were observed.
  let observed: Notebook

  init(
    on disk: GatedDisk = GatedDisk(SimulatedDisk(seed: 1, plan: .none)),
    clock: GatewayClock = GatewayClock(BookkeeperDesk.start), segmentLimit: Int = 1 << 28
  ) throws {
    self.disk = disk
    self.clock = clock
    let (rotations, losses, observed) = (Notebook(), Notebook(), Notebook())
    (self.rotations, self.losses, self.observed) = (rotations, losses, observed)
    var state = State()
    let started = try LedgerStart.open(
      disk,
      StartOptions(
        now: clock.clocks.wall(), newLedgerID: "led_test", software: "test",
        segmentLimit: segmentLimit, threads: 1)
    ) { state.apply($0) }
    bookkeeper = Bookkeeper(
      state: state, appender: started.appender, clocks: clock.clocks, segmentLimit: segmentLimit,
      observe: { observed.write("\($0.event.type.name)") },
      onRotation: { rotations.write($0.text) }, onLost: { losses.write("\($0)") })
  }

  /// Applies a price, so that the gateway can sell.
  func setPrice() throws {
    _ = try submit(ApplySettings(settings: ["X402_PRICE_USD": "0.01"]), key: nil)
  }

  func submit<Wish: Ledger.Command>(_ command: Wish, key: Text?) throws -> Outcome {
    let binding = key.map {
      KeyBinding(key: $0, op: Text("\(Wish.name)"), print: Fingerprint((1, 2, 3, 4)))
    }
    return try bookkeeper.submit(
      Submission(command, actor: "anonymous", book: .fake, cause: nil, binding: binding))
  }

  /// A payment of 0.01 whose proof, request and receipt come from a number.
  static func payment(_ number: UInt64, result: JSONValue = .null) -> AcceptGatewayPayment {
    AcceptGatewayPayment(
      receipt: ReceiptID(ULID(high: 7, low: number)), method: "POST", path: "/agent/task",
      requestHash: Fingerprint((number, 0, 0, 0)), proofID: Text("proof-\(number)"),
      paid: Money(units: 10_000, asset: .usdc), result: result, idempotencyKey: nil)
  }

  /// An exchange that notes the status that it is answered with.
  static func exchange(_ book: Notebook, _ name: String) throws -> Exchange {
    var parser = RequestParser(limits: RequestLimits())
    let text = "GET /\(name) HTTP/1.1\r\nHost: a\r\n\r\n"
    guard case .request(let parsed) = parser.feed(Array(text.utf8)) else {
      throw GatewayTestFault.silence
    }
    let request = Request(
      head: parsed.head, body: [], peer: .unix(uid: 0), listener: "gateway", requestID: name,
      traceParent: nil, receivedAt: 0)
    return Exchange(request: request) { book.write("\(name) \($0.status)") }
  }

  /// Everything on the disk, folded; and how many records there are.
  func replayed() throws -> (state: State, records: [Record]) {
    var state = State()
    var records: [Record] = []
    let reader = try LogReader(disk.inner, whileWriting: false)
    try reader.records(from: 1, until: .end) { record in
      state.apply(record)
      records.append(record)
      return true
    }
    return (state, records)
  }

  /// The decided state at present.
  var live: State { bookkeeper.read { state, _ in copy state }.value }

  func verify() throws -> LogVerification.Verdict {
    try LogVerification.run(disk.inner, threads: 1, whileWriting: false) { _ in nil }.verdict
  }
}
