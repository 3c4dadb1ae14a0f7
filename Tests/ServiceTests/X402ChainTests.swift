import JSON
import Ledger
import Service
import Testing

/// What a chain must say for a signed payment to end: by a node that answers as it is told to.
///
/// Source: EIP-3009; ethereum.github.io/execution-apis.
@Suite struct X402ChainTests {
  /// A node whose answers are given by method.
  private struct Node: RPCTransport {
    let source = "rpc"
    var replies: [Text: String]

    func post(
      _ url: String, _ body: [UInt8], deadlineMilliseconds: Int, maxBytes: Int
    ) throws(ChainFault) -> (status: Int, body: [UInt8]) {
      let question: JSONObject?
      do throws(JSONError) {
        question = try JSONParser.parse(body, limits: .standard).object
      } catch {
        throw .noAnswer("not JSON")
      }
      guard let method = question?["method"]?.text, let reply = replies[method],
        case .number(let id) = question?["id"]
      else { throw .noAnswer("not told") }
      return (
        200, Array(#"{"jsonrpc":"2.0","id":\#(id.text),"result":\#(reply)}"#.utf8)
      )
    }
  }

  private static let used =
    "0x98de503528ee59b575ef0c0a2576a82497bfc029a5685b209e9ec333479b10a5"
  private static let cancelled =
    "0x1cdd46ff242716cdaa72d159d339a485b3438398348d68f09d7c8c0a59353d81"
  private static let transfer =
    "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
  private static let token = "0x036cbd53842c5426634e7929541ec2318f3dcf7e"
  private static let zeros = String(repeating: "0", count: 24)
  private static let payer = zeros + "5d5c99edf529335160ff180fa141dd4967fc00d2"
  private static let payTo = zeros + String(repeating: "c", count: 40)
  private static let nonce = String(repeating: "0", count: 63) + "7"
  private static let transaction = "0x" + String(repeating: "e", count: 64)

  private static func word(_ digit: String) -> String {
    #""0x\#(String(repeating: "0", count: 63) + digit)""#
  }

  private static func log(
    topics: [String], data: String = "0x", address: String = token, removed: Bool = false
  ) -> String {
    let list = topics.map { #""\#($0)""# }.joined(separator: ",")
    return
      #"{"address":"\#(address)","topics":[\#(list)],"data":"\#(data)","blockNumber":"0x60","#
      + #""transactionHash":"\#(transaction)","removed":\#(removed)}"#
  }

  private static let paid =
    "0x" + String(repeating: "0", count: 60) + "2710"

  /// A node on whose chain the promise was used in a transfer to us.
  private static var settled: [Text: String] {
    [
      "eth_chainId": #""0x14a34""#,
      "eth_getBlockByNumber": #"{"number":"0x64","timestamp":"0x6af0a200"}"#,
      "eth_call": word("1"),
      "eth_getLogs": "[\(log(topics: [used, "0x" + payer, "0x" + nonce]))]",
      "eth_getTransactionReceipt":
        #"{"status":"0x1","logs":[\#(log(topics: [transfer, "0x" + payer, "0x" + payTo], data: paid))]}"#,
    ]
  }

  private func fate(_ changes: [Text: String], validBefore: Int64 = 0) throws -> PromiseFate {
    let node = Node(replies: X402ChainTests.settled.merging(changes) { $1 })
    let network = try #require(Network("base-sepolia"))
    let reader = ChainReader(
      try EVMChain.find(network), url: "", transport: node, deadlineMilliseconds: 1_000,
      boot: { 0 })
    let promise = SignedPromise(
      network: network, token: Text(X402ChainTests.token),
      payer: "0x5d5c99EdF529335160FF180fA141Dd4967fc00D2", nonce: Fingerprint((0, 0, 0, 7)))
    return try reader.fate(
      of: promise, to: "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC", value: 10_000,
      since: Timestamp(milliseconds: 0), validBefore: validBefore)
  }

  @Test func `a transfer of exactly the amount to us is a settlement`() throws {
    #expect(
      try fate([:])
        == .moved(ChainHash(Text(X402ChainTests.transaction)), block: 96))
  }

