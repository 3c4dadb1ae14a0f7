public import JSON

/// Asks a provider to hold money for a payment: the same gate as for paying.
public struct AuthorizePayment: Command {
  public static var name: StaticString { "authorization.create" }

  /// The id that the authorization gets, taken or refused.
  public let authorization: AuthorizationID
  /// The id that the payment behind it gets.
  public let transaction: TransactionID
  /// The id that a new intent gets.
  public let newIntent: IntentID
  public let request: SpendRequest
  public let intent: IntentID?
  public let purpose: Text?
  public let provider: Text
  public let wallet: Text?
  /// From this moment on it can only be cancelled; nil for no end.
  public let expiresAt: Timestamp?
  /// Set while the shell cannot let money out.
  public var refusal: NewMoneyRefusal?

  public init(
    authorization: AuthorizationID, transaction: TransactionID, newIntent: IntentID,
    request: SpendRequest, intent: IntentID?, purpose: Text?, provider: Text, wallet: Text?,
    expiresAt: Timestamp?
  ) {
    self.authorization = authorization
    self.transaction = transaction
    self.newIntent = newIntent
    self.request = request
    self.intent = intent
    self.purpose = purpose
    self.provider = provider
    self.wallet = wallet
    self.expiresAt = expiresAt
  }

  public func writePrint(to out: inout JSONWriter) {
    request.writePrint(to: &out)
    out.optional("intent_id", intent?.text)
    out.optional("purpose", purpose)
    out.optional("expires_at", expiresAt)
  }

  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    if let expiresAt, expiresAt <= now {
      throw .fieldInvalid(field: "expires_at", reason: "must lie in the future")
    }
    guard state[book].authorizations[authorization] == nil else {
      throw .fieldInvalid(field: "authorization_id", reason: "names one that exists already")
    }
    var wish = SpendWish(
      transaction: transaction, newIntent: newIntent, request: request, intent: intent,
      purpose: purpose)
    wish.refusal = refusal
    switch try wish.answer(given: state, book: book, at: now) {
    case .closed(let rejection, let events): return .refused(rejection, recording: events)
    case .open(let intent, let events):
      let call = ProviderCall(
        intent: intent, provider: provider, providerKey: authorization.text,
        wallet: state[book].wallets.address(paying: request.parties) ?? wallet,
        component: request.component, business: request.business)
      let requested = AuthorizationRequested(
        authorization: authorization,
        payment: AuthorizedPayment(
          transaction: transaction, parties: request.parties, amount: request.amount),
        expiresAt: expiresAt, call: call)
      return .accepted(events + [.authorizationRequested(requested)])
    }
  }
}

/// Takes some or all of a hold; the rest is released.
public struct CaptureAuthorization: Command {
  public static var name: StaticString { "authorization.capture" }

  public let authorization: AuthorizationID
  /// Nil for all of it.
  public let amount: Money?
  /// Set while the shell cannot let money out.
  public var refusal: NewMoneyRefusal?

  public init(authorization: AuthorizationID, amount: Money?) {
    self.authorization = authorization
    self.amount = amount
  }

  public func writePrint(to out: inout JSONWriter) {
    out.field("authorization_id", authorization.text)
    if let amount { out.field("amount", amount) }
  }

