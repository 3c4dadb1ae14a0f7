package import JSON
package import Ledger

/// Holds: authorize, capture, cancel. The same way as paying, with a provider in between.
extension PaymentDesk {
  /// Decides and has a provider hold the money; answers once, on any thread.
  package func authorize(
    _ wish: Wish, expiresAt: Timestamp?, key: Text?, cause: Text?, answer: @escaping Answer
  ) {
    renewal.before(wish.request.parties.vendor, options.provider) { [self] in
      hold(wish, expiresAt, key, cause, answer)
    }
  }

  private func hold(
    _ wish: Wish, _ expiresAt: Timestamp?, _ key: Text?, _ cause: Text?, _ answer: @escaping Answer
  ) {
    let now = now
    var command = AuthorizePayment(
      authorization: AuthorizationID(Mint.ulid(at: now)),
      transaction: TransactionID(Mint.ulid(at: now)), newIntent: IntentID(Mint.ulid(at: now)),
      request: wish.request, intent: wish.intent, purpose: wish.purpose,
      provider: options.provider?.name ?? "none", wallet: options.wallet, expiresAt: expiresAt)
    command.refusal = refusal
    let actor = Text("agent:\(wish.request.parties.agent)")
    run(command, actor: actor, key, cause, wish.request, answer) { [self] first in
      let book = book
      let (hold, _) = bookkeeper.read { state, _ in
        state[book].authorizations.requested(within: first...first + 2)
      }
      guard let id = hold?.id else { fatalError("a key of authorization.create made a hold") }
      join(.authorization(id), answer)
    }
  }

  /// Takes some or all of a hold.
  package func capture(
    _ id: AuthorizationID, _ amount: Money?, key: Text?, cause: Text?, answer: @escaping Answer
  ) {
    var command = CaptureAuthorization(authorization: id, amount: amount)
    command.refusal = refusal
    run(command, actor: actor(of: id), key, cause, nil, answer) { [self] _ in
      join(.authorization(id), answer)
    }
  }

  /// Gives a hold back.
  package func cancel(
    _ id: AuthorizationID, reason: Text?, isExpiry: Bool, key: Text?, cause: Text?,
    answer: @escaping Answer
  ) {
    let command = CancelAuthorization(authorization: id, reason: reason, isExpiry: isExpiry)
    run(command, actor: actor(of: id), key, cause, nil, answer) { [self] _ in
      join(.authorization(id), answer)
    }
  }

  /// Who spends by a hold; the operator when there is no such hold.
  private func actor(of id: AuthorizationID) -> Text {
    let book = book
    let (agent, _) = bookkeeper.read { state, _ in
      state[book].authorizations[id].flatMap { state[book].payments[$0.transaction]?.agent }
    }
    return agent.map { Text("agent:\($0)") } ?? "operator"
  }

  /// The order that an event of an authorization begins; nil when it begins none.
  static func order(
    _ event: Event
  ) -> (AuthorizationID, AuthorizedPayment, ProviderOrder)? {
    if case .authorizationRequested(let event) = event {
      let order = PaymentDesk.order(
        .authorize(expiresAt: event.expiresAt), event.call.providerKey, event.payment,
        event.payment.amount)
      return (event.authorization, event.payment, order)
    }
    guard case .authorizationStepRequested(let event) = event else { return nil }
    let hold = event.authorization.text
    let order = PaymentDesk.order(
      event.step == .capture ? .capture(hold: hold) : .cancel(hold: hold), event.providerKey,
      event.payment, event.wanted ?? event.payment.amount)
    return (event.authorization, event.payment, order)
  }

  static func order(
    _ action: ProviderOrder.Action, _ key: Text, _ payment: AuthorizedPayment, _ amount: Money
  ) -> ProviderOrder {
    ProviderOrder(
      action, key: key, amount: amount, agent: payment.parties.agent,
      vendor: payment.parties.vendor, network: payment.parties.network, serviceURL: nil)
  }
}
