import JSON
import Ledger
import Testing

/// Taking in payments that somebody else made.
@Suite struct ImportPaymentTests {
  private func known(_ fixture: ImportFixture) throws -> Scenario {
    var scenario = try Scenario()
    try scenario.submit(fixture.command())
    return scenario
  }

  private func types(_ decision: Decision) -> [EventType] {
    guard case .accepted(let events) = decision else { return [] }
    return events.map(\.type)
  }

  @Test(arguments: [
    (ImportFixture.pending, [EventType.paymentStarted]),
    (.completed, [.paymentStarted, .paymentCompleted]),
    (.failed, [.paymentStarted, .paymentFailed]),
  ])
  func `a new payment is one unit of its start and its end`(
    fixture: ImportFixture, expected: [EventType]
  ) throws {
    var scenario = try Scenario()
    let before = scenario.log.count
    #expect(types(try scenario.submit(fixture.command())) == expected)
    let unit = scenario.log[before...]
    #expect(unit.map(\.more) == expected.indices.map { $0 < expected.count - 1 })
    let payment = try #require(scenario.state[.real].payments[.named("tx_12345")])
    #expect(payment.phase == fixture.phase)
    #expect(payment.startedAt == (try .of("2026-11-15T10:00:00Z")))
    #expect(payment.closedAt == (fixture.phase == .pending ? nil : payment.startedAt))
    #expect(payment.amount == (try .usdc("1.25")))
    #expect(scenario.violations.isEmpty)
  }

  @Test(arguments: [ImportFixture.pending, .completed, .failed])
  func `the same import again changes nothing`(fixture: ImportFixture) throws {
    var scenario = try known(fixture)
    let state = scenario.state
    #expect(try scenario.submit(fixture.command()) == .unchanged)
    #expect(scenario.state == state)
  }

  @Test(arguments: [ImportFixture.completed, .failed])
  func `a pending payment may end later, once, and its end may be imported again`(
    end: ImportFixture
  ) throws {
    var scenario = try known(.pending)
    let end = end.with { $0.occurredAt = "2026-11-15T10:20:00.001Z" }
    let closing: [EventType] = [end.phase == .completed ? .paymentCompleted : .paymentFailed]
    #expect(types(try scenario.submit(end.command())) == closing)
    let payment = try #require(scenario.state[.real].payments[.named("tx_12345")])
    #expect(payment.startedAt == (try .of("2026-11-15T10:00:00Z")))
    #expect(payment.closedAt == (try .of("2026-11-15T10:20:00.001Z")))
    #expect(try scenario.submit(end.command()) == .unchanged)
    #expect(scenario.violations.isEmpty)
  }

