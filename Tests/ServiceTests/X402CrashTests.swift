import Glibc
import HTTP
import JSON
import Journal
import Ledger
import Service
import Testing

/// Payments under crashes: after any durable prefix, and by seed with everything at once.
@Suite struct X402CrashTests {
  /// Cuts the last unit off the log, as a crash before its sync does.
  private func cut(_ home: GatewayHome) throws {
    let name = try #require(
      try POSIXDisk(folder: home.ledger).list("").last { $0.hasSuffix(".jsonl") })
    var lines = try home.text("data/ledger/" + name).split(separator: "\n")
    lines.removeLast()
    while lines.last?.contains(#","more":true,"#) == true { lines.removeLast() }
    let count = lines.reduce(0) { $0 + $1.utf8.count + 1 }
    _ = unlink(home.ledger + "/HEAD")
    #expect(truncate(home.ledger + "/" + name, off_t(count)) == 0)
  }

  @Test(arguments: ["00d2", "0003", "0007", "0008"], [1, 2, 3])
  func `after a crash the same header leads to one charge and one answer`(
    digits: String, lost: Int
  ) throws {
    let gateway = try X402Gateway()
    let payer = gateway.payer(1, digits)
    var daemon = try gateway.daemon()
    let first = try daemon.send(payer.request(), to: "gateway")
    daemon.stop()
    #expect(first.status == (digits == "00d2" ? 200 : 503))
    // The last unit is the outcome, the one before it the answer, the first the reservation.
    for _ in 0..<lost { try cut(gateway.home) }
    // Nobody is asked to move money before the answer is on disk.
    if lost > 1 { _ = unlink(gateway.home.path + "/data/fake/transfers.jsonl") }
    daemon = try gateway.daemon()
    defer { daemon.stop() }
    try daemon.settle()
    if lost == 1 { #expect(try gateway.home.count(of: .gatewayUnknown) == 1) }
    var statuses: [Int] = []
    for _ in 0..<2 {
      statuses.append(try daemon.send(payer.request(), to: "gateway").status)
    }
    #expect(statuses.last == 200)
    #expect(try gateway.transfers() == 1)
    #expect(try gateway.home.count(of: .gatewayPaymentAccepted) == 1)
    #expect(try gateway.home.count(of: .gatewayResponseRecorded) == 1)
  }

  /// Random payers and facilitators, twins, retries, restarts and lost outcomes; at the end the
  /// books balance: what moved is what was accepted, and each has its answer.
  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func `whatever happens, the books balance`(seed: UInt64) throws {
    let gateway = try X402Gateway()
    var random = SplitMix64(seed: seed)
    var daemon = try gateway.daemon()
    let digits = [
      "00d2", "00d2", "0001", "0002", "0003", "0004", "0007", "0008", "0009", "000a", "000b",
    ]
    var payers: [X402Payer] = []
    for step in 0..<40 {
      switch random.below(10) {
      case 0..<5:
        payers.append(gateway.payer(UInt64(step + 1), digits[random.below(digits.count)]))
        _ = try daemon.send(payers[payers.count - 1].request(), to: "gateway")
      case 5, 6:
        guard !payers.isEmpty else { continue }
        let payer = payers[random.below(payers.count)]
        _ = try daemon.send(payer.request(), to: "gateway")
      case 7: gateway.clock.advance(milliseconds: Int64(random.below(40)) * 1_000)
      case 8: _ = try gateway.reconcile(daemon)
      default:
        daemon.stop()
        let last = try gateway.home.records().last?.event.type
        let isOutcome = last == .gatewayPaymentAccepted || last == .gatewayUnknown
        if isOutcome, random.below(2) == 0 { try cut(gateway.home) }
        daemon = try gateway.daemon()
      }
    }
    gateway.clock.advance(milliseconds: 200_000)
    _ = try gateway.reconcile(daemon)
    _ = try gateway.reconcile(daemon)
    daemon.stop()
    let records = try gateway.home.records()
    var state = State()
    for record in records { state.apply(record) }
    #expect(state.violations.first == [])
    #expect(state[.fake].receipts.openOnes.isEmpty)
    let accepted = records.compactMap { record -> Text? in
      if case .gatewayPaymentAccepted(let event) = record.event { event.proofID } else { nil }
    }
    #expect(Set(accepted).count == accepted.count)
    #expect(try gateway.transfers() == accepted.count)
    let price = Money(units: 10_000, asset: .usdc)
    #expect(
      state[.fake].committed(policy: "default")?.units ?? 0
        == price.units * Int128(accepted.count))
  }
}
