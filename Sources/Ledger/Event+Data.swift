public import JSON

/// What each event writes and reads: one line each.
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
    case .routesApplied: .routesApplied
    case .killSwitchEngaged: .killSwitchEngaged
    case .killSwitchReleased: .killSwitchReleased
    case .budgetLimitSet: .budgetLimitSet
    case .walletRegistered: .walletRegistered
    case .walletBalanceObserved: .walletBalanceObserved
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
    case .alertRaised: .alertRaised
    case .alertAcknowledged: .alertAcknowledged
    case .alertResolved: .alertResolved
    case .vendorCapabilityObserved: .vendorCapabilityObserved
    case .businessGenerated: .businessGenerated
    case .gatewayPaymentAccepted: .gatewayPaymentAccepted
    case .gatewayResponseRecorded: .gatewayResponseRecorded
    case .gatewayReserved: .gatewayReserved
    case .gatewaySettleStarted: .gatewaySettleStarted
    case .gatewaySettled: .gatewaySettled
    case .gatewayRefused: .gatewayRefused
    case .gatewayUnknown: .gatewayUnknown
    case .gatewayAnomaly: .gatewayAnomaly
    case .gatewayOffersCounted: .gatewayOffersCounted
    case .rateLimitTripsCounted: .rateLimitTripsCounted
    case .jobCompleted: .jobCompleted
    case .jobFailed: .jobFailed
    case .financeEntryRecorded: .financeEntryRecorded
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
    case .routesApplied(let event): event.subject
    case .killSwitchEngaged(let event): event.subject
    case .killSwitchReleased(let event): event.subject
    case .budgetLimitSet(let event): event.subject
    case .walletRegistered(let event): event.subject
    case .walletBalanceObserved(let event): event.subject
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
    case .alertRaised(let event): event.subject
    case .alertAcknowledged(let event): event.subject
    case .alertResolved(let event): event.subject
    case .vendorCapabilityObserved(let event): event.subject
    case .businessGenerated(let event): event.subject
    case .gatewayPaymentAccepted(let event): event.subject
    case .gatewayResponseRecorded(let event): event.subject
    case .gatewayReserved(let event): event.subject
    case .gatewaySettleStarted(let event): event.subject
    case .gatewaySettled(let event): event.subject
    case .gatewayRefused(let event): event.subject
    case .gatewayUnknown(let event): event.subject
    case .gatewayAnomaly(let event): event.subject
    case .gatewayOffersCounted(let event): event.subject
    case .rateLimitTripsCounted(let event): event.subject
    case .jobCompleted(let event): event.subject
    case .jobFailed(let event): event.subject
    case .financeEntryRecorded(let event): event.subject
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
    case .routesApplied(let event): event.write(to: &out)
    case .killSwitchEngaged(let event): event.write(to: &out)
    case .killSwitchReleased(let event): event.write(to: &out)
    case .budgetLimitSet(let event): event.write(to: &out)
    case .walletRegistered(let event): event.write(to: &out)
    case .walletBalanceObserved(let event): event.write(to: &out)
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
    case .alertRaised(let event): event.write(to: &out)
    case .alertAcknowledged(let event): event.write(to: &out)
    case .alertResolved(let event): event.write(to: &out)
    case .vendorCapabilityObserved(let event): event.write(to: &out)
    case .businessGenerated(let event): event.write(to: &out)
    case .gatewayPaymentAccepted(let event): event.write(to: &out)
    case .gatewayResponseRecorded(let event): event.write(to: &out)
    case .gatewayReserved(let event): event.write(to: &out)
    case .gatewaySettleStarted(let event): event.write(to: &out)
    case .gatewaySettled(let event): event.write(to: &out)
    case .gatewayRefused(let event): event.write(to: &out)
    case .gatewayUnknown(let event): event.write(to: &out)
    case .gatewayAnomaly(let event): event.write(to: &out)
    case .gatewayOffersCounted(let event): event.write(to: &out)
    case .rateLimitTripsCounted(let event): event.write(to: &out)
    case .jobCompleted(let event): event.write(to: &out)
    case .jobFailed(let event): event.write(to: &out)
    case .financeEntryRecorded(let event): event.write(to: &out)
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
    case .ledgerOpened: self = .ledgerOpened(try data(subject, &fields))
    case .segmentOpened: self = .segmentOpened(try data(subject, &fields))
    case .segmentSealed: self = .segmentSealed(try data(subject, &fields))
    case .ledgerTailRepaired: self = .ledgerTailRepaired(try data(subject, &fields))
    case .ledgerRestored: self = .ledgerRestored(try data(subject, &fields))
    case .clockAdjusted: self = .clockAdjusted(try data(subject, &fields))
    case .configApplied: self = .configApplied(try data(subject, &fields))
    case .routesApplied: self = .routesApplied(try data(subject, &fields))
    case .killSwitchEngaged: self = .killSwitchEngaged(try data(subject, &fields))
    case .killSwitchReleased: self = .killSwitchReleased(try data(subject, &fields))
    case .budgetLimitSet: self = .budgetLimitSet(try data(subject, &fields))
    case .walletRegistered: self = .walletRegistered(try data(subject, &fields))
    case .walletBalanceObserved: self = .walletBalanceObserved(try data(subject, &fields))
    case .paymentStarted: self = .paymentStarted(try data(subject, &fields))
    case .paymentCompleted: self = .paymentCompleted(try data(subject, &fields))
    case .paymentFailed: self = .paymentFailed(try data(subject, &fields))
    case .intentSubmitted: self = .intentSubmitted(try data(subject, &fields))
    case .intentApproved: self = .intentApproved(try data(subject, &fields))
    case .intentDenied: self = .intentDenied(try data(subject, &fields))
    case .paymentRefused: self = .paymentRefused(try data(subject, &fields))
    case .paymentRetried: self = .paymentRetried(try data(subject, &fields))
    case .paymentUnknown: self = .paymentUnknown(try data(subject, &fields))
    case .paymentResolved: self = .paymentResolved(try data(subject, &fields))
    case .transitionRefused: self = .transitionRefused(try data(subject, &fields))
    case .authorizationRequested: self = .authorizationRequested(try data(subject, &fields))
    case .authorizationCreated: self = .authorizationCreated(try data(subject, &fields))
    case .authorizationStepRequested: self = .authorizationStepRequested(try data(subject, &fields))
    case .authorizationCaptured: self = .authorizationCaptured(try data(subject, &fields))
    case .authorizationCancelled: self = .authorizationCancelled(try data(subject, &fields))
    case .authorizationExpired: self = .authorizationExpired(try data(subject, &fields))
    case .authorizationFailed: self = .authorizationFailed(try data(subject, &fields))
    case .authorizationUnknown: self = .authorizationUnknown(try data(subject, &fields))
    case .alertRaised: self = .alertRaised(try data(subject, &fields))
    case .alertAcknowledged: self = .alertAcknowledged(try data(subject, &fields))
    case .alertResolved: self = .alertResolved(try data(subject, &fields))
    case .vendorCapabilityObserved: self = .vendorCapabilityObserved(try data(subject, &fields))
    case .businessGenerated: self = .businessGenerated(try data(subject, &fields))
    case .gatewayPaymentAccepted: self = .gatewayPaymentAccepted(try data(subject, &fields))
    case .gatewayResponseRecorded: self = .gatewayResponseRecorded(try data(subject, &fields))
    case .gatewayReserved: self = .gatewayReserved(try data(subject, &fields))
    case .gatewaySettleStarted: self = .gatewaySettleStarted(try data(subject, &fields))
    case .gatewaySettled: self = .gatewaySettled(try data(subject, &fields))
    case .gatewayRefused: self = .gatewayRefused(try data(subject, &fields))
    case .gatewayUnknown: self = .gatewayUnknown(try data(subject, &fields))
    case .gatewayAnomaly: self = .gatewayAnomaly(try data(subject, &fields))
    case .gatewayOffersCounted: self = .gatewayOffersCounted(try data(subject, &fields))
    case .rateLimitTripsCounted: self = .rateLimitTripsCounted(try data(subject, &fields))
    case .jobCompleted: self = .jobCompleted(try data(subject, &fields))
    case .jobFailed: self = .jobFailed(try data(subject, &fields))
    case .financeEntryRecorded: self = .financeEntryRecorded(try data(subject, &fields))
    }
  }
}

/// The data of an event, of whichever kind is asked for.
@inline(__always)
private func data<Data: EventData>(
  _ subject: Subject, _ fields: inout FieldReader
) throws(FieldError) -> Data {
  try Data(subject: subject, from: &fields)
}
