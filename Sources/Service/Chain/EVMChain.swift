package import JSON
package import Ledger
internal import Rails

/// A chain whose USDC balances can be read, by our name for it.
package struct EVMChain: Equatable, Sendable {
  package let network: Network
  /// What its nodes answer to `eth_chainId`.
  package let chainID: UInt64
  /// The contract that keeps the balances of USDC there, as its issuer writes it.
  package let usdc: Text
  /// The setting that names a node.
  package let setting: Setting

  /// The closed list: chains of the registry that have a coin and a setting for their node.
  package static let all: [EVMChain] = [
    EVMChain("base", Settings.rpcBase), EVMChain("base-sepolia", Settings.rpcBaseSepolia),
  ]

  private init(_ name: Text, _ setting: Setting) {
    guard let chain = X402Network.named(name), let coin = chain.coin else {
      fatalError("\(name) is no chain with a coin")
    }
    network = chain.network
    chainID = chain.chainID
    usdc = coin.address
    self.setting = setting
  }

  /// - Throws: `ChainFault.unknownNetwork`.
  package static func find(_ network: Network) throws(ChainFault) -> EVMChain {
    guard let chain = all.first(where: { $0.network == network }) else {
      throw .unknownNetwork(network)
    }
    return chain
  }
}
