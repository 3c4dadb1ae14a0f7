import JSON
import Ledger
import Testing

/// The sums that reports and alerts are made of.
@Suite struct TallyTests {
  /// A ledger that took in one payment per letter: S completed, F failed by the vendor's fault,
  /// D failed by nobody's, P still pending.
  private func history(_ letters: String, vendor: (Int) -> Text = { _ in "Vendor A" }) throws
    -> Scenario
  {
    var scenario = try Scenario()
    for (index, letter) in letters.enumerated() {
      let fixture = ImportFixture.completed.with {
        $0.transaction = Text("tx_\(index)")
        $0.vendor = vendor(index)
        $0.phase = letter == "S" ? .completed : letter == "P" ? .pending : .failed
        $0.vendorFault = letter == "F"
      }
      try scenario.submit(fixture.command())
    }
    return scenario
  }

  @Test(arguments: [
    ("", nil), ("P", 0), ("S", 0), ("F", 1), ("FFFFFS", 0), ("SFF", 2), ("FFFFF", 5), ("FFF", 3),
    ("FFSF", 1), ("SFFPF", 3), ("FDF", 2), ("D", 0), ("FFDS", 0), ("FSFSF", 1),
  ])
  func `a streak is the run of vendor failures since the last completed payment`(
    letters: String, streak: Int?
  ) throws {
    let rows = try history(letters).state[.real].tallies.payments.streakRows()
    #expect(rows.map(\.failures) == (streak.map { [$0] } ?? []))
  }

  @Test func `vendors are one whatever their ASCII case, and shown as first seen`() throws {
    let names: [Text] = ["ACME api", "acme API", "Other", "Acme Api", "ÉCOLE", "éCOLE"]
    let tallies = try history("FFFFFF") { names[$0] }.state[.real].tallies.payments
    #expect(tallies.streakRows().map(\.vendor) == ["ACME api", "Other", "ÉCOLE", "éCOLE"])
    #expect(tallies.streakRows().map(\.failures) == [3, 1, 1, 1])
    let success = try history("FFS") { names[$0 % 2] }.state[.real].tallies.payments
    #expect(success.streakRows().map(\.failures) == [0])
  }

  @Test func `only completed payments count as spend`() throws {
    #expect(try history("FDPF").state[.real].tallies.payments.spendRows().isEmpty)
    let rows = try history("SFDPS").state[.real].tallies.payments.spendRows()
    #expect(rows.map(\.total.units) == [2_500_000])
    #expect(rows.map(\.total.count) == [2])
  }

  @Test func `spend belongs to the UTC day on which the payment was completed`() throws {
    var scenario = try Scenario()
    let times: [Text] = [
      "2026-11-15T23:59:59.999Z", "2026-11-16T00:00:00.000Z", "2026-11-16T23:59:59.999Z",
      "2026-11-17T00:30:00.000+01:00", "2026-11-17T00:00:00.000Z",
    ]
    for (index, time) in times.enumerated() {
      let fixture = ImportFixture.completed.with {
        $0.transaction = Text("tx_\(index)")
        $0.occurredAt = time
      }
      try scenario.submit(fixture.command())
    }
    let rows = scenario.state[.real].tallies.payments.spendRows()
    #expect(rows.map(\.day.description) == ["2026-11-15", "2026-11-16", "2026-11-17"])
    #expect(rows.map(\.total.count) == [1, 3, 1])
  }

