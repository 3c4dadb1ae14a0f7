public import JSON

/// Why a command was refused, with what the asker needs to act.
///
/// `code` is a promise to clients and never changes; the shell renders the sentence.
public enum Rejection: Error, Equatable, Sendable {
  /// The key was used before, for something else.
  case idempotencyConflict(key: Text)
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
  case fieldInvalid(field: Text, reason: Text)

  /// The stable word for the reason.
  public var code: StaticString {
    switch self {
    case .idempotencyConflict: "IDEMPOTENCY_CONFLICT"
    case .keyMalformed: "IDEMPOTENCY_KEY_INVALID"
    case .gatewayNotConfigured: "GATEWAY_NOT_CONFIGURED"
    case .newMoneyRefused(.diskLow): "DISK_LOW"
    case .newMoneyRefused(.paymentsDisabled): "PAYMENTS_DISABLED"
    case .underpaid: "PAYMENT_UNDERPAID"
    case .perRequestCapExceeded: "POLICY_CAP_EXCEEDED"
    case .sessionCapExceeded: "SESSION_CAP_EXCEEDED"
    case .proofReused: "PAYMENT_PROOF_REUSED"
    case .importConflict: "IMPORT_CONFLICT"
    case .settingUnreadable: "SETTING_UNREADABLE"
    case .ledgerAlreadyOpen: "LEDGER_ALREADY_OPEN"
    case .clockNotSuspect: "CLOCK_NOT_SUSPECT"
    case .killSwitchHeldBySetting: "KILLSWITCH_HELD_BY_SETTING"
    case .fieldInvalid: "FIELD_INVALID"
    }
  }
}
