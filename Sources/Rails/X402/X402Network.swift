public import JSON
public import Ledger

/// A chain on which the scheme `exact` moves money, by both of its names.
///
/// Sources: CAIP-2; developers.circle.com for USDC; the official packages' lists of names of
/// version 1 and of default assets.
public struct X402Network: Equatable, Sendable {
  /// `eip155:` and the chain id: the name in version 2.
  public let caip2: Text
  /// The name in version 1, and ours.
  public let legacy: Text
  public let chainID: UInt64
  /// The dollar coin that is asked for when the operator names no other.
  public let coin: X402Coin?

  /// The ledger's name of it.
  public var network: Network {
    guard let network = Network(legacy) else { fatalError("the names of the list are names") }
    return network
  }

  private init(_ legacy: Text, _ chainID: UInt64, _ coin: X402Coin? = nil) {
    caip2 = Text("eip155:\(chainID)")
    self.legacy = legacy
    self.chainID = chainID
    self.coin = coin
  }

  /// The closed list.
  public static let all: [X402Network] = [
    X402Network(
      "base", 8_453,
      X402Coin(
        address: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913", name: "USD Coin", version: "2")),
    X402Network(
      "base-sepolia", 84_532,
      X402Coin(
        address: "0x036CbD53842c5426634e7929541eC2318f3dCF7e", name: "USDC", version: "2")),
    X402Network("ethereum", 1), X402Network("polygon", 137), X402Network("polygon-amoy", 80_002),
    X402Network("avalanche", 43_114), X402Network("avalanche-fuji", 43_113),
    X402Network("sei", 1_329), X402Network("sei-testnet", 1_328), X402Network("abstract", 2_741),
    X402Network("iotex", 4_689), X402Network("peaq", 3_338), X402Network("celo", 42_220),
    X402Network("monad", 143), X402Network("megaeth", 4_326), X402Network("story", 1_513),
    X402Network("flare", 14),
  ]

  /// The chain of either name, exactly spelled; nil when it is not in the list.
  public static func named(_ name: Text) -> X402Network? {
    all.first { $0.caip2 == name || $0.legacy == name }
  }
}

/// A token that moves by signature (EIP-3009), and the domain that payers sign in (EIP-712).
public struct X402Coin: Equatable, Sendable {
  /// The contract, spelled as its issuer does (EIP-55): some facilitators demand it.
  public let address: Text
  /// The token's own name of itself; it differs between chains.
  public let name: Text
  public let version: Text

  public init(address: Text, name: Text, version: Text) {
    self.address = address
    self.name = name
    self.version = version
  }
}

/// Names of the headers; case does not count.
public enum X402Header {
  /// An offer of version 2.
  public static let offer = "PAYMENT-REQUIRED"
  public static let payment = "PAYMENT-SIGNATURE"
  public static let receipt = "PAYMENT-RESPONSE"
  /// The payment of version 1, whose offer is the body.
  public static let legacyPayment = "X-PAYMENT"
  public static let legacyReceipt = "X-PAYMENT-RESPONSE"
}
