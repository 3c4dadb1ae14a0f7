internal import JSON
package import Ledger

extension Rejection {
  /// What was refused and why, for a person; safe to print on a terminal.
  package var sentence: String {
    switch self {
    case .idempotencyConflict(let key, let first):
      "the key \(quoted(key)) was used before for something else, at seq \(first)"
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
    case .newMoneyRefused(.clockSuspect):
      "the wall clock is not believed; set it right, then: tollbook clock accept"
    case .newMoneyRefused(.noProvider):
      "no payment provider is configured; set TOLLBOOK_PAYMENTS_URL and restart the daemon"
    case .budgetExceeded(let excess): excess.sentence
    case .vendorObjects(let vendor, let objection): objection.sentence(vendor)
    case .intentRequired(let intent, let obstacle): obstacle.sentence(intent)
    case .intentMismatch(let intent, let field, let approved, let asked):
      "\(intent) allows \(field.string) \(quoted(approved)), asked was \(quoted(asked))"
    case .intentNotFound(let intent): "there is no intent \(intent)"
    case .alertNotFound(let alert): "there is no alert \(alert)"
    case .paymentNotFound(let transaction): "there is no payment \(transaction)"
    case .walletNotFound(let name): "there is no wallet \(quoted(name)); see tollbook wallet list"
    case .receiptNotFound(let receipt): "there is no receipt \(receipt)"
    case .walletReplaced(let owner, let present):
      "the wallet of \(owner.string) was replaced by \(present.string); to go back to it: "
        + "tollbook wallet rotate"
    case .observationStale(let wallet, let block, let last):
      "\(wallet) was observed at block \(last), block \(block) is older; ask the node again"
    case .authorizationNotFound(let authorization): "there is no authorization \(authorization)"
    case .stepUnderWay(let subject, let step):
      "the provider is being asked to \(step.string) \(subject.string); try again in a moment"
    case .captureAboveHold(let authorization, let hold, let asked):
      "\(authorization) is authorized for \(hold) and cannot become captured for \(asked)"
    case .illegalTransition(let subject, let from, let to):
      "\(subject.string) is \(from.string) and cannot become \(to.string)"
    case .fieldInvalid(let field, let reason): "\(field.string) \(reason.string)"
    }
  }

  func quoted(_ text: Text) -> String { "'\(SettingText.quotable(text.string))'" }
}

extension BudgetExcess {
  /// The limit and the numbers behind the refusal.
  var sentence: String {
    switch which {
    case .hard: "\(asked) is above the hard limit of \(limit) for one payment"
    case .perTransaction: "\(asked) is above the agent's limit of \(limit) for one payment"
    case .daily:
      "\(asked) after \(used) spent today and \(held) held is above the daily limit of \(limit)"
    case .monthly:
      "\(asked) after \(used) spent this month and \(held) held is above the monthly limit of "
        + "\(limit)"
    }
  }
}

extension VendorObjection {
  /// What the vendor's list says, and what to do when it is out of date.
  func sentence(_ vendor: Text) -> String {
    let mend = "; is it out of date? tollbook vendor refresh \(vendor.string)"
    return switch self {
    case .chain(let chain): "\(vendor.string) does not list the chain \(chain.string)" + mend
    case .token(let token): "\(vendor.string) does not list the token \(token.string)" + mend
    case .price(let name, let listed, let asked):
      "\(asked) is above the \(listed) that \(vendor.string) lists for "
        + "'\(SettingText.quotable(name.string))'" + mend
    }
  }
}

extension IntentObstacle {
  /// What is the matter with the intent, and what to do next.
  func sentence(_ intent: IntentID?) -> String {
    let name = intent.map { "\($0)" } ?? "ID"
    return switch self {
    case .unknown: "there is no intent \(name); submit one, or leave intent_id out"
    case .waiting:
      "\(name) waits for an operator: tollbook intent approve \(name) --reason R; then pay again"
    case .denied: "\(name) was denied; tollbook intent get \(name) says why"
    case .used: "\(name) has been paid; each payment needs an approval of its own"
    case .lapsed: "\(name) has lapsed; submit a new intent"
    }
  }
}
