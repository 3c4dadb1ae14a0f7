public import JSON

/// What a step of an authorization came to.
public enum AuthorizationOutcome: Equatable, Sendable {
  /// The provider did it; with what it calls the hold or the receipt.
  case done(reference: Text?, chainHash: ChainHash?)
  /// It certainly did not.
  case failed(code: Text, error: Text, vendorFault: Bool)
  /// It may have done it.
  case unknown(errorClass: Text)
}

/// Records what the provider's answer, or the want of one, says of the step under way.
public struct SettleAuthorization: Command {
  public static var name: StaticString { "authorization.settle" }

  public let authorization: AuthorizationID
  /// The provider's key of the step; an answer to an earlier one changes nothing.
  public let stepKey: Text
  public let outcome: AuthorizationOutcome
  /// Who tells it: the provider at once, the provider asked later, or an operator.
  public let source: PaymentSource
  public let evidence: Text?
  /// Who the operator is.
  public let by: Text?

  public init(
    authorization: AuthorizationID, stepKey: Text, outcome: AuthorizationOutcome,
    source: PaymentSource, evidence: Text?, by: Text?
  ) {
    self.authorization = authorization
    self.stepKey = stepKey
    self.outcome = outcome
    self.source = source
    self.evidence = evidence
    self.by = by
  }

  public func writePrint(to out: inout JSONWriter) {
    out.field("authorization_id", authorization.text)
    out.field("step_key", stepKey)
  }

  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    guard let hold = state[book].authorizations[authorization] else {
      throw .authorizationNotFound(authorization)
    }
    guard hold.stepKey == stepKey else { return .unchanged }
    switch hold.phase {
    case .authorized, .captured, .cancelled, .expired, .failed: return .unchanged
    case .requested, .capturing, .cancelling: guard source == .provider else { return .unchanged }
    case .unknown: guard source != .provider else { return .unchanged }
    }
    let payment = hold.payment(state[book].payments)
    switch outcome {
    case .unknown(let errorClass):
      guard hold.phase != .unknown else { return .unchanged }
      return .accepted([
        .authorizationUnknown(
          AuthorizationUnknown(
            authorization: authorization, payment: payment, step: hold.step,
            providerKey: stepKey, errorClass: errorClass))
      ])
    case .failed(let code, let error, let vendorFault):
      return .accepted([
        .authorizationFailed(
          AuthorizationFailed(
            authorization: authorization, payment: payment, step: hold.step, code: code,
            error: error.cutForEvent, vendorFault: vendorFault, source: source,
            evidence: told))
      ])
    case .done(let reference, let chainHash):
      let event = end(of: hold, payment, reference?.cutForEvent, chainHash, at: now)
      guard case .authorizationCaptured(let captured) = event, captured.captured.units > 0 else {
        return .accepted([event])
      }
      let component = state[book].payments.call(of: hold.transaction)?.component
      return .accepted(
        [event]
          + state.purchase(
            of: payment.parties, for: captured.captured, component, book, at: now))
    }
  }

  /// What shows it, with the operator's name where one says it.
  private var told: Text? {
    guard let evidence else { return nil }
    return by.map { Text("\($0): \(evidence)") }?.cutForEvent ?? evidence.cutForEvent
  }

  private func end(
    of hold: Authorization, _ payment: AuthorizedPayment, _ reference: Text?,
    _ chainHash: ChainHash?, at now: Timestamp
  ) -> Event {
    // How long a doubt lasted says nothing of the provider's speed.
    let latency =
      source == .provider ? max(0, now.milliseconds(since: hold.stepAt)) : nil as Int64?
    switch hold.step {
    case .authorize:
      return .authorizationCreated(
        AuthorizationCreated(
          authorization: authorization, payment: payment, reference: reference,
          latencyMilliseconds: latency, source: source, evidence: told))
    case .capture:
      let captured = hold.wanted ?? hold.amount
      let rest = Money(units: hold.amount.units - captured.units, asset: captured.asset)
      return .authorizationCaptured(
        AuthorizationCaptured(
          authorization: authorization, payment: payment, captured: captured, released: rest,
          chainHash: chainHash, latencyMilliseconds: latency, source: source,
          receipt: reference, evidence: told))
    case .cancel:
      let released = AuthorizationReleased(
        authorization: authorization, payment: payment, released: hold.amount,
        reason: hold.reason, source: source, evidence: told)
      return hold.reason == AuthorizationReleased.expiryReason && hold.isExpired(at: now)
        ? .authorizationExpired(released) : .authorizationCancelled(released)
    }
  }
}
