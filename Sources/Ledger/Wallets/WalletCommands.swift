public import JSON

/// Which wallet an owner is to have, as it came in.
public struct WalletChoice: Sendable {
  /// The id that a new address gets.
  let fresh: WalletID
  let owner: WalletOwner
  let address: Text
  let network: Network
  let reason: Text

  public init(
    fresh: WalletID, owner: WalletOwner, address: Text, network: Network, reason: Text
  ) {
    self.fresh = fresh
    self.owner = owner
    self.address = address
    self.network = network
    self.reason = reason
  }

  func writePrint(to out: inout JSONWriter) {
    out.field("owner", owner.name)
    out.field("address", address)
    out.field("network", network.name)
    out.field("reason", reason)
  }

  fileprivate func check() throws(Rejection) -> WalletAddress {
    try owner.check()
    guard let address = WalletAddress(address) else {
      throw .fieldInvalid(field: "address", reason: "must be 0x and 40 hexadecimal digits")
    }
    guard !reason.isEmpty else {
      throw .fieldInvalid(field: "reason", reason: "must say why the wallet changes")
    }
    return address
  }

  /// The event that puts the wallet in place; none when it is in place.
  fileprivate func decision(_ address: WalletAddress, _ wallets: Wallets) throws(Rejection)
    -> Decision
  {
    let known = wallets.wallet(at: address, on: network)
    let present = wallets.wallet(of: owner)
    if let known, known.id == present?.id { return .unchanged }
    guard known != nil || wallets[fresh] == nil else {
      throw .fieldInvalid(field: "wallet_id", reason: "names a wallet that exists already")
    }
    return .accepted([
      .walletRegistered(
        WalletRegistered(
          wallet: known?.id ?? fresh, owner: owner, address: known?.address ?? address,
          network: network, replaces: present?.id, reason: reason.cutForEvent))
    ])
  }
}

/// Puts a wallet in place as the settings name it; a wallet that was replaced stays replaced.
///
/// So that an `.env` that nobody has updated yet does not undo a rotation at the next start.
public struct RegisterWallet: Command {
  public static var name: StaticString { "wallet.register" }

  public let choice: WalletChoice

  public init(_ choice: WalletChoice) { self.choice = choice }

  public func writePrint(to out: inout JSONWriter) { choice.writePrint(to: &out) }

  /// - Throws: `Rejection.walletReplaced` for a former wallet of the owner.
  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    let address = try choice.check()
    let wallets = state[book].wallets
    if let known = wallets.wallet(at: address, on: choice.network),
      wallets.isFormer(known, of: choice.owner),
      let present = wallets.wallet(of: choice.owner)
    {
      throw .walletReplaced(owner: choice.owner.name, by: present.address.text)
    }
    return try choice.decision(address, wallets)
  }
}

/// Puts another wallet in the place of an owner's present one, because an operator says so.
public struct RotateWallet: Command {
  public static var name: StaticString { "wallet.rotate" }

  public let choice: WalletChoice

  public init(_ choice: WalletChoice) { self.choice = choice }

  public func writePrint(to out: inout JSONWriter) { choice.writePrint(to: &out) }

  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    try choice.decision(try choice.check(), state[book].wallets)
  }
}

/// Records what a wallet was seen to hold.
public struct ObserveBalance: Command {
  public static var name: StaticString { "wallet.observe" }

  public let wallet: WalletID
  public let balance: Money
  public let block: Int64?
  public let confirmations: Int64?
  public let source: Text

  public init(
    wallet: WalletID, balance: Money, block: Int64?, confirmations: Int64?, source: Text
  ) {
    self.wallet = wallet
    self.balance = balance
    self.block = block
    self.confirmations = confirmations
    self.source = source
  }

  public func writePrint(to out: inout JSONWriter) {
    out.field("wallet_id", wallet.text)
    out.field("balance", balance)
    out.optional("block", block)
    out.optional("confirmations", confirmations)
    out.field("source", source)
  }

  /// - Throws: `Rejection.observationStale` for a block before that of the last observation: a
  ///   node that lags would make money seem to come and go.
  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    guard let known = state[book].wallets[wallet] else { throw .walletNotFound(wallet.text) }
    guard balance.asset == .usdc, balance.units >= 0 else {
      throw .fieldInvalid(field: "balance", reason: "must be zero or more USDC")
    }
    guard block ?? 0 >= 0, confirmations ?? 0 >= 0 else {
      throw .fieldInvalid(field: "block", reason: "and confirmations must not be negative")
    }
    guard (1...64).contains(source.utf8Count) else {
      throw .fieldInvalid(field: "source", reason: "must say who was asked, in 1 to 64 bytes")
    }
    if let block, let last = known.observation?.block, block < last {
      throw .observationStale(wallet: wallet, block: block, last: last)
    }
    return .accepted([
      .walletBalanceObserved(
        BalanceObserved(
          wallet: wallet, address: known.address, balance: balance, block: block,
          confirmations: confirmations, source: source))
    ])
  }
}
