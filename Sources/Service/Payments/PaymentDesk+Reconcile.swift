package import JSON
package import Ledger

extension PaymentDesk {
  /// What asking the provider about all unknown payments came to.
  package struct Reconciliation: Sendable {
    /// One payment that was asked about.
    package struct Finding: Sendable {
      package let payment: TransactionID
      /// `completed`, `failed` or `unknown`.
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
      state[book].payments.openCalls().filter { $0.payment.phase == .unknown }
    }
    var result = Reconciliation()
    var last: UInt64 = 0
    for (payment, call) in calls {
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
          payment: payment.id, result: Text("\((standing ?? payment).phase.name)"),
          evidence: evidence))
    }
    return (result, last)
  }

  /// What the provider says; no outcome while it is still not known.
  private func lookUp(_ payment: Payment, _ call: OpenCall) -> (CallOutcome?, evidence: Text) {
    guard let provider = options.provider, provider.name == call.provider else {
      return (nil, Text("provider \(call.provider) is not configured"))
    }
    let order = ProviderOrder(
      key: call.providerKey, amount: payment.amount, agent: payment.agent,
      vendor: payment.vendor, network: payment.network, serviceURL: nil)
    let (age, _) = bookkeeper.read { _, now in now.milliseconds(since: payment.startedAt) }
    switch provider.look(up: order) {
    case .completed(let hash, let receipt):
      let reference = (receipt ?? hash?.text).map { ", \($0)" } ?? ""
      return (
        .completed(chainHash: hash, receipt: receipt),
        Text("\(provider.name) says completed\(reference)")
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
