import Glibc
import JSON
import Journal
import Ledger

/// Payments as a busy team makes them, in order of time, the same for the same seed.
///
/// The shape of the speed comparison: agents Zipf 1.1 of 200, vendors Zipf 1.15 of 50 that are up
/// for five days and down for four hours on average, Poisson arrivals over 60 days, and a few texts
/// that a careless scanner reads wrongly.
struct Workload {
  /// One command and when it is made.
  struct Step {
    let at: Timestamp
    let command: ImportPayment
  }

  /// Of the first arrival: 2026-09-01, so that all 60 days lie before this program was written.
  static let start = Timestamp(milliseconds: 1_788_220_800_000)
  private static let days = 60

  private var random: SplitMix64
  private let meanGap: Double
  private var arrival: Double
  private let agents: Zipf
  private let vendors: Zipf
  private var outages: [Outage]
  /// Payments that are under way, the one that ends first at the top.
  private var open = EndQueue()

  init(events: Int, seed: UInt64) {
    random = SplitMix64(seed: seed)
    let span = Double(Workload.days) * 86_400_000
    meanGap = span * 2 / Double(max(events, 2))
    arrival = 0
    agents = Zipf(count: 200, exponent: 1.1)
    vendors = Zipf(count: 50, exponent: 1.15)
    let forGood: [Int: Double] = [3: 16, 9: 12, 17: 16, 33: 24]
    outages = (0..<50).map { Outage(end: forGood[$0].map { span - $0 * 3_600_000 }) }
  }

  /// The next command; it never ends by itself.
  mutating func next() -> Step {
    while true {
      if arrival == 0 { arrival = exponential(meanGap) }
      if let end = open.top, end.endsAt <= arrival {
        open.pop()
        return step(at: end.endsAt, end, phase: end.phase)
      }
      let payment = begin(at: arrival)
      let now = arrival
      arrival += exponential(meanGap)
      if payment.phase != .pending { open.push(payment) }
      if !payment.comesWhole { return step(at: now, payment, phase: .pending) }
    }
  }

  private mutating func begin(at now: Double) -> OpenPayment {
    let vendor = vendors.pick(&random)
    let kind = Double.random(in: 0..<1, using: &random)
    let isSlow = random.once(in: 10)
    let endsAt = now + 400 + exponential(isSlow ? 180_000 : 2_500)
    let isDown = outages[vendor].isDown(at: endsAt, &random)
    let luck = Double.random(in: 0..<1, using: &random)
    let phase: PaymentPhase =
      kind < 0.0015 ? .pending : luck < (isDown ? 0.92 : 0.035) ? .failed : .completed
    let isCancelled = phase == .completed && Double.random(in: 0..<1, using: &random) < 0.03
    let network = Vocabulary.network(Double.random(in: 0..<1, using: &random))
    return OpenPayment(
      id: TransactionID(ULID(at: Workload.moment(now), random: (random.next(), random.next()))),
      agent: Vocabulary.agents[agents.pick(&random)], vendor: Vocabulary.vendors[vendor],
      network: network, amount: amount(on: network), startedAt: now, endsAt: endsAt,
      phase: isCancelled ? .failed : phase, isCancelled: isCancelled, isVendorDown: isDown,
      comesWhole: phase != .pending && random.once(in: 10), url: url(vendor))
  }

  private mutating func step(at now: Double, _ payment: OpenPayment, phase: PaymentPhase) -> Step {
    let isEnd = phase != .pending
    let error = phase == .failed ? failure(payment) : nil
    let command = ImportPayment(
      transaction: payment.id,
      parties: PaymentParties(
        agent: payment.agent, vendor: payment.vendor, network: payment.network.network),
      amount: payment.amount, phase: phase, occurredAt: Workload.moment(now),
      chainHash: phase == .completed ? hash(on: payment.network) : nil, error: error?.text,
      vendorFault: error?.isVendorFault ?? false,
      latencyMilliseconds: isEnd ? Int64(payment.endsAt - payment.startedAt) : nil,
      serviceURL: payment.url, facilitatorReceipt: phase == .completed ? receipt() : nil)
    return Step(at: Workload.moment(now), command: command)
  }

  // MARK: the parts of a payment

  private mutating func amount(on network: Vocabulary.Chain) -> Money {
    if network.asset == .btc {
      // Whole satoshi, in millisatoshi.
      return Money(units: Int128(10 + exponential(2_000)) * 1_000, asset: .btc)
    }
    let isLarge = network.isBase && random.once(in: 10)
    return Money(
      units: Int128(10_000 + exponential(isLarge ? 20_000_000 : 1_100_000)), asset: .usdc)
  }

  private mutating func url(_ vendor: Int) -> Text? {
    if random.once(in: 250) { return Vocabulary.escapes }
    if random.once(in: 1_000) { return Vocabulary.lookalike }
    guard random.once(in: 10) else { return nil }
    let part = Vocabulary.components[random.below(Vocabulary.components.count)]
    return Text("https://api.\(Vocabulary.vendors[vendor].string).example/v1/\(part)")
  }

  private mutating func receipt() -> Text? {
    if random.once(in: 250) { return Vocabulary.escapes }
    if random.once(in: 1_000) { return Vocabulary.lookalike }
    return nil
  }

  private mutating func failure(_ payment: OpenPayment) -> (text: Text, isVendorFault: Bool) {
    if payment.isCancelled { return ("CANCELLED by the agent", false) }
    if payment.isVendorDown { return ("PROVIDER_ERROR: 503 from the vendor", true) }
    let codes = Vocabulary.errors
    let code = codes[random.below(codes.count)]
    return (code, code == "PROVIDER_ERROR")
  }

  private mutating func hash(on network: Vocabulary.Chain) -> ChainHash {
    let print = Fingerprint((random.next(), random.next(), random.next(), random.next()))
    return network.isEVM ? .evm(print) : .other(print.hex)
  }

  private mutating func exponential(_ mean: Double) -> Double {
    -log(1 - Double.random(in: 0..<1, using: &random)) * mean
  }

  private static func moment(_ milliseconds: Double) -> Timestamp {
    start.advanced(byMilliseconds: Int64(milliseconds))
  }
}

/// A payment that has begun.
struct OpenPayment {
  let id: TransactionID
  let agent: Text
  let vendor: Text
  let network: Vocabulary.Chain
  let amount: Money
  /// Milliseconds since the workload's start.
  let startedAt: Double
  let endsAt: Double
  /// What it comes to; pending when it never ends.
  let phase: PaymentPhase
  let isCancelled: Bool
  let isVendorDown: Bool
  /// Whether it is taken in only when it has ended, start and end as one unit.
  let comesWhole: Bool
  let url: Text?
}
