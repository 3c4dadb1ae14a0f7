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

/// Outcomes of the payments of one agent to one vendor on one network.
public struct Outcomes: Equatable, Sendable {
  public var started = 0
  public var completed = 0
  public var failed = 0
  /// Holds that were given back.
  public var cancelled = 0
  /// Refused before any money could move; these never began.
  public var refused = 0

  mutating func add(_ other: Outcomes) {
    started += other.started
    completed += other.completed
    failed += other.failed
    cancelled += other.cancelled
    refused += other.refused
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
public struct PaymentTallies: Sendable {
  private(set) var parties = PartyTable()
  /// By the number of the parties.
  private(set) var outcomes: [Outcomes] = []
  /// By the number of the vendor.
  private(set) var streaks: [Streak] = []
  private(set) var spend = SpendTable()
  public private(set) var latencies = LatencyHistogram()

  @inline(__always)
  mutating func apply(_ event: PaymentStarted) {
    outcomes[intern(event.parties)].started += 1
  }

  @inline(__always)
  mutating func apply(_ event: PaymentCompleted, at record: Record) {
    complete(
      event.parties, event.settled, on: (event.occurredAt ?? record.at).day,
      event.latencyMilliseconds)
  }

  @inline(__always)
  private mutating func complete(
    _ names: PaymentParties, _ settled: Money, on day: Day, _ latency: Int64?
  ) {
    let number = intern(names)
    outcomes[number].completed += 1
    let party = parties.parties[number]
    spend.add(settled.units, to: party.account, on: day, settled.asset)
    streaks[Int(party.vendor)] = Streak(hasCompleted: true, failures: 0)
    if let latency { latencies.add(latency) }
  }

  mutating func apply(_ event: PaymentFailed) {
    let number = intern(event.parties)
    outcomes[number].failed += 1
    if event.vendorFault { streaks[Int(parties.parties[number].vendor)].failures += 1 }
  }

  mutating func apply(_ event: AuthorizationRequested) {
    outcomes[intern(event.payment.parties)].started += 1
  }

  mutating func apply(_ event: AuthorizationCaptured, at record: Record) {
    complete(
      event.payment.parties, event.captured, on: record.at.day, event.latencyMilliseconds)
  }

  mutating func apply(_ event: AuthorizationReleased) {
    outcomes[intern(event.payment.parties)].cancelled += 1
  }

  /// A hold that never came to be is a failed payment; a failed step of one that stands is not,
  /// but the vendor may be to blame for it.
  mutating func apply(_ event: AuthorizationFailed) {
    let number = intern(event.payment.parties)
    if event.step == .authorize { outcomes[number].failed += 1 }
    if event.vendorFault { streaks[Int(parties.parties[number].vendor)].failures += 1 }
  }

  mutating func apply(_ event: PaymentRefused) {
    outcomes[intern(event.parties)].refused += 1
  }

  private mutating func intern(_ names: PaymentParties) -> Int {
    let number = Int(parties.intern(names))
    if number == outcomes.count {
      outcomes.append(Outcomes())
      if parties.vendors.count > streaks.count { streaks.append(Streak()) }
    }
    return number
  }

  /// Takes in the tallies of what was logged after this.
  mutating func merge(_ later: PaymentTallies) {
    var vendors = [Int](repeating: 0, count: later.streaks.count)
    var accounts = [UInt32](repeating: 0, count: later.parties.accountCount)
    for number in 0..<later.parties.count {
      let names = later.parties[UInt32(number)]
      let mine = intern(names)
      outcomes[mine].add(later.outcomes[number])
      let theirs = later.parties.parties[number]
      vendors[Int(theirs.vendor)] = Int(parties.parties[mine].vendor)
      accounts[Int(theirs.account)] = parties.parties[mine].account
    }
    for (number, streak) in later.streaks.enumerated() {
      streaks[vendors[number]] = streaks[vendors[number]].followed(by: streak)
    }
    spend.merge(later.spend, accounts: accounts)
    latencies.merge(later.latencies)
  }

  /// Everything in order of its first appearance, which is the same however the log was split.
  func feed(into sink: inout StateSink) {
    parties.feed(into: &sink)
    for counts in outcomes {
      sink.word(counts.started)
      sink.word(counts.completed)
      sink.word(counts.failed)
      sink.word(counts.cancelled)
      sink.word(counts.refused)
    }
    let totals = spend.totals
    sink.word(totals.count)
    for (key, total) in totals {
      sink.word(UInt64(key.account) << 32 | UInt64(key.asset.rawValue))
      sink.word(Int(key.day.number))
      sink.word(total.count)
      sink.wide(total.units)
    }
    for streak in streaks {
      sink.word(streak.failures)
      sink.word(streak.hasCompleted ? 1 : 0)
    }
    latencies.feed(into: &sink)
  }
}

extension PaymentTallies: Equatable {
  /// The same sums of the same parties, come in the same order.
  public static func == (left: PaymentTallies, right: PaymentTallies) -> Bool {
    left.parties == right.parties && left.outcomes == right.outcomes
      && left.spend == right.spend && left.streaks == right.streaks
      && left.latencies == right.latencies
  }
}
