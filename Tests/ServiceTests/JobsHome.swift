import Digest
import Glibc
import JSON
import Journal
import Ledger
import Service

/// A home folder with a small ledger, in which jobs are run as `tollbook` runs them.
final class JobsHome {
  let path: String

  /// What a command line came to.
  struct Run {
    let status: Service.ExitStatus
    let answer: String
    let messages: String

    /// What `-o json` printed.
    func documents() throws -> [JSONObject] {
      try JSONParser.parse(Array(answer.utf8), limits: .standard).elements?.compactMap(\.object)
        ?? []
    }
  }

  static let financePath = "logs/finance_ledger.jsonl"

  /// 2025-11-17T03:00:00Z: the day before is the 16th.
  static let now = Timestamp(milliseconds: 1_763_348_400_000)

  private let isOwn: Bool

  init() throws {
    path = try ReadingLedger.emptyHome()
    isOwn = true
  }

  /// The home of somebody else, who removes it.
  init(at path: String) throws {
    self.path = path
    isOwn = false
  }

  deinit { if isOwn { ReadingLedger.remove(path) } }

  /// Runs a command line at a moment.
  func run(
    _ line: String, at now: Timestamp = JobsHome.now, fake: Bool = false
  ) throws -> Run {
    let folder = try ReadingLedger.emptyHome()
    defer { ReadingLedger.remove(folder) }
    let descriptors = try ["out", "err"].map { name in
      let number = open("\(folder)/\(name)", O_WRONLY | O_CREAT, 0o600)
      guard number >= 0 else { throw ReadingLedger.Failed() }
      return number
    }
    defer { for number in descriptors { close(number) } }
    let output = Output(
      answers: Output.Stream(descriptor: descriptors[0]),
      messages: Output.Stream(descriptor: descriptors[1]))
    let status = Program.run(
      line.split(separator: " ").map(String.init) + ["--home", path], output: output,
      environment: ["PAYMENTS_USE_FAKE": fake ? "true" : "false"],
      clocks: Clocks(wall: { now }, boot: { 1_000 }))
    output.flush()
    return Run(
      status: status,
      answer: String(decoding: try ReadingLedger.bytes(of: "\(folder)/out"), as: UTF8.self),
      messages: String(decoding: try ReadingLedger.bytes(of: "\(folder)/err"), as: UTF8.self))
  }

  /// Makes a ledger with these payments in the real book.
  func pay(_ payments: [JobsHome.Payment]) throws {
    let ledger = try ReadingLedger()
    for payment in payments {
      try ledger.submit(
        try ReadingLedger.payment(
          payment.id, agent: "builder_agent", vendor: "openai", amount: payment.amount,
          phase: payment.phase, at: try payment.moment(), network: payment.network,
          asset: payment.asset), book: payment.book, at: ReadingLedger.start)
    }
    try adopt(ledger)
  }

  /// Makes the ledger of another folder this home's.
  func adopt(_ ledger: ReadingLedger) throws {
    mkdir("\(path)/data", 0o750)
    guard rename(ledger.folder, "\(path)/data/ledger") == 0 else { throw ReadingLedger.Failed() }
  }

  /// One payment, to be changed field by field.
  struct Payment: Sendable {
    var id: String
    var amount: String
    var at = "2025-11-16T10:00:00Z"
    var phase = PaymentPhase.completed
    var network = "base"
    var asset = Asset.usdc
    var book = Book.real

    init(_ id: String, _ amount: String, _ change: (inout Payment) -> Void = { _ in }) {
      self.id = id
      self.amount = amount
      change(&self)
    }

    func moment() throws -> Timestamp {
      guard let moment = Timestamp(rfc3339: Text(at), offsetRequired: true) else {
        throw ReadingLedger.Failed()
      }
      return moment
    }
  }

  /// Writes the finance ledger; each line gets its line feed.
  func finance(_ lines: [String]) throws {
    mkdir("\(path)/logs", 0o750)
    try ReadingLedger.write(
      Array(lines.map { "\($0)\n" }.joined().utf8), to: "\(path)/\(JobsHome.financePath)")
  }

  var financeText: String {
    get throws {
      String(
        decoding: try ReadingLedger.bytes(of: "\(path)/\(JobsHome.financePath)"), as: UTF8.self)
    }
  }

  /// A line as others write it.
  static func line(
    _ id: String, _ amount: String, at moment: String = "2025-11-16T10:00:01Z",
    _ more: String = ""
  ) -> String {
    #"{"type":"payment","amount_usd":\#(amount),"recorded_at":"\#(moment)","#
      + #""transaction_id":"\#(id)"\#(more)}"#
  }

  /// Every record of the log.
  func records() throws -> [Record] {
    var records: [Record] = []
    let reader = try LogReader(
      try POSIXDisk(folder: "\(path)/data/ledger"), whileWriting: false)
    try reader.records(from: 1, until: .end) { record in
      records.append(record)
      return true
    }
    return records
  }

  /// The runs that the log knows, in order.
  func completed() throws -> [JobCompleted] {
    try records().compactMap { record in
      guard case .jobCompleted(let event) = record.event else { return nil }
      return event
    }
  }

  /// Names, modes, sizes, times of change and contents of all that lies below the home.
  func treePrint() throws -> String {
    var hash = SHA256()
    for name in try JobsHome.names(below: path) {
      var facts = stat()
      guard lstat("\(path)/\(name)", &facts) == 0 else { throw ReadingLedger.Failed() }
      let kind = facts.st_mode & S_IFMT
      hash.update(
        utf8: "\(name) \(facts.st_mode) \(facts.st_size) \(facts.st_mtim.tv_sec) "
          + "\(facts.st_mtim.tv_nsec)\n")
      if kind == S_IFREG { hash.update(try ReadingLedger.bytes(of: "\(path)/\(name)")) }
    }
    return "\(hash.finalize().hex)"
  }

  private static func names(below path: String) throws -> [String] {
    guard let folder = opendir(path) else { throw ReadingLedger.Failed() }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name != ".", name != ".." else { continue }
      names.append(name)
      if entry.pointee.d_type == UInt8(DT_DIR) {
        names += try JobsHome.names(below: "\(path)/\(name)").map { "\(name)/\($0)" }
      }
    }
    return names.sorted()
  }
}

extension JobsHome {
  /// Whether a file is there.
  func treeHolds(_ name: String) throws -> Bool { access("\(path)/\(name)", F_OK) == 0 }
}
