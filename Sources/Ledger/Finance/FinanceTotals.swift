public import JSON

/// What we added to the finance ledger, by type of entry.
///
/// Order-free: any split of the log folds to the same.
public struct FinanceTotals: Equatable, Sendable {
  /// One type and asset.
  private struct Key: Hashable, Sendable {
    let type: Text
    let asset: Asset
  }

  /// One line of the totals.
  public struct Row: Equatable, Sendable {
    public let type: Text
    public let asset: Asset
    public let total: PaymentTotal
  }

  private var totals: [Key: PaymentTotal] = [:]

  /// All totals, by type and asset.
  public var rows: [Row] {
    totals.map { Row(type: $0.key.type, asset: $0.key.asset, total: $0.value) }
      .sorted { ($0.type, $0.asset.rawValue) < ($1.type, $1.asset.rawValue) }
  }

  mutating func apply(_ event: FinanceEntryRecorded) {
    totals[Key(type: event.type, asset: event.amount.asset), default: PaymentTotal()]
      .add(event.amount.units)
  }

  mutating func merge(_ later: FinanceTotals) {
    for (key, total) in later.totals { totals[key, default: PaymentTotal()].add(total) }
  }

  func feed(into sink: inout StateSink) {
    sink.word(totals.count)
    for row in rows {
      sink.text(row.type)
      sink.word(Int(row.asset.rawValue))
      sink.word(row.total.count)
      sink.wide(row.total.units)
    }
  }
}
