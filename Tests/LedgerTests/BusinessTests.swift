import JSON
import Ledger
import Testing

/// What businesses cost, and the exact quotients of it.
///
/// Source: SUM-01, SUM-03.
@Suite struct BusinessTests {
  private func request(
    _ amount: Text, business: Text? = "biz_1", vendor: Text = "shop",
    network: Text = "base"
  ) throws -> SpendRequest {
    SpendRequest(
      parties: PaymentParties(
        agent: "builder_agent", vendor: vendor, network: try .named(network)),
      amount: try .usdc(amount), component: nil, strategy: nil, business: business)
  }

  private func pay(_ number: UInt64, _ request: SpendRequest) -> Pay {
    Pay(
      transaction: TransactionID(ULID(high: 1, low: number)),
      newIntent: IntentID(ULID(high: 2, low: number)), request: request, intent: nil,
      serviceURL: nil, purpose: nil, provider: "fake", wallet: nil)
  }

  private func settle(_ number: UInt64, _ outcome: CallOutcome) -> SettlePayment {
    SettlePayment(
      transaction: TransactionID(ULID(high: 1, low: number)), outcome: outcome,
      occasion: .payment)
  }

  private let done = CallOutcome.completed(chainHash: nil, receipt: nil)

  @Test func `counted are ended payments and decided intents that name the business`() throws {
    var scenario = try Scenario()
    let wishes = [
      try request("1.25"), try request("2", vendor: "Shop"), try request("3", vendor: "other"),
      try request("4"), try request("5", business: nil), try request("6", business: "biz_2"),
      try request("7", network: "base-sepolia"),
    ]
    for (index, wish) in wishes.enumerated() {
      try scenario.submit(pay(UInt64(index + 1), wish))
      let failed = CallOutcome.failed(code: "NO", error: "no", vendorFault: true)
      try scenario.submit(settle(UInt64(index + 1), index == 3 ? failed : done))
    }
    try scenario.submit(pay(20, try request("10.000001")))
    let hold = AuthorizationID(ULID(high: 3, low: 1))
    try scenario.submit(
      AuthorizePayment(
        authorization: hold, transaction: TransactionID(ULID(high: 1, low: 30)),
        newIntent: IntentID(ULID(high: 2, low: 30)), request: try request("9"), intent: nil,
        purpose: nil, provider: "fake", wallet: nil, expiresAt: nil))
    try settle(hold, &scenario)
    try scenario.submit(CaptureAuthorization(authorization: hold, amount: try .usdc("0.75")))
    try settle(hold, &scenario)
    let summary = try #require(scenario.state[.real].businesses["biz_1"])
    #expect(summary.totalSpent == (try .usdc("7.000000")))
    #expect(summary.approvedIntents == 5)
    #expect(summary.deniedIntents == 1)
    #expect(summary.byVendor == ["shop": 4_000_000, "other": 3_000_000])
    #expect(summary.byAgent == ["builder_agent": 7_000_000])
    #expect(summary.generated == nil)
    #expect(summary.spendToRevenue == nil)
    #expect(scenario.state[.real].businesses.ids == ["biz_1", "biz_2"])
    #expect(scenario.state[.fake].businesses.ids == [])
    #expect(scenario.violations == [])
  }

  private func settle(_ hold: AuthorizationID, _ scenario: inout Scenario) throws {
    let key = try #require(scenario.state[.real].authorizations[hold]?.stepKey)
    try scenario.submit(
      SettleAuthorization(
        authorization: hold, stepKey: key, outcome: .done(reference: nil, chainHash: nil),
        source: .provider, evidence: nil, by: nil))
  }

  @Test(
    arguments: [
      (1, 4, "0.2500"), (1, 3, "0.3333"), (2, 3, "0.6667"), (1, 20_000, "0.0001"),
      (1, 20_001, "0.0000"), (0, 5, "0.0000"), (-5, 5, "-1.0000"), (-1, 20_000, "0.0000"),
      (-3, 20_000, "-0.0001"), (-1, 3, "-0.3333"), (-2, 3, "-0.6667"), (7, 1, "7.0000"),
      (12_345_678, 1, "12345678.0000"),
    ] as [(Int128, Int128, String)])
  func `quotients are exact to four decimals, half up`(
    dividend: Int128, divisor: Int128, text: String
  ) {
    #expect(FourPlaces(dividend, over: divisor)?.description == text)
  }

  @Test func `there is no quotient by nothing, and none beyond all range`() {
    #expect(FourPlaces(1, over: 0) == nil)
    #expect(FourPlaces(1, over: -1) == nil)
    #expect(FourPlaces(.max, over: 1) == nil)
    #expect(FourPlaces(1, over: .max) == nil)
  }

  @Test(
    arguments: [
      (nil, nil, nil), ("0", nil, nil), ("1.25", "1.0000", "0.0000"), ("5", "0.2500", "3.0000"),
      ("1", "1.2500", "-0.2000"),
    ] as [(Text?, String?, String?)])
  func `the last generation says the revenue`(
    revenue: Text?, ratio: String?, roi: String?
  ) throws {
    var scenario = try Scenario()
    try scenario.submit(pay(1, try request("1.25")))
    try scenario.submit(settle(1, done))
    for amount in ["77", revenue] as [Text?] {
      try scenario.submit(
        RecordBusiness(
          business: "biz_1", businessName: "Shop", success: true,
          projectedRevenue: try amount.map { try .usdc($0) }, dashboardURL: nil))
    }
    let summary = try #require(scenario.state[.real].businesses["biz_1"])
    #expect(summary.spendToRevenue?.description == ratio)
    #expect(summary.roi?.description == roi)
  }

  @Test func `a generation without an id or a name, or with a debt, is refused`() throws {
    let scenario = try Scenario()
    func command(_ id: Text, _ name: Text, _ units: Int128?) -> RecordBusiness {
      RecordBusiness(
        business: id, businessName: name, success: true,
        projectedRevenue: units.map { Money(units: $0, asset: .usdc) }, dashboardURL: nil)
    }
    for (wish, field) in [
      (command("", "n", nil), "business_id"), (command("a/b", "n", nil), "business_id"),
      (command("b", "", nil), "business_name"), (command("b", "n", -1), "projected_revenue"),
    ] as [(RecordBusiness, Text)] {
      guard case .fieldInvalid(field, _)? = scenario.rejection(of: wish) else {
        throw BadFixture(text: field.string)
      }
    }
    #expect(scenario.rejection(of: command("b", "n", 0)) == nil)
  }
}
