import JSON
import Ledger

/// The order-free sums of all threads together.
struct FactsTotals {
  /// What an amount is summed for.
  struct Key: Hashable {
    let agent: Text
    let day: Day
    let asset: Asset
  }

  var spend: [Key: Int128] = [:]
  /// Records of the book by type, payments only.
  var counts = [Int](repeating: 0, count: EventType.allCases.count)
}
