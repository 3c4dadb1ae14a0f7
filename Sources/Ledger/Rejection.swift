public import JSON

/// Why a command was refused, with what the asker needs to act.
///
/// `code` is a promise to clients and never changes; the shell renders the sentence.
public enum Rejection: Error, Equatable, Sendable {
  /// The key was used before, for something else.
  ///
  /// `first` is where the unit of that other use begins.
  case idempotencyConflict(key: Text, first: UInt64)
  case keyMalformed
  case gatewayNotConfigured
  /// No new payment is taken at present; nothing was charged.
  case newMoneyRefused(NewMoneyRefusal)
  case underpaid(required: Money, provided: Money)
  case perRequestCapExceeded(cap: Money, asked: Money, policy: Text)
  case sessionCapExceeded(cap: Money, spent: Money, asked: Money, policy: Text)
  /// The proof paid for another request.
  case proofReused(proof: Text)
  /// A transaction of this id is known with another value of the field.
  case importConflict(transaction: TransactionID, field: Text, known: Text, given: Text)
  case settingUnreadable(name: Text, value: Text)
  case ledgerAlreadyOpen
  case clockNotSuspect
  /// `X402_PAYMENTS_DISABLED` is true: no event releases the switch.
  case killSwitchHeldBySetting
  /// A limit of spending stands in the way.
  case budgetExceeded(BudgetExcess)
  /// The vendor's own list stands in the way.
  case vendorObjects(Text, VendorObjection)
  /// No approval can be used for this; the obstacle says what to do next.
  case intentRequired(IntentID?, IntentObstacle)
  /// The approval is for something else.
  case intentMismatch(IntentID, field: Text, approved: Text, asked: Text)
  case intentNotFound(IntentID)
  case alertNotFound(AlertID)
  case paymentNotFound(TransactionID)
  case walletNotFound(Text)
  case receiptNotFound(ReceiptID)
  /// The owner had this wallet before and has another one now.
  case walletReplaced(owner: Text, by: Text)
  /// The balance was read at a block before that of the last observation.
  case observationStale(wallet: WalletID, block: Int64, last: Int64)
  case authorizationNotFound(AuthorizationID)
  /// The provider is being asked at this moment; nothing else can be asked meanwhile.
  case stepUnderWay(subject: Text, step: Text)
  /// More was to be taken than is held; nobody was asked to do it.
  case captureAboveHold(AuthorizationID, hold: Money, asked: Money)
  /// The state machine has no way from one state to the other; nobody was asked to do it.
  case illegalTransition(subject: Text, from: Text, to: Text)
  case fieldInvalid(field: Text, reason: Text)

  /// The stable word for the reason.
  public var code: StaticString {
    switch self {
    case .idempotencyConflict: "IDEMPOTENCY_CONFLICT"
    case .keyMalformed: "IDEMPOTENCY_KEY_INVALID"
    case .gatewayNotConfigured: "GATEWAY_NOT_CONFIGURED"
    case .newMoneyRefused(.diskLow): "DISK_LOW"
    case .newMoneyRefused(.paymentsDisabled): "PAYMENTS_DISABLED"
    case .newMoneyRefused(.clockSuspect): "CLOCK_SUSPECT"
    case .newMoneyRefused(.noProvider): "PROVIDER_NOT_CONFIGURED"
    case .underpaid: "PAYMENT_UNDERPAID"
    case .perRequestCapExceeded: "POLICY_CAP_EXCEEDED"
    case .sessionCapExceeded: "SESSION_CAP_EXCEEDED"
    case .proofReused: "PAYMENT_PROOF_REUSED"
    case .importConflict: "IMPORT_CONFLICT"
    case .settingUnreadable: "SETTING_UNREADABLE"
    case .ledgerAlreadyOpen: "LEDGER_ALREADY_OPEN"
    case .clockNotSuspect: "CLOCK_NOT_SUSPECT"
    case .killSwitchHeldBySetting: "KILLSWITCH_HELD_BY_SETTING"
    case .budgetExceeded(let excess): excess.which.code
    case .vendorObjects(_, let objection): objection.code
    case .intentRequired: "INTENT_REQUIRED"
    case .intentMismatch: "INTENT_MISMATCH"
    case .intentNotFound: "INTENT_NOT_FOUND"
    case .alertNotFound: "ALERT_NOT_FOUND"
    case .paymentNotFound: "PAYMENT_NOT_FOUND"
    case .walletNotFound: "WALLET_NOT_FOUND"
    case .receiptNotFound: "RECEIPT_NOT_FOUND"
    case .walletReplaced: "WALLET_REPLACED"
    case .observationStale: "OBSERVATION_STALE"
    case .authorizationNotFound: "AUTHORIZATION_NOT_FOUND"
    case .stepUnderWay: "STEP_UNDER_WAY"
    case .illegalTransition, .captureAboveHold: "INVALID_TRANSITION"
    case .fieldInvalid: "FIELD_INVALID"
    }
  }
}
