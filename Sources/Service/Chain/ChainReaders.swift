package import Ledger

/// Makes readers as the configuration says: of real nodes, or in fake mode of the fake one.
package struct ChainReaders: Sendable {
  private let configuration: Configuration
  private let clocks: Clocks
  /// Nil in fake mode: nothing leaves the machine.
  private let outside: OutsideClient?

  /// - Parameter log: gets one line for each call of a real node.
  package init(
    _ configuration: Configuration, clocks: Clocks,
    log: @escaping @Sendable (ProviderCallLine) -> Void
  ) {
    self.configuration = configuration
    self.clocks = clocks
    let nodes = configuration.wallets.rpcURLs.values.compactMap { OutsideAddress($0) }
    outside =
      configuration.isFake
      ? nil : OutsideClient(.init(configuration, providers: nodes), clocks: clocks, log: log)
  }

  /// - Throws: `.unknownNetwork`, `.notConfigured`.
  package func reader(of network: Network) throws(ChainFault) -> ChainReader {
    let chain = try EVMChain.find(network)
    let deadline = configuration.wallets.rpcDeadlineMilliseconds
    guard let outside else {
      return ChainReader(
        chain, url: "", transport: FakeNode(chain, home: configuration.home, wall: clocks.wall),
        deadlineMilliseconds: deadline, boot: clocks.boot)
    }
    guard let url = configuration.wallets.rpcURLs[network] else {
      throw .notConfigured(network, setting: chain.setting.name)
    }
    return ChainReader(
      chain, url: url, transport: OutsideTransport(outside), deadlineMilliseconds: deadline,
      boot: clocks.boot)
  }

  /// Ends what was started to reach nodes.
  package func close() { outside?.close() }
}
