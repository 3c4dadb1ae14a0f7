public import JSON

/// What a wallet was seen to hold, and what that says about the time since the look before.
public struct BalanceObservation: Equatable, Sendable {
  public let balance: Money
  public let at: Timestamp
  public let seq: UInt64
  public let block: Int64?
  public let confirmations: Int64?
  public let source: Text
  /// By how much the balance fell since the observation before; zero when it did not.
  public let fell: Money
  /// What payments on record explain of it.
  ///
  /// Those completed since the observation before, and what that one had not seen fall of the
  /// payments completed before it: a node may lag behind the ledger.
  public let explained: Money

  /// What left and no payment tells of; zero when all is explained.
  public var unexplained: Money {
    Money(units: max(0, fell.units - explained.units), asset: fell.asset)
  }
}

/// One address on one network.
public struct Wallet: Equatable, Sendable {
  public let id: WalletID
  public let address: WalletAddress
  public let network: Network
  /// When the ledger first heard of it.
  public let registeredAt: Timestamp
  public let registeredSeq: UInt64
  /// The last one; nil before the first.
  public private(set) var observation: BalanceObservation?
  /// Micro-USDC completed since the last observation.
  private(set) var spent: Int128 = 0
  /// Micro-USDC completed before it that it had not seen fall.
  private(set) var unseen: Int128 = 0

  init(_ event: WalletRegistered, at record: Record) {
    id = event.wallet
    address = event.address
    network = event.network
    registeredAt = record.at
    registeredSeq = record.seq
  }

  /// Takes in a payment that this wallet funded.
  mutating func spend(_ amount: Money, at moment: Timestamp?) {
    // Before the first look there is nothing to compare with, and a payment of the past stands
    // in what was seen already.
    guard let observation, amount.asset == .usdc else { return }
    if let moment, moment <= observation.at { return }
    spent = spent.addingClamped(amount.units)
  }

  mutating func observe(_ event: BalanceObserved, at record: Record) {
    let before = observation?.balance.units ?? event.balance.units
    let fell = max(0, before - event.balance.units)
    observation = BalanceObservation(
      balance: event.balance, at: record.at, seq: record.seq, block: event.block,
      confirmations: event.confirmations, source: event.source,
      fell: Money(units: fell, asset: .usdc),
      explained: Money(units: spent.addingClamped(unseen), asset: .usdc))
    // Older payments are seen first; what is left over was completed since the look before.
    unseen = max(0, spent - max(0, fell - unseen))
    spent = 0
  }

  func feed(into sink: inout StateSink) {
    sink.text(id.text)
    sink.text(address.text)
    sink.text(network.name)
    sink.moment(registeredAt)
    sink.word(registeredSeq)
    sink.wide(spent)
    sink.wide(unseen)
    sink.word(observation?.seq ?? 0)
    guard let observation else { return }
    sink.wide(observation.balance.units)
    sink.moment(observation.at)
    sink.word(observation.block.map { Int($0) } ?? -1)
    sink.word(observation.confirmations.map { Int($0) } ?? -1)
    sink.text(observation.source)
    sink.wide(observation.fell.units)
    sink.wide(observation.explained.units)
  }
}

/// The time for which an owner's payments come from a wallet.
public struct WalletTenure: Equatable, Sendable {
  /// Quarterly rotation: a tenure that lasts longer is overdue. Exactly 92 days are not.
  public static let longest: Int64 = 92 * 86_400_000

  public let owner: WalletOwner
  public let wallet: WalletID
  public let since: Timestamp
  public let seq: UInt64
  public let reason: Text
  /// When another wallet took its place; nil while it lasts.
  public internal(set) var until: Timestamp?

  public func isOverdue(asOf now: Timestamp) -> Bool {
    until == nil && now.milliseconds(since: since) > WalletTenure.longest
  }
}
