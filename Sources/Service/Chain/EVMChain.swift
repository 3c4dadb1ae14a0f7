package import JSON
package import Ledger

/// A chain whose USDC balances can be read, by our name for it.
package struct EVMChain: Equatable, Sendable {
  package let network: Network
  /// What its nodes answer to `eth_chainId`.
  package let chainID: UInt64
  /// The contract that keeps the balances of USDC there, as its issuer writes it.
  package let usdc: Text
  /// The setting that names a node.
  package let setting: Setting

  /// The closed list. Sources: developers.circle.com, x402 default assets.
  package static let all: [EVMChain] = [
    EVMChain(
      network: .base, chainID: 8_453, usdc: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
      setting: Settings.rpcBase),
    EVMChain(
      network: baseSepolia, chainID: 84_532,
      usdc: "0x036CbD53842c5426634e7929541eC2318f3dCF7e", setting: Settings.rpcBaseSepolia),
  ]

  private static var baseSepolia: Network {
    guard let network = Network("base-sepolia") else { fatalError("the name is one") }
    return network
  }

  /// - Throws: `ChainFault.unknownNetwork`.
  package static func find(_ network: Network) throws(ChainFault) -> EVMChain {
    guard let chain = all.first(where: { $0.network == network }) else {
      throw .unknownNetwork(network)
    }
    return chain
  }
}
