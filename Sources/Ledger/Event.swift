/// Everything that can have happened: the closed list.
///
/// A new event is one struct in its subject's folder and one case here; the compiler then names
/// each place that must decide about it. Each case is one reference, so that records stay small.
public enum Event: Equatable, Sendable {
  indirect case ledgerOpened(LedgerOpened)
  indirect case segmentOpened(SegmentOpened)
  indirect case segmentSealed(SegmentSealed)
  indirect case ledgerTailRepaired(LedgerTailRepaired)
  indirect case ledgerRestored(LedgerRestored)
  indirect case clockAdjusted(ClockAdjusted)
  indirect case configApplied(ConfigApplied)
  indirect case routesApplied(RoutesApplied)
  indirect case killSwitchEngaged(KillSwitchEngaged)
  indirect case killSwitchReleased(KillSwitchReleased)
  indirect case budgetLimitSet(BudgetLimitSet)
  indirect case walletRegistered(WalletRegistered)
  indirect case walletBalanceObserved(BalanceObserved)
  case paymentStarted(PaymentStarted)
  case paymentCompleted(PaymentCompleted)
  indirect case paymentFailed(PaymentFailed)
  indirect case intentSubmitted(IntentSubmitted)
  indirect case intentApproved(IntentApproved)
  indirect case intentDenied(IntentDenied)
  indirect case paymentRefused(PaymentRefused)
  indirect case paymentRetried(PaymentRetried)
  indirect case paymentUnknown(PaymentUnknown)
  indirect case paymentResolved(PaymentResolved)
  indirect case transitionRefused(TransitionRefused)
  indirect case authorizationRequested(AuthorizationRequested)
  indirect case authorizationCreated(AuthorizationCreated)
  indirect case authorizationStepRequested(AuthorizationStepRequested)
  indirect case authorizationCaptured(AuthorizationCaptured)
  indirect case authorizationCancelled(AuthorizationReleased)
  indirect case authorizationExpired(AuthorizationReleased)
  indirect case authorizationFailed(AuthorizationFailed)
  indirect case authorizationUnknown(AuthorizationUnknown)
  indirect case alertRaised(AlertRaised)
  indirect case alertAcknowledged(AlertAcknowledged)
  indirect case alertResolved(AlertResolved)
  indirect case gatewayPaymentAccepted(GatewayPaymentAccepted)
  indirect case gatewayResponseRecorded(GatewayResponseRecorded)
  indirect case gatewayReserved(GatewayReserved)
  indirect case gatewaySettleStarted(GatewaySettleStarted)
  indirect case gatewaySettled(GatewaySettled)
  indirect case gatewayRefused(GatewayRefused)
  indirect case gatewayUnknown(GatewayUnknown)
  indirect case gatewayAnomaly(GatewayAnomaly)
  indirect case gatewayOffersCounted(GatewayOffersCounted)
  indirect case rateLimitTripsCounted(RateLimitTripsCounted)
  indirect case jobCompleted(JobCompleted)
  indirect case jobFailed(JobFailed)
  indirect case financeEntryRecorded(FinanceEntryRecorded)
  indirect case vendorCapabilityObserved(VendorCapabilityObserved)
  indirect case businessGenerated(BusinessGenerated)
}

/// The stable wire names of events, numbered for counters.
public enum EventType: Int, CaseIterable, Sendable, Hashable {
  case ledgerOpened, segmentOpened, segmentSealed, ledgerTailRepaired, ledgerRestored
  case clockAdjusted, configApplied, routesApplied, killSwitchEngaged, killSwitchReleased
  case budgetLimitSet
  case walletRegistered, walletBalanceObserved
  case paymentStarted, paymentCompleted, paymentFailed
  case intentSubmitted, intentApproved, intentDenied
  case paymentRefused, paymentRetried, paymentUnknown, paymentResolved, transitionRefused
  case authorizationRequested, authorizationCreated, authorizationStepRequested
  case authorizationCaptured, authorizationCancelled, authorizationExpired
  case authorizationFailed, authorizationUnknown
  case alertRaised, alertAcknowledged, alertResolved
  case gatewayPaymentAccepted, gatewayResponseRecorded, gatewayOffersCounted
  case gatewayReserved, gatewaySettleStarted, gatewaySettled, gatewayRefused, gatewayUnknown
  case gatewayAnomaly
  case rateLimitTripsCounted
  case jobCompleted, jobFailed
  case financeEntryRecorded
  case vendorCapabilityObserved, businessGenerated

