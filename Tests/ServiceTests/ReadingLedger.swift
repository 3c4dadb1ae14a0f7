import Digest
import Glibc
import JSON
import Journal
import Ledger
import Service

/// A small ledger in a temporary folder, made by the core's commands and the journal's appender.
final class ReadingLedger {
  let home: String
  /// Every record that is on the disk, in order.
  private(set) var records: [Record] = []
  private(set) var state = State()
  private var appender: Appender
  private var segment: SegmentName
  private var bytes: Int

  static let start = Timestamp(milliseconds: 1_763_262_000_000)  // 2025-11-16T03:00:00Z

  var folder: String { home + "/data/ledger" }

  /// The names of the log's files, in order.
  var segments: [String] {
    get throws { try SegmentFile.all(on: try POSIXDisk(folder: folder)).map(\.name.text) }
  }

  init() throws {
    home = try ReadingLedger.emptyHome()
    for path in ["/data", "/data/ledger"] { mkdir(home + path, 0o750) }
    let options = StartOptions(
      now: ReadingLedger.start, newLedgerID: "01JTEST", software: "test",
      segmentLimit: Layout.segmentLimit, threads: 1)
    var read: [Record] = []
    let disk = try POSIXDisk(folder: home + "/data/ledger")
    appender = try LedgerStart.open(disk, options) { read.append($0) }.appender
    segment = appender.position.segment
    bytes = appender.position.bytes
    for record in read { take(record) }
  }

  deinit {
    appender.close()
    ReadingLedger.remove(home)
  }

  /// A new folder with nothing in it.
  static func emptyHome() throws -> String {
    var template = Array("/tmp/tollbook-reading-XXXXXX".utf8CString)
    return try template.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress, let path = mkdtemp(base) else { throw Failed() }
      return String(cString: path)
    }
  }

  /// Removes a folder of a test with all that is in it.
  static func remove(_ path: String) {
    if let folder = opendir(path) {
      while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        guard name != ".", name != ".." else { continue }
        if entry.pointee.d_type == UInt8(DT_DIR) {
          remove("\(path)/\(name)")
        } else {
          unlink("\(path)/\(name)")
        }
      }
      closedir(folder)
    }
    rmdir(path)
  }

  struct Failed: Error {}

  /// Decides and appends a unit; returns its records.
  @discardableResult
  func submit(
    _ command: some Command, book: Book, at moment: Timestamp, key: KeyBinding? = nil
  ) throws -> [Record] {
    let submission = Submission(
      command, actor: "agent:test", book: book, cause: nil, binding: key)
    switch try submission.decide(given: state, at: moment) {
    case .accepted(let events), .refused(_, let events):
      return try append(events: events, submission, at: moment)
    case .repeated, .unchanged: return []
    }
  }

  /// Appends what the command leads to in an empty ledger: illegal when it is here already.
  func forge(_ command: some Command, book: Book, at moment: Timestamp) throws {
    let submission = Submission(
      command, actor: "agent:test", book: book, cause: nil, binding: nil)
    guard case .accepted(let events) = try submission.decide(given: State(), at: moment) else {
      return
    }
    _ = try append(events: events, submission, at: moment)
  }

  private func append(
    events: [Event], _ submission: Submission<some Command>, at moment: Timestamp
  ) throws -> [Record] {
    if moment.day > segment.day {
      let opening = Submission(
        OpenSegment(predecessor: Text(segment.text)), actor: "tollbook", book: .real, cause: nil,
        binding: nil)
      guard case .accepted(let opened) = try opening.decide(given: state, at: moment) else {
        throw Failed()
      }
      segment = SegmentName(firstSeq: state.seq + 1, day: moment.day)
      bytes = 0
      let unit = opening.records(of: opened, from: state.seq + 1, at: moment, keyed: true)
      try write(unit, opening: segment)
    }
    let unit = submission.records(of: events, from: state.seq + 1, at: moment, keyed: true)
    try write(unit, opening: nil)
    return unit
  }

  private func write(_ unit: [Record], opening: SegmentName?) throws {
    var out = JSONWriter()
    for record in unit { RecordCodec.encode(record, into: &out) }
    var batch = Batch()
    batch.add(out.bytes, records: unit.count, opening: opening)
    try appender.append(&batch)
    for record in unit { take(record) }
  }

  private func take(_ record: Record) {
    state.apply(record)
    records.append(record)
  }
}

extension ReadingLedger {
  /// A payment as an import gives it.
  static func payment(
    _ id: String, agent: String, vendor: String, amount: String, phase: PaymentPhase,
    at moment: Timestamp, network: String = "base", asset: Asset = .usdc
  ) throws -> ImportPayment {
    guard let transaction = TransactionID(Text(id)), let network = Network(Text(network)) else {
      throw Failed()
    }
    return ImportPayment(
      transaction: transaction,
      parties: PaymentParties(agent: Text(agent), vendor: Text(vendor), network: network),
      amount: try Money(decimal: Text(amount), asset: asset, rounding: .refuse), phase: phase,
      occurredAt: moment, chainHash: phase == .completed ? ChainHash("0xabc") : nil,
      error: phase == .failed ? "PROVIDER_ERROR: \"upstream\" said 502 → no" : nil,
      vendorFault: true, latencyMilliseconds: phase == .pending ? nil : 1_250,
      serviceURL: "https://api.example/v1", facilitatorReceipt: nil)
  }

  /// Turns the gateway on.
  func applySettings() throws {
    try submit(
      ApplySettings(settings: ["PAYMENT_VERIFIER_MODE": "stub"]), book: .real,
      at: ReadingLedger.start)
  }

