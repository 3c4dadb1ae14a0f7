import JSON
import Ledger

/// `tollbook tx total`: the spend of a day or month, completed payments only, by the day of their
/// completion in UTC; money on test networks is none.
enum TxTotal {
  static func run(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let book = try context.book()
    let span = try Span(context.parsed)
    let agent = context.parsed.value("agent").map { Text($0) }
    let rows = try context.state()[book].tallies.payments.spendRows().filter { row in
      !row.network.isTest && span.contains(row.day) && (agent == nil || row.agent == agent)
    }
    var sums = [Int128](repeating: 0, count: Asset.allCases.count)
    var counts = [Int](repeating: 0, count: Asset.allCases.count)
    for row in rows {
      let index = Int(row.asset.rawValue)
      sums[index] = sums[index].clampedSum(row.total.units)
      counts[index] += row.total.count
    }
    func sum(_ asset: Asset) -> Money {
      Money(units: sums[Int(asset.rawValue)], asset: asset)
    }
    let others = Asset.allCases.filter { $0 != .usdc && counts[Int($0.rawValue)] > 0 }
    if let format = context.parsed.format, format != .table {
      context.printJSON { out in
        out.beginObject()
        out.field("book", book.name)
        out.field(span.key, span.text)
        if let agent { out.field("agent_id", agent) }
        out.field("total_usd", sum(.usdc).decimal)
        out.key("totals")
        out.beginArray()
        for row in rows { write(row, to: &out) }
        out.endArray()
        out.endObject()
      }
      return .ok
    }
    context.output.print("Total spend \(span.phrase): $\(sum(.usdc).twoDecimals)")
    for asset in others {
      context.output.print("Total spend \(span.phrase) in \(asset.code): \(sum(asset).decimal)")
    }
    return .ok
  }

  private static func write(_ row: SpendRow, to out: inout JSONWriter) {
    out.beginObject()
    out.field("agent_id", row.agent)
    out.field("day", "\(row.day)")
    out.field("network", row.network.name)
    out.field("asset", row.asset.code)
    out.field("count", row.total.count)
    out.field("sum", Money(units: row.total.units, asset: row.asset).decimal)
    out.endObject()
  }

  /// A UTC day or month.
  private struct Span {
    let key: StaticString
    let text: String
    let phrase: String
    private let day: Day?

    init(_ parsed: ParsedCommand) throws(CommandStop) {
      if let date = parsed.value("date") {
        key = "date"
        text = date
        phrase = "on \(date)"
        day = Day(Text(date))
      } else if let month = parsed.value("month") {
        key = "month"
        text = month
        phrase = "in \(month)"
        day = nil
      } else {
        throw CommandStop(.usage, "tollbook tx total needs exactly one of: --date, --month")
      }
    }

    func contains(_ other: Day) -> Bool {
      day.map { $0 == other } ?? "\(other)".hasPrefix(text + "-")
    }
  }
}