  @Test(arguments: [
    #"{"status":"0x0","logs":[LOG]}"#, #"{"status":"0x1","logs":[]}"#, "null", "7",
    #"{"status":"0x1"}"#,
  ])
  func `a transaction that failed, or moved nothing, is none`(receipt: String) throws {
    let log = X402ChainTests.log(
      topics: [
        X402ChainTests.transfer, "0x" + X402ChainTests.payer, "0x" + X402ChainTests.payTo,
      ], data: X402ChainTests.paid)
    let parts = receipt.split(separator: "LOG", omittingEmptySubsequences: false)
    let fate = try fate(["eth_getTransactionReceipt": parts.joined(separator: log)])
    guard case .open = fate else {
      Issue.record("\(fate)")
      return
    }
  }

  @Test(arguments: ["amount", "receiver", "payer", "token", "undone"])
  func `a transfer of something else is none`(what: String) throws {
    let topics = [
      X402ChainTests.transfer,
      "0x" + (what == "payer" ? X402ChainTests.payTo : X402ChainTests.payer),
      "0x" + (what == "receiver" ? X402ChainTests.payer : X402ChainTests.payTo),
    ]
    let log = X402ChainTests.log(
      topics: topics,
      data: what == "amount"
        ? "0x" + String(repeating: "0", count: 60) + "2711" : X402ChainTests.paid,
      address: what == "token" ? "0x" + String(repeating: "1", count: 40) : X402ChainTests.token)
    var changes: [Text: String] = [
      "eth_getTransactionReceipt": #"{"status":"0x1","logs":[\#(log)]}"#
    ]
    if what == "undone" {
      changes = [
        "eth_getLogs":
          "[\(X402ChainTests.log(topics: [X402ChainTests.used, "0x" + X402ChainTests.payer, "0x" + X402ChainTests.nonce], removed: true))]"
      ]
    }
    guard case .open = try fate(changes) else {
      Issue.record("\(what)")
      return
    }
  }

  @Test func `another nonce's event is not ours`() throws {
    let other = X402ChainTests.log(
      topics: [X402ChainTests.used, "0x" + X402ChainTests.payer, "0x" + X402ChainTests.payTo])
    guard case .open = try fate(["eth_getLogs": "[\(other),7,{}]"]) else {
      Issue.record("it counted")
      return
    }
  }

  @Test func `a cancelled nonce is one`() throws {
    let log = X402ChainTests.log(
      topics: [X402ChainTests.cancelled, "0x" + X402ChainTests.payer, "0x" + X402ChainTests.nonce])
    #expect(try fate(["eth_getLogs": "[\(log)]"]) == .cancelled(block: 96))
  }

  /// 0x6af0a200 is the time of the finalized block.
  @Test(arguments: [(0x6af0_a200, true), (0x6af0_a201, false)] as [(Int64, Bool)])
  func `an unused nonce ends only when a final block is past its window`(
    validBefore: Int64, hasLapsed: Bool
  ) throws {
    let fate = try fate(["eth_call": X402ChainTests.word("0")], validBefore: validBefore)
    #expect((fate == .lapsed(block: 100)) == hasLapsed)
  }

  @Test(
    arguments: [
      ["eth_chainId": #""0x2105""#], ["eth_getBlockByNumber": "null"],
      ["eth_getBlockByNumber": #"{"number":1,"timestamp":2}"#],
      ["eth_getBlockByNumber": #"{"number":"0x64"}"#], ["eth_call": #""0x""#],
      ["eth_call": #""0x1""#], ["eth_call": "null"], ["eth_getLogs": "{}"],
    ] as [[Text: String]])
  func `an answer that cannot be read ends nothing`(changes: [Text: String]) throws {
    #expect(throws: ChainFault.self) { try fate(changes) }
  }
}