  /// What stands in `type`.
  public var name: StaticString {
    switch self {
    case .ledgerOpened: "ledger.opened"
    case .segmentOpened: "segment.opened"
    case .segmentSealed: "segment.sealed"
    case .ledgerTailRepaired: "ledger.tail_repaired"
    case .ledgerRestored: "ledger.restored"
    case .clockAdjusted: "clock.adjusted"
    case .configApplied: "config.applied"
    case .routesApplied: "routes.applied"
    case .killSwitchEngaged: "killswitch.engaged"
    case .killSwitchReleased: "killswitch.released"
    case .budgetLimitSet: "budget.limit_set"
    case .walletRegistered: "wallet.registered"
    case .walletBalanceObserved: "wallet.balance_observed"
    case .paymentStarted: "payment.started"
    case .paymentCompleted: "payment.completed"
    case .paymentFailed: "payment.failed"
    case .intentSubmitted: "intent.submitted"
    case .intentApproved: "intent.approved"
    case .intentDenied: "intent.denied"
    case .paymentRefused: "payment.refused"
    case .paymentRetried: "payment.retried"
    case .paymentUnknown: "payment.unknown"
    case .paymentResolved: "payment.resolved"
    case .transitionRefused: "transition.refused"
    case .authorizationRequested: "authorization.requested"
    case .authorizationCreated: "authorization.created"
    case .authorizationStepRequested: "authorization.step_requested"
    case .authorizationCaptured: "authorization.captured"
    case .authorizationCancelled: "authorization.cancelled"
    case .authorizationExpired: "authorization.expired"
    case .authorizationFailed: "authorization.failed"
    case .authorizationUnknown: "authorization.unknown"
    case .alertRaised: "alert.raised"
    case .alertAcknowledged: "alert.acknowledged"
    case .alertResolved: "alert.resolved"
    case .gatewayPaymentAccepted: "gateway.payment_accepted"
    case .gatewayResponseRecorded: "gateway.response_recorded"
    case .gatewayOffersCounted: "gateway.offers_counted"
    case .gatewayReserved: "gateway.reserved"
    case .gatewaySettleStarted: "gateway.settle_started"
    case .gatewaySettled: "gateway.settled"
    case .gatewayRefused: "gateway.refused"
    case .gatewayUnknown: "gateway.unknown"
    case .gatewayAnomaly: "gateway.anomaly"
    case .rateLimitTripsCounted: "ratelimit.trips_counted"
    case .jobCompleted: "job.completed"
    case .jobFailed: "job.failed"
    case .financeEntryRecorded: "finance.entry_recorded"
    case .vendorCapabilityObserved: "vendor.capability_observed"
    case .businessGenerated: "business.generated"
    }
  }

  /// The state that the subject is in after the event, in one word.
  public var status: StaticString {
    switch self {
    case .ledgerOpened, .segmentOpened: "open"
    case .segmentSealed: "sealed"
    case .ledgerTailRepaired, .ledgerRestored: "repaired"
    case .clockAdjusted, .configApplied, .routesApplied: "applied"
    case .killSwitchEngaged: "engaged"
    case .killSwitchReleased: "released"
    case .budgetLimitSet: "set"
    case .walletRegistered: "registered"
    case .walletBalanceObserved: "observed"
    case .paymentStarted, .paymentRetried: "pending"
    case .intentSubmitted: "submitted"
    case .intentApproved: "approved"
    case .intentDenied: "denied"
    case .paymentRefused, .transitionRefused: "refused"
    case .paymentUnknown: "unknown"
    case .paymentResolved, .alertResolved: "resolved"
    case .alertRaised: "raised"
    case .alertAcknowledged: "acknowledged"
    case .authorizationRequested, .authorizationStepRequested: "requested"
    case .authorizationCreated: "authorized"
    case .authorizationCaptured: "captured"
    case .authorizationCancelled: "cancelled"
    case .authorizationExpired: "expired"
    case .authorizationFailed: "failed"
    case .authorizationUnknown: "unknown"
    case .paymentCompleted: "completed"
    case .paymentFailed: "failed"
    case .gatewayPaymentAccepted: "accepted"
    case .gatewayResponseRecorded: "recorded"
    case .gatewayReserved: "reserved"
    case .gatewaySettleStarted: "settling"
    case .gatewaySettled: "settled"
    case .gatewayRefused: "refused"
    case .gatewayUnknown: "unknown"
    case .gatewayAnomaly: "noted"
    case .gatewayOffersCounted, .rateLimitTripsCounted: "counted"
    case .jobCompleted: "completed"
    case .jobFailed: "failed"
    case .financeEntryRecorded: "recorded"
    case .vendorCapabilityObserved: "observed"
    case .businessGenerated: "generated"
    }
  }

  /// Whether the record is about the ledger and its controls: it then belongs to no book.
  public var isControl: Bool {
    switch self {
    case .ledgerOpened, .segmentOpened, .segmentSealed, .ledgerTailRepaired, .ledgerRestored,
      .clockAdjusted, .configApplied, .routesApplied, .killSwitchEngaged, .killSwitchReleased:
      true
    case .budgetLimitSet, .walletRegistered, .walletBalanceObserved, .paymentStarted,
      .paymentCompleted, .paymentFailed,
      .intentSubmitted, .intentApproved, .intentDenied, .paymentRefused, .paymentRetried,
      .paymentUnknown, .paymentResolved, .transitionRefused, .alertRaised, .alertAcknowledged,
      .alertResolved, .authorizationRequested,
      .authorizationCreated, .authorizationStepRequested, .authorizationCaptured,
      .authorizationCancelled, .authorizationExpired, .authorizationFailed, .authorizationUnknown,
      .gatewayPaymentAccepted,
      .gatewayResponseRecorded, .gatewayReserved, .gatewaySettleStarted, .gatewaySettled,
      .gatewayRefused, .gatewayUnknown, .gatewayAnomaly, .gatewayOffersCounted,
      .rateLimitTripsCounted, .jobCompleted, .jobFailed, .financeEntryRecorded,
      .vendorCapabilityObserved, .businessGenerated:
      false
    }
  }

  /// Looks a type up by its wire name; nil when this binary does not know it.
  public init?(name: Span<UInt8>) {
    if name.isEqual("payment.completed") {
      self = .paymentCompleted
      return
    }
    if name.isEqual("payment.started") {
      self = .paymentStarted
      return
    }
    for type in EventType.allCases where name.isEqual(type.name) {
      self = type
      return
    }
    return nil
  }
}
