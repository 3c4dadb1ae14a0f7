import JSON
import Ledger

/// `tollbook business generated` and `tollbook report business`: what a business has cost.
enum BusinessCommands {
  static func generated(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let parsed = context.parsed
    var line = JSONWriter()
    line.beginObject()
    line.field("command", RecordBusiness.name)
    line.optional("key", parsed.value("key").map { Text($0) })
    line.field("book", try context.book().name)
    line.field("business_id", Text(parsed.arguments.first ?? ""))
    line.field("business_name", Text(parsed.value("name") ?? ""))
    line.field("success", !parsed.has("failed"))
    line.optional("projected_revenue", parsed.value("revenue").map { Text($0) })
    line.optional("dashboard_url", parsed.value("url").map { Text($0) })
    line.endObject()
    return ReasonedCommand.run(
      line.bytes, "business.generate", context, try context.configuration())
  }

  static func report(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let book = try context.book()
    let id = Text(context.parsed.arguments.first ?? "")
    guard let summary = try context.state()[book].businesses[id] else {
      throw CommandStop(
        .notFound,
        "no payment, decision or generation names the business "
          + "'\(SettingText.quotable(id.string))' in the \(book.name) book")
    }
    if let format = context.parsed.format, format != .table {
      context.printJSON { out in
        out.beginObject()
        BusinessAnswer.write(id, summary, to: &out)
        out.endObject()
      }
      return .ok
    }
    let output = context.output
    let name = summary.generated.map { DisplayText.safe($0.name.string) } ?? "not generated yet"
    output.print("\(DisplayText.safe(id.string)): \(name)")
    output.print("Total spent: \(summary.totalSpent)")
    output.print(
      "Intents: \(summary.approvedIntents) approved, \(summary.deniedIntents) denied")
    output.print("Projected revenue: \(show(summary.generated?.projectedRevenue))")
    output.print("Spend to revenue: \(show(summary.spendToRevenue))")
    output.print("ROI: \(show(summary.roi))")
    var table = Table([.init("SPENT", .left), .init("ON OR BY", .left), .init("USDC", .right)])
    for (kind, breakdown) in [("vendor", summary.byVendor), ("agent", summary.byAgent)] {
      for (name, units) in breakdown.sorted(by: { $0.key < $1.key }) {
        table.add([kind, name.string, Money(units: units, asset: .usdc).decimal.string])
      }
    }
    table.print(to: output, context.palette)
    return .ok
  }

  private static func show(_ value: (some CustomStringConvertible)?) -> String {
    value.map { "\($0)" } ?? "n/a"
  }
}
