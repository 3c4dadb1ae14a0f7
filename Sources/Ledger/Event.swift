public import JSON

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
  indirect case killSwitchEngaged(KillSwitchEngaged)
  indirect case killSwitchReleased(KillSwitchReleased)
  indirect case budgetLimitSet(BudgetLimitSet)
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
  indirect case gatewayPaymentAccepted(GatewayPaymentAccepted)
  indirect case gatewayResponseRecorded(GatewayResponseRecorded)
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
  case clockAdjusted, configApplied, killSwitchEngaged, killSwitchReleased
  case budgetLimitSet
  case paymentStarted, paymentCompleted, paymentFailed
  case intentSubmitted, intentApproved, intentDenied
  case paymentRefused, paymentRetried, paymentUnknown, paymentResolved, transitionRefused
  case authorizationRequested, authorizationCreated, authorizationStepRequested
  case authorizationCaptured, authorizationCancelled, authorizationExpired
  case authorizationFailed, authorizationUnknown
  case gatewayPaymentAccepted, gatewayResponseRecorded, gatewayOffersCounted
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
    case .killSwitchEngaged: "killswitch.engaged"
    case .killSwitchReleased: "killswitch.released"
    case .budgetLimitSet: "budget.limit_set"
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
    case .gatewayPaymentAccepted: "gateway.payment_accepted"
    case .gatewayResponseRecorded: "gateway.response_recorded"
    case .gatewayOffersCounted: "gateway.offers_counted"
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
    case .clockAdjusted, .configApplied: "applied"
    case .killSwitchEngaged: "engaged"
    case .killSwitchReleased: "released"
    case .budgetLimitSet: "set"
    case .paymentStarted, .paymentRetried: "pending"
    case .intentSubmitted: "submitted"
    case .intentApproved: "approved"
    case .intentDenied: "denied"
    case .paymentRefused, .transitionRefused: "refused"
    case .paymentUnknown: "unknown"
    case .paymentResolved: "resolved"
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
      .clockAdjusted, .configApplied, .killSwitchEngaged, .killSwitchReleased:
      true
    case .budgetLimitSet, .paymentStarted, .paymentCompleted, .paymentFailed,
      .intentSubmitted, .intentApproved, .intentDenied, .paymentRefused, .paymentRetried,
      .paymentUnknown, .paymentResolved, .transitionRefused, .authorizationRequested,
      .authorizationCreated, .authorizationStepRequested, .authorizationCaptured,
      .authorizationCancelled, .authorizationExpired, .authorizationFailed, .authorizationUnknown,
      .gatewayPaymentAccepted,
      .gatewayResponseRecorded, .gatewayOffersCounted,
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

extension Event {
  public var type: EventType {
    switch self {
    case .ledgerOpened: .ledgerOpened
    case .segmentOpened: .segmentOpened
    case .segmentSealed: .segmentSealed
    case .ledgerTailRepaired: .ledgerTailRepaired
    case .ledgerRestored: .ledgerRestored
    case .clockAdjusted: .clockAdjusted
    case .configApplied: .configApplied
    case .killSwitchEngaged: .killSwitchEngaged
    case .killSwitchReleased: .killSwitchReleased
    case .budgetLimitSet: .budgetLimitSet
    case .paymentStarted: .paymentStarted
    case .paymentCompleted: .paymentCompleted
    case .paymentFailed: .paymentFailed
    case .intentSubmitted: .intentSubmitted
    case .intentApproved: .intentApproved
    case .intentDenied: .intentDenied
    case .paymentRefused: .paymentRefused
    case .paymentRetried: .paymentRetried
    case .paymentUnknown: .paymentUnknown
    case .paymentResolved: .paymentResolved
    case .transitionRefused: .transitionRefused
    case .authorizationRequested: .authorizationRequested
    case .authorizationCreated: .authorizationCreated
    case .authorizationStepRequested: .authorizationStepRequested
    case .authorizationCaptured: .authorizationCaptured
    case .authorizationCancelled: .authorizationCancelled
    case .authorizationExpired: .authorizationExpired
    case .authorizationFailed: .authorizationFailed
    case .authorizationUnknown: .authorizationUnknown
    case .gatewayPaymentAccepted: .gatewayPaymentAccepted
    case .gatewayResponseRecorded: .gatewayResponseRecorded
    case .gatewayOffersCounted: .gatewayOffersCounted
    case .rateLimitTripsCounted: .rateLimitTripsCounted
    case .jobCompleted: .jobCompleted
    case .jobFailed: .jobFailed
    case .financeEntryRecorded: .financeEntryRecorded
    case .vendorCapabilityObserved: .vendorCapabilityObserved
    case .businessGenerated: .businessGenerated
    }
  }

