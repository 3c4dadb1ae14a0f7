public import JSON

/// A business was generated, or was to be: what it has cost can be summed up.
///
/// Wire: `business.generated`. Subject: the business. May come again: each makes a summary.
public struct BusinessGenerated: EventData {
  public let business: Text
  public let name: Text
  public let success: Bool
  /// What it is thought to earn, in USDC.
  public let projectedRevenue: Money?
  public let dashboardURL: Text?

  var subject: Text { business }

  func write(to out: inout JSONWriter) {
    out.field("business_name", name)
    out.field("success", success)
    if let projectedRevenue { out.amount("projected_revenue", projectedRevenue) }
    out.optional("dashboard_url", dashboardURL)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    business = subject.text
    name = try fields.text("business_name")
    success = try fields.boolean("success")
    projectedRevenue = try fields.optionalAmount("projected_revenue", .usdc)
    dashboardURL = try fields.optionalText("dashboard_url")
  }

  init(
    business: Text, name: Text, success: Bool, projectedRevenue: Money?, dashboardURL: Text?
  ) {
    self.business = business
    self.name = name
    self.success = success
    self.projectedRevenue = projectedRevenue
    self.dashboardURL = dashboardURL
  }
}
