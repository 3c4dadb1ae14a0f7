public import JSON

/// How many payments there were, and what they came to.
public struct PaymentTotal: Equatable, Sendable {
  public var count = 0
  /// Atomic units of the asset that the total is kept for.
  public var units: Int128 = 0

  mutating func add(_ amount: Int128) {
    count += 1
    units = units.addingClamped(amount)
  }

  mutating func add(_ other: PaymentTotal) {
    count += other.count
    units = units.addingClamped(other.units)
  }
}

/// What a total of completed payments is kept for.
public struct SpendKey: Hashable, Sendable {
  let agent: UInt32
  let day: Day
  let network: UInt32
  let asset: Asset
}

/// What outcomes are counted for.
public struct OutcomeKey: Hashable, Sendable {
  let agent: UInt32
  let vendor: UInt32
  let network: UInt32
}

/// Outcomes of the payments of one agent to one vendor on one network.
public struct Outcomes: Equatable, Sendable {
  public var started = 0
  public var completed = 0
  public var failed = 0

  mutating func add(_ other: Outcomes) {
    started += other.started
    completed += other.completed
    failed += other.failed
  }
}

/// A vendor's run of failures since its last completed payment.
public struct Streak: Equatable, Sendable {
  /// Whether a completed payment is among what was folded.
  var hasCompleted = false
  public fileprivate(set) var failures = 0

  /// The streak after the later part: only a completed payment in it forgets the earlier one.
  func followed(by later: Streak) -> Streak {
    later.hasCompleted
      ? later
      : Streak(hasCompleted: hasCompleted, failures: failures + later.failures)
  }
}

/// The sums of payments: counts, daily totals, outcomes, streaks, latencies of one book.
///
/// Order-free: any split of the log folds to the same, and `merge` is associative.
public struct PaymentTallies: Equatable, Sendable {
  private(set) var names = TextTable()
  /// Vendors in lower case; the same numbers as in `vendorNames`.
  private var vendorKeys = TextTable()
  /// Vendors as first seen.
  private(set) var vendorNames: [Text] = []
  private(set) var streaks: [Streak] = []
  private(set) var spend: [SpendKey: PaymentTotal] = [:]
  private(set) var outcomes: [OutcomeKey: Outcomes] = [:]
  public private(set) var latencies = LatencyHistogram()

  mutating func apply(_ event: PaymentStarted) {
    outcomes[key(event.parties), default: Outcomes()].started += 1
  }

  mutating func apply(_ event: PaymentCompleted, at record: Record) {
    let key = key(event.parties)
    outcomes[key, default: Outcomes()].completed += 1
    let spendKey = SpendKey(
      agent: key.agent, day: (event.occurredAt ?? record.at).day, network: key.network,
      asset: event.settled.asset)
    spend[spendKey, default: PaymentTotal()].add(event.settled.units)
    streaks[Int(key.vendor)] = Streak(hasCompleted: true, failures: 0)
    if let latency = event.latencyMilliseconds { latencies.add(latency) }
  }

  mutating func apply(_ event: PaymentFailed) {
    let key = key(event.parties)
    outcomes[key, default: Outcomes()].failed += 1
    if event.vendorFault { streaks[Int(key.vendor)].failures += 1 }
  }

  private mutating func key(_ parties: PaymentParties) -> OutcomeKey {
    OutcomeKey(
      agent: names.intern(parties.agent), vendor: vendor(parties.vendor),
      network: names.intern(parties.network.name))
  }

  private mutating func vendor(_ name: Text) -> UInt32 {
    let number = vendorKeys.intern(name.asciiLowercased)
    if Int(number) == vendorNames.count {
      vendorNames.append(name)
      streaks.append(Streak())
    }
    return number
  }

  /// Takes in the tallies of what was logged after this.
  mutating func merge(_ later: PaymentTallies) {
    let nameMap = (0..<UInt32(later.names.count)).map { names.intern(later.names[$0]) }
    let vendorMap = later.vendorNames.map { vendor($0) }
    for (number, streak) in later.streaks.enumerated() {
      let mine = Int(vendorMap[number])
      streaks[mine] = streaks[mine].followed(by: streak)
    }
    for (key, total) in later.spend {
      let mine = SpendKey(
        agent: nameMap[Int(key.agent)], day: key.day, network: nameMap[Int(key.network)],
        asset: key.asset)
      spend[mine, default: PaymentTotal()].add(total)
    }
    for (key, counts) in later.outcomes {
      let mine = OutcomeKey(
        agent: nameMap[Int(key.agent)], vendor: vendorMap[Int(key.vendor)],
        network: nameMap[Int(key.network)])
      outcomes[mine, default: Outcomes()].add(counts)
    }
    latencies.merge(later.latencies)
  }

