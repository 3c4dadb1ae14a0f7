import JSON
import Ledger

/// What a business has cost, as the view and `report business` say it.
enum BusinessAnswer {
  /// Writes the members; amounts and quotients are exact decimal literals.
  static func write(_ id: Text, _ summary: BusinessSummary, to out: inout JSONWriter) {
    out.field("business_id", id)
    out.orNull("business_name", summary.generated?.name)
    out.price("total_spent", summary.totalSpent)
    out.field("approved_intents", summary.approvedIntents)
    out.field("denied_intents", summary.deniedIntents)
    write("vendor_breakdown", summary.byVendor, to: &out)
    write("agent_breakdown", summary.byAgent, to: &out)
    write("projected_revenue", summary.generated?.projectedRevenue?.decimal, to: &out)
    write("spend_to_revenue_ratio", summary.spendToRevenue, to: &out)
    write("roi", summary.roi, to: &out)
    out.orNull("dashboard_url", summary.generated?.dashboardURL)
  }

  private static func write(
    _ key: StaticString, _ breakdown: [Text: Int128], to out: inout JSONWriter
  ) {
    out.key(key)
    out.beginObject()
    for (name, units) in breakdown.sorted(by: { $0.key < $1.key }) {
      out.key(name)
      Money(units: units, asset: .usdc).writeDecimal(into: &out.bytes)
    }
    out.endObject()
  }

  /// A number as a literal, without a float on the way.
  private static func write(
    _ key: StaticString, _ number: (some CustomStringConvertible)?, to out: inout JSONWriter
  ) {
    out.key(key)
    if let number { out.bytes.append(contentsOf: number.description.utf8) } else { out.null() }
  }
}