  /// - Throws: `Rejection.authorizationNotFound`, `.fieldInvalid`, `.stepUnderWay`. A step that the
  ///   table of states does not have is refused and recorded, and the provider is not asked.
  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    guard let hold = state[book].authorizations[authorization] else {
      throw .authorizationNotFound(authorization)
    }
    let wanted = amount ?? hold.amount
    guard wanted.asset == hold.amount.asset, wanted.units > 0 else {
      throw .fieldInvalid(field: "amount", reason: "must be more than 0; to take nothing, cancel")
    }
    // What was captured, or is being so, is answered again.
    if hold.step == .capture, hold.wanted == wanted {
      switch hold.phase {
      case .captured, .unknown: return .unchanged
      case .capturing: throw .stepUnderWay(subject: authorization.text, step: "capture")
      case .requested, .authorized, .cancelling, .cancelled, .expired, .failed: break
      }
    }
    if refusal == .diskLow { throw .newMoneyRefused(.diskLow) }
    let refused = hold.refusal(of: .captured, source: "agent", at: now)
    switch hold.phase {
    case .authorized where !hold.isExpired(at: now):
      guard wanted.units <= hold.amount.units else {
        return .refused(
          .captureAboveHold(authorization, hold: hold.amount, asked: wanted),
          recording: refused.recorded)
      }
    case .requested, .capturing, .cancelling:
      throw .stepUnderWay(subject: authorization.text, step: Text("\(hold.step.name)"))
    case .authorized, .unknown, .captured, .cancelled, .expired, .failed: return refused
    }
    let disabled: NewMoneyRefusal? =
      state.controls.arePaymentsDisabled ? .paymentsDisabled : refusal
    if let disabled {
      return .refused(
        .newMoneyRefused(disabled), recording: refused.recorded)
    }
    return .accepted([
      .authorizationStepRequested(
        hold.request(.capture, wanted: wanted, reason: nil, state[book].payments))
    ])
  }
}

/// Gives a hold back.
public struct CancelAuthorization: Command {
  public static var name: StaticString { "authorization.cancel" }

  public let authorization: AuthorizationID
  public let reason: Text?
  /// Whether it is given back because its time has run out, and only then.
  public let isExpiry: Bool

  public init(authorization: AuthorizationID, reason: Text?, isExpiry: Bool) {
    self.authorization = authorization
    self.reason = reason
    self.isExpiry = isExpiry
  }

  public func writePrint(to out: inout JSONWriter) {
    out.field("authorization_id", authorization.text)
    out.optional("reason", reason)
  }

  /// Money that comes back is let back also while payments are disabled.
  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    guard let hold = state[book].authorizations[authorization] else {
      throw .authorizationNotFound(authorization)
    }
    if isExpiry, !hold.isExpired(at: now) { return .unchanged }
    switch hold.phase {
    case .cancelled: return .unchanged
    case .expired where isExpiry: return .unchanged
    case .unknown where hold.step == .cancel: return .unchanged
    case .requested, .capturing, .cancelling:
      throw .stepUnderWay(subject: authorization.text, step: Text("\(hold.step.name)"))
    case .unknown, .captured, .expired, .failed:
      return hold.refusal(of: .cancelled, source: "agent", at: now)
    case .authorized: break
    }
    let reason: Text? = isExpiry ? AuthorizationReleased.expiryReason : self.reason?.cutForEvent
    return .accepted([
      .authorizationStepRequested(
        hold.request(.cancel, wanted: nil, reason: reason, state[book].payments))
    ])
  }
}

extension AuthorizationReleased {
  /// The reason of a cancel that time asks for.
  static let expiryReason: Text = "expired"
}

extension Decision {
  /// The events of a refusal; none for anything else.
  fileprivate var recorded: [Event] {
    if case .refused(_, let events) = self { events } else { [] }
  }
}

extension Authorization {
  /// The payment behind it, as every event of an authorization says it.
  func payment(_ payments: Payments) -> AuthorizedPayment {
    guard let payment = payments[transaction] else {
      fatalError("an authorization has a payment")
    }
    return AuthorizedPayment(
      transaction: transaction, parties: payment.parties, amount: amount)
  }

  fileprivate func request(
    _ step: AuthorizationStep, wanted: Money?, reason: Text?, _ payments: Payments
  ) -> AuthorizationStepRequested {
    AuthorizationStepRequested(
      authorization: id, payment: payment(payments), step: step,
      providerKey: Text("\(id.text).\(steps + 1)"), wanted: wanted, reason: reason)
  }

  /// The refusal of a step that the table of states does not have.
  fileprivate func refusal(
    of wanted: AuthorizationPhase, source: Text, at now: Timestamp
  ) -> Decision {
    let isLate = phase == .authorized && isExpired(at: now)
    let from: Text = isLate ? "expired" : Text("\(phase.name)")
    let to = Text("\(wanted.name)")
    return .refused(
      .illegalTransition(subject: id.text, from: from, to: to),
      recording: [
        .transitionRefused(
          TransitionRefused(
            subject: id.text, machine: "authorization", from: from, to: to, source: source))
      ])
  }
}
