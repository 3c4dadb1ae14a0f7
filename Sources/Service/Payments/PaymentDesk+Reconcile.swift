package import JSON
internal import Ledger

extension PaymentDesk {
  /// What asking the provider about all unknown payments came to.
  package struct Reconciliation: Sendable {
    /// One payment that was asked about.
    package struct Finding: Sendable {
      /// The payment, authorization or receipt.
      package let subject: Text
      /// Its state now; `unknown` while nobody knows.
      package let result: Text
      package let evidence: Text
    }

    package var findings: [Finding] = []

    package func count(_ result: Text) -> Int { findings.count { $0.result == result } }
  }

  /// Asks the provider, by its key, about each unknown payment, and closes those that it knows.
  ///
  /// Blocks its thread. Payments that become unknown meanwhile are left to the next time.
  package func reconcile(
    cause: Text?
  ) throws(Unavailable) -> (result: Reconciliation, seq: UInt64) {
    let book = book
    let (doubts, _) = bookkeeper.read { state, _ in
      state[book].payments.openCalls().filter { $0.payment.phase == .unknown }.map { open in
        (
          payment: open.payment, call: open.call,
          hold: open.call.authorization.flatMap { state[book].authorizations[$0] }
        )
      }
    }
    var result = Reconciliation()
    for (payment, call, hold) in doubts {
      let order = hold.map { PaymentDesk.order($0, payment) } ?? PaymentDesk.order(payment, call)
      let (outcome, evidence) = look(up: order, of: call)
      if let outcome {
        if let hold {
          let command = SettleAuthorization(
            authorization: hold.id, stepKey: hold.stepKey, outcome: outcome.ofStep,
            source: .reconcile, evidence: evidence, by: nil)
          _ = try submit(command, cause)
        } else {
          let command = SettlePayment(
            transaction: payment.id, outcome: outcome, occasion: .reconcile(evidence: evidence))
          _ = try submit(command, cause)
        }
      }
      let phase = bookkeeper.read { state, _ in
        hold.flatMap { state[book].authorizations[$0.id]?.phase.name }
          ?? state[book].payments[payment.id]?.phase.name
      }.value
      result.findings.append(
        Reconciliation.Finding(
          subject: hold?.id.text ?? payment.id.text, result: Text("\(phase ?? "unknown")"),
          evidence: evidence))
    }
    return (result, bookkeeper.read { state, _ in state.seq }.value)
  }

  private static func order(_ payment: Payment, _ call: OpenCall) -> ProviderOrder {
    ProviderOrder(
      .pay, key: call.providerKey, amount: payment.amount, agent: payment.agent,
      vendor: payment.vendor, network: payment.network, serviceURL: nil)
  }

  /// The step of a hold that nobody knows the end of, as it was asked for.
  private static func order(_ hold: Authorization, _ payment: Payment) -> ProviderOrder {
    let action: ProviderOrder.Action =
      switch hold.step {
      case .authorize: .authorize(expiresAt: hold.expiresAt)
      case .capture: .capture(hold: hold.providerKey)
      case .cancel: .cancel(hold: hold.providerKey)
      }
    return ProviderOrder(
      action, key: hold.stepKey, amount: hold.wanted ?? hold.amount, agent: payment.agent,
      vendor: payment.vendor, network: payment.network, serviceURL: nil)
  }

  /// What the provider says; no outcome while it is still not known.
  private func look(
    up order: ProviderOrder, of call: OpenCall
  ) -> (CallOutcome?, evidence: Text) {
    guard let provider = options.provider, provider.name == call.provider else {
      return (nil, Text("provider \(call.provider) is not configured"))
    }
    // The last order left before the doubt began, however long it had been retried.
    guard let since = call.doubt?.since else { return (nil, "the provider is being asked") }
    let age = bookkeeper.read { _, now in now.milliseconds(since: since) }.value
    switch provider.look(up: order) {
    case .completed(let hash, let receipt):
      let reference = (receipt ?? hash?.text).map { ", \($0)" } ?? ""
      return (
        .completed(chainHash: hash, receipt: receipt),
        Text("\(provider.name) says \(order.success)\(reference)")
      )
    case .failed(let code, let error, let vendorFault):
      return (
        .failed(code: code, error: error, vendorFault: vendorFault),
        Text("\(provider.name) says failed, \(code)")
      )
    case .neverSeen where age >= options.graceMilliseconds:
      return (
        .failed(
          code: "NOT_TAKEN", error: "payment error: the provider has never seen the order",
          vendorFault: false),
        Text("\(provider.name) has never seen the key, \(age) ms after its last order")
      )
    case .neverSeen:
      return (
        nil,
        Text(
          "\(provider.name) has not seen the key yet, \(age) ms after its last order; "
            + "it may still come in until \(options.graceMilliseconds) ms")
      )
    case .notTaken(let fault), .noAnswer(let fault):
      return (nil, Text("\(provider.name) gave no answer: \(fault.name)"))
    }
  }
}

extension ProviderOrder {
  /// The word for an order that was carried out.
  fileprivate var success: Text {
    switch action {
    case .pay: "completed"
    case .authorize: "authorized"
    case .capture: "captured"
    case .cancel: "cancelled"
    }
  }
}
