import JSON

/// How the events of a payment at the gateway move its receipt, its promise, its key and its cap.
extension BookState {
  mutating func reserve(_ event: GatewayReserved, at record: Record) -> Violation.Reason? {
    if let reason = receipts.reserve(event, at: record) { return reason }
    sessions.hold(event.amount, of: event.policy)
    return nil
  }

  /// A payment is ours: what the form says, or what the settlement before it in the unit says.
  mutating func accept(
    _ event: GatewayPaymentAccepted, at record: Record
  ) -> Violation.Reason? {
    guard event.mode == .facilitator else {
      if let reason = receipts.accept(event, at: record) { return reason }
      sessions.spend(event.amount, of: event.policy)
      return nil
    }
    switch receipts.complete(event, at: record) {
    case .failure(let misfit): return misfit.reason
    case .success(let open):
      sessions.release(open.reserved.amount, of: open.reserved.policy)
      sessions.spend(event.amount, of: event.policy)
      return nil
    }
  }

  /// No money moved: the promise, the key and the cap are free again.
  mutating func refuse(_ event: GatewayRefused, at record: Record) -> Violation.Reason? {
    switch receipts.refuse(event, at: record) {
    case .failure(let misfit): return misfit.reason
    case .success(let open):
      sessions.release(open.reserved.amount, of: open.reserved.policy)
      if let binding = open.binding { keys.free(binding, actor: open.actor) }
      return nil
    }
  }
}

extension Receipts {
  /// Why an event does not fit.
  struct Misfit: Error {
    let reason: Violation.Reason
  }

  /// Takes a promise for a request.
  mutating func reserve(_ event: GatewayReserved, at record: Record) -> Violation.Reason? {
    guard ids.find(event.receipt) == nil else { return .receiptUsedTwice }
    guard place(of: event.promise) == nil else { return .promiseUsedTwice }
    let number = ids.intern(event.receipt)
    guard bind(event.promise, to: number) else { return .promiseUsedTwice }
    places.append(
      ReceiptPlace(
        seq: record.seq, requestHash: event.requestHash, phase: .reserved, endSeq: 0,
        answerSeq: 0))
    open[number] = OpenReceipt(event, at: record)
    return nil
  }

  /// The answer: after the acceptance in its unit, before the settlement in its unit, or after
  /// the acceptance of what was paid upfront.
  mutating func apply(_ event: GatewayResponseRecorded, at record: Record) -> Violation.Reason? {
    guard let number = ids.find(event.receipt), places[Int(number)].answerSeq == 0 else {
      return .answerWithoutPayment
    }
    let place = places[Int(number)]
    switch (place.phase, open[number]?.reserved.flow) {
    case (.accepted, nil):
      guard awaiting == number, place.endSeq + 1 == record.seq else {
        return .answerWithoutPayment
      }
      awaiting = nil
    case (.reserved, .authorization):
      guard record.more else { return .answerWithoutPayment }
      places[Int(number)].phase = .answered
    case (.accepted, .upfront): open[number] = nil
    default: return .answerWithoutPayment
    }
    places[Int(number)].answerSeq = record.seq
    return nil
  }

  mutating func apply(_ event: GatewaySettleStarted, at record: Record) -> Violation.Reason? {
    guard let number = ids.find(event.receipt), let receipt = open[number] else {
      return .reservationUnknown
    }
    let place = places[Int(number)]
    switch (place.phase, receipt.reserved.flow) {
    case (.answered, _) where receipt.settleSeq == 0 && place.answerSeq + 1 == record.seq: break
    case (.reserved, .upfront): places[Int(number)].phase = .settling
    default: return .illegalGatewayStep
    }
    open[number]?.settleSeq = record.seq
    return nil
  }

  mutating func apply(_ event: GatewaySettled, at record: Record) -> Violation.Reason? {
    guard let number = ids.find(event.receipt), let receipt = open[number] else {
      return .reservationUnknown
    }
    if let reason = misfit(number, receipt, ends: event.evidence) { return reason }
    guard record.more else { return .illegalGatewayStep }
    places[Int(number)].phase = .settled
    awaiting = number
    return nil
  }

  mutating func apply(_ event: GatewayUnknown, at record: Record) -> Violation.Reason? {
    guard let number = ids.find(event.receipt), let receipt = open[number] else {
      return .reservationUnknown
    }
    switch places[Int(number)].phase {
    case .answered, .settling: guard receipt.settleSeq > 0 else { return .illegalGatewayStep }
    case .unknown:
      guard event.chainHash != nil, receipt.doubt?.chainHash == nil else {
        return .illegalGatewayStep
      }
    case .reserved, .settled, .accepted, .refused: return .illegalGatewayStep
    }
    places[Int(number)].phase = .unknown
    open[number]?.doubt = OpenReceipt.Doubt(
      errorClass: event.errorClass, chainHash: event.chainHash ?? receipt.doubt?.chainHash,
      since: receipt.doubt?.since ?? record.at)
    return nil
  }

  func apply(_ event: GatewayAnomaly) -> Violation.Reason? {
    ids.find(event.receipt) == nil ? .reservationUnknown : nil
  }

  /// Ends a payment whose settlement stands just before, and gives back what was known of it.
  mutating func complete(
    _ event: GatewayPaymentAccepted, at record: Record
  ) -> Result<OpenReceipt, Misfit> {
    guard let number = ids.find(event.receipt), let receipt = open[number] else {
      return .failure(Misfit(reason: .reservationUnknown))
    }
    guard places[Int(number)].phase == .settled, awaiting == number else {
      return .failure(Misfit(reason: .illegalGatewayStep))
    }
    guard event.amount == receipt.reserved.amount, event.requestHash == receipt.reserved.requestHash
    else { return .failure(Misfit(reason: .underpaid)) }
    awaiting = nil
    places[Int(number)].phase = .accepted
    places[Int(number)].endSeq = record.seq
    if places[Int(number)].answerSeq > 0 { open[number] = nil }
    return .success(receipt)
  }

  /// Ends a payment for which no money moved, and gives back what was known of it.
  mutating func refuse(
    _ event: GatewayRefused, at record: Record
  ) -> Result<OpenReceipt, Misfit> {
    guard let number = ids.find(event.receipt), let receipt = open[number] else {
      return .failure(Misfit(reason: .reservationUnknown))
    }
    if places[Int(number)].phase == .reserved {
      guard event.stage != .settle else { return .failure(Misfit(reason: .illegalGatewayStep)) }
    } else if let reason = misfit(number, receipt, ends: event.evidence) {
      return .failure(Misfit(reason: reason))
    }
    places[Int(number)].phase = .refused
    places[Int(number)].endSeq = record.seq
    open[number] = nil
    free(receipt.reserved.promise)
    return .success(receipt)
  }

  /// Why a settlement cannot end from where it stands.
  private func misfit(
    _ number: UInt32, _ receipt: OpenReceipt, ends evidence: Text?
  ) -> Violation.Reason? {
    switch places[Int(number)].phase {
    case .answered, .settling: receipt.settleSeq > 0 ? nil : .illegalGatewayStep
    case .unknown: evidence == nil ? .evidenceMissing : nil
    case .reserved, .settled, .accepted, .refused: .illegalGatewayStep
    }
  }
}
