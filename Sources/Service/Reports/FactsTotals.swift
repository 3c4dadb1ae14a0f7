import JSON
import Ledger

/// The order-free sums of all threads together.
struct FactsTotals {
  /// The agents by number.
  private(set) var agents: [Text] = []
  private var numbers: [Text: UInt32] = [:]
  /// Of all networks that are no test, under network 0.
  var spend = SpendTable()
  /// Records of the book by type, payments only.
  var counts = [Int](repeating: 0, count: EventType.allCases.count)

  /// The number of an agent, given out now if it is new.
  mutating func number(of agent: Text) -> UInt32 {
    if let known = numbers[agent] { return known }
    let number = UInt32(truncatingIfNeeded: agents.count)
    agents.append(agent)
    numbers[agent] = number
    return number
  }

  /// A row for each agent, day and asset, in no order.
  var rows: [FactsReport.Spend] {
    var rows: [FactsReport.Spend] = []
    spend.each { key, units in
      guard let asset = Asset(rawValue: key.asset) else { return }
      rows.append(
        FactsReport.Spend(
          agent: agents[Int(key.agent)], day: Day(number: key.day),
          amount: Money(units: units, asset: asset)))
    }
    return rows
  }
}