  /// What the record is about.
  public var subject: Text {
    switch self {
    case .ledgerOpened(let event): event.subject
    case .segmentOpened(let event): event.subject
    case .segmentSealed(let event): event.subject
    case .ledgerTailRepaired(let event): event.subject
    case .ledgerRestored(let event): event.subject
    case .clockAdjusted(let event): event.subject
    case .configApplied(let event): event.subject
    case .killSwitchEngaged(let event): event.subject
    case .killSwitchReleased(let event): event.subject
    case .budgetLimitSet(let event): event.subject
    case .paymentStarted(let event): event.subject
    case .paymentCompleted(let event): event.subject
    case .paymentFailed(let event): event.subject
    case .intentSubmitted(let event): event.subject
    case .intentApproved(let event): event.subject
    case .intentDenied(let event): event.subject
    case .paymentRefused(let event): event.subject
    case .paymentRetried(let event): event.subject
    case .paymentUnknown(let event): event.subject
    case .paymentResolved(let event): event.subject
    case .transitionRefused(let event): event.subject
    case .authorizationRequested(let event): event.subject
    case .authorizationCreated(let event): event.subject
    case .authorizationStepRequested(let event): event.subject
    case .authorizationCaptured(let event): event.subject
    case .authorizationCancelled(let event): event.subject
    case .authorizationExpired(let event): event.subject
    case .authorizationFailed(let event): event.subject
    case .authorizationUnknown(let event): event.subject
    case .gatewayPaymentAccepted(let event): event.subject
    case .gatewayResponseRecorded(let event): event.subject
    case .gatewayOffersCounted(let event): event.subject
    case .rateLimitTripsCounted(let event): event.subject
    case .jobCompleted(let event): event.subject
    case .jobFailed(let event): event.subject
    case .financeEntryRecorded(let event): event.subject
    case .vendorCapabilityObserved(let event): event.subject
    case .businessGenerated(let event): event.subject
    }
  }

  /// Writes the members of `data` in canonical order.
  public func writeData(to out: inout JSONWriter) {
    switch self {
    case .ledgerOpened(let event): event.write(to: &out)
    case .segmentOpened(let event): event.write(to: &out)
    case .segmentSealed(let event): event.write(to: &out)
    case .ledgerTailRepaired(let event): event.write(to: &out)
    case .ledgerRestored(let event): event.write(to: &out)
    case .clockAdjusted(let event): event.write(to: &out)
    case .configApplied(let event): event.write(to: &out)
    case .killSwitchEngaged(let event): event.write(to: &out)
    case .killSwitchReleased(let event): event.write(to: &out)
    case .budgetLimitSet(let event): event.write(to: &out)
    case .paymentStarted(let event): event.write(to: &out)
    case .paymentCompleted(let event): event.write(to: &out)
    case .paymentFailed(let event): event.write(to: &out)
    case .intentSubmitted(let event): event.write(to: &out)
    case .intentApproved(let event): event.write(to: &out)
    case .intentDenied(let event): event.write(to: &out)
    case .paymentRefused(let event): event.write(to: &out)
    case .paymentRetried(let event): event.write(to: &out)
    case .paymentUnknown(let event): event.write(to: &out)
    case .paymentResolved(let event): event.write(to: &out)
    case .transitionRefused(let event): event.write(to: &out)
    case .authorizationRequested(let event): event.write(to: &out)
    case .authorizationCreated(let event): event.write(to: &out)
    case .authorizationStepRequested(let event): event.write(to: &out)
    case .authorizationCaptured(let event): event.write(to: &out)
    case .authorizationCancelled(let event): event.write(to: &out)
    case .authorizationExpired(let event): event.write(to: &out)
    case .authorizationFailed(let event): event.write(to: &out)
    case .authorizationUnknown(let event): event.write(to: &out)
    case .gatewayPaymentAccepted(let event): event.write(to: &out)
    case .gatewayResponseRecorded(let event): event.write(to: &out)
    case .gatewayOffersCounted(let event): event.write(to: &out)
    case .rateLimitTripsCounted(let event): event.write(to: &out)
    case .jobCompleted(let event): event.write(to: &out)
    case .jobFailed(let event): event.write(to: &out)
    case .financeEntryRecorded(let event): event.write(to: &out)
    case .vendorCapabilityObserved(let event): event.write(to: &out)
    case .businessGenerated(let event): event.write(to: &out)
    }
  }

