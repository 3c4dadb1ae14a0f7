internal import JSON
internal import Ledger

extension CommandDesk {
  /// Reads the members of `wallet.register` and `wallet.rotate`:
  /// `{"owner"?,"address","network"?,"reason"}`.
  ///
  /// - Parameter fresh: the id that a new address gets.
  static func walletChoice(
    _ object: JSONObject, fresh: WalletID
  ) throws(CommandLineFault) -> WalletChoice {
    let owner = try optionalText(object, "owner") ?? WalletOwner.everybodyName
    let name = try optionalText(object, "network") ?? Network.base.name
    guard let network = Network(name) else {
      throw .unreadable("network must have 1 to 64 bytes of [A-Za-z0-9._:-] and _")
    }
    return WalletChoice(
      fresh: fresh, owner: WalletOwner(owner), address: try text(object, "address"),
      network: network, reason: try text(object, "reason"))
  }

  /// Reads `{"command":"wallet.observe","wallet_id","balance","block"?,"confirmations"?,"source"}`.
  static func observation(_ object: JSONObject) throws(CommandLineFault) -> ObserveBalance {
    guard let wallet = WalletID(try text(object, "wallet_id")) else {
      throw .unreadable("wallet_id is no identifier; see tollbook wallet list")
    }
    let written = try text(object, "balance")
    let balance: Money
    do throws(MoneyError) {
      balance = try Money(decimal: written, asset: .usdc, rounding: .refuse)
    } catch {
      throw .unreadable("balance must be a decimal in USDC with at most six decimals")
    }
    return ObserveBalance(
      wallet: wallet, balance: balance, block: try integer(object, "block"),
      confirmations: try integer(object, "confirmations"),
      source: try optionalText(object, "source") ?? "operator")
  }

  private static func text(_ object: JSONObject, _ name: Text) throws(CommandLineFault) -> Text {
    guard let text = try optionalText(object, name) else {
      throw .unreadable("\(name) is missing")
    }
    return text
  }

  private static func optionalText(
    _ object: JSONObject, _ name: Text
  ) throws(CommandLineFault) -> Text? {
    switch object[name] {
    case .none: return nil
    case .string(let text): return text
    case .some: throw .unreadable("\(name) is not a text")
    }
  }

  private static func integer(
    _ object: JSONObject, _ name: Text
  ) throws(CommandLineFault) -> Int64? {
    guard let value = object[name] else { return nil }
    guard case .number(let number) = value, let integer = number.integer() else {
      throw .unreadable("\(name) is not a whole number")
    }
    return integer
  }
}
