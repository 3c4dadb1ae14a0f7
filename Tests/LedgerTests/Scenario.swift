import JSON
import Ledger
import Testing

/// A ledger in memory: what the shell does, without disk, threads and clock.
struct Scenario {
  private(set) var state = State()
  private(set) var log: [Record] = []
  /// The time that the next decision is made at.
  var now: Timestamp
  var book = Book.real

  /// A ledger that has been opened, with settings in force.
  init(settings: [Text: Text]) throws {
    now = try .of("2026-11-16T12:00:00Z")
    try submit(OpenLedger(ledgerID: "L1", software: "tollbook test"))
    try submit(ApplySettings(settings: settings))
  }

  init() throws { try self.init(settings: [:]) }

  /// Decides a command and takes in what came of it.
  @discardableResult
  mutating func submit<Wish: Command>(
    _ command: Wish, key: KeyBinding? = nil, actor: Text = "agent:builder_agent"
  ) throws(Rejection) -> Decision {
    let submission = Submission(command, actor: actor, book: book, cause: nil, binding: key)
    let decision = try submission.decide(given: state, at: now)
    let (events, isKeyed) = decision.events
    let unit = submission.records(of: events, from: state.seq + 1, at: now, keyed: isKeyed)
    for record in unit { take(record) }
    return decision
  }

  /// What a command is refused with; nil when it is not.
  func rejection<Wish: Command>(of command: Wish, key: KeyBinding? = nil) -> Rejection? {
    do throws(Rejection) {
      _ = try Submission(
        command, actor: "agent:builder_agent", book: book, cause: nil, binding: key
      ).decide(given: state, at: now)
      return nil
    } catch {
      return error
    }
  }

  /// Takes in a record as it would come from a line that somebody wrote by hand.
  mutating func append(
    _ event: Event, key: KeyBinding? = nil, more: Bool = false, at: Timestamp? = nil
  ) {
    take(
      Record(
        seq: state.seq + 1, at: at ?? now, actor: "agent:builder_agent", cause: nil, binding: key,
        book: book, more: more, event: event))
  }

  private mutating func take(_ record: Record) {
    state.apply(record)
    log.append(record)
  }

  /// Why records were found illegal, in log order.
  var violations: [Violation.Reason] { state.violations.first.map(\.reason) }
}

extension Decision {
  /// What is to be recorded, and whether it uses up the key.
  var events: ([Event], isKeyed: Bool) {
    switch self {
    case .accepted(let events): (events, true)
    case .refused(_, let events): (events, false)
    case .repeated, .unchanged: ([], false)
    }
  }
}

/// An import with every field of its own, to be changed field by field.
struct ImportFixture {
  var transaction: Text = "tx_12345"
  var agent: Text = "builder_agent"
  var vendor: Text = "Vendor A"
  var network: Text = "base"
  var amount: Text = "1.250000"
  var asset = Asset.usdc
  var phase = PaymentPhase.completed
  var occurredAt: Text = "2026-11-15T10:00:00Z"
  var chainHash: Text? = "0xabc"
  var error: Text?
  var vendorFault = false
  var latency: Int64? = 1_500
  var serviceURL: Text? = "https://vendor.example/api"
  var receipt: Text? = "facilitator says yes"

  func command() throws -> ImportPayment {
    ImportPayment(
      transaction: try .named(transaction),
      parties: PaymentParties(agent: agent, vendor: vendor, network: try .named(network)),
      amount: try Money(decimal: amount, asset: asset, rounding: .refuse), phase: phase,
      occurredAt: try .of(occurredAt), chainHash: chainHash.map { ChainHash($0) }, error: error,
      vendorFault: vendorFault, latencyMilliseconds: latency, serviceURL: serviceURL,
      facilitatorReceipt: receipt)
  }

  /// The same import with something changed.
  func with(_ change: (inout ImportFixture) -> Void) -> ImportFixture {
    var changed = self
    change(&changed)
    return changed
  }

  static let completed = ImportFixture()
  static let pending = ImportFixture().with { $0.phase = .pending }
  static let failed = ImportFixture().with {
    $0.phase = .failed
    $0.error = "timeout at vendor"
    $0.vendorFault = true
  }
}

/// A paid request, to be changed field by field.
struct AcceptFixture {
  var receipt: UInt64 = 1
  var request: UInt64 = 7
  var proof: Text = "proof123"
  var paid: Text? = "0.010000"
  var key: Text?

  func command() throws -> AcceptGatewayPayment {
    AcceptGatewayPayment(
      receipt: ReceiptID(ULID(high: 0, low: receipt)), method: "POST", path: "/agent/task",
      requestHash: fingerprint(request), proofID: proof, paid: try paid.map { try .usdc($0) },
      result: .string("done"), idempotencyKey: key)
  }
}
