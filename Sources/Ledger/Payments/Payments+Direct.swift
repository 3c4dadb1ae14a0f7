import JSON

/// Payments that we make ourselves: what their events demand, and what is asked about them.
extension Payments {
  /// What is wrong about who tells of an end: a payment of our own ends by its provider, and once
  /// unknown only by evidence; an imported one by another import.
  func misfit(
    _ index: Int, _ source: PaymentSource, _ evidence: Text?
  ) -> Violation.Reason? {
    if let call = calls[UInt32(index)], call.authorization != nil { return .wrongSource }
    switch source {
    case .external: return entries[index].isDirect ? .wrongSource : nil
    case .direct: return .wrongSource
    case .provider:
      guard entries[index].isDirect else { return .wrongSource }
      return entries[index].phase == .unknown ? .evidenceMissing : nil
    case .reconcile, .operator:
      guard entries[index].isDirect else { return .wrongSource }
      return evidence == nil ? .evidenceMissing : nil
    }
  }

  /// Takes in that a provider is asked again.
  mutating func apply(_ event: PaymentRetried) -> Violation.Reason? {
    guard let number = ids.find(event.transaction) else { return .neverStarted }
    let phase = entries[Int(number)].phase
    guard phase == .pending || phase == .authorized else { return .alreadyClosed }
    guard calls[number] != nil else { return .wrongSource }
    calls.retry(number, event.errorClass)
    return nil
  }

  /// Takes in that nobody knows whether the money has moved.
  mutating func apply(_ event: PaymentUnknown, at record: Record) -> Violation.Reason? {
    guard let number = ids.find(event.transaction) else { return .neverStarted }
    guard entries[Int(number)].phase == .pending else { return .alreadyClosed }
    if let reason = mismatch(Int(number), event.parties) { return reason }
    guard let call = calls[number], call.providerKey == event.providerKey,
      call.authorization == nil
    else { return .wrongSource }
    entries[Int(number)].phase = .unknown
    calls.doubt(
      number,
      OpenCall.Doubt(since: record.at, errorClass: event.errorClass, seq: record.seq))
    return nil
  }

  /// Takes in an operator's word; the end itself stands in the next record.
  func apply(_ event: PaymentResolved) -> Violation.Reason? {
    guard let number = ids.find(event.transaction) else { return .neverStarted }
    return entries[Int(number)].phase == .unknown ? nil : .alreadyClosed
  }

  /// What is known of a payment of our own that has no outcome; nil for any other.
  public func call(of id: TransactionID) -> OpenCall? {
    ids.find(id).flatMap { calls[$0] }
  }

  /// Payments of our own without an outcome, in the order of their start.
  public func openCalls() -> [(payment: Payment, call: OpenCall)] {
    calls.places.compactMap { place in
      guard let payment = self[Int(place)], let call = calls[place] else { return nil }
      return (payment, call)
    }
  }

  // MARK: behind an authorization

  /// Takes in the payment behind a hold that is asked for; `nil` when it can begin.
  mutating func begin(_ event: AuthorizationRequested, at record: Record) -> Violation.Reason? {
    let started = PaymentStarted(
      transaction: event.payment.transaction, parties: event.payment.parties,
      amount: event.payment.amount, source: .direct, occurredAt: nil, serviceURL: nil,
      amountText: nil, call: nil)
    if let reason = apply(started, at: record) { return reason }
    let place = UInt32(entries.count - 1)
    entries[Int(place)].isDirect = true
    calls.open(
      OpenCall(
        agent: event.payment.parties.agent, isTest: event.payment.parties.network.isTest,
        held: event.payment.amount, provider: event.call.provider,
        providerKey: event.call.providerKey, authorization: event.authorization,
        component: event.call.component), at: place)
    return nil
  }

  /// What is wrong about the payment that an event of an authorization names.
  mutating func misfit(_ payment: AuthorizedPayment, _ id: AuthorizationID) -> Violation.Reason? {
    guard let number = ids.find(payment.transaction) else { return .neverStarted }
    if let reason = mismatch(Int(number), payment.parties) { return reason }
    return calls[number]?.authorization == id ? nil : .wrongSource
  }

  /// The hold stands: as before, or for the first time.
  mutating func stand(_ payment: AuthorizedPayment) {
    guard let number = ids.find(payment.transaction) else { return }
    entries[Int(number)].phase = .authorized
    calls.doubt(number, nil)
  }

  /// Nobody knows what became of a step.
  mutating func doubt(_ payment: AuthorizedPayment, _ errorClass: Text, at record: Record) {
    guard let number = ids.find(payment.transaction) else { return }
    entries[Int(number)].phase = .unknown
    calls.doubt(
      number, OpenCall.Doubt(since: record.at, errorClass: errorClass, seq: record.seq))
  }

  /// Some or all of the hold was taken.
  mutating func capture(_ event: AuthorizationCaptured, at record: Record) {
    guard let number = ids.find(event.payment.transaction) else { return }
    let index = Int(number)
    close(index, as: .completed, record: record, occurredAt: nil)
    let hash = kept(event.chainHash)
    entries[index].units = event.captured.units
    entries[index].hashForm = hash.form
    entries[index].hash = hash.words
    entries[index].latency = event.latencyMilliseconds ?? -1
    entries[index].receiptCheck = Payments.check(event.receipt)
  }

  /// The hold was given back.
  mutating func release(_ payment: AuthorizedPayment, at record: Record) {
    guard let number = ids.find(payment.transaction) else { return }
    close(Int(number), as: .cancelled, record: record, occurredAt: nil)
  }

  /// The hold never came to be.
  mutating func fail(_ event: AuthorizationFailed, at record: Record) {
    guard let number = ids.find(event.payment.transaction) else { return }
    let index = Int(number)
    close(index, as: .failed, record: record, occurredAt: nil)
    entries[index].error = word(event.error)
    entries[index].code = word(event.code)
    entries[index].vendorFault = event.vendorFault
  }
}
