public import JSON

/// What is watched: the visible list. A new rule is one case and its line in `conditions`.
public enum AlertRule: UInt8, CaseIterable, Sendable {
  /// Payments or holds whose outcome nobody knows.
  case paymentsUnknown
  /// An agent's day is used up.
  case budgetExhausted
  /// An agent's day passed one of the thresholds; once a day for each.
  case budgetThreshold
  /// A vendor failed five times in a row, or more.
  case vendorFailing
  /// Three or four times.
  case vendorFailureStreak
  /// Holds that are open for too long.
  case staleAuthorizations
  /// A wallet that funds somebody holds less than 50 USDC.
  case walletBalanceLow
  /// Records that cannot be true.
  case ledgerViolations

  /// The stable name in events and metrics.
  public var name: StaticString {
    switch self {
    case .paymentsUnknown: "payments_unknown"
    case .budgetExhausted: "budget_exhausted"
    case .budgetThreshold: "budget_threshold"
    case .vendorFailing: "vendor_failing"
    case .vendorFailureStreak: "vendor_failure_streak"
    case .staleAuthorizations: "stale_authorizations"
    case .walletBalanceLow: "wallet_balance_low"
    case .ledgerViolations: "ledger_violations"
    }
  }

  public var severity: AlertSeverity {
    switch self {
    case .paymentsUnknown, .budgetExhausted, .vendorFailing, .walletBalanceLow,
      .ledgerViolations:
      .critical
    case .budgetThreshold, .vendorFailureStreak, .staleAuthorizations: .warning
    }
  }
}

/// A rule that holds now.
public struct AlertCondition: Equatable, Sendable {
  public let rule: AlertRule
  public let about: Text
  public let fingerprint: Text
  public let value: Text
  public let threshold: Text
  public let text: Text

  init(
    _ rule: AlertRule, about: Text, mark: Text?, value: Text, threshold: Text, text: Text
  ) {
    self.rule = rule
    self.about = about
    let ending = mark.map { " \($0)" } ?? ""
    fingerprint = Text("\(rule.name) \(about)\(ending)")
    self.value = value
    self.threshold = threshold
    self.text = text
  }
}

extension State {
  /// Everything that is to be told now, in a fixed order: a pure function of the log and the time.
  public func conditions(in book: Book, at now: Timestamp) -> [AlertCondition] {
    unknownConditions(book) + budgetConditions(book, now) + vendorConditions(book)
      + staleConditions(book, now) + walletConditions(book) + violationConditions()
  }

  private func unknownConditions(_ book: Book) -> [AlertCondition] {
    let counts: [(about: Text, word: String, count: Int)] = [
      ("payments", "Payments", self[book].payments.calls.unknownCount),
      ("gateway", "Payments at the gateway", self[book].receipts.count(of: .unknown)),
    ]
    return counts.filter { $0.count > 0 }.map { about, word, count in
      AlertCondition(
        .paymentsUnknown, about: about, mark: nil, value: Text("\(count)"), threshold: "0",
        text: Text(
          "❌ Payment Outcome Unknown\n\(word): \(count)\n"
            + "Action: tollbook reconcile payments; do not pay again"))
    }
  }

  private func budgetConditions(_ book: Book, _ now: Timestamp) -> [AlertCondition] {
    var found: [AlertCondition] = []
    for agent in spenders(in: book) {
      let use = budgetUse(of: agent, on: .base, book: book, at: now)
      let used = Money(
        units: use.daySpent.units.addingClamped(use.held.units), asset: .usdc)
      let limit = use.dailyLimit
      guard used.units > 0 || limit.units > 0 else { continue }
      if used.units > 0, used.units >= limit.units {
        found.append(
          AlertCondition(
            .budgetExhausted, about: agent, mark: nil, value: used.decimal,
            threshold: limit.decimal, text: State.budgetText(agent, used, limit)))
      }
      for percent in controls.spending.thresholds {
        let mark = Text("\(percent)% \(now.day)")
        let condition = AlertCondition(
          .budgetThreshold, about: agent, mark: mark, value: used.decimal,
          threshold: Text("\(percent)%"), text: State.budgetText(agent, used, limit))
        // Once a day for each, also when a hold was given back meanwhile.
        let isPassed =
          used.units > 0 && used.units.multipliedClamped(100) >= limit.units * Int128(percent)
        if isPassed || self[book].alerts[condition.fingerprint] != nil {
          found.append(condition)
        }
      }
    }
    return found
  }

