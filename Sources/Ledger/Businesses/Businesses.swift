public import JSON

/// What one business has cost, and what it is thought to earn.
public struct BusinessSummary: Equatable, Sendable {
  public internal(set) var approvedIntents = 0
  public internal(set) var deniedIntents = 0
  /// Micro-USDC by vendor, as first written; ASCII case makes no other vendor.
  public internal(set) var byVendor: [Text: Int128] = [:]
  /// Micro-USDC by agent.
  public internal(set) var byAgent: [Text: Int128] = [:]
  /// What it was said to be when it was generated last; nil before.
  public internal(set) var generated: BusinessGenerated?

  var spentUnits: Int128 = 0
  /// The spelling of a vendor by its lower case.
  private var spellings: [Text: Text] = [:]

  public var totalSpent: Money { Money(units: spentUnits, asset: .usdc) }

  /// Spend over revenue; nil while there is no revenue.
  public var spendToRevenue: FourPlaces? {
    guard let revenue = generated?.projectedRevenue?.units else { return nil }
    return FourPlaces(spentUnits, over: revenue)
  }

  /// (revenue - spend) / spend; nil while there is no revenue, or nothing was spent.
  public var roi: FourPlaces? {
    guard let revenue = generated?.projectedRevenue?.units, revenue > 0 else { return nil }
    return FourPlaces(revenue - spentUnits, over: spentUnits)
  }

  mutating func spend(_ money: Money, _ parties: PaymentParties) {
    guard money.asset == .usdc, !parties.network.isTest else { return }
    spentUnits = spentUnits.addingClamped(money.units)
    let key = parties.vendor.asciiLowercased
    let vendor = spellings[key] ?? parties.vendor
    spellings[key] = vendor
    byVendor[vendor] = (byVendor[vendor] ?? 0).addingClamped(money.units)
    byAgent[parties.agent] = (byAgent[parties.agent] ?? 0).addingClamped(money.units)
  }

  func feed(into sink: inout StateSink) {
    sink.word(approvedIntents)
    sink.word(deniedIntents)
    sink.wide(spentUnits)
    for map in [byVendor, byAgent] {
      sink.word(map.count)
      for (name, units) in map.sorted(by: { $0.key < $1.key }) {
        sink.text(name)
        sink.wide(units)
      }
    }
    sink.optional(generated?.name)
    guard let generated else { return }
    sink.word(generated.success ? 1 : 0)
    sink.word(generated.projectedRevenue == nil ? 0 : 1)
    if let revenue = generated.projectedRevenue { sink.wide(revenue.units) }
    sink.optional(generated.dashboardURL)
  }
}

/// A quotient to four decimals, exact by integers; half up, towards the larger number.
public struct FourPlaces: Equatable, Sendable, CustomStringConvertible {
  /// Ten-thousandths.
  public let tenThousandths: Int128

  /// Nil when the divisor is not above zero, or the numbers are out of all range.
  public init?(_ dividend: Int128, over divisor: Int128) {
    guard divisor > 0 else { return nil }
    let (scaled, over) = dividend.multipliedReportingOverflow(by: 20_000)
    let (raised, carry) = scaled.addingReportingOverflow(divisor)
    let (doubled, past) = divisor.multipliedReportingOverflow(by: 2)
    guard !over, !carry, !past else { return nil }
    // Division cuts towards zero; below zero the next lower number is the floor.
    let (quotient, rest) = raised.quotientAndRemainder(dividingBy: doubled)
    tenThousandths = rest < 0 ? quotient - 1 : quotient
  }

  /// E.g. `0.2500`, `-1.0000`.
  public var description: String {
    let (whole, part) = tenThousandths.magnitude.quotientAndRemainder(dividingBy: 10_000)
    let digits = "\(part)"
    let zeros = String(repeating: "0", count: 4 - digits.utf8.count)
    return "\(tenThousandths < 0 ? "-" : "")\(whole).\(zeros)\(digits)"
  }
}

/// What the businesses of one book have cost; order-dependent.
///
/// Counted are payments that ended and intents that were decided, of real networks, by the
/// `business_id` that the agent gave. Also used by the view, which folds the same records.
public struct Businesses: Equatable, Sendable {
  private var summaries: [Text: BusinessSummary] = [:]
  /// Payments of a business that have not ended.
  private var open: [TransactionID: Text] = [:]

  public init() {}

  public subscript(business: Text) -> BusinessSummary? { summaries[business] }

  /// Ids of all businesses that were named, sorted.
  public var ids: [Text] { summaries.keys.sorted() }

  /// Takes in a legal record of the book; most are about no business.
  public mutating func apply(_ record: Record) {
    switch record.event {
    case .paymentStarted(let event):
      guard let business = event.call?.business else { return }
      open[event.transaction] = business
    case .authorizationRequested(let event):
      guard let business = event.call.business else { return }
      open[event.payment.transaction] = business
    case .paymentCompleted(let event):
      guard let business = close(event.transaction) else { return }
      summaries[business, default: .init()].spend(event.settled, event.parties)
    case .authorizationCaptured(let event):
      guard let business = close(event.payment.transaction) else { return }
      summaries[business, default: .init()].spend(event.captured, event.payment.parties)
    case .paymentFailed(let event): _ = close(event.transaction)
    case .authorizationCancelled(let event), .authorizationExpired(let event):
      _ = close(event.payment.transaction)
    case .authorizationFailed(let event):
      if event.step == .authorize { _ = close(event.payment.transaction) }
    case .intentApproved(let event): count(event.request, \.approvedIntents)
    case .intentDenied(let event): count(event.request, \.deniedIntents)
    case .businessGenerated(let event):
      summaries[event.business, default: .init()].generated = event
    case .ledgerOpened, .segmentOpened, .segmentSealed, .ledgerTailRepaired, .ledgerRestored,
      .clockAdjusted, .configApplied, .routesApplied, .killSwitchEngaged, .killSwitchReleased,
      .budgetLimitSet,
      .intentSubmitted, .paymentRefused, .paymentRetried, .paymentUnknown, .paymentResolved,
      .transitionRefused, .authorizationCreated, .authorizationStepRequested,
      .authorizationUnknown, .gatewayPaymentAccepted, .gatewayResponseRecorded, .gatewayReserved,
      .gatewaySettleStarted, .gatewaySettled, .gatewayRefused, .gatewayUnknown, .gatewayAnomaly,
      .gatewayOffersCounted, .rateLimitTripsCounted, .jobCompleted, .jobFailed,
      .financeEntryRecorded, .vendorCapabilityObserved, .walletRegistered, .walletBalanceObserved,
      .alertRaised, .alertAcknowledged, .alertResolved:
      break
    }
  }

  private mutating func close(_ transaction: TransactionID) -> Text? {
    open.isEmpty ? nil : open.removeValue(forKey: transaction)
  }

  private mutating func count(
    _ request: SpendRequest, _ counter: WritableKeyPath<BusinessSummary, Int>
  ) {
    guard let business = request.business, !request.parties.network.isTest else { return }
    summaries[business, default: .init()][keyPath: counter] += 1
  }

  func feed(into sink: inout StateSink) {
    sink.word(summaries.count)
    for (business, summary) in summaries.sorted(by: { $0.key < $1.key }) {
      sink.text(business)
      summary.feed(into: &sink)
    }
    sink.word(open.count)
    for (transaction, business) in open.sorted(by: { $0.key.text < $1.key.text }) {
      sink.text(transaction.text)
      sink.text(business)
    }
  }
}