  /// Reads the `data` of a line whose type is known.
  public init(
    type: EventType, subject: Text, from fields: inout FieldReader
  ) throws(FieldError) {
    try self.init(type: type, subject: Subject(subject), from: &fields)
  }

  /// As above, from a subject that was made no text yet.
  public init(
    type: EventType, subject: Subject, from fields: inout FieldReader
  ) throws(FieldError) {
    switch type {
    case .ledgerOpened: self = .ledgerOpened(try .init(subject: subject, from: &fields))
    case .segmentOpened: self = .segmentOpened(try .init(subject: subject, from: &fields))
    case .segmentSealed: self = .segmentSealed(try .init(subject: subject, from: &fields))
    case .ledgerTailRepaired:
      self = .ledgerTailRepaired(try .init(subject: subject, from: &fields))
    case .ledgerRestored: self = .ledgerRestored(try .init(subject: subject, from: &fields))
    case .clockAdjusted: self = .clockAdjusted(try .init(subject: subject, from: &fields))
    case .configApplied: self = .configApplied(try .init(subject: subject, from: &fields))
    case .killSwitchEngaged:
      self = .killSwitchEngaged(try .init(subject: subject, from: &fields))
    case .killSwitchReleased:
      self = .killSwitchReleased(try .init(subject: subject, from: &fields))
    case .budgetLimitSet: self = .budgetLimitSet(try .init(subject: subject, from: &fields))
    case .paymentStarted: self = .paymentStarted(try .init(subject: subject, from: &fields))
    case .paymentCompleted: self = .paymentCompleted(try .init(subject: subject, from: &fields))
    case .paymentFailed: self = .paymentFailed(try .init(subject: subject, from: &fields))
    case .intentSubmitted: self = .intentSubmitted(try .init(subject: subject, from: &fields))
    case .intentApproved: self = .intentApproved(try .init(subject: subject, from: &fields))
    case .intentDenied: self = .intentDenied(try .init(subject: subject, from: &fields))
    case .paymentRefused: self = .paymentRefused(try .init(subject: subject, from: &fields))
    case .paymentRetried: self = .paymentRetried(try .init(subject: subject, from: &fields))
    case .paymentUnknown: self = .paymentUnknown(try .init(subject: subject, from: &fields))
    case .paymentResolved: self = .paymentResolved(try .init(subject: subject, from: &fields))
    case .transitionRefused: self = .transitionRefused(try .init(subject: subject, from: &fields))
    case .authorizationRequested:
      self = .authorizationRequested(try .init(subject: subject, from: &fields))
    case .authorizationCreated:
      self = .authorizationCreated(try .init(subject: subject, from: &fields))
    case .authorizationStepRequested:
      self = .authorizationStepRequested(try .init(subject: subject, from: &fields))
    case .authorizationCaptured:
      self = .authorizationCaptured(try .init(subject: subject, from: &fields))
    case .authorizationCancelled:
      self = .authorizationCancelled(try .init(subject: subject, from: &fields))
    case .authorizationExpired:
      self = .authorizationExpired(try .init(subject: subject, from: &fields))
    case .authorizationFailed:
      self = .authorizationFailed(try .init(subject: subject, from: &fields))
    case .authorizationUnknown:
      self = .authorizationUnknown(try .init(subject: subject, from: &fields))
    case .gatewayPaymentAccepted:
      self = .gatewayPaymentAccepted(try .init(subject: subject, from: &fields))
    case .gatewayResponseRecorded:
      self = .gatewayResponseRecorded(try .init(subject: subject, from: &fields))
    case .gatewayOffersCounted:
      self = .gatewayOffersCounted(try .init(subject: subject, from: &fields))
    case .rateLimitTripsCounted:
      self = .rateLimitTripsCounted(try .init(subject: subject, from: &fields))
    case .jobCompleted: self = .jobCompleted(try .init(subject: subject, from: &fields))
    case .jobFailed: self = .jobFailed(try .init(subject: subject, from: &fields))
    case .financeEntryRecorded:
      self = .financeEntryRecorded(try .init(subject: subject, from: &fields))
    case .vendorCapabilityObserved:
      self = .vendorCapabilityObserved(try .init(subject: subject, from: &fields))
    case .businessGenerated:
      self = .businessGenerated(try .init(subject: subject, from: &fields))
    }
  }
}