  @Test func `a payment begun before midnight and completed after counts after`() throws {
    var scenario = try Scenario()
    let start = ImportFixture.pending.with { $0.occurredAt = "2026-11-15T23:59:59Z" }
    let end = ImportFixture.completed.with { $0.occurredAt = "2026-11-16T00:00:01Z" }
    try scenario.submit(start.command())
    #expect(scenario.state[.real].tallies.payments.spendRows().isEmpty)
    try scenario.submit(end.command())
    #expect(
      scenario.state[.real].tallies.payments.spendRows().map(\.day.description) == ["2026-11-16"])
  }

  @Test func `agents, networks and assets are summed apart`() throws {
    var scenario = try Scenario()
    let fixtures: [ImportFixture] = [
      .completed, .completed.with { $0.agent = "auditor" },
      .completed.with { $0.network = "base-sepolia" }, .completed.with { $0.asset = .eurc },
      .completed.with { $0.amount = "0.1" },
    ]
    for (index, fixture) in fixtures.enumerated() {
      try scenario.submit(fixture.with { $0.transaction = Text("tx_\(index)") }.command())
    }
    let rows = scenario.state[.real].tallies.payments.spendRows()
    let shown = rows.map {
      "\($0.agent) \($0.network.name) \(Money(units: $0.total.units, asset: $0.asset))"
    }
    #expect(
      shown == [
        "auditor base 1.250000 USDC", "builder_agent base 1.350000 USDC",
        "builder_agent base 1.250000 EURC", "builder_agent base-sepolia 1.250000 USDC",
      ])
  }

  @Test func `outcomes count what began, completed and failed`() throws {
    let tallies = try history("SSFDP").state[.real].tallies.payments
    #expect(tallies.allOutcomes == outcomes(5, 2, 2))
    #expect(tallies.outcomeRows().map(\.outcomes) == [outcomes(5, 2, 2)])
  }

  private func outcomes(_ started: Int, _ completed: Int, _ failed: Int) -> Outcomes {
    // Outcomes have no public initializer: they only come from tallies.
    var counts = PaymentTallies.none
    counts.started = started
    counts.completed = completed
    counts.failed = failed
    return counts
  }

  @Test func `a latency lies in the bucket whose bound it does not pass`() throws {
    var scenario = try Scenario()
    let latencies: [Int64?] = [0, 50, 51, 2_000, 2_001, 60_000, 60_001, nil]
    for (index, latency) in latencies.enumerated() {
      let fixture = ImportFixture.completed.with {
        $0.transaction = Text("tx_\(index)")
        $0.latency = latency
      }
      try scenario.submit(fixture.command())
    }
    let histogram = scenario.state[.real].tallies.payments.latencies
    #expect(histogram.counts == [2, 1, 0, 0, 0, 1, 1, 0, 0, 1, 1])
    #expect(histogram.sum == 124_103)
  }

  @Test func `records are counted by type`() throws {
    let state = try history("SFP").state
    #expect(state[.real].tallies.count(of: .paymentStarted) == 3)
    #expect(state[.real].tallies.count(of: .paymentCompleted) == 1)
    #expect(state[.real].tallies.count(of: .paymentFailed) == 1)
    #expect(state.controls.byType[EventType.ledgerOpened.rawValue] == 1)
    #expect(state.controls.byType[EventType.configApplied.rawValue] == 1)
  }

  @Test func `a pending payment is stale strictly after fifteen minutes`() throws {
    var scenario = try Scenario()
    let start = try Timestamp.of("2026-11-15T10:00:00Z")
    try scenario.submit(ImportFixture.pending.command())
    let failed = ImportFixture.failed.with { $0.transaction = "tx_failed" }
    try scenario.submit(failed.command())
    let payments = scenario.state[.real].payments
    for (age, count) in [(-1, 0), (0, 0), (899_999, 0), (900_000, 0), (900_001, 1)]
      as [(
        Int64, Int
      )]
    {
      let asOf = start.advanced(byMilliseconds: age)
      #expect(payments.openCount(olderThan: 900_000, asOf: asOf) == count)
      #expect(payments.open(olderThan: 900_000, asOf: asOf).count == count)
    }
    #expect(payments.openCount == 1)
  }

  @Test func `open payments are listed in the order of their start, however they end`() throws {
    var scenario = try Scenario()
    for index in 0..<6 {
      try scenario.submit(
        ImportFixture.pending.with { $0.transaction = Text("tx_\(index)") }.command())
    }
    var open = Set(0..<6)
    for closed in [3, 0, 5, 1, 4, 2] {
      try scenario.submit(
        ImportFixture.failed.with { $0.transaction = Text("tx_\(closed)") }.command())
      open.remove(closed)
      let listed = scenario.state[.real].payments.open(olderThan: 0, asOf: scenario.now)
      #expect(listed.map(\.id.text) == open.sorted().map { Text("tx_\($0)") })
      #expect(scenario.state[.real].payments.openCount == open.count)
    }
  }
}

extension PaymentTallies {
  /// No outcomes at all, as an empty ledger has them.
  fileprivate static var none: Outcomes { State()[.real].tallies.payments.allOutcomes }
}
