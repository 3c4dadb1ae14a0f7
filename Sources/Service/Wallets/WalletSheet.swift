internal import JSON
internal import Ledger

/// The present wallets as API and command line show them.
struct WalletSheet: Sendable {
  /// One wallet and whom it funds.
  struct Row: Sendable {
    let wallet: Wallet
    /// Its tenures that last.
    let tenures: [WalletTenure]
    let agents: [Text]
    let isOverdue: Bool
    let held: Money
  }

  let rows: [Row]
  let funded: [(agent: Text, wallet: Wallet)]
  let standard: Wallet?
  let asOf: Timestamp

  init(_ state: borrowing State, _ book: Book, asOf now: Timestamp) {
    let wallets = state[book].wallets
    let funded = state.fundedAgents(in: book)
    let tenures = wallets.presentTenures
    let outflows = state.unexplainedOutflows(in: book)
    rows = wallets.present.map { wallet in
      let own = tenures.filter { $0.wallet == wallet.id }
      return Row(
        wallet: wallet, tenures: own,
        agents: funded.filter { $0.wallet.id == wallet.id }.map(\.agent),
        isOverdue: own.contains { $0.isOverdue(asOf: now) },
        held: outflows.first { $0.wallet.id == wallet.id }?.held ?? .zero(.usdc))
    }
    self.funded = funded
    standard = wallets.wallet(of: .everybody)
    asOf = now
  }

  /// The document of `GET /api/payments/wallet-balance`.
  func write(to out: inout JSONWriter) {
    out.beginObject()
    // The default wallet's stands first: it is what one looks for.
    out.orNull("balance", standard?.observation?.balance.decimal)
    out.field("asset", Asset.usdc.code)
    out.moment("as_of", asOf)
    out.key("wallets")
    out.beginArray()
    for row in rows { row.write(to: &out) }
    out.endArray()
    out.key("agents")
    out.beginArray()
    for (agent, wallet) in funded {
      out.beginObject()
      out.field("agent_id", agent)
      out.field("wallet_id", wallet.id.text)
      out.orNull("balance", wallet.observation?.balance.decimal)
      out.endObject()
    }
    out.endArray()
    out.endObject()
  }
}

extension WalletSheet.Row {
  func write(to out: inout JSONWriter) {
    out.beginObject()
    out.field("wallet_id", wallet.id.text)
    out.field("address", wallet.address.text)
    out.field("network", wallet.network.name)
    list("owners", tenures.map(\.owner.name), to: &out)
    list("agents", agents, to: &out)
    if let since = tenures.map(\.since).min() { out.moment("rotated_at", since) }
    out.field("rotation_overdue", isOverdue)
    let observation = wallet.observation
    out.orNull("balance", observation?.balance.decimal)
    if let observation {
      out.moment("observed_at", observation.at)
      out.optional("block", observation.block)
      out.optional("confirmations", observation.confirmations)
      out.field("source", observation.source)
      out.field("unexplained_outflow", observation.unexplained.decimal)
      if observation.unexplained.units > 0 { out.field("held", held.decimal) }
      out.field("seq", observation.seq)
    }
    out.endObject()
  }

  private func list(_ name: StaticString, _ texts: [Text], to out: inout JSONWriter) {
    out.key(name)
    out.beginArray()
    for text in texts { out.string(text) }
    out.endArray()
  }
}
