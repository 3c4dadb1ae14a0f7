public import JSON

/// Income at the gateway of one day, network and asset.
struct IncomeKey: Hashable, Sendable {
  let day: Day
  let network: Text
  let asset: Asset
}

/// One line of income.
public struct IncomeRow: Equatable, Sendable {
  public let day: Day
  public let network: Network
  public let asset: Asset
  public let total: PaymentTotal
}

/// All sums of one book that do not depend on the order of records.
///
/// These fold per part of the log on all cores and merge; everything else is applied in order.
public struct Tallies: Equatable, Sendable {
  /// Records by type, in the order of `EventType`.
  public private(set) var byType = [Int](repeating: 0, count: EventType.allCases.count)
  public private(set) var payments = PaymentTallies()
  private var income: [IncomeKey: PaymentTotal] = [:]
  /// Requests turned away unpaid, by error code.
  public private(set) var offersByCode: [Text: Int] = [:]
  /// Payments refused before any money could move, by error code.
  public private(set) var refusalsByCode: [Text: Int] = [:]
  public private(set) var rateLimitTrips = 0
  public private(set) var finance = FinanceTotals()

  /// Takes in a record that was found legal.
  @inline(__always)
  mutating func apply(_ record: Record) {
    byType[record.event.type.rawValue] += 1
    switch record.event {
    case .paymentStarted(let event): payments.apply(event)
    case .paymentCompleted(let event): payments.apply(event, at: record)
    case .paymentFailed(let event): payments.apply(event)
    case .gatewayPaymentAccepted(let event):
      let key = IncomeKey(
        day: record.at.day, network: event.network.name, asset: event.amount.asset)
      income[key, default: PaymentTotal()].add(event.amount.units)
    case .gatewayOffersCounted(let event):
      for (code, count) in event.byCode {
        offersByCode[code, default: 0] = offersByCode[code, default: 0].addingClamped(max(0, count))
      }
    case .rateLimitTripsCounted(let event):
      rateLimitTrips = rateLimitTrips.addingClamped(max(0, event.count))
    case .financeEntryRecorded(let event): finance.apply(event)
    case .paymentRefused(let event):
      payments.apply(event)
      refusalsByCode[event.code, default: 0] += 1
    case .authorizationRequested(let event): payments.apply(event)
    case .authorizationCaptured(let event): payments.apply(event, at: record)
    case .authorizationCancelled(let event), .authorizationExpired(let event):
      payments.apply(event)
    case .authorizationFailed(let event): payments.apply(event)
    case .authorizationCreated, .authorizationStepRequested, .authorizationUnknown: break
    case .alertRaised, .alertAcknowledged, .alertResolved, .jobCompleted, .jobFailed,
      .budgetLimitSet, .walletRegistered, .walletBalanceObserved, .intentSubmitted, .intentApproved,
      .intentDenied, .paymentRetried,
      .paymentUnknown, .paymentResolved, .transitionRefused, .gatewayResponseRecorded,
      .gatewayReserved, .gatewaySettleStarted, .gatewaySettled, .gatewayRefused, .gatewayUnknown,
      .gatewayAnomaly,
      .ledgerOpened, .segmentOpened, .segmentSealed,
      .ledgerTailRepaired, .ledgerRestored, .clockAdjusted, .configApplied, .routesApplied,
      .killSwitchEngaged,
      .killSwitchReleased, .vendorCapabilityObserved, .businessGenerated:
      break
    }
  }

  /// Takes in the tallies of what was logged after this.
  mutating func merge(_ later: Tallies) {
    for index in byType.indices { byType[index] += later.byType[index] }
    payments.merge(later.payments)
    for (key, total) in later.income { income[key, default: PaymentTotal()].add(total) }
    for (code, count) in later.offersByCode {
      offersByCode[code, default: 0] = offersByCode[code, default: 0].addingClamped(count)
    }
    for (code, count) in later.refusalsByCode { refusalsByCode[code, default: 0] += count }
    rateLimitTrips = rateLimitTrips.addingClamped(later.rateLimitTrips)
    finance.merge(later.finance)
  }

  public func count(of type: EventType) -> Int { byType[type.rawValue] }

  /// All income, by day, network, asset.
  public func incomeRows() -> [IncomeRow] {
    var rows: [IncomeRow] = []
    for (key, total) in income {
      guard let network = Network(key.network) else { continue }
      rows.append(IncomeRow(day: key.day, network: network, asset: key.asset, total: total))
    }
    return rows.sorted {
      ($0.day, $0.network, $0.asset.rawValue) < ($1.day, $1.network, $1.asset.rawValue)
    }
  }

  func feed(into sink: inout StateSink) {
    for count in byType { sink.word(count) }
    payments.feed(into: &sink)
    sink.word(income.count)
    for row in incomeRows() {
      sink.word(Int(row.day.number))
      sink.text(row.network.name)
      sink.word(Int(row.asset.rawValue))
      sink.word(row.total.count)
      sink.wide(row.total.units)
    }
    sink.word(offersByCode.count)
    for (code, count) in offersByCode.sorted(by: { $0.key < $1.key }) {
      sink.text(code)
      sink.word(count)
    }
    sink.word(refusalsByCode.count)
    for (code, count) in refusalsByCode.sorted(by: { $0.key < $1.key }) {
      sink.text(code)
      sink.word(count)
    }
    sink.word(rateLimitTrips)
    finance.feed(into: &sink)
  }
}

extension Int {
  /// The sum, or the nearest that fits.
  func addingClamped(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    guard overflow else { return sum }
    return other < 0 ? .min : .max
  }
}
