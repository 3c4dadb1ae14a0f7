internal import JSON
internal import Ledger

extension CommandDesk {
  /// Reads `{"command":"budget.set","agent_id","kind","amount","reason","ticket"?,"approved_by"?}`.
  static func limitLine(
    _ object: JSONObject, _ intent: IntentID
  ) throws(CommandLineFault) -> SetBudgetLimit {
    func text(_ name: Text) throws(CommandLineFault) -> Text {
      guard case .string(let text) = object[name] else { throw .unreadable("\(name) is missing") }
      return text
    }
    guard let kind = BudgetKind(try text("kind")) else {
      throw .unreadable("kind must be daily, monthly or per_transaction")
    }
    let written = try text("amount")
    let amount: Money
    do throws(MoneyError) {
      amount = try Money(decimal: written, asset: .usdc, rounding: .refuse)
    } catch {
      throw .unreadable("amount must be a decimal in USDC with at most six decimals, such as 150")
    }
    return SetBudgetLimit(
      intent: intent, agent: try text("agent_id"), kind: kind, amount: amount,
      ticket: object["ticket"] == nil ? nil : try text("ticket"),
      approvedBy: object["approved_by"] == nil ? "operator" : try text("approved_by"),
      reason: try text("reason"))
  }

  /// The book that the line names; nil leaves it to the mode.
  static func book(_ object: JSONObject) throws(CommandLineFault) -> Book? {
    switch object["book"] {
    case .none: return nil
    case .string("fake"): return .fake
    case .string("real"): return .real
    case .some: throw .unreadable("book must be fake or real")
    }
  }
}
