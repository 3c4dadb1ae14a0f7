internal import JSON
internal import Ledger

/// Samples about wallets: folded from the log, so they survive a restart and a rebuild.
enum WalletSamples {
  /// The last balance of the wallet that funds an agent, `default` for the default wallet; agents
  /// whose wallet nobody has looked at are left out.
  static func balances(_ scrape: Scrape) -> [Sample] {
    let standard = scrape.book.wallets.wallet(of: .everybody).map {
      [(agent: WalletOwner.everybodyName, wallet: $0)]
    }
    let agents = scrape.funded.filter { $0.agent != WalletOwner.everybodyName }
    return ((standard ?? []) + agents).compactMap { agent, wallet in
      wallet.observation.map {
        Sample(
          suffix: "", labels: [("agent", agent.string)], value: $0.balance.decimal.string)
      }
    }
  }

  /// 1 for each owner whose wallet is older than the rotation allows.
  static func overdue(_ scrape: Scrape) -> [Sample] {
    scrape.book.wallets.presentTenures.map {
      Sample(
        $0.isOverdue(asOf: scrape.asOf) ? 1 : 0, labels: [("agent", $0.owner.name.string)])
    }
  }

  /// What left each wallet before its last observation and no payment tells of.
  static func unexplained(_ scrape: Scrape) -> [Sample] {
    scrape.book.wallets.present.compactMap { wallet in
      wallet.observation.map {
        Sample(
          suffix: "", labels: [("wallet", wallet.id.text.string)],
          value: $0.unexplained.decimal.string)
      }
    }
  }
}