  /// The seeds' form of a budget alert.
  private static func budgetText(_ agent: Text, _ used: Money, _ limit: Money) -> Text {
    let percent = limit.units > 0 ? used.units.multipliedClamped(100) / limit.units : 100
    let rest = Money(units: max(0, limit.units - used.units), asset: .usdc)
    return Text(
      "💰 Agent Budget Alert\nAgent: \(agent)\n"
        + "Used: \(percent)% of daily budget ($\(used.shortDollars)/$\(limit.shortDollars))\n"
        + "Remaining: $\(rest.twoDecimals)")
  }

  private func vendorConditions(_ book: Book) -> [AlertCondition] {
    self[book].tallies.payments.streakRows().compactMap { row in
      guard row.failures >= 3 else { return nil }
      let rule: AlertRule = row.failures >= 5 ? .vendorFailing : .vendorFailureStreak
      return AlertCondition(
        rule, about: row.vendor.asciiLowercased, mark: nil, value: Text("\(row.failures)"),
        threshold: row.failures >= 5 ? "5" : "3",
        text: Text(
          "❌ Vendor Failing\nVendor: \(row.vendor)\nFailures in a row: \(row.failures)\n"
            + "Action: Check the vendor, or stop paying it"))
    }
  }

  private func staleConditions(_ book: Book, _ now: Timestamp) -> [AlertCondition] {
    let minutes = controls.spending.staleMinutes
    let count = self[book].authorizations.stale(olderThan: minutes * 60_000, asOf: now).count
    guard count > 0 else { return [] }
    return [
      AlertCondition(
        .staleAuthorizations, about: "authorizations", mark: nil, value: Text("\(count)"),
        threshold: Text("\(minutes) minutes"),
        text: Text(
          "⚠️ Stale Authorizations\nOpen for more than \(minutes) minutes: \(count)\n"
            + "Action: tollbook auth list --stale, then capture or cancel"))
    ]
  }

  /// Below which a wallet's balance is low, in micro-USDC; exactly this much is silent.
  private static var lowBalance: Int128 { 50_000_000 }

  /// One for each wallet, whoever it funds.
  private func walletConditions(_ book: Book) -> [AlertCondition] {
    self[book].wallets.present.compactMap { wallet in
      guard let balance = wallet.observation?.balance, balance.asset == .usdc,
        balance.units < State.lowBalance
      else { return nil }
      return AlertCondition(
        .walletBalanceLow, about: wallet.address.text, mark: nil, value: balance.decimal,
        threshold: "50.000000",
        text: Text(
          "⚠️ Payment Wallet Balance Low\nCurrent: $\(balance.twoDecimals)\n"
            + "Threshold: $50.00\nAction: Fund wallet immediately"))
    }
  }

  private func violationConditions() -> [AlertCondition] {
    guard violations.count > 0 else { return [] }
    return [
      AlertCondition(
        .ledgerViolations, about: "ledger", mark: nil, value: Text("\(violations.count)"),
        threshold: "0",
        text: Text(
          "❌ Ledger Violations\nIllegal records: \(violations.count)\n"
            + "Action: tollbook log verify"))
    ]
  }
}

extension Money {
  /// Whole dollars without decimals, else two.
  fileprivate var shortDollars: String {
    let text = twoDecimals
    return text.hasSuffix(".00") ? String(text.dropLast(3)) : text
  }
}

extension Int128 {
  /// The product, or the nearest that fits.
  fileprivate func multipliedClamped(_ factor: Int128) -> Int128 {
    let (product, overflow) = multipliedReportingOverflow(by: factor)
    return overflow ? .max : product
  }
}
