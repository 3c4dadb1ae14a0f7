public import JSON

/// All projections of one book: the visible list.
public struct BookState: Equatable, Sendable {
  var keys = KeyIndex()
  public private(set) var budgets = Budgets()
  public internal(set) var intents = Intents()
  public internal(set) var wallets = Wallets()
  public internal(set) var payments = Payments()
  public internal(set) var authorizations = Authorizations()
  public private(set) var alerts = Alerts()
  public internal(set) var receipts = Receipts()
  var sessions = Sessions()
  public private(set) var jobs = Jobs()
  public private(set) var vendors = Vendors()
  public private(set) var businesses = Businesses()
  public internal(set) var tallies = Tallies()

  /// Keys in use, for ever.
  public var keyCount: Int { keys.count }

  /// What a spending policy has taken in; nil when nothing.
  public func spent(policy: Text) -> Money? { sessions.spent(policy: policy) }

  /// What a spending policy has taken in and holds; nil when nothing.
  public func committed(policy: Text) -> Money? { sessions.committed(policy: policy) }

  /// Applies what depends on order; says what is illegal and then changes nothing.
  @inline(__always)
  mutating func applyOrdered(_ record: Record) -> Violation.Reason? {
    if let reason = applyParts(record) { return reason }
    businesses.apply(record)
    return nil
  }

  @inline(__always)
  private mutating func applyParts(_ record: Record) -> Violation.Reason? {
    switch record.event {
    case .budgetLimitSet(let event): return setLimit(event, at: record)
    case .paymentStarted(let event): return start(event, at: record)
    case .walletRegistered(let event): return wallets.apply(event, at: record)
    case .walletBalanceObserved(let event): return wallets.apply(event, at: record)
    case .intentSubmitted(let event): return intents.apply(event, at: record)
    case .intentApproved(let event): return intents.apply(event, at: record)
    case .intentDenied(let event): return intents.apply(event, at: record)
    case .paymentRetried(let event): return payments.apply(event)
    case .paymentUnknown(let event): return payments.apply(event, at: record)
    case .paymentResolved(let event): return payments.apply(event)
    case .paymentCompleted(let event):
      if let reason = payments.apply(event, at: record) { return reason }
      wallets.spend(event.settled, by: event.parties, at: event.occurredAt)
      return nil
    case .paymentFailed(let event): return payments.apply(event, at: record)
    case .alertRaised(let event): return alerts.apply(event, at: record)
    case .alertAcknowledged(let event): return alerts.apply(event)
    case .alertResolved(let event): return alerts.apply(event, at: record)
    case .authorizationRequested(let event): return request(event, at: record)
    case .authorizationCreated(let event): return create(event, at: record)
    case .authorizationStepRequested(let event): return requestStep(event, at: record)
    case .authorizationCaptured(let event): return capture(event, at: record)
    case .authorizationCancelled(let event): return release(event, as: .cancelled, at: record)
    case .authorizationExpired(let event): return release(event, as: .expired, at: record)
    case .authorizationFailed(let event): return fail(event, at: record)
    case .authorizationUnknown(let event): return doubt(event, at: record)
    case .gatewayReserved(let event): return reserve(event, at: record)
    case .gatewaySettleStarted(let event): return receipts.apply(event, at: record)
    case .gatewaySettled(let event): return receipts.apply(event, at: record)
    case .gatewayRefused(let event): return refuse(event, at: record)
    case .gatewayUnknown(let event): return receipts.apply(event, at: record)
    case .gatewayAnomaly(let event): return receipts.apply(event)
    case .gatewayPaymentAccepted(let event): return accept(event, at: record)
    case .gatewayResponseRecorded(let event): return receipts.apply(event, at: record)
    case .jobCompleted(let event): return jobs.apply(event, at: record)
    case .jobFailed(let event): return jobs.apply(event, at: record)
    case .vendorCapabilityObserved(let event):
      vendors.apply(event, at: record)
      return nil
    case .gatewayOffersCounted, .rateLimitTripsCounted, .paymentRefused, .transitionRefused,
      .financeEntryRecorded, .businessGenerated:
      return nil
    case .ledgerOpened, .segmentOpened, .segmentSealed, .ledgerTailRepaired, .ledgerRestored,
      .clockAdjusted, .configApplied, .routesApplied, .killSwitchEngaged, .killSwitchReleased:
      return nil
    }
  }

  /// A limit that went through an intent uses it up.
  private mutating func setLimit(
    _ event: BudgetLimitSet, at record: Record
  ) -> Violation.Reason? {
    if let intent = event.intent {
      let request = BudgetLimitSet.request(event.agent, event.kind, event.amount)
      let misfit = intents.misfit(intent, request.parties, request.amount, at: record.at)
      if let misfit { return misfit }
    }
    if let reason = budgets.apply(event, at: record) { return reason }
    if let intent = event.intent { intents.use(intent, by: record) }
    return nil
  }

  /// A payment of our own uses up the approval that it names; an imported one needs none.
  @inline(__always)
  private mutating func start(
    _ event: PaymentStarted, at record: Record
  ) -> Violation.Reason? {
    guard let call = event.call else {
      return event.source == .external ? payments.apply(event, at: record) : .wrongSource
    }
    let misfit = intents.misfit(call.intent, event.parties, event.amount, at: record.at)
    if let misfit { return misfit }
    if let reason = payments.apply(event, at: record) { return reason }
    intents.use(call.intent, by: record)
    return nil
  }

  func feed(into sink: inout StateSink) {
    keys.feed(into: &sink)
    budgets.feed(into: &sink)
    intents.feed(into: &sink)
    wallets.feed(into: &sink)
    payments.feed(into: &sink)
    authorizations.feed(into: &sink)
    alerts.feed(into: &sink)
    receipts.feed(into: &sink)
    sessions.feed(into: &sink)
    jobs.feed(into: &sink)
    vendors.feed(into: &sink)
    businesses.feed(into: &sink)
    tallies.feed(into: &sink)
  }
}