  func feed(into sink: StateSink) {
    sink.word(spend.count)
    for row in spendRows() {
      sink.text(row.agent)
      sink.word(Int(row.day.number))
      sink.text(row.network.name)
      sink.word(Int(row.asset.rawValue))
      sink.word(row.total.count)
      sink.wide(row.total.units)
    }
    sink.word(outcomes.count)
    for row in outcomeRows() {
      sink.text(row.agent)
      sink.text(row.vendor)
      sink.text(row.network.name)
      sink.word(row.outcomes.started)
      sink.word(row.outcomes.completed)
      sink.word(row.outcomes.failed)
    }
    sink.word(vendorNames.count)
    for (name, streak) in zip(vendorNames, streaks) {
      sink.text(name)
      sink.word(streak.failures)
      sink.word(streak.hasCompleted ? 1 : 0)
    }
    latencies.feed(into: sink)
  }

  /// The sums are the same; under which numbers the texts came does not count.
  public static func == (left: PaymentTallies, right: PaymentTallies) -> Bool {
    left.spendRows() == right.spendRows() && left.outcomeRows() == right.outcomeRows()
      && left.vendorNames == right.vendorNames && left.streaks == right.streaks
      && left.latencies == right.latencies
  }
}

/// Completed payments of one agent, UTC day, network and asset.
public struct SpendRow: Equatable, Sendable {
  public let agent: Text
  public let day: Day
  public let network: Network
  public let asset: Asset
  public let total: PaymentTotal
}

/// Outcomes of one agent, vendor and network.
public struct OutcomeRow: Equatable, Sendable {
  public let agent: Text
  public let vendor: Text
  public let network: Network
  public let outcomes: Outcomes
}

/// A vendor and its present run of failures.
public struct StreakRow: Equatable, Sendable {
  public let vendor: Text
  /// Vendor-attributable failures since the last completed payment; 0 after a completed one.
  public let failures: Int
}

extension PaymentTallies {
  /// All daily totals, by agent, day, network, asset.
  public func spendRows() -> [SpendRow] {
    var rows: [SpendRow] = []
    for (key, total) in spend {
      guard let network = Network(names[key.network]) else { continue }
      rows.append(
        SpendRow(
          agent: names[key.agent], day: key.day, network: network, asset: key.asset, total: total))
    }
    return rows.sorted {
      ($0.agent, $0.day, $0.network, $0.asset.rawValue)
        < ($1.agent, $1.day, $1.network, $1.asset.rawValue)
    }
  }

  /// All outcomes, by agent, vendor, network; vendors as first seen.
  public func outcomeRows() -> [OutcomeRow] {
    var rows: [OutcomeRow] = []
    for (key, counts) in outcomes {
      guard let network = Network(names[key.network]) else { continue }
      rows.append(
        OutcomeRow(
          agent: names[key.agent], vendor: vendorNames[Int(key.vendor)], network: network,
          outcomes: counts))
    }
    return rows.sorted {
      ($0.agent, $0.vendor, $0.network) < ($1.agent, $1.vendor, $1.network)
    }
  }

  /// Every vendor with its streak, by name.
  public func streakRows() -> [StreakRow] {
    zip(vendorNames, streaks).map { StreakRow(vendor: $0, failures: $1.failures) }
      .sorted { $0.vendor < $1.vendor }
  }

  /// Outcomes of all payments together.
  public var allOutcomes: Outcomes {
    outcomes.values.reduce(into: Outcomes()) { $0.add($1) }
  }
}

/// How long payments took, in buckets; order-free.
public struct LatencyHistogram: Equatable, Sendable {
  /// Upper bounds in milliseconds; a last bucket takes the rest.
  public static let bounds: [Int64] = [
    50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000,
  ]
  /// One more than the bounds.
  public private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
  /// Sum of all, in milliseconds.
  public private(set) var sum: Int128 = 0

  /// Takes in one latency, 0 or more milliseconds; a bucket holds what is not above its bound.
  mutating func add(_ milliseconds: Int64) {
    let bucket =
      LatencyHistogram.bounds.firstIndex { milliseconds <= $0 } ?? LatencyHistogram.bounds.count
    counts[bucket] += 1
    sum = sum.addingClamped(Int128(milliseconds))
  }

  mutating func merge(_ other: LatencyHistogram) {
    for index in counts.indices { counts[index] += other.counts[index] }
    sum = sum.addingClamped(other.sum)
  }

  func feed(into sink: StateSink) {
    for count in counts { sink.word(count) }
    sink.wide(sum)
  }
}
