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
    case .walletRegistered:
      self = .walletRegistered(try .init(subject: subject, from: &fields))
    case .walletBalanceObserved:
      self = .walletBalanceObserved(try .init(subject: subject, from: &fields))
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
    case .alertRaised: self = .alertRaised(try .init(subject: subject, from: &fields))
    case .alertAcknowledged: self = .alertAcknowledged(try .init(subject: subject, from: &fields))
    case .alertResolved: self = .alertResolved(try .init(subject: subject, from: &fields))
    case .vendorCapabilityObserved:
      self = .vendorCapabilityObserved(try .init(subject: subject, from: &fields))
    case .businessGenerated:
      self = .businessGenerated(try .init(subject: subject, from: &fields))
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
    }
  }
}
