import JSON

/// A wish to let money out, at once or by a hold: what every one of them is asked first.
struct SpendWish {
  /// The id that the payment gets, let out or refused.
  let transaction: TransactionID
  /// The id that a new intent gets.
  let newIntent: IntentID
  let request: SpendRequest
  /// The approval that the asker names.
  let intent: IntentID?
  let purpose: Text?
  /// Set while the shell cannot let money out.
  var refusal: NewMoneyRefusal?

  /// What becomes of the wish.
  enum Answer {
    /// The money may leave under this intent, after these events.
    case open(IntentID, [Event])
    /// It may not, and this is recorded.
    case closed(Rejection, [Event])
  }

  /// - Throws: what leaves no trace: a malformed wish, an id that is taken, a full disk.
  func answer(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Answer {
    try request.check()
    if refusal == .diskLow { throw .newMoneyRefused(.diskLow) }
    guard state[book].payments[transaction] == nil else {
      throw .fieldInvalid(field: "transaction_id", reason: "names a payment that exists already")
    }
    guard intent != nil || state[book].intents[newIntent] == nil else {
      throw .fieldInvalid(field: "intent_id", reason: "names an intent that exists already")
    }
    if state.controls.arePaymentsDisabled {
      return refused(.newMoneyRefused(.paymentsDisabled), [], nil)
    }
    if let refusal { return refused(.newMoneyRefused(refusal), [], nil) }
    let gate = SpendGate(
      request: request, named: intent, fresh: newIntent, purpose: purpose?.cutForEvent)
    switch gate.answer(given: state, book: book, at: now) {
    case .closed(let rejection, let events, let intent):
      return refused(rejection, events, intent)
    case .open(let intent, let events): return .open(intent, events)
    }
  }

  private func refused(
    _ rejection: Rejection, _ events: [Event], _ intent: IntentID?
  ) -> Answer {
    var excess: BudgetExcess?
    if case .budgetExceeded(let found) = rejection { excess = found }
    let refused = PaymentRefused(
      transaction: transaction, parties: request.parties, amount: request.amount,
      code: Text("\(rejection.code)"), intent: intent, excess: excess)
    return .closed(rejection, events + [.paymentRefused(refused)])
  }
}
