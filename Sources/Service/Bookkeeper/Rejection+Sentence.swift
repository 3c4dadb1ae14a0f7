internal import JSON
package import Ledger

extension Rejection {
  /// What was refused and why, for a person; safe to print on a terminal.
  package var sentence: String {
    switch self {
    case .idempotencyConflict(let key):
      "the key \(quoted(key)) was used before for something else"
    case .keyMalformed: "the key must have 1 to 255 visible ASCII characters"
    case .newMoneyRefused(.diskLow): "the ledger's disk is nearly full; make room"
    case .newMoneyRefused(.paymentsDisabled):
      "payments are disabled; tollbook killswitch status says by whom"
    case .gatewayNotConfigured: "the gateway has no price yet"
    case .underpaid(let required, let provided): "\(provided) is less than \(required)"
    case .perRequestCapExceeded(let cap, let asked, _): "\(asked) is above the cap of \(cap)"
    case .sessionCapExceeded(let cap, let spent, let asked, _):
      "\(asked) after \(spent) is above the session's cap of \(cap)"
    case .proofReused: "the proof has paid for another request"
    case .importConflict(let transaction, let field, let known, let given):
      "\(transaction) is known with \(field) \(quoted(known)), the line says \(quoted(given)); "
        + "nothing was changed"
    case .settingUnreadable(let name, let value): "\(name.string) cannot be \(quoted(value))"
    case .ledgerAlreadyOpen: "the ledger is open already"
    case .clockNotSuspect: "the clock is not suspect"
    case .killSwitchHeldBySetting:
      "X402_PAYMENTS_DISABLED is true; set it to false, restart the daemon, then switch off"
    case .fieldInvalid(let field, let reason): "\(field.string) \(reason.string)"
    }
  }

  private func quoted(_ text: Text) -> String { "'\(SettingText.quotable(text.string))'" }
}