/// Everything that the log says, folded: the only thing that decisions are made on.
///
/// A value: replay of the same records gives an equal state, and live uses the same `apply`.
public struct State: Equatable, Sendable {
  /// The last seq taken in; 0 before the first.
  public private(set) var seq: UInt64 = 0
  /// `at` of the last record.
  public private(set) var at = Timestamp.earliest
  public private(set) var controls = Controls()
  public private(set) var violations = Violations()
  private var real = BookState()
  private var fake = BookState()
  /// Keys of units about the ledger and its controls, which belong to no book.
  private var controlKeys = KeyIndex()
  /// Whether the last record announced another one of its unit.
  private var isInsideUnit = false

  public init() {}

  public subscript(book: Book) -> BookState {
    switch book {
    case .real: real
    case .fake: fake
    }
  }

  /// The unit that used a key first, whichever book it is of; nil when the key is new.
  func unit(of binding: KeyBinding, actor: Text, book: Book) -> KeyedUnit? {
    // An op makes records of a book or records of none, never both: at most one can know it.
    self[book].keys.unit(of: binding.key, op: binding.op, actor: actor)
      ?? controlKeys.unit(of: binding.key, op: binding.op, actor: actor)
  }

  /// Takes in the next record. What it finds illegal is listed and not applied.
  ///
  /// Returns whether the record was legal.
  @discardableResult
  public mutating func apply(_ record: Record) -> Bool {
    if let reason = applyOrdered(record) {
      note(record, reason)
      return false
    }
    switch record.book {
    case .none: break
    case .real: real.tallies.apply(record)
    case .fake: fake.tallies.apply(record)
    }
    return true
  }

  /// Applies what depends on order only; the sums are folded elsewhere and merged in later.
  @inline(__always)
  mutating func applyOrdered(_ record: Record) -> Violation.Reason? {
    // Not by `??`: its closure would copy the whole state.
    var reason = check(record)
    if reason == nil { reason = applyParts(record) }
    seq = record.seq
    at = record.at
    isInsideUnit = record.more
    return reason
  }

  @inline(__always)
  private func check(_ record: Record) -> Violation.Reason? {
    if seq == 0 {
      guard case .ledgerOpened = record.event else { return .notFirst }
    }
    if record.at < at {
      guard case .clockAdjusted = record.event else { return .timeWentBack }
    }
    if isInsideUnit, record.binding != nil { return .keyInsideUnit }
    return nil
  }

  @inline(__always)
  private mutating func applyParts(_ record: Record) -> Violation.Reason? {
    if let binding = record.binding, isUsed(binding, by: record) { return .keyUsedTwice }
    let reason =
      switch record.book {
      case .none: controls.apply(record)
      case .real: real.applyOrdered(record)
      case .fake: fake.applyOrdered(record)
      }
    guard reason == nil, let binding = record.binding else { return reason }
    switch record.book {
    case .none: controlKeys.apply(binding, at: record)
    case .real: real.keys.apply(binding, at: record)
    case .fake: fake.keys.apply(binding, at: record)
    }
    return nil
  }

  private func isUsed(_ binding: KeyBinding, by record: Record) -> Bool {
    let unit =
      switch record.book {
      case .none: controlKeys.unit(of: binding.key, op: binding.op, actor: record.actor)
      case .real: real.keys.unit(of: binding.key, op: binding.op, actor: record.actor)
      case .fake: fake.keys.unit(of: binding.key, op: binding.op, actor: record.actor)
      }
    return unit != nil
  }

  @inline(never)
  mutating func note(_ record: Record, _ reason: Violation.Reason) {
    violations.note(record, reason)
  }

  mutating func merge(_ partial: PartialTallies) {
    real.tallies.merge(partial.real)
    fake.tallies.merge(partial.fake)
  }

  /// Feeds the state's canonical bytes; two states are equal exactly when these are.
  public func feed(into target: StateSink) {
    var sink = target
    sink.word(seq)
    sink.moment(at)
    sink.word(isInsideUnit ? 1 : 0)
    controlKeys.feed(into: &sink)
    controls.feed(into: &sink)
    violations.feed(into: &sink)
    real.feed(into: &sink)
    fake.feed(into: &sink)
    sink.finish()
  }
}

/// The order-free sums of one part of the log, folded on its own.
public struct PartialTallies: Sendable {
  public fileprivate(set) var real = Tallies()
  public fileprivate(set) var fake = Tallies()

  public init() {}

  public mutating func apply(_ record: Record) {
    switch record.book {
    case .none: break
    case .real: real.apply(record)
    case .fake: fake.apply(record)
    }
  }

  /// Takes in the sums of what was logged after this.
  public mutating func merge(_ later: PartialTallies) {
    real.merge(later.real)
    fake.merge(later.fake)
  }
}

/// Folds a log in parts: the order-dependent projections in seq order by one thread, the sums
/// wherever the records were decoded.
public struct SplitFold: Sendable {
  private var state = State()
  private var sums = PartialTallies()

  public init() {}

  /// Takes in the next part, in log order, and the sums of exactly its records.
  public mutating func apply(_ records: [Record], sums part: PartialTallies) {
    for record in records {
      if let reason = state.applyOrdered(record) { state.note(record, reason) }
    }
    sums.merge(part)
  }

  /// The state; nil when a record was illegal, as the sums then hold what must not be in them
  /// and the log has to be folded in order.
  public consuming func finish() -> State? {
    guard state.violations.count == 0 else { return nil }
    state.merge(sums)
    return state
  }
}
