public import JSON

/// Records that a business was generated.
public struct RecordBusiness: Command {
  public static var name: StaticString { "business.generate" }

  public let business: Text
  public let businessName: Text
  public let success: Bool
  public let projectedRevenue: Money?
  public let dashboardURL: Text?

  public init(
    business: Text, businessName: Text, success: Bool, projectedRevenue: Money?,
    dashboardURL: Text?
  ) {
    self.business = business
    self.businessName = businessName
    self.success = success
    self.projectedRevenue = projectedRevenue
    self.dashboardURL = dashboardURL
  }

  public func writePrint(to out: inout JSONWriter) {
    out.field("business_id", business)
    out.field("business_name", businessName)
    out.field("success", success)
    if let projectedRevenue { out.field("projected_revenue", projectedRevenue) }
    out.optional("dashboard_url", dashboardURL)
  }

  /// - Throws: `Rejection.fieldInvalid`.
  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    try SpendRequest.checkName("business_id", business)
    guard !businessName.isEmpty else {
      throw .fieldInvalid(field: "business_name", reason: "must not be empty")
    }
    if let revenue = projectedRevenue {
      guard revenue.asset == .usdc, (0...1_000_000_000_000_000_000).contains(revenue.units) else {
        throw .fieldInvalid(
          field: "projected_revenue", reason: "must be 0 to 1000000000000 USDC")
      }
    }
    return .accepted([
      .businessGenerated(
        BusinessGenerated(
          business: business, name: businessName.cutForEvent, success: success,
          projectedRevenue: projectedRevenue, dashboardURL: dashboardURL?.cutForEvent))
    ])
  }
}
