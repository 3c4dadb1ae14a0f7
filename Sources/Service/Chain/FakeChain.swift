internal import JSON
internal import Ledger

/// What the fake node tells of signed promises: as a real one would, from the fake facilitator's
/// book of transfers.
enum FakeChain {
  static func block(_ number: Int64, at time: Int64) -> JSONValue {
    object([
      ("number", .string(RPCNumber.text(number))), ("timestamp", .string(RPCNumber.text(time))),
    ])
  }

  /// Whether a call asks for the state of an authorization.
  static func isAuthorizationState(_ parameters: [JSONValue]) -> Bool {
    parameters.first?.object?["data"]?.text?.string.hasPrefix(ChainReader.authorizationState)
      ?? false
  }

  /// One as a word when the nonce is used, else zero.
  static func state(
    _ transfers: [FakeTransfers.Transfer], _ parameters: [JSONValue], _ chain: EVMChain
  ) -> Text {
    let call = parameters.first?.object
    let data = call?["data"]?.text?.string ?? ""
    let token = call?["to"]?.text?.asciiLowercased ?? ""
    let payer = data.dropFirst(10 + 24).prefix(40)
    let nonce = data.suffix(64)
    let promise = Text("eip155:\(chain.chainID)|\(token)|0x\(payer)|0x\(nonce)").asciiLowercased
    let isUsed = transfers.contains { $0.promise == promise }
    return Text("0x" + String(repeating: "0", count: 63) + (isUsed ? "1" : "0"))
  }

  /// `AuthorizationUsed` of the transfers that the filter's last two topics name.
  static func logs(
    _ transfers: [FakeTransfers.Transfer], _ filter: JSONValue?, _ chain: EVMChain, block: Text
  ) -> JSONValue {
    let topics = filter?.object?["topics"]?.elements?.compactMap(\.text) ?? []
    let found = transfers.compactMap { Parts($0, chain) }.filter { parts in
      topics.suffix(2) == [parts.payer, parts.nonce]
    }
    return .array(
      found.map { parts in
        log(parts, [Text(ChainReader.used), parts.payer, parts.nonce], data: "0x", block)
      })
  }

  /// The transaction's receipt, with its transfer; null when there is none.
  static func receipt(
    _ transfers: [FakeTransfers.Transfer], _ transaction: JSONValue?, _ chain: EVMChain
  ) -> JSONValue {
    guard let transfer = transfers.first(where: { $0.chainHash == transaction?.text }),
      let parts = Parts(transfer, chain)
    else { return .null }
    let digits = String(Int128(transfer.value.string) ?? 0, radix: 16)
    let data = Text("0x" + String(repeating: "0", count: max(0, 64 - digits.count)) + digits)
    let target = Text(
      "0x" + String(repeating: "0", count: 24) + transfer.payTo.asciiLowercased.string.dropFirst(2))
    return object([
      ("status", .string("0x1")), ("transactionHash", .string(transfer.chainHash)),
      (
        "logs",
        .array([log(parts, [Text(ChainReader.transfer), parts.payer, target], data: data, "0x1")])
      ),
    ])
  }

  /// A transfer's promise, taken apart into words as logs have them.
  private struct Parts {
    let token: Text
    let payer: Text
    let nonce: Text
    let chainHash: Text

    init?(_ transfer: FakeTransfers.Transfer, _ chain: EVMChain) {
      let parts = transfer.promise.string.split(separator: "|")
      guard parts.count == 4, parts[0] == "eip155:\(chain.chainID)" else { return nil }
      token = Text(String(parts[1]))
      payer = Text("0x" + String(repeating: "0", count: 24) + parts[2].dropFirst(2))
      nonce = Text(String(parts[3]))
      chainHash = transfer.chainHash
    }
  }

  private static func log(
    _ parts: Parts, _ topics: [Text], data: Text, _ block: Text
  ) -> JSONValue {
    object([
      ("address", .string(parts.token)), ("topics", .array(topics.map { .string($0) })),
      ("data", .string(data)), ("transactionHash", .string(parts.chainHash)),
      ("blockNumber", .string(block)), ("removed", .bool(false)),
    ])
  }

  private static func object(_ members: [(Text, JSONValue)]) -> JSONValue {
    let members = members.map { JSONObject.Member(name: $0.0, value: $0.1) }
    guard let object = JSONObject(members) else { fatalError("the names differ") }
    return .object(object)
  }
}
