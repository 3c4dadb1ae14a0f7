import JSON
import Ledger
import Testing

/// The name of a retry: one unit per key, for ever.
@Suite struct KeyTests {
  private func key(_ key: Text, _ op: Text = "payment.import", _ print: UInt64 = 1) -> KeyBinding {
    KeyBinding(key: key, op: op, print: fingerprint(print))
  }

  private func payment(_ id: Text) throws -> ImportPayment {
    try ImportFixture.completed.with { $0.transaction = id }.command()
  }

  @Test func `the same key and print is answered with the first unit`() throws {
    var scenario = try Scenario()
    try scenario.submit(payment("tx_1"), key: key("k"))
    let state = scenario.state
    #expect(try scenario.submit(payment("tx_1"), key: key("k")) == .repeated(first: 3))
    // Also when the command itself would now do something else.
    #expect(try scenario.submit(payment("tx_2"), key: key("k")) == .repeated(first: 3))
    #expect(scenario.state == state)
  }

  @Test func `the same key with another print is a conflict for ever`() throws {
    var scenario = try Scenario()
    try scenario.submit(payment("tx_1"), key: key("k"))
    for _ in 0..<3 {
      #expect(
        try scenario.rejection(of: payment("tx_2"), key: key("k", "payment.import", 2))
          == .idempotencyConflict(key: "k", first: 3))
      scenario.now = scenario.now.advanced(byMilliseconds: 31_536_000_000)
      try scenario.submit(CountOffers(from: scenario.now, byCode: ["PAYMENT_REQUIRED": 1]))
    }
  }

  @Test func `a key belongs to one book, one op and one actor`() throws {
    var scenario = try Scenario()
    try scenario.submit(payment("tx_1"), key: key("k"))
    try scenario.submit(payment("tx_2"), key: key("k", "POST /agent/task", 2))
    try scenario.submit(payment("tx_3"), key: key("k", "payment.import", 3), actor: "operator")
    scenario.book = .fake
    try scenario.submit(payment("tx_4"), key: key("k", "payment.import", 4))
    #expect(scenario.state[.real].keyCount == 3)
    #expect(scenario.state[.fake].keyCount == 1)
    #expect(scenario.violations.isEmpty)
  }

  @Test func `a key also names a unit about the ledger's controls`() throws {
    var scenario = try Scenario()
    let accept = AcceptClock(wall: scenario.now, reason: "ntp", by: "operator")
    try scenario.submit(accept, key: key("k", "clock.accept"))
    let count = scenario.log.count
    #expect(try scenario.submit(accept, key: key("k", "clock.accept")) == .repeated(first: 3))
    // Controls belong to no book, so their keys hold in both.
    scenario.book = .fake
    #expect(try scenario.submit(accept, key: key("k", "clock.accept")) == .repeated(first: 3))
    #expect(
      scenario.rejection(of: accept, key: key("k", "clock.accept", 2))
        == .idempotencyConflict(key: "k", first: 3))
    #expect(scenario.log.count == count)
  }

  @Test(
    arguments: [
      ("", false), ("k", true), ("!", true), ("~", true), (" ", false), ("a b", false),
      ("a\t", false), ("é", false), ("\u{7F}", false), ("a\n", false),
    ] as [(Text, Bool)])
  func `a key is visible ASCII`(text: Text, isGood: Bool) throws {
    let scenario = try Scenario()
    #expect(
      try scenario.rejection(of: payment("tx_1"), key: key(text))
        == (isGood ? nil : .keyMalformed))
  }

  @Test func `a key has 1 to 255 bytes`() {
    #expect(KeyBinding.isWellFormed(key: Text(String(repeating: "k", count: 255))))
    #expect(!KeyBinding.isWellFormed(key: Text(String(repeating: "k", count: 256))))
  }

  @Test func `a refusal does not use up the key`() throws {
    var scenario = try Scenario()
    var fixture = AcceptFixture()
    fixture.paid = "0.001"
    #expect(throws: Rejection.self) {
      try scenario.submit(fixture.command(), key: key("k", "POST /agent/task"))
    }
    fixture.paid = "0.01"
    let decision = try scenario.submit(fixture.command(), key: key("k", "POST /agent/task"))
    guard case .accepted = decision else {
      Issue.record("the paid retry was not accepted: \(decision)")
      return
    }
  }

  @Test func `a replay under a key does not charge the session again`() throws {
    var scenario = try Scenario(settings: ["WALLET_POLICY_SESSION_CAP_USD": "0.01"])
    let binding = key("k", "POST /agent/task")
    try scenario.submit(AcceptFixture().command(), key: binding)
    let again = AcceptFixture(receipt: 2, proof: "another-proof")
    #expect(try scenario.submit(again.command(), key: binding) == .repeated(first: 3))
    #expect(scenario.state[.real].spent(policy: "default") == (try .usdc("0.01")))
  }

  @Test func `prints leave out what a retry may not repeat`() throws {
    func print<Wish: Command>(_ command: Wish) -> [UInt8] {
      var out = JSONWriter()
      command.writePrint(to: &out)
      return out.bytes
    }
    #expect(
      try print(AcceptFixture(receipt: 1).command())
        == print(AcceptFixture(receipt: 2, proof: "other").command()))
    #expect(
      try print(AcceptFixture(request: 1).command())
        != print(AcceptFixture(request: 2).command()))
    let base = ImportFixture.failed
    let prints = try [
      base, base.with { $0.amount = "2" }, base.with { $0.phase = .completed },
      base.with { $0.error = "x" }, base.with { $0.vendorFault = false },
      base.with { $0.occurredAt = "2026-11-15T10:00:00.001Z" }, base.with { $0.latency = nil },
      base.with { $0.chainHash = nil }, base.with { $0.serviceURL = nil },
      base.with { $0.receipt = nil }, base.with { $0.agent = "x" }, base.with { $0.vendor = "x" },
      base.with { $0.network = "x" }, base.with { $0.transaction = "x" },
    ].map { try print($0.command()) }
    #expect(Set(prints).count == prints.count)
  }
}
