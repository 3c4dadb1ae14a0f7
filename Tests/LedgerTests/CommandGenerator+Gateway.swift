import JSON
import Ledger
import Seeded

/// Payments at the gateway: by form, or by promises that are reserved, answered and settled.
extension CommandGenerator {
  mutating func sell() {
    if state.controls.gateway?.mode != .facilitator, random.below(8) > 0 {
      send(paidRequest())
      return
    }
    // Most of what is begun goes on, so that every step is met often.
    let open = Book.allCases.flatMap { state[$0].receipts.openOnes.map(\.receipt.reserved.receipt) }
    let receipt =
      open.isEmpty || random.below(6) == 0
      ? ReceiptID(ULID(high: 7, low: UInt64(random.below(300)))) : random.pick(open)
    switch random.below(8) {
    case 0, 1, 2: reserve()
    case 3:
      send(
        BeginSettlement(
          receipt: receipt, answer: random.below(3) == 0 ? nil : answer, payment: "{}",
          requirements: "{}"))
    case 4: send(RecordAnswer(receipt: receipt, answer: answer))
    default: settle(receipt)
    }
  }

  private mutating func paidRequest() -> AcceptGatewayPayment {
    AcceptGatewayPayment(
      receipt: ReceiptID(ULID(high: 2, low: UInt64(random.below(400)))), method: "POST",
      path: "/agent/task", requestHash: fingerprint(UInt64(random.below(4))),
      proofID: Text("proof-\(random.below(60))"),
      paid: random.pick([
        nil, Money(units: 10_000, asset: .usdc), Money(units: 9_999, asset: .usdc),
        Money(units: 50_001, asset: .usdc), Money(units: 20_000, asset: .usdc),
        Money(units: .max, asset: .eurc),
      ]), result: .string("done \u{1}"), idempotencyKey: nil)
  }

  mutating func routes() -> ApplyRoutes {
    ApplyRoutes(
      routes: (0..<random.below(3)).map { index in
        AppliedRoute(
          name: random.below(9) == 0 ? "GET /w" : Text("GET /w\(index)"),
          price: random.pick([nil, Money(units: 20_000, asset: .usdc), .zero(.usdc)]),
          flow: random.pick(PaymentFlow.allCases),
          sessionCap: random.pick([nil, Money(units: 40_000, asset: .usdc)]),
          upstream: "http://127.0.0.1:9")
      })
  }

  private mutating func reserve() {
    let sold = state.controls.routes.filter { $0.price != nil }
    let route = random.below(3) > 0 || sold.isEmpty ? nil : random.pick(sold)
    let promise = SignedPromise(
      network: random.pick([.base, .base, .base, Network("base-sepolia") ?? .base]),
      token: "0xUSDC", payer: random.pick(["0xA", "0xa", "0xB"]),
      nonce: Fingerprint((UInt64(random.below(40)), 0, 0, 1)))
    var command = ReserveGatewayPayment(
      receipt: ReceiptID(ULID(high: 7, low: UInt64(random.below(300)))),
      route: route?.name ?? random.pick(["POST /agent/task", "POST /agent/task", "GET /no"]),
      path: "/agent/task",
      requestHash: fingerprint(UInt64(random.below(3))), version: Int64(1 + random.below(2)),
      promise: promise,
      amount: route?.price ?? state.controls.gateway?.price
        ?? Money(units: Int128(random.below(2)), asset: .usdc),
      validBefore: now.advanced(byMilliseconds: Int64(random.below(4)) * 60_000),
      flow: route?.flow ?? random.pick([.authorization, .authorization, .upfront]))
    command.refusal = random.pick([nil, nil, nil, nil, .diskLow])
    send(command)
  }

  private mutating func settle(_ receipt: ReceiptID) {
    let hash = ChainHash(Text("0x\(random.below(9))"))
    let outcome: GatewayOutcome =
      switch random.below(5) {
      case 0, 1: .settled(hash, payer: "0xA")
      case 2: .unknown(errorClass: "timeout", random.pick([nil, hash]))
      default:
        .refused(stage: random.pick(RefusalStage.allCases), code: "REPLAY", reason: "é")
      }
    let anomaly = GatewayAnomaly(receipt: receipt, kind: "other_payer", expected: "0xA", got: nil)
    send(
      SettleReservation(
        receipt: receipt, outcome: outcome, source: random.pick([.provider, .reconcile]),
        evidence: random.pick([nil, "", "block 7"]),
        anomalies: random.below(4) == 0 ? [anomaly] : []))
  }

  private var answer: GatewayAnswer {
    GatewayAnswer(
      status: 200, headers: [.init(name: "content-type", value: "text/plain")],
      body: .text("done \u{1}"))
  }
}
