import JSON

/// How the events of an authorization move its hold and the payment behind it, both or neither.
extension BookState {
  mutating func requestStep(
    _ event: AuthorizationStepRequested, at record: Record
  ) -> Violation.Reason? {
    if let reason = payments.misfit(event.payment, event.authorization) { return reason }
    if let reason = authorizations.misfit(event) { return reason }
    authorizations.apply(event, at: record)
    return nil
  }

  mutating func doubt(_ event: AuthorizationUnknown, at record: Record) -> Violation.Reason? {
    if let reason = payments.misfit(event.payment, event.authorization) { return reason }
    if let reason = authorizations.misfit(event) { return reason }
    authorizations.apply(event, at: record)
    payments.doubt(event.payment, event.errorClass, at: record)
    return nil
  }

  mutating func create(_ event: AuthorizationCreated, at record: Record) -> Violation.Reason? {
    let reason = misfit(
      event.authorization, event.payment, ends: .authorize, event.source, event.evidence)
    if let reason { return reason }
    authorizations.end(event.authorization, as: .authorized, at: record)
    payments.stand(event.payment)
    return nil
  }

  mutating func request(
    _ event: AuthorizationRequested, at record: Record
  ) -> Violation.Reason? {
    let payment = event.payment
    let misfit = intents.misfit(
      event.call.intent, payment.parties, payment.amount, at: record.at)
    if let misfit { return misfit }
    if let reason = authorizations.misfit(event) { return reason }
    if let reason = payments.begin(event, at: record) { return reason }
    authorizations.apply(event, at: record)
    intents.use(event.call.intent, by: record)
    return nil
  }

  mutating func capture(
    _ event: AuthorizationCaptured, at record: Record
  ) -> Violation.Reason? {
    let reason = misfit(
      event.authorization, event.payment, ends: .capture, event.source, event.evidence)
    if let reason { return reason }
    let wanted = authorizations[event.authorization]?.wanted
    let sum = event.captured.units.addingClamped(event.released.units)
    guard event.captured == wanted, sum == event.payment.amount.units else { return .illegalStep }
    authorizations.end(event.authorization, as: .captured, at: record)
    payments.capture(event, at: record)
    wallets.spend(event.captured, by: event.payment.parties, at: nil)
    return nil
  }

  mutating func release(
    _ event: AuthorizationReleased, as phase: AuthorizationPhase, at record: Record
  ) -> Violation.Reason? {
    let reason = misfit(
      event.authorization, event.payment, ends: .cancel, event.source, event.evidence)
    if let reason { return reason }
    guard event.released == event.payment.amount else { return .illegalStep }
    authorizations.end(event.authorization, as: phase, at: record)
    payments.release(event.payment, at: record)
    return nil
  }

  mutating func fail(
    _ event: AuthorizationFailed, at record: Record
  ) -> Violation.Reason? {
    let reason = misfit(
      event.authorization, event.payment, ends: event.step, event.source, event.evidence)
    if let reason { return reason }
    if event.step == .authorize {
      authorizations.end(event.authorization, as: .failed, at: record)
      payments.fail(event, at: record)
    } else {
      authorizations.end(event.authorization, as: .authorized, at: record)
      payments.stand(event.payment)
    }
    return nil
  }

  private mutating func misfit(
    _ id: AuthorizationID, _ payment: AuthorizedPayment, ends step: AuthorizationStep,
    _ source: PaymentSource, _ evidence: Text?
  ) -> Violation.Reason? {
    if let reason = authorizations.misfit(
      id, payment, ends: step, source: source, evidence: evidence)
    {
      return reason
    }
    return payments.misfit(payment, id)
  }
}
