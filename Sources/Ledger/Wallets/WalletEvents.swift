public import JSON

/// An owner's payments come from this wallet from now on.
///
/// Wire: `wallet.registered`. Subject: the wallet. The same wallet may be registered for several
/// owners; the ones before it stay known.
public struct WalletRegistered: EventData {
  public let wallet: WalletID
  public let owner: WalletOwner
  /// Of an address that is known, its wallet's.
  public let address: WalletAddress
  public let network: Network
  /// The owner's wallet until now; nil for the first.
  public let replaces: WalletID?
  public let reason: Text

  var subject: Text { wallet.text }

  func write(to out: inout JSONWriter) {
    out.field("owner", owner.name)
    out.field("address", address.text)
    out.field("network", network.name)
    out.optional("replaces", replaces?.text)
    out.field("reason", reason)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    wallet = try FieldReader.named(WalletID(subject.text))
    owner = WalletOwner(try fields.text("owner"))
    address = try fields.address()
    network = try fields.network("network")
    replaces = try fields.optionalIdentifier("replaces")
    reason = try fields.text("reason")
  }

  init(
    wallet: WalletID, owner: WalletOwner, address: WalletAddress, network: Network,
    replaces: WalletID?, reason: Text
  ) {
    self.wallet = wallet
    self.owner = owner
    self.address = address
    self.network = network
    self.replaces = replaces
    self.reason = reason
  }
}

/// Somebody looked how much a wallet holds.
///
/// Wire: `wallet.balance_observed`. Subject: the wallet. Follows: registered.
public struct BalanceObserved: EventData {
  public let wallet: WalletID
  public let address: WalletAddress
  /// In USDC, zero or more.
  public let balance: Money
  /// The block that it was read at, when the source has blocks.
  public let block: Int64?
  /// How many blocks stood on the chain from that one on; 1 at the newest.
  public let confirmations: Int64?
  /// Who was asked: `rpc`, `fake`, or an operator's word.
  public let source: Text

  var subject: Text { wallet.text }

  func write(to out: inout JSONWriter) {
    out.field("address", address.text)
    out.field("balance", balance)
    out.optional("block", block)
    out.optional("confirmations", confirmations)
    out.field("source", source)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    wallet = try FieldReader.named(WalletID(subject.text))
    address = try fields.address()
    balance = try fields.money("balance")
    block = try fields.optionalInteger("block")
    confirmations = try fields.optionalInteger("confirmations")
    source = try fields.text("source")
  }

  init(
    wallet: WalletID, address: WalletAddress, balance: Money, block: Int64?,
    confirmations: Int64?, source: Text
  ) {
    self.wallet = wallet
    self.address = address
    self.balance = balance
    self.block = block
    self.confirmations = confirmations
    self.source = source
  }
}

extension FieldReader {
  fileprivate mutating func address() throws(FieldError) -> WalletAddress {
    guard let address = WalletAddress(try text("address")) else {
      throw .invalid("address", "is not 0x and 40 hexadecimal digits")
    }
    return address
  }
}
