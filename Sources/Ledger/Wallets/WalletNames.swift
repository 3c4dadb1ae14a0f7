public import JSON

/// Names of wallets.
public enum WalletKind: IdentifierKind {
  public static var prefix: StaticString { "wal_" }
}
/// Names one address on one network that funds payments of ours.
public typealias WalletID = Identifier<WalletKind>

/// An account on an EVM chain: `0x` and 40 hexadecimal digits.
///
/// Kept as written, because facilitators demand the owner's exact mix of letters; compared without
/// ASCII case. The checksum of EIP-55 is not demanded.
public struct WalletAddress: Hashable, Sendable {
  public let text: Text
  /// The same in small letters: what two addresses are compared by.
  public let folded: Text

  public init?(_ text: Text) {
    let folded = text.asciiLowercased
    let bytes = folded.string.utf8
    guard bytes.count == 42, text.string.utf8.starts(with: "0x".utf8),
      bytes.dropFirst(2).allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
    else { return nil }
    self.text = text
    self.folded = folded
  }

  public static func == (left: WalletAddress, right: WalletAddress) -> Bool {
    left.folded == right.folded
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(folded) }
}

/// Whom a wallet is for: everybody who has none of their own, or one agent.
public enum WalletOwner: Equatable, Sendable {
  case everybody
  case agent(Text)

  /// The word that stands for everybody; no agent can be called so.
  public static let everybodyName: Text = "default"

  /// - Parameter name: `default`, or an agent's id.
  public init(_ name: Text) {
    self = name == WalletOwner.everybodyName ? .everybody : .agent(name)
  }

  /// As it stands in the log.
  public var name: Text {
    switch self {
    case .everybody: WalletOwner.everybodyName
    case .agent(let agent): agent
    }
  }

  /// What owners are told apart by: a setting's name tells `builder-agent` and `builder_agent`
  /// not apart, so their wallet is one.
  var key: Text {
    switch self {
    case .everybody: "*"
    case .agent(let agent): BudgetSettings.namePart(of: agent)
    }
  }

  /// Whether the owner is this agent, as far as their settings' names tell.
  public func funds(_ agent: Text) -> Bool { key == WalletOwner.agent(agent).key }

  func check() throws(Rejection) {
    guard case .agent(let agent) = self else { return }
    try SpendRequest.checkName("owner", agent)
    guard agent.asciiLowercased != WalletOwner.everybodyName else {
      throw .fieldInvalid(field: "owner", reason: "must not be called like the default wallet")
    }
  }
}
