public import JSON

/// The chain or rail that an amount moved on, by its registry name: `base`, `base-sepolia`.
public struct Network: Hashable, Sendable, Comparable {
  public let name: Text

  /// A name of 1 to 64 bytes of `[A-Za-z0-9._:-]` and `_`; nil otherwise.
  public init?(_ name: Text) {
    let known = Network.base.name.bits
    guard name.bits != known else {
      self.name = name
      return
    }
    let bytes = name.string.utf8
    guard bytes.count >= 1, bytes.count <= 64, bytes.allSatisfy(\.isIdentifierByte) else {
      return nil
    }
    self.name = name
  }

  /// The seeds' default: USDC lives on Base.
  public static let base = Network(known: "base")

  private init(known name: StaticString) { self.name = Text("\(name)") }

  /// Whether money here is play money: it never enters real spend or income.
  public var isTest: Bool {
    let name = self.name.asciiLowercased.string
    return ["sepolia", "testnet", "regtest", "signet", "devnet", "goerli", "amoy", "fuji"]
      .contains { name.utf8.containsRun($0.utf8) } || name.utf8.elementsEqual("fake".utf8)
      || Network.testChains.contains { name.utf8.elementsEqual($0.utf8) }
  }

  /// CAIP-2 names of test chains that say nothing of it, in lower case: Sepolia of Ethereum, Base,
  /// Arbitrum and Optimism, Avalanche Fuji, Polygon Amoy, Solana devnet.
  private static let testChains = [
    "eip155:11155111", "eip155:84532", "eip155:421614", "eip155:11155420", "eip155:43113",
    "eip155:80002", "solana:etwtrabzayq6imfeykouru166vu2xqa1",
  ]

  public static func < (left: Network, right: Network) -> Bool { left.name < right.name }
}

extension String.UTF8View {
  /// Whether the bytes of the other text stand somewhere in this one.
  func containsRun(_ other: String.UTF8View) -> Bool {
    var start = startIndex
    while start != endIndex {
      if self[start...].starts(with: other) { return true }
      start = index(after: start)
    }
    return other.isEmpty
  }
}
