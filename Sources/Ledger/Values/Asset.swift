public import JSON

/// A unit of value that the ledger can count exactly.
///
/// The list is closed on purpose: an amount of an asset whose scale we do not know cannot be exact.
/// The scale is the number of decimals of one atomic unit (BTC is counted in millisatoshi).
public enum Asset: UInt8, CaseIterable, Sendable, Hashable {
  case usdc, eurc, usdt, dai, eth, btc

  /// The name in events, views and the command line, upper case ASCII.
  public var code: StaticString {
    switch self {
    case .usdc: "USDC"
    case .eurc: "EURC"
    case .usdt: "USDT"
    case .dai: "DAI"
    case .eth: "ETH"
    case .btc: "BTC"
    }
  }

  /// Decimals of one whole unit: 6 for dollar coins, 11 for BTC (msat), 18 for DAI and ETH.
  public var scale: Int {
    switch self {
    case .usdc, .eurc, .usdt: 6
    case .btc: 11
    case .dai, .eth: 18
    }
  }

  /// Whether one unit counts as one dollar in the seeds' `…_usd` fields.
  public var isDollar: Bool {
    switch self {
    case .usdc, .usdt, .dai: true
    case .eurc, .eth, .btc: false
    }
  }

  /// Looks an asset up by its code, ASCII case ignored.
  public init?(code: Text) {
    for asset in Asset.allCases where code.isEqualIgnoringCase(asset.code) {
      self = asset
      return
    }
    return nil
  }

  /// Looks an asset up by its exact code, as events carry it.
  init?(exactly bytes: Span<UInt8>) {
    if bytes.isEqual("USDC") {
      self = .usdc
      return
    }
    for asset in Asset.allCases where bytes.isEqual(asset.code) {
      self = asset
      return
    }
    return nil
  }
}
