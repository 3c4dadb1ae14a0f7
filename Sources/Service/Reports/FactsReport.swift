package import JSON
package import Ledger

/// The answers to the four questions of the speed comparison, over one book.
///
/// Payments on test networks are in no sum of money; they are counted as events like any other.
package struct FactsReport: Equatable, Sendable {
  /// Completed amount of one agent on one UTC day in one asset.
  package struct Spend: Equatable, Sendable {
    package let agent: Text
    package let day: Day
    package let amount: Money
  }

  /// Records of one type, with the state that it leaves its subject in.
  package struct TypeCount: Equatable, Sendable {
    package let type: EventType
    package let count: Int
  }

  /// A vendor and its failures since its last completed payment.
  package struct FailureStreak: Equatable, Sendable {
    package let vendor: Text
    package let failures: Int
  }

  /// The last record that the answers rest on; 0 when there is none.
  package let seq: UInt64
  /// Now, for the question of what is pending.
  package let asOf: Timestamp
  /// By agent, day, asset.
  package let spend: [Spend]
  /// In the order of `EventType`; types that never came are left out.
  package let counts: [TypeCount]
  /// Payments begun and not ended, more than 15 minutes before `asOf`; by their text.
  package let pending: [Text]
  /// By vendor.
  package let streaks: [FailureStreak]

  /// Milliseconds after which a payment that has not ended is named.
  package static let patience: Int64 = 900_000

  package init(
    seq: UInt64, asOf: Timestamp, spend: [Spend], counts: [TypeCount], pending: [Text],
    streaks: [FailureStreak]
  ) {
    self.seq = seq
    self.asOf = asOf
    self.spend = FactsReport.sorted(spend)
    self.counts = counts
    self.pending = pending.sorted()
    self.streaks = streaks.sorted { $0.vendor < $1.vendor }
  }

  /// Rows by agent, day and asset; each agent's name is compared once, not once for each row.
  private static func sorted(_ rows: [Spend]) -> [Spend] {
    var ranks: [Text: Int] = [:]
    for row in rows { ranks[row.agent] = 0 }
    for (rank, agent) in ranks.keys.sorted().enumerated() { ranks[agent] = rank }
    var order: [(agent: Int, dayAndAsset: Int64, index: Int)] = []
    order.reserveCapacity(rows.count)
    for (index, row) in rows.enumerated() {
      guard let rank = ranks[row.agent] else { continue }
      let day = Int64(row.day.number) << 8 | Int64(row.amount.asset.rawValue)
      order.append((rank, day, index))
    }
    order.sort { ($0.agent, $0.dayAndAsset) < ($1.agent, $1.dayAndAsset) }
    return order.map { rows[$0.index] }
  }

  /// The answers of a whole state.
  ///
  /// - Parameter asOf: nil for the time of the last record.
  package init(_ state: State, book: Book, asOf: Timestamp?) {
    let moment = asOf ?? state.at
    let tallies = state[book].tallies
    var sums: [SpendKey: Int128] = [:]
    for row in tallies.payments.spendRows() where !row.network.isTest {
      let key = SpendKey(agent: row.agent, day: row.day, asset: row.asset)
      sums[key, default: 0] = sums[key, default: 0].clampedSum(row.total.units)
    }
    self.init(
      seq: state.seq, asOf: moment,
      spend: sums.map { key, units in
        Spend(agent: key.agent, day: key.day, amount: Money(units: units, asset: key.asset))
      },
      counts: EventType.allCases.compactMap { type in
        let count = tallies.count(of: type) + state.controls.byType[type.rawValue]
        return count > 0 ? TypeCount(type: type, count: count) : nil
      },
      pending: state[book].payments.open(olderThan: FactsReport.patience, asOf: moment)
        .map(\.id.text),
      streaks: tallies.payments.streakRows().filter { $0.failures > 0 }
        .map { FailureStreak(vendor: $0.vendor, failures: $0.failures) })
  }

  /// What one sum of the answer is about.
  private struct SpendKey: Hashable {
    let agent: Text
    let day: Day
    let asset: Asset
  }
}

extension Int128 {
  /// The sum, or the nearest that fits.
  func clampedSum(_ other: Int128) -> Int128 {
    let (sum, overflow) = addingReportingOverflow(other)
    guard overflow else { return sum }
    return other < 0 ? .min : .max
  }
}

extension FactsReport {
  /// One line per answer: `D agent day asset sum`, `C type status n`, `P payment`, `F vendor n`.
  package func writeLines(to out: inout [UInt8]) {
    for row in spend {
      out.append(contentsOf: "D \(row.agent.string) ".utf8)
      row.day.write(into: &out)
      out.append(contentsOf: " \(row.amount.asset.code) ".utf8)
      row.amount.writeDecimal(into: &out)
      out.append(0x0A)
    }
    for row in counts {
      out.append(contentsOf: "C \(row.type.name) \(row.type.status) \(row.count)\n".utf8)
    }
    for id in pending { out.append(contentsOf: "P \(id.string)\n".utf8) }
    for row in streaks {
      out.append(contentsOf: "F \(row.vendor.string) \(row.failures)\n".utf8)
    }
  }

  /// One object with the four answers under `spend`, `events`, `pending` and `streaks`.
  package func write(to out: inout JSONWriter, book: Book) {
    out.beginObject()
    out.field("book", book.name)
    out.field("seq", seq)
    out.moment("as_of", asOf)
    out.key("spend")
    out.beginArray()
    for row in spend {
      out.beginObject()
      out.field("agent_id", row.agent)
      out.key("day")
      out.quotedASCII { row.day.write(into: &$0) }
      out.field("asset", row.amount.asset.code)
      out.key("sum")
      out.quotedASCII { row.amount.writeDecimal(into: &$0) }
      out.endObject()
    }
    out.endArray()
    out.key("events")
    out.beginArray()
    for row in counts {
      out.beginObject()
      out.field("type", row.type.name)
      out.field("status", row.type.status)
      out.field("count", row.count)
      out.endObject()
    }
    out.endArray()
    out.key("pending")
    out.beginArray()
    for id in pending { out.string(id) }
    out.endArray()
    out.key("streaks")
    out.beginArray()
    for row in streaks {
      out.beginObject()
      out.field("vendor", row.vendor)
      out.field("failures", row.failures)
      out.endObject()
    }
    out.endArray()
    out.endObject()
  }
}
