public import JSON

/// Completed payments of one agent, UTC day, network and asset.
public struct SpendRow: Equatable, Sendable {
  public let agent: Text
  public let day: Day
  public let network: Network
  public let asset: Asset
  public let total: PaymentTotal
}

/// Outcomes of one agent, vendor and network.
public struct OutcomeRow: Equatable, Sendable {
  public let agent: Text
  public let vendor: Text
  public let network: Network
  public let outcomes: Outcomes
}

/// A vendor and its present run of failures.
public struct StreakRow: Equatable, Sendable {
  public let vendor: Text
  /// Vendor-attributable failures since the last completed payment; 0 after a completed one.
  public let failures: Int
}

extension PaymentTallies {
  /// All daily totals, by agent, day, network, asset.
  public func spendRows() -> [SpendRow] {
    var accounts = [PaymentParties?](repeating: nil, count: parties.accountCount)
    for (number, party) in parties.parties.enumerated() {
      accounts[Int(party.account)] = parties[UInt32(number)]
    }
    return spend.totals.compactMap { key, total in
      accounts[Int(key.account)].map { names in
        SpendRow(
          agent: names.agent, day: key.day, network: names.network, asset: key.asset,
          total: total)
      }
    }
    .sorted {
      ($0.agent, $0.day, $0.network, $0.asset.rawValue)
        < ($1.agent, $1.day, $1.network, $1.asset.rawValue)
    }
  }

  /// All outcomes, by agent, vendor, network; vendors as first seen, whatever their case.
  public func outcomeRows() -> [OutcomeRow] {
    var rows: [[Text]: OutcomeRow] = [:]
    for (number, party) in parties.parties.enumerated() {
      let names = parties[UInt32(number)]
      let vendor = parties.vendors[Int(party.vendor)]
      var counts = outcomes[number]
      let key = [names.agent, vendor, names.network.name]
      if let known = rows[key] { counts.add(known.outcomes) }
      rows[key] = OutcomeRow(
        agent: names.agent, vendor: vendor, network: names.network, outcomes: counts)
    }
    return rows.values.sorted {
      ($0.agent, $0.vendor, $0.network) < ($1.agent, $1.vendor, $1.network)
    }
  }

  /// Every vendor with its streak, by name.
  public func streakRows() -> [StreakRow] {
    zip(parties.vendors, streaks).map { StreakRow(vendor: $0, failures: $1.failures) }
      .sorted { $0.vendor < $1.vendor }
  }

  /// Outcomes of all payments together.
  public var allOutcomes: Outcomes {
    outcomes.reduce(into: Outcomes()) { $0.add($1) }
  }
}
