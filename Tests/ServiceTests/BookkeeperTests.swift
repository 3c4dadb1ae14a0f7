import HTTP
import JSON
import Journal
import Ledger
import Service
import Testing

/// Nothing leaves before it is durable, nothing leaves after the disk is lost.
///
/// Source: DESIGN sections 1 and 3.
struct BookkeeperTests {
  @Test func `no answer is released before the sync that carries it has returned`() throws {
    let desk = try BookkeeperDesk()
    try desk.setPrice()
    let notes = Notebook()
    desk.disk.shut()
    let outcome = try desk.submit(BookkeeperDesk.payment(1), key: nil)
    let answer = Response(status: 200)
    desk.bookkeeper.release(
      try BookkeeperDesk.exchange(notes, "paid"), answer, after: outcome.decidedSeq)
    desk.bookkeeper.whenDurable(outcome.decidedSeq) { notes.write("call \($0)") }
    // A read of the decided state hangs on the same sync.
    let (_, seq) = desk.bookkeeper.read { state, _ in state.seq }
    desk.bookkeeper.release(try BookkeeperDesk.exchange(notes, "read"), answer, after: seq)
    try desk.disk.waitForSync()
    #expect(notes.all.isEmpty)
    #expect(desk.bookkeeper.durableSeq < outcome.decidedSeq)
    desk.disk.open()
    #expect(Set(try notes.wait(for: 3)) == ["paid 200", "call true", "read 200"])
    desk.bookkeeper.close()
    #expect(desk.bookkeeper.durableSeq == outcome.decidedSeq)
  }

  @Test func `calls are let out in the order of their seqs`() throws {
    let desk = try BookkeeperDesk()
    try desk.setPrice()
    let notes = Notebook()
    desk.disk.shut()
    var seqs: [UInt64] = []
    for number in UInt64(1)...20 {
      seqs.append(try desk.submit(BookkeeperDesk.payment(number), key: nil).decidedSeq)
    }
    for seq in seqs.reversed() {
      desk.bookkeeper.whenDurable(seq) { _ in notes.write("\(seq)") }
    }
    desk.disk.open()
    #expect(try notes.wait(for: 20) == seqs.map { "\($0)" })
    desk.bookkeeper.close()
  }

  @Test func `a key that stands in the batch being synced is known already`() throws {
    let desk = try BookkeeperDesk()
    try desk.setPrice()
    desk.disk.shut()
    let first = try desk.submit(BookkeeperDesk.payment(1), key: "k")
    let second = try desk.submit(BookkeeperDesk.payment(2), key: "k")
    guard case .accepted(let records) = first.kind, case .repeated(let seq) = second.kind else {
      Issue.record("\(first.kind), \(second.kind)")
      return
    }
    #expect(seq == records.first?.seq)
    #expect(second.decidedSeq == first.decidedSeq)
    let notes = Notebook()
    desk.bookkeeper.whenDurable(second.decidedSeq) { notes.write("\($0)") }
    try desk.disk.waitForSync()
    #expect(notes.all.isEmpty)
    desk.disk.open()
    #expect(try notes.wait(for: 1) == ["true"])
    desk.bookkeeper.close()
    #expect(try desk.replayed().records.count { $0.event.type == .gatewayPaymentAccepted } == 1)
  }