  /// A payment that the gateway takes.
  func accept(_ number: UInt64, book: Book, at moment: Timestamp) throws {
    let print = Fingerprint((number, 1, 2, 3))
    try submit(
      AcceptGatewayPayment(
        receipt: ReceiptID(ULID(high: number, low: 7)), method: "POST", path: "/agent/task",
        requestHash: print, proofID: Text("proof-\(number)"), paid: nil, result: .null,
        idempotencyKey: Text("key-\(number)")), book: book, at: moment,
      key: KeyBinding(key: Text("key-\(number)"), op: "POST /agent/task", print: print))
  }

  /// A ledger of many days that depends on nothing but the seed.
  static func play(_ steps: Int, seed: UInt64) throws -> ReadingLedger {
    let ledger = try ReadingLedger()
    var random = SplitMix64(seed: seed)
    var moment = start
    try ledger.applySettings()
    for step in 0..<steps {
      moment = moment.advanced(byMilliseconds: Int64(random.next() % 40_000))
      if random.next() % 97 == 0 { moment = moment.advanced(byMilliseconds: 86_400_000) }
      let book: Book = random.next() % 3 == 0 ? .fake : .real
      if random.next() % 5 == 0 {
        try ledger.accept(UInt64(step), book: book, at: moment)
        continue
      }
      let phase: PaymentPhase = [.completed, .completed, .failed, .pending][Int(random.next() % 4)]
      let back = Int64(random.next() % 7_200_000)
      let command = try payment(
        "tx-\(step)", agent: "agent-\(random.next() % 5)", vendor: "Vendor-\(random.next() % 4)",
        amount: "\(random.next() % 90).\(random.next() % 900 + 100)", phase: phase,
        at: moment.advanced(byMilliseconds: -back),
        network: random.next() % 6 == 0 ? "base-sepolia" : "base",
        asset: random.next() % 7 == 0 ? .usdt : .usdc)
      try ledger.submit(command, book: book, at: moment)
    }
    return ledger
  }

  /// Adds money out: payments, refusals, an unknown, holds taken and given back, in both books.
  func spend() throws {
    let moment = state.at
    for book in Book.allCases {
      for number in UInt64(1)...12 {
        let amount: Int128 = number == 5 ? 11_000_000 : 1_000_000
        let request = SpendRequest(
          parties: PaymentParties(agent: "spender", vendor: "shop", network: .base),
          amount: Money(units: amount, asset: .usdc), component: "media", strategy: nil,
          business: "biz_1")
        let transaction = TransactionID(ULID(high: 9, low: number))
        let intent = IntentID(ULID(high: 9, low: number))
        let hold = AuthorizationID(ULID(high: 9, low: number))
        if number > 8 {
          try submit(
            AuthorizePayment(
              authorization: hold, transaction: transaction, newIntent: intent,
              request: request, intent: nil, purpose: nil, provider: "fake", wallet: nil,
              expiresAt: nil), book: book, at: moment)
          try settle(hold, number == 9 ? "no" : nil, book, moment)
          if number == 10 {
            try submit(
              CancelAuthorization(authorization: hold, reason: "off", isExpiry: false),
              book: book, at: moment)
          } else {
            let part = Money(units: 400_000, asset: .usdc)
            try submit(
              CaptureAuthorization(authorization: hold, amount: part), book: book, at: moment)
          }
          try settle(hold, nil, book, moment)
          continue
        }
        try submit(
          Pay(
            transaction: transaction, newIntent: intent, request: request, intent: nil,
            serviceURL: "https://shop.example/", purpose: nil, provider: "fake", wallet: nil),
          book: book, at: moment)
        let outcome: CallOutcome =
          number == 3
          ? .unknown(errorClass: "timeout")
          : number == 4
            ? .failed(code: "NO", error: "no", vendorFault: true)
            : .completed(chainHash: nil, receipt: "r")
        guard number != 5 else { continue }
        try submit(
          SettlePayment(transaction: transaction, outcome: outcome, occasion: .payment),
          book: book, at: moment)
      }
      try submit(
        RecordBusiness(
          business: "biz_1", businessName: "Shop", success: true,
          projectedRevenue: Money(units: 20_000_000, asset: .usdc), dashboardURL: nil),
        book: book, at: moment)
    }
  }

  private func settle(
    _ hold: AuthorizationID, _ failure: Text?, _ book: Book, _ moment: Timestamp
  ) throws {
    guard let key = state[book].authorizations[hold]?.stepKey else { throw Failed() }
    try submit(
      SettleAuthorization(
        authorization: hold, stepKey: key,
        outcome: failure.map { .failed(code: "NO", error: $0, vendorFault: true) }
          ?? .done(reference: "f", chainHash: nil), source: .provider, evidence: nil, by: nil),
      book: book, at: moment)
  }

  func reading(threads: Int, until stop: LogStop = .end, checksHashes: Bool = true) throws
    -> LogReading
  {
    LogReading(
      try LogExtent.find(in: folder), until: stop, checksHashes: checksHashes, threads: threads)
  }

  /// Changes one file of the log behind everybody's back.
  func change(_ name: String, _ body: (inout [UInt8]) -> Void) throws {
    var bytes = try ReadingLedger.bytes(of: "\(folder)/\(name)")
    body(&bytes)
    try ReadingLedger.write(bytes, to: "\(folder)/\(name)")
  }

  static func bytes(of path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw Failed() }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(descriptor, &block, block.count)
      guard count > 0 else { return bytes }
      bytes.append(contentsOf: block[..<count])
    }
  }

  static func write(_ bytes: [UInt8], to path: String) throws {
    chmod(path, 0o640)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o640)
    guard descriptor >= 0 else { throw Failed() }
    defer { close(descriptor) }
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw Failed() }
  }
}
