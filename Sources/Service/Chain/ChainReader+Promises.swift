package import JSON
package import Ledger

/// What a chain says of a signed promise (EIP-3009), at its last block that nothing can undo.
package enum PromiseFate: Equatable, Sendable {
  /// The token moved exactly the amount from the payer to us.
  case moved(ChainHash, block: Int64)
  /// The nonce was taken back by the payer.
  case cancelled(block: Int64)
  /// The nonce is unused, and the promise has lapsed: it can never move anything.
  case lapsed(block: Int64)
  /// Nothing that would end it.
  case open(String)
}

extension ChainReader {
  /// First bytes of a Keccak-256: `authorizationState(address,bytes32)`.
  static let authorizationState = "0xe94a0102"
  /// `AuthorizationUsed(address,bytes32)`, whole.
  static let used = "0x98de503528ee59b575ef0c0a2576a82497bfc029a5685b209e9ec333479b10a5"
  /// `AuthorizationCanceled(address,bytes32)`.
  static let cancelled = "0x1cdd46ff242716cdaa72d159d339a485b3438398348d68f09d7c8c0a59353d81"
  /// `Transfer(address,address,uint256)`.
  static let transfer = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"

  /// Looks a promise up: by its nonce, then by the logs of the transaction that used it.
  ///
  /// - Parameters:
  ///   - value: atomic units that must have moved.
  ///   - since: no block before this can hold it; blocks are at least a second apart.
  ///   - validBefore: Unix seconds from which it cannot move any more.
  package func fate(
    of promise: SignedPromise, to payTo: Text, value: Int128, since: Timestamp,
    validBefore: Int64
  ) throws(ChainFault) -> PromiseFate {
    let end = deadline()
    try checkChain(until: end)
    let block = try finalized(until: end)
    let payer = ChainReader.word(ofAddress: promise.payer)
    let nonce = promise.nonce.hex.string
    let state = try call(
      promise.token, Text(ChainReader.authorizationState + payer + nonce), at: block.number,
      until: end)
    guard try RPCNumber.word(state, "the authorization's state") != 0 else {
      return block.time >= validBefore
        ? .lapsed(block: block.number)
        : .open("its nonce is unused at block \(block.number), and it is still valid")
    }
    let span = max(0, block.time - since.milliseconds / 1_000) + 120
    let logs = try logs(
      of: promise.token,
      [[ChainReader.used, ChainReader.cancelled], ["0x" + payer], ["0x" + nonce]],
      from: max(0, block.number - span), to: block.number, until: end)
    for log in logs {
      if log.topics.first == Text(ChainReader.cancelled) { return .cancelled(block: log.block) }
      let isPaid = try moves(
        log.transaction, promise, payer: payer, payTo: payTo, value: value, until: end)
      if isPaid { return .moved(ChainHash(log.transaction), block: log.block) }
    }
    return .open("its nonce is used, and no transfer of the amount to us was found")
  }

  /// Whether a transaction succeeded and moved the amount from the payer to us.
  private func moves(
    _ transaction: Text, _ promise: SignedPromise, payer: String, payTo: Text, value: Int128,
    until end: Int64
  ) throws(ChainFault) -> Bool {
    let answer = try ask(
      5, "eth_getTransactionReceipt", [.string(transaction)], until: end)
    guard let receipt = answer.object, receipt["status"]?.text == "0x1",
      let logs = receipt["logs"]?.elements
    else { return false }
    let target = "0x" + ChainReader.word(ofAddress: payTo)
    for log in logs {
      guard let log = ChainLog(log), log.address == promise.token,
        log.topics == [Text(ChainReader.transfer), Text("0x" + payer), Text(target)]
      else { continue }
      if try RPCNumber.word(log.data, "the amount of a transfer") == value { return true }
    }
    return false
  }

  /// An address as a word of 32 bytes, in lower case, without `0x`.
  static func word(ofAddress address: Text) -> String {
    String(repeating: "0", count: 24) + address.asciiLowercased.string.dropFirst(2)
  }

  /// The newest block that nothing can undo, and its time in Unix seconds.
  private func finalized(
    until end: Int64
  ) throws(ChainFault) -> (number: Int64, time: Int64) {
    let answer = try ask(
      2, "eth_getBlockByNumber", [.string("finalized"), .bool(false)], until: end)
    guard let block = answer.object, let number = block["number"]?.text,
      let time = block["timestamp"]?.text
    else { throw .unreadable("the finalized block has no number and timestamp") }
    return (
      try RPCNumber.quantity(number, "the block number"),
      try RPCNumber.quantity(time, "the block's time")
    )
  }

  private func logs(
    of contract: Text, _ topics: [[String]], from: Int64, to: Int64, until end: Int64
  ) throws(ChainFault) -> [ChainLog] {
    let filter = JSONObject([
      .init(name: "address", value: .string(contract)),
      .init(name: "fromBlock", value: .string(RPCNumber.text(from))),
      .init(name: "toBlock", value: .string(RPCNumber.text(to))),
      .init(
        name: "topics",
        value: .array(
          topics.map { words in
            words.count == 1
              ? .string(Text(words[0])) : .array(words.map { .string(Text($0)) })
          })),
    ])
    guard let filter else { fatalError("the names differ") }
    guard let found = try ask(4, "eth_getLogs", [.object(filter)], until: end).elements else {
      throw .unreadable("the logs are no list")
    }
    // A node may give more than was asked for; only what fits counts.
    return found.compactMap { ChainLog($0) }.filter { log in
      log.address == contract && log.topics.count == topics.count && !log.isRemoved
        && zip(log.topics, topics).allSatisfy { $1.contains($0.string) }
    }
  }
}

/// One event that a contract left in a block.
struct ChainLog {
  /// In lower case, as are the topics.
  let address: Text
  let topics: [Text]
  let data: Text
  let transaction: Text
  let block: Int64
  /// Whether its block was undone.
  let isRemoved: Bool

  /// Nil when a member is missing or of another kind.
  init?(_ value: JSONValue) {
    guard let log = value.object, let address = log["address"]?.text,
      let topics = log["topics"]?.elements, let data = log["data"]?.text,
      let transaction = log["transactionHash"]?.text, let number = log["blockNumber"]?.text,
      case .evm = ChainHash(transaction)
    else { return nil }
    do throws(ChainFault) {
      block = try RPCNumber.quantity(number, "the block number")
    } catch {
      return nil
    }
    self.address = address.asciiLowercased
    self.topics = topics.compactMap { $0.text?.asciiLowercased }
    self.data = data
    self.transaction = transaction.asciiLowercased
    if case .bool(true) = log["removed"] { isRemoved = true } else { isRemoved = false }
  }
}