  @Test(arguments: [DiskCall.write, .sync], [FaultPlan.Fault.inputOutput, .noSpace, .shortWrite])
  func `when the disk is lost everybody who waits is told so, and nothing is let out after`(
    call: DiskCall, fault: FaultPlan.Fault
  ) throws {
    let desk = try BookkeeperDesk()
    try desk.setPrice()
    let notes = Notebook()
    desk.bookkeeper.whenDurable(desk.live.seq) { notes.write("settled \($0)") }
    _ = try notes.wait(for: 1)
    desk.disk.inner.plan(
      FaultPlan(powerCutAtCall: nil, failAtCall: 1, fault: fault, counted: call))
    let before = desk.bookkeeper.durableSeq
    let outcome = try desk.submit(BookkeeperDesk.payment(1), key: "k")
    for name in ["a", "b"] {
      desk.bookkeeper.release(
        try BookkeeperDesk.exchange(notes, name), Response(status: 200), after: outcome.decidedSeq)
    }
    desk.bookkeeper.whenDurable(outcome.decidedSeq) { notes.write("call \($0)") }
    #expect(Set(try notes.wait(for: 4).dropFirst()) == ["a 503", "b 503", "call false"])
    // Told after those who wait: what it does ends the process.
    #expect(try desk.losses.wait(for: 1).count == 1)
    // Whoever comes later: no decision, and no answer that hangs on what was lost.
    #expect(throws: Unavailable.diskLost) {
      try desk.submit(BookkeeperDesk.payment(2), key: nil)
    }
    let (_, seq) = desk.bookkeeper.read { state, _ in state.seq }
    desk.bookkeeper.release(
      try BookkeeperDesk.exchange(notes, "late"), Response(status: 200), after: seq)
    #expect(try notes.wait(for: 5).last == "late 503")
    desk.bookkeeper.close()
    #expect(desk.bookkeeper.durableSeq == before)
    #expect(desk.losses.all.count == 1)
  }

  @Test func `the refusal after a lost disk says that the outcome is unknown`() throws {
    let response = Problem.ledgerUnavailable.response(requestID: "r")
    #expect(try response.verdict == "503 LEDGER_UNAVAILABLE")
    #expect(response.headers["Retry-After"] == "5")
    #expect(response.text.contains("unknown"))
    #expect(response.text.contains("same Idempotency-Key"))
  }

  @Test func `what is too large for a line changes nothing, and the next one goes on`() throws {
    let desk = try BookkeeperDesk()
    try desk.setPrice()
    let before = desk.live
    // 1 MiB of text escapes to more than a line may hold.
    let huge = JSONValue.string(Text(String(repeating: "x", count: 1_048_576)))
    #expect(throws: Unavailable.tooLarge) {
      try desk.submit(BookkeeperDesk.payment(1, result: huge), key: "k")
    }
    #expect(desk.live == before)
    let next = try desk.submit(BookkeeperDesk.payment(2), key: "k")
    #expect(next.decidedSeq == before.seq + 2)
    desk.bookkeeper.close()
    let replayed = try desk.replayed()
    #expect(replayed.state == desk.live)
    #expect(try desk.verify() == .clean)
  }

  @Test(arguments: UInt64(0)..<4)
  func `live equals replayed after thousands of submissions from eight threads`(seed: UInt64)
    throws
  {
    let desk = try BookkeeperDesk(segmentLimit: 60_000 + Int(seed) * 50_000)
    try desk.setPrice()
    let durable = try simultaneously(8) { thread in
      var chance = SplitMix64(seed: seed << 8 | UInt64(thread))
      let released = Notebook()
      var asked = 0
      for _ in 0..<400 {
        if chance.below(50) == 0 { desk.clock.advance(milliseconds: Int64(chance.below(40_000))) }
        let outcome = try BookkeeperTests.anything(&chance, desk)
        asked += 1
        desk.bookkeeper.whenDurable(outcome.decidedSeq) { isDurable in
          if isDurable { released.write("") }
        }
      }
      return try released.wait(for: asked).count
    }
    #expect(durable == Array(repeating: 400, count: 8))
    let live = desk.live
    desk.bookkeeper.close()
    let replayed = try desk.replayed()
    #expect(replayed.state == live)
    #expect(StatePrint.hex(of: replayed.state) == StatePrint.hex(of: live))
    #expect(live.violations.count == 0)
    #expect(try desk.verify() == .clean)
    #expect(!desk.rotations.all.isEmpty)
    #expect(replayed.records.map(\.seq) == Array(1...live.seq))
  }

  private static func anything(
    _ chance: inout SplitMix64, _ desk: BookkeeperDesk
  ) throws -> Outcome {
    let key: Text? = chance.below(3) == 0 ? nil : Text("key-\(chance.below(200))")
    switch chance.below(10) {
    case 0:
      let prices = ["0.01", "0.02", "0.005"]
      let settings: [Text: Text] = [
        "X402_PRICE_USD": Text(prices[chance.below(3)]),
        "WALLET_POLICY_SESSION_CAP_USD": chance.below(2) == 0 ? "" : "100",
      ]
      return try desk.submit(ApplySettings(settings: settings), key: nil)
    case 1:
      let counted = CountOffers(
        from: BookkeeperDesk.start, byCode: ["PAYMENT_REQUIRED": chance.below(3)])
      return try desk.submit(counted, key: nil)
    case 2:
      let trips = CountRateLimitTrips(
        scope: "gateway", from: BookkeeperDesk.start, count: chance.below(2), clients: 1)
      return try desk.submit(trips, key: nil)
    default:
      let number = UInt64(chance.below(2_000))
      return try desk.submit(BookkeeperDesk.payment(number), key: key)
    }
  }
}
