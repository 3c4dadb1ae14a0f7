package import Ledger

/// Which wallets fund whom, and where their balances are read.
package struct WalletSettings: Equatable, Sendable {
  /// One agent's wallet.
  package struct AgentWallet: Equatable, Sendable {
    /// The agent as the setting's name says it, in small letters.
    package let agent: String
    /// `0x` and 40 hexadecimal digits, as written.
    package let address: String
  }

  /// In the order of the settings' names.
  package let agents: [AgentWallet]
  package let rpcURLs: [Network: String]
  package let rpcDeadlineMilliseconds: Int

  private static let ending = "_WALLET_ADDRESS"

  /// The agent of `X402_{AGENT}_WALLET_ADDRESS`, in small letters; nil for any other name.
  ///
  /// `default` is no agent: its wallet is `X402_WALLET_ADDRESS`.
  package static func agent(of name: String) -> String? {
    guard name.hasPrefix("X402_"), name.hasSuffix(ending) else { return nil }
    let agent = name.utf8.dropFirst(5).dropLast(ending.utf8.count)
    guard name.utf8.count > 5 + ending.utf8.count,
      agent.allSatisfy({
        (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F
      }), !agent.elementsEqual("DEFAULT".utf8)
    else { return nil }
    return SettingText.lowercased(String(decoding: Array(agent), as: UTF8.self))
  }
}

extension SettingReader {
  /// The settings of wallets; nil after noting what is wrong.
  mutating func wallets() -> WalletSettings? {
    var agents: [WalletSettings.AgentWallet] = []
    for (name, agent, value, origin) in sources.agentWallets() {
      guard let address = SettingReader.walletAddress(value) else {
        note(
          .invalidValue(
            name: name, origin: origin, value: value,
            expected: Setting.Kind.walletAddress.expected))
        continue
      }
      agents.append(.init(agent: agent, address: address))
    }
    var urls: [Network: String] = [:]
    for chain in EVMChain.all {
      urls[chain.network] = value(of: chain.setting, SettingReader.url)
    }
    guard let deadline = count(of: Settings.rpcDeadline) else { return nil }
    return WalletSettings(agents: agents, rpcURLs: urls, rpcDeadlineMilliseconds: deadline)
  }
}

extension ConfigurationSources {
  /// Wallets of single agents that somebody has set, in the order of the names.
  func agentWallets() -> [(name: String, agent: String, value: String, origin: Origin)] {
    let names = Set((file?.entries ?? []).map(\.name)).union(environment.keys)
    return names.sorted().compactMap { name in
      guard let agent = WalletSettings.agent(of: name), let found = find(name) else { return nil }
      return (name, agent, found.value, found.origin)
    }
  }
}