  @Test(
    arguments: [PaymentPhase.pending, .completed, .failed],
    [
      PaymentPhase.pending, .completed, .failed,
    ])
  func `only pending may become something else`(from: PaymentPhase, to: PaymentPhase) throws {
    var scenario = try known(ImportFixture.failed.with { $0.phase = from })
    let next = ImportFixture.failed.with { $0.phase = to }
    // A file may tell of the start of a payment again, whatever became of it since.
    if from == to || to == .pending {
      #expect(try scenario.submit(next.command()) == .unchanged)
    } else if from == .pending {
      #expect(types(try scenario.submit(next.command())).count == 1)
    } else {
      #expect(
        try scenario.rejection(of: next.command())
          == .importConflict(
            transaction: .named("tx_12345"), field: "status", known: Text("\(from.name)"),
            given: Text("\(to.name)")))
    }
  }

  /// A change of one field, and how its conflict names it.
  struct Change: Sendable, CustomTestStringConvertible {
    let field: Text
    let known: Text
    let given: Text
    let fixture: ImportFixture
    var testDescription: String { "\(fixture.phase.name) \(field)" }

    static func of(
      _ base: ImportFixture, _ field: Text, _ known: Text, _ given: Text,
      _ change: (inout ImportFixture) -> Void
    ) -> Change {
      Change(field: field, known: known, given: given, fixture: base.with(change))
    }

    static let starts: [Change] = [ImportFixture.pending, .completed, .failed].flatMap { base in
      [
        of(base, "agent_id", "builder_agent", "other") { $0.agent = "other" },
        of(base, "vendor", "Vendor A", "vendor a") { $0.vendor = "vendor a" },
        of(base, "network", "base", "base-sepolia") { $0.network = "base-sepolia" },
        of(base, "amount", "1.250000 USDC", "1.250001 USDC") { $0.amount = "1.250001" },
        of(base, "amount", "1.250000 USDC", "1.250000 EURC") { $0.asset = .eurc },
        of(base, "timestamp", "2026-11-15T10:00:00.000Z", "2026-11-15T10:00:00.001Z") {
          $0.occurredAt = "2026-11-15T10:00:00.001Z"
        },
        of(base, "service_url", "another", "https://evil.example/") {
          $0.serviceURL = "https://evil.example/"
        },
        of(base, "service_url", "another", "none") { $0.serviceURL = nil },
      ]
    }

    static let ends: [Change] = [
      of(.completed, "blockchain_tx_hash", "0xabc", "0xabd") { $0.chainHash = "0xabd" },
      of(.completed, "blockchain_tx_hash", "0xabc", "none") { $0.chainHash = nil },
      of(.failed, "blockchain_tx_hash", "0xabc", "0xabd") { $0.chainHash = "0xabd" },
      of(.completed, "latency_ms", "1500", "1501") { $0.latency = 1_501 },
      of(.completed, "latency_ms", "1500", "none") { $0.latency = nil },
      of(.completed, "facilitator_receipt", "another", "no") { $0.receipt = "no" },
      of(.completed, "facilitator_receipt", "another", "none") { $0.receipt = nil },
      of(.failed, "error", "timeout at vendor", "no error given") { $0.error = nil },
      of(.failed, "vendor_fault", "true", "false") { $0.vendorFault = false },
    ]
  }

  @Test(arguments: Change.starts + Change.ends)
  func `each other difference is refused by the field's name`(change: Change) throws {
    let base: ImportFixture =
      switch change.fixture.phase {
      case .pending, .unknown, .authorized, .cancelled: .pending
      case .completed: .completed
      case .failed: .failed
      }
    let scenario = try known(base)
    #expect(
      try scenario.rejection(of: change.fixture.command())
        == .importConflict(
          transaction: .named("tx_12345"), field: change.field, known: change.known,
          given: change.given))
  }

  @Test(arguments: ["agent_id", "vendor", "network", "amount", "service_url"] as [Text])
  func `an end must agree with its start`(field: Text) throws {
    let scenario = try known(.pending)
    let change = try #require(
      Change.starts.first { $0.field == field && $0.fixture.phase == .completed })
    #expect(
      try scenario.rejection(of: change.fixture.command())
        == .importConflict(
          transaction: .named("tx_12345"), field: field, known: change.known,
          given: change.given))
  }

  @Test func `names have 1 to 256 bytes`() throws {
    let scenario = try Scenario()
    for field in ["agent_id", "vendor"] as [Text] {
      for (length, isGood) in [(0, false), (1, true), (256, true), (257, false)] {
        let name = Text(String(repeating: "n", count: length))
        let fixture = ImportFixture.completed.with {
          if field == "vendor" { $0.vendor = name } else { $0.agent = name }
        }
        let refusal = Rejection.fieldInvalid(field: field, reason: "must have 1 to 256 bytes")
        #expect(try scenario.rejection(of: fixture.command()) == (isGood ? nil : refusal))
      }
    }
  }

  @Test func `amounts and latencies are not negative`() throws {
    let scenario = try Scenario()
    let zero = ImportFixture.completed.with {
      $0.amount = "0"
      $0.latency = 0
    }
    #expect(try scenario.rejection(of: zero.command()) == nil)
    let late = ImportFixture.completed.with { $0.latency = -1 }
    #expect(
      try scenario.rejection(of: late.command())
        == .fieldInvalid(field: "latency_ms", reason: "must not be negative"))
    let negative = ImportPayment(
      transaction: try .named("tx_1"),
      parties: PaymentParties(agent: "a", vendor: "v", network: .base),
      amount: Money(units: -1, asset: .usdc), phase: .pending, occurredAt: .latest, chainHash: nil,
      error: nil, vendorFault: false, latencyMilliseconds: nil, serviceURL: nil,
      facilitatorReceipt: nil)
    #expect(
      scenario.rejection(of: negative)
        == .fieldInvalid(field: "amount", reason: "must not be negative"))
  }

  @Test func `free text is cut at 1 KiB and the cut text still counts as the same`() throws {
    let long = Text(String(repeating: "é", count: 600))
    var scenario = try Scenario()
    let fixture = ImportFixture.failed.with {
      $0.error = long
      $0.serviceURL = long
    }
    try scenario.submit(fixture.command())
    let payment = try #require(scenario.state[.real].payments[.named("tx_12345")])
    #expect(payment.error == Text(String(repeating: "é", count: 512)))
    #expect(try scenario.submit(fixture.command()) == .unchanged)
  }

  @Test func `the largest amount of any asset can be read back from the log`() throws {
    for asset in Asset.allCases {
      let money = Money(units: 1_000_000_000_000_000_000_000_000_000_000, asset: asset)
      var scenario = try Scenario()
      let fixture = ImportFixture.completed.with {
        $0.amount = money.decimal
        $0.asset = asset
      }
      try scenario.submit(fixture.command())
      for record in scenario.log {
        let bytes = dataBytes(record.event)
        #expect(try predicted(record.event.type, record.event.subject, bytes) == record.event)
      }
      let above = fixture.with {
        $0.transaction = "tx_above"
        $0.amount = Money(units: money.units + 1, asset: asset).decimal
      }
      #expect(
        try scenario.rejection(of: above.command())
          == .fieldInvalid(field: "amount", reason: "must not be above 10^30 atomic units"))
    }
  }

  @Test func `the two books know nothing of each other's payments`() throws {
    var scenario = try known(.completed)
    scenario.book = .fake
    #expect(types(try scenario.submit(ImportFixture.failed.command())).count == 2)
    #expect(scenario.state[.real].payments[try .named("tx_12345")]?.phase == .completed)
    #expect(scenario.state[.fake].payments[try .named("tx_12345")]?.phase == .failed)
  }
}
