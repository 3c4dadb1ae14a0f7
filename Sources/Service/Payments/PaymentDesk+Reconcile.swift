package import JSON
internal import Ledger

extension PaymentDesk {
  /// What asking the provider about all unknown payments came to.
  package struct Reconciliation: Sendable {
    /// One payment that was asked about.
    package struct Finding: Sendable {
      /// The payment or authorization.
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
    let (calls, _) = bookkeeper.read { state, _ in
      (
        payments: state[book].payments.openCalls().filter {
          $0.payment.phase == .unknown && $0.call.authorization == nil
        },
        holds: state[book].authorizations.openOnes.filter { $0.phase == .unknown }
          .compactMap { hold in state[book].payments[hold.transaction].map { (hold, $0) } }
      )
    }
    var result = Reconciliation()
    var last: UInt64 = 0
    for (hold, payment) in calls.holds {
      let (finding, seq) = try reconcile(hold, payment, cause)
      result.findings.append(finding)
      last = max(last, seq)
    }
    for (payment, call) in calls.payments {
      let (outcome, evidence) = lookUp(payment, call)
      if let outcome {
        let command = SettlePayment(
          transaction: payment.id, outcome: outcome, occasion: .reconcile(evidence: evidence))
        last = max(last, try submit(command, cause).decidedSeq)
      }
      let (standing, _, seq) = standing(payment.id)
      last = max(last, seq)
      result.findings.append(
        Reconciliation.Finding(
          subject: payment.id.text, result: Text("\((standing ?? payment).phase.name)"),
          evidence: evidence))
    }
    return (result, last)
  }

  /// Asks about the step of a hold that nobody knows the end of.
  private func reconcile(
    _ hold: Authorization, _ payment: Payment, _ cause: Text?
  ) throws(Unavailable) -> (Reconciliation.Finding, UInt64) {
    let action: ProviderOrder.Action =
      switch hold.step {
      case .authorize: .authorize(expiresAt: hold.expiresAt)
      case .capture: .capture(hold: hold.providerKey)
      case .cancel: .cancel(hold: hold.providerKey)
      }
    let amount = hold.step == .capture ? hold.wanted ?? hold.amount : hold.amount
    let order = ProviderOrder(
      action, key: hold.stepKey, amount: amount, agent: payment.agent, vendor: payment.vendor,
      network: payment.network, serviceURL: nil)
    let (outcome, evidence) = look(up: order, of: hold.provider, since: hold.stepAt)
    if let outcome {
      let command = SettleAuthorization(
        authorization: hold.id, stepKey: hold.stepKey, outcome: outcome.ofStep,
        source: .reconcile, evidence: evidence, by: nil)
      _ = try submit(command, cause)
    }
    let book = book
    let (phase, seq) = bookkeeper.read { state, _ in state[book].authorizations[hold.id]?.phase }
    let finding = Reconciliation.Finding(
      subject: hold.id.text, result: Text("\((phase ?? hold.phase).name)"), evidence: evidence)
    return (finding, seq)
  }

  private func lookUp(_ payment: Payment, _ call: OpenCall) -> (CallOutcome?, evidence: Text) {
    let order = ProviderOrder(
      .pay, key: call.providerKey, amount: payment.amount, agent: payment.agent,
      vendor: payment.vendor, network: payment.network, serviceURL: nil)
    return look(up: order, of: call.provider, since: payment.startedAt)
  }

  /// What the provider says; no outcome while it is still not known.
  private func look(
    up order: ProviderOrder, of name: Text, since start: Timestamp
  ) -> (CallOutcome?, evidence: Text) {
    guard let provider = options.provider, provider.name == name else {
      return (nil, Text("provider \(name) is not configured"))
    }
    let (age, _) = bookkeeper.read { _, now in now.milliseconds(since: start) }
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
        Text("\(provider.name) has never seen the key, \(age) ms after the start")
      )
    case .neverSeen:
      return (
        nil,
        Text(
          "\(provider.name) has not seen the key yet, \(age) ms after the start; "
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
