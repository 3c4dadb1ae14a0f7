public import JSON

/// What the gateway asks and allows, as the settings in force say.
public struct GatewayPolicy: Equatable, Sendable {
  /// The names of the settings that it is made of, each a seed name.
  public static let names: [Text] = [
    "PAYMENT_VERIFIER_MODE", "WALLET_POLICY_ID", "WALLET_POLICY_PER_REQUEST_CAP_USD",
    "WALLET_POLICY_SESSION_CAP_USD", "X402_NETWORK", "X402_PRICE_USD", "X402_WALLET_ADDRESS",
  ]

  public let mode: VerifierMode
  /// More than zero, in USDC: `usd` is counted as USDC one to one.
  public let price: Money
  public let network: Network
  public let receiver: Text?
  public let policy: Text
  /// The most that one request may pay; exactly it passes.
  public let perRequestCap: Money?
  /// The most that the policy may take in altogether; exactly it passes.
  public let sessionCap: Money?

  /// Reads the policy out of settings.
  ///
  /// - Throws: `Rejection.settingUnreadable` with the first value that cannot be read.
  init(reading settings: [Text: Text]) throws(Rejection) {
    mode = try GatewayPolicy.read("PAYMENT_VERIFIER_MODE", settings) { VerifierMode($0) } ?? .strict
    price =
      try GatewayPolicy.read("X402_PRICE_USD", settings) { text in
        GatewayPolicy.dollars(text).flatMap { $0.units > 0 ? $0 : nil }
      } ?? Money(units: 10_000, asset: .usdc)
    network = try GatewayPolicy.read("X402_NETWORK", settings, Network.init) ?? .base
    receiver = settings["X402_WALLET_ADDRESS"]
    policy = settings["WALLET_POLICY_ID"] ?? "default"
    perRequestCap = try GatewayPolicy.read(
      "WALLET_POLICY_PER_REQUEST_CAP_USD", settings, GatewayPolicy.dollars)
    sessionCap = try GatewayPolicy.read(
      "WALLET_POLICY_SESSION_CAP_USD", settings, GatewayPolicy.dollars)
  }

  /// The value of a setting, nil when it is not set: one that cannot be read, a cap above all,
  /// must not count as unset.
  private static func read<Value>(
    _ name: Text, _ settings: [Text: Text], _ parse: (Text) -> Value?
  ) throws(Rejection) -> Value? {
    guard let text = settings[name] else { return nil }
    guard let value = parse(text) else { throw .settingUnreadable(name: name, value: text) }
    return value
  }

  private static func dollars(_ text: Text) -> Money? {
    do {
      return try Money(decimal: text, asset: .usdc, rounding: .refuse)
    } catch {
      return nil
    }
  }
}

/// The ledger's own affairs: its name, its settings in force, its seals; one for both books.
public struct Controls: Equatable, Sendable {
  public private(set) var ledgerID: Text?
  /// Settings in force, as applied last.
  public private(set) var settings: [Text: Text] = [:]
  /// What the gateway goes by; nil until settings were applied.
  public private(set) var gateway: GatewayPolicy?
  /// Limits that the settings in force say.
  private(set) var budgets = BudgetSettings()
  /// When an operator must approve, and for how long an approval lasts.
  public private(set) var spending = SpendPolicy()
  /// For how long what is known of a vendor counts.
  public private(set) var vendorCache = VendorCachePolicy()
  /// The route table in force, in its order.
  public private(set) var routes: [AppliedRoute] = []
  public private(set) var killSwitch = KillSwitch()
  /// Seals by segment name, in order.
  public private(set) var seals: [SegmentSealed] = []
  public private(set) var repairs: [LedgerTailRepaired] = []
  public private(set) var restores = 0
  /// Records by type, in the order of `EventType`.
  public private(set) var byType = [Int](repeating: 0, count: EventType.allCases.count)

  /// Takes in a record about the ledger; says what is illegal about it and then changes nothing.
  mutating func apply(_ record: Record) -> Violation.Reason? {
    switch record.event {
    case .ledgerOpened(let event):
      guard ledgerID == nil else { return .openedTwice }
      ledgerID = event.ledgerID
    case .configApplied(let event):
      var changed = settings
      for (name, value) in event.settings {
        changed[name] = value.isEmpty ? nil : value
      }
      do throws(Rejection) {
        let policy = try GatewayPolicy(reading: changed)
        let spending = try SpendPolicy(reading: changed)
        let vendorCache = try VendorCachePolicy(reading: changed)
        try budgets.apply(event.settings, seq: record.seq)
        gateway = policy
        self.spending = spending
        self.vendorCache = vendorCache
      } catch {
        return .badSettings
      }
      settings = changed
    case .routesApplied(let event): routes = event.routes
    case .segmentSealed(let event):
      guard !seals.contains(where: { $0.segment == event.segment }) else { return .sealedTwice }
      seals.append(event)
    case .ledgerTailRepaired(let event): repairs.append(event)
    case .ledgerRestored: restores += 1
    case .killSwitchEngaged(let event):
      if let reason = killSwitch.apply(event, at: record) { return reason }
    case .killSwitchReleased(let event):
      if let reason = killSwitch.apply(event) { return reason }
    case .segmentOpened, .clockAdjusted: break
    case .budgetLimitSet, .walletRegistered, .walletBalanceObserved, .paymentStarted,
      .paymentCompleted, .paymentFailed,
      .intentSubmitted, .intentApproved, .intentDenied, .paymentRefused, .paymentRetried,
      .paymentUnknown, .paymentResolved, .transitionRefused, .alertRaised, .alertAcknowledged,
      .alertResolved, .authorizationRequested,
      .authorizationCreated, .authorizationStepRequested, .authorizationCaptured,
      .authorizationCancelled, .authorizationExpired, .authorizationFailed, .authorizationUnknown,
      .gatewayPaymentAccepted,
      .gatewayResponseRecorded, .gatewayReserved, .gatewaySettleStarted, .gatewaySettled,
      .gatewayRefused, .gatewayUnknown, .gatewayAnomaly, .gatewayOffersCounted,
      .rateLimitTripsCounted, .jobCompleted,
      .jobFailed, .financeEntryRecorded, .vendorCapabilityObserved, .businessGenerated:
      break
    }
    byType[record.event.type.rawValue] += 1
    return nil
  }

  func feed(into sink: inout StateSink) {
    sink.optional(ledgerID)
    sink.word(settings.count)
    for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
      sink.text(name)
      sink.text(value)
    }
    budgets.feed(into: &sink)
    feedRoutes(into: &sink)
    killSwitch.feed(into: &sink)
    sink.word(seals.count)
    for seal in seals {
      sink.text(seal.segment)
      sink.word(seal.firstSeq)
      sink.word(seal.lastSeq)
      sink.fingerprint(seal.lastHash)
      sink.word(seal.bytes)
      sink.fingerprint(seal.sha256)
    }
    sink.word(repairs.count)
    for repair in repairs {
      sink.text(repair.file)
      sink.word(repair.bytesDropped)
      sink.text(repair.quarantineFile)
      sink.word(repair.lastGoodSeq)
    }
    sink.word(restores)
    for count in byType { sink.word(count) }
  }

  private func feedRoutes(into sink: inout StateSink) {
    var out = JSONWriter()
    RoutesApplied(routes: routes).write(to: &out)
    sink.text(Text(String(decoding: out.bytes, as: UTF8.self)))
  }
}
