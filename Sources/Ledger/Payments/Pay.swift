public import JSON

/// Pays a vendor: refuses, or has the start on record before the provider is asked.
public struct Pay: Command {
  public static var name: StaticString { "payment.pay" }

  /// The id that the payment gets, taken or refused.
  public let transaction: TransactionID
  /// The id that a new intent gets, when none is named and none waits.
  public let newIntent: IntentID
  public let request: SpendRequest
  /// The approval that the asker names; nil leaves it to the policy.
  public let intent: IntentID?
  public let serviceURL: Text?
  public let purpose: Text?
  /// Who moves the money.
  public let provider: Text
  /// The address that pays, when one is configured.
  public let wallet: Text?
  /// Set while the shell cannot let money out.
  public var refusal: NewMoneyRefusal?

  public init(
    transaction: TransactionID, newIntent: IntentID, request: SpendRequest, intent: IntentID?,
    serviceURL: Text?, purpose: Text?, provider: Text, wallet: Text?
  ) {
    self.transaction = transaction
    self.newIntent = newIntent
    self.request = request
    self.intent = intent
    self.serviceURL = serviceURL
    self.purpose = purpose
    self.provider = provider
    self.wallet = wallet
  }

  public func writePrint(to out: inout JSONWriter) {
    request.writePrint(to: &out)
    out.optional("intent_id", intent?.text)
    out.optional("service_url", serviceURL)
    out.optional("purpose", purpose)
  }

  /// Refusals of well-formed payments are recorded: `payment.refused`, with the numbers.
  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    guard serviceURL.map(Pay.isAddress) ?? true else {
      throw .fieldInvalid(
        field: "service_url", reason: "must be http:// or https:// and visible ASCII, at most 1024")
    }
    var wish = SpendWish(
      transaction: transaction, newIntent: newIntent, request: request, intent: intent,
      purpose: purpose)
    wish.refusal = refusal
    switch try wish.answer(given: state, book: book, at: now) {
    case .closed(let rejection, let events): return .refused(rejection, recording: events)
    case .open(let intent, let events):
      let call = ProviderCall(
        intent: intent, provider: provider, providerKey: transaction.text,
        wallet: state[book].wallets.address(paying: request.parties) ?? wallet,
        component: request.component, business: request.business)
      let started = PaymentStarted(
        transaction: transaction, parties: request.parties, amount: request.amount,
        source: .direct, occurredAt: nil, serviceURL: serviceURL, amountText: nil,
        call: call)
      return .accepted(events + [.paymentStarted(started)])
    }
  }

  /// What a provider or a person may be handed as an address.
  private static func isAddress(_ text: Text) -> Bool {
    let bytes = text.string.utf8
    return bytes.count <= 1_024 && bytes.allSatisfy { (0x21...0x7E).contains($0) }
      && (bytes.starts(with: "http://".utf8) || bytes.starts(with: "https://".utf8))
  }
}
