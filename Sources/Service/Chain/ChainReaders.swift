package import Ledger

/// Makes readers as the configuration says: of real nodes, or in fake mode of the fake one.
package struct ChainReaders: Sendable {
  private let configuration: Configuration
  private let clocks: Clocks

  package init(_ configuration: Configuration, clocks: Clocks) {
    self.configuration = configuration
    self.clocks = clocks
  }

  /// - Throws: `.unknownNetwork`, `.notConfigured`.
  package func reader(of network: Network) throws(ChainFault) -> ChainReader {
    let chain = try EVMChain.find(network)
    let deadline = configuration.wallets.rpcDeadlineMilliseconds
    if configuration.isFake {
      return ChainReader(
        chain, url: "", transport: FakeNode(chain, home: configuration.home),
        deadlineMilliseconds: deadline, boot: clocks.boot)
    }
    guard let url = configuration.wallets.rpcURLs[network] else {
      throw .notConfigured(network, setting: chain.setting.name)
    }
    return ChainReader(
      chain, url: url, transport: HTTPTransport(), deadlineMilliseconds: deadline,
      boot: clocks.boot)
  }
}
