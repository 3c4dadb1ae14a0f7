internal import JSON
package import Ledger

/// The one way to read a chain, for whoever needs to: wallets, settlements, confirmations.
///
/// Each reading first makes sure that the node serves the right chain.
package struct ChainReader: Sendable {
  package let chain: EVMChain
  private let url: String
  private let transport: any RPCTransport
  private let deadlineMilliseconds: Int
  private let boot: @Sendable () -> Int64

  /// A balance, and the block that it is of.
  package struct Balance: Equatable, Sendable {
    package let amount: Money
    package let block: Int64
  }

  /// - Parameters:
  ///   - deadlineMilliseconds: for one whole reading, however many calls it takes.
  ///   - boot: milliseconds since boot.
  package init(
    _ chain: EVMChain, url: String, transport: any RPCTransport, deadlineMilliseconds: Int,
    boot: @escaping @Sendable () -> Int64
  ) {
    self.chain = chain
    self.url = url
    self.transport = transport
    self.deadlineMilliseconds = deadlineMilliseconds
    self.boot = boot
  }

  /// Who is asked, as observations say it.
  package var source: String { transport.source }

  /// The newest block.
  package func blockNumber() throws(ChainFault) -> Int64 {
    try newest(until: deadline())
  }

  /// What an address holds in USDC at the newest block.
  package func balance(of address: WalletAddress) throws(ChainFault) -> Balance {
    let end = deadline()
    let block = try newest(until: end)
    // balanceOf(address): the first four bytes of its Keccak-256, then the address as a word.
    let data = Text("0x70a08231\(ChainReader.word(ofAddress: address.folded))")
    let word = try call(chain.usdc, data, at: block, until: end)
    let units = try RPCNumber.word(word, "the balance")
    return Balance(amount: Money(units: units, asset: .usdc), block: block)
  }

  private func newest(until end: Int64) throws(ChainFault) -> Int64 {
    try checkChain(until: end)
    return try RPCNumber.quantity(
      try text(2, "eth_blockNumber", [], until: end), "the block number")
  }

  /// When a reading that begins now must have ended.
  func deadline() -> Int64 { boot() + Int64(deadlineMilliseconds) }

  /// Makes sure that the node serves this chain.
  func checkChain(until end: Int64) throws(ChainFault) {
    let told = try RPCNumber.quantity(try text(1, "eth_chainId", [], until: end), "the chain id")
    guard UInt64(told) == chain.chainID else {
      throw .wrongChain(expected: chain.chainID, told: UInt64(told))
    }
  }

  /// What a contract answers at a block, without changing anything.
  func call(
    _ contract: Text, _ data: Text, at block: Int64, until end: Int64
  ) throws(ChainFault) -> Text {
    let members = [
      JSONObject.Member(name: "to", value: .string(contract)),
      JSONObject.Member(name: "data", value: .string(data)),
    ]
    guard let target = JSONObject(members) else { fatalError("the two names differ") }
    return try text(
      3, "eth_call", [.object(target), .string(RPCNumber.text(block))], until: end)
  }

  private func text(
    _ id: Int64, _ method: StaticString, _ parameters: [JSONValue], until end: Int64
  ) throws(ChainFault) -> Text {
    let result = try ask(id, method, parameters, until: end)
    guard let text = result.text else {
      throw .unreadable("result is of kind \(result.kind), not a string")
    }
    return text
  }

  func ask(
    _ id: Int64, _ method: StaticString, _ parameters: [JSONValue], until end: Int64
  ) throws(ChainFault) -> JSONValue {
    let message = RPCMessage(id: id, method: method, parameters: parameters)
    let left = end - boot()
    guard left > 0 else { throw .noAnswer("the deadline passed") }
    let (status, body) = try transport.post(
      url, message.body, deadlineMilliseconds: Int(left), maxBytes: RPCMessage.maxBytes)
    return try message.result(status: status, body: body)
  }
}
