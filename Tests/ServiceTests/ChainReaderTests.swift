import Glibc
import HTTP
import JSON
import Ledger
import Service
import Synchronization
import Testing

/// The read port of a chain: what it asks, and what it takes for an answer.
///
/// Source: WAL-02, WAL-12; jsonrpc.org/specification.
@Suite struct ChainReaderTests {
  private static let address = WalletAddress("0x5d5c99EdF529335160FF180fA141Dd4967fc00D2")

  /// A node on a free port of the loopback that answers what it is told to, by method.
  private final class StubNode: Sendable {
    /// What comes back for one call.
    struct Reply: Sendable {
      var status = 200
      /// With `ID` where the question's id stands.
      var body: String
      init(_ body: String, status: Int = 200) {
        self.body = body
        self.status = status
      }

      static func result(_ json: String) -> Reply {
        Reply(#"{"jsonrpc":"2.0","id":ID,"result":\#(json)}"#)
      }
    }

    private let server: Server
    let questions: Questions
    var url: String {
      get throws { "http://127.0.0.1:\(try #require(server.addresses["node"]?.port))/v1/key" }
    }

    /// What was asked, in order.
    final class Questions: Sendable {
      let all = Mutex<[String]>([])
    }

    static let balance = String(repeating: "0", count: 62) + "0a"

    init(_ changes: [Text: Reply]) throws {
      var replies: [Text: Reply] = [
        "eth_chainId": .result(#""0x2105""#), "eth_blockNumber": .result(#""0x1b4""#),
        "eth_call": .result(#""0x\#(StubNode.balance)""#),
      ]
      replies.merge(changes) { _, new in new }
      let given = replies
      let questions = Questions()
      self.questions = questions
      let route = Route(.post, "/v1/key") { exchange, _ in
        questions.all.withLock {
          $0.append(String(decoding: exchange.request.body, as: UTF8.self))
        }
        let question = try? JSONParser.parse(exchange.request.body, limits: .standard).object
        guard let method = question?["method"]?.text, let reply = given[method],
          case .number(let id) = question?["id"]
        else { return exchange.respond(Response(status: 400, contentType: "text/plain", body: [])) }
        let body = reply.body.split(separator: "ID", omittingEmptySubsequences: false)
          .joined(separator: id.text.string)
        exchange.respond(
          Response(
            status: reply.status, contentType: "application/json", body: Array(body.utf8)))
      }
      guard let address = ListenAddress("127.0.0.1:0") else { throw GatewayTestFault.noPort }
      server = try Server(
        listeners: [Listener(name: "node", address: address, router: Router([route]))],
        configuration: ServerConfiguration(makeRequestID: { "req-1" }))
      try server.start()
    }

    func stop() { server.drain(deadlineMilliseconds: 1_000) }
  }

  private func reader(_ url: String, milliseconds: Int = 20_000) throws -> ChainReader {
    let options = OutsideClient.Options(
      isFake: false, allowedHosts: ["127.0.0.1", "node.example"], courier: "/nowhere/courier")
    let client = OutsideClient(options, clocks: .system) { _ in }
    return ChainReader(
      try EVMChain.find(.base), url: url, transport: OutsideTransport(client),
      deadlineMilliseconds: milliseconds, boot: Clocks.system.boot)
  }

  /// What a reading comes to when the node answers so.
  private func read(_ changes: [Text: StubNode.Reply]) throws
    -> Result<ChainReader.Balance, ChainFault>
  {
    let node = try StubNode(changes)
    defer { node.stop() }
    let reader = try reader(try node.url)
    let address = try #require(ChainReaderTests.address)
    do throws(ChainFault) {
      return .success(try reader.balance(of: address))
    } catch {
      return .failure(error)
    }
  }

  @Test func `a balance is read of the contract, at the newest block of the right chain`() throws {
    let node = try StubNode([:])
    defer { node.stop() }
    let address = try #require(ChainReaderTests.address)
    let balance = try reader(try node.url).balance(of: address)
    #expect(balance.amount == Money(units: 10, asset: .usdc))
    #expect(balance.block == 436)
    #expect(
      node.questions.all.withLock { $0 } == [
        #"{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}"#,
        #"{"jsonrpc":"2.0","id":2,"method":"eth_blockNumber","params":[]}"#,
        #"{"jsonrpc":"2.0","id":3,"method":"eth_call","params":[{"to":"0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913","data":"0x70a082310000000000000000000000005d5c99edf529335160ff180fa141dd4967fc00d2"},"0x1b4"]}"#,
      ])
  }

  @Test(arguments: [
    (#"null"#, "result is of kind null, not a string"),
    (#"10"#, "result is of kind number, not a string"),
    (#"{}"#, "result is of kind object, not a string"),
    (#""0x""#, "the balance is empty: no contract is there"),
    (#""0x0a""#, "the balance is not one word of 32 bytes"),
    (#""1000""#, "the balance does not begin with 0x"),
    (#""0X0a""#, "the balance does not begin with 0x"),
    (#""0xzz""#, "the balance holds something else than hex digits"),
    (#""0x-1""#, "the balance holds something else than hex digits"),
  ])
  func `a balance that is no word is refused`(result: String, reason: String) throws {
    #expect(try read(["eth_call": .result(result)]) == .failure(.unreadable(reason)))
  }

  @Test func `the largest amount is read, one unit more is a clear fault`() throws {
    let largest = String(repeating: "0", count: 32) + "7" + String(repeating: "f", count: 31)
    let read = try read(["eth_call": .result(#""0x\#(largest)""#)])
    #expect(try read.get().amount.units == Int128.max)
    for word in [
      String(repeating: "0", count: 32) + "8" + String(repeating: "0", count: 31),
      String(repeating: "f", count: 64), "1" + String(repeating: "0", count: 63),
    ] {
      #expect(
        try self.read(["eth_call": .result(#""0x\#(word)""#)])
          == .failure(.outOfRange("the balance")))
    }
  }

  @Test(arguments: [
    (#""0x""#, ChainFault.unreadable("the block number is not a quantity such as 0x1a")),
    (#""0x01""#, .unreadable("the block number is not a quantity such as 0x1a")),
    (#""0x00""#, .unreadable("the block number is not a quantity such as 0x1a")),
    (#""436""#, .unreadable("the block number does not begin with 0x")),
    (#""0x8000000000000000""#, .outOfRange("the block number")),
    (#""0x10000000000000000""#, .outOfRange("the block number")),
  ])
  func `a block number is a quantity`(result: String, fault: ChainFault) throws {
    #expect(try read(["eth_blockNumber": .result(result)]) == .failure(fault))
  }

  @Test func `the largest block number is read, and zero`() throws {
    #expect(
      try read(["eth_blockNumber": .result(#""0x7fffffffffffffff""#)]).get().block == .max)
    #expect(try read(["eth_blockNumber": .result(#""0x0""#)]).get().block == 0)
  }

  @Test func `a node of another chain is not asked for anything else`() throws {
    #expect(
      try read(["eth_chainId": .result(#""0x14a34""#)])
        == .failure(.wrongChain(expected: 8_453, told: 84_532)))
  }

  @Test(arguments: [
    ("", "it is not JSON: the text ends too early at byte 0"), ("[]", "it is no object"),
    (#"{"id":3,"result":"0x0a"}"#, "jsonrpc is not 2.0"),
    (#"{"jsonrpc":"1.0","id":3,"result":"0x0a"}"#, "jsonrpc is not 2.0"),
    (#"{"jsonrpc":"2.0","id":4,"result":"0x0a"}"#, "id is not that of the question"),
    (#"{"jsonrpc":"2.0","id":"3","result":"0x0a"}"#, "id is not that of the question"),
    (#"{"jsonrpc":"2.0","id":null,"result":"0x0a"}"#, "id is not that of the question"),
    (#"{"jsonrpc":"2.0","result":"0x0a"}"#, "id is not that of the question"),
    (#"{"jsonrpc":"2.0","id":3}"#, "there is neither result nor error"),
    (#"{"jsonrpc":"2.0","id":3,"result":"0x","error":null}"#, "there are both result and error"),
    (#"{"jsonrpc":"2.0","id":3,"error":null}"#, "error has no code and message"),
    (#"{"jsonrpc":"2.0","id":3,"error":"no"}"#, "error has no code and message"),
    (
      #"{"jsonrpc":"2.0","id":3,"error":{"code":"1","message":"m"}}"#,
      "error has no code and message"
    ),
  ])
  func `an answer that is no JSON-RPC answer to this question is refused`(
    body: String, reason: String
  ) throws {
    guard case .failure(.unreadable(let told)) = try read(["eth_call": .init(body)]) else {
      Issue.record("taken: \(body)")
      return
    }
    if body.isEmpty { #expect(told.hasPrefix("it is not JSON")) } else { #expect(told == reason) }
  }

  @Test func `an answer that is cut short is no answer at all`() throws {
    let whole = #"{"jsonrpc":"2.0","id":3,"result":"0x\#(StubNode.balance)"}"#
    for end in whole.indices.dropFirst() {
      guard case .failure(.unreadable) = try read(["eth_call": .init(String(whole[..<end]))])
      else {
        Issue.record("taken: \(whole[..<end])")
        return
      }
    }
  }

  /// Answers one method with these bytes, the others well.
  private struct OddNode: RPCTransport {
    let source = "odd"
    let method: String
    let bytes: [UInt8]

    func post(
      _ url: String, _ body: [UInt8], deadlineMilliseconds: Int, maxBytes: Int
    ) throws(ChainFault) -> (status: Int, body: [UInt8]) {
      let question = String(decoding: body, as: UTF8.self)
      if question.contains(method) { return (200, bytes) }
      let answer =
        question.contains("eth_chainId")
        ? #"{"jsonrpc":"2.0","id":1,"result":"0x2105"}"#
        : #"{"jsonrpc":"2.0","id":2,"result":"0x1b4"}"#
      return (200, Array(answer.utf8))
    }
  }

  @Test(arguments: ["eth_chainId", "eth_blockNumber", "eth_call"], UInt64(0)..<100)
  func `no bytes make the reader trap, and changed ones never give another amount`(
    method: String, seed: UInt64
  ) throws {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    func below(_ bound: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state % UInt64(bound))
    }
    let id = ["eth_chainId": 1, "eth_blockNumber": 2, "eth_call": 3][method] ?? 0
    var bytes = Array(
      #"{"jsonrpc":"2.0","id":\#(id),"result":"0x\#(StubNode.balance)"}"#.utf8)
    // Outside of the digits, where every change must show.
    let safe = Array(bytes.indices.prefix(32)) + Array(bytes.indices.suffix(2))
    for _ in 0...below(3) { bytes[safe[below(safe.count)]] = UInt8(below(256)) }
    let chain = try EVMChain.find(.base)
    let reader = ChainReader(
      chain, url: "", transport: OddNode(method: method, bytes: bytes),
      deadlineMilliseconds: 20_000, boot: Clocks.system.boot)
    let address = try #require(ChainReaderTests.address)
    do throws(ChainFault) {
      #expect(try reader.balance(of: address).amount.units == 10)
    } catch {
      #expect(!error.sentence.isEmpty)
    }
  }

  @Test func `a node's own refusal is told with its code`() throws {
    let body = #"{"jsonrpc":"2.0","id":ID,"error":{"code":-32000,"message":"header not found"}}"#
    #expect(
      try read(["eth_call": .init(body)])
        == .failure(.refused(code: -32_000, message: "header not found")))
    for status in [500, 429, 404, 201] {
      let good = StubNode.Reply.result(#""0x\#(StubNode.balance)""#)
      #expect(
        try read(["eth_call": .init(good.body, status: status)]) == .failure(.badStatus(status)))
    }
  }

  @Test func `an answer past the limit is no answer`() throws {
    let long = String(repeating: " ", count: 262_145)
    guard case .failure(.noAnswer) = try read(["eth_chainId": .init(long)]) else {
      Issue.record("taken")
      return
    }
  }

  @Test func `a node was not reached without server, courier, leave, or name`()
    throws
  {
    let node = try StubNode([:])
    let url = try node.url
    node.stop()
    let address = try #require(ChainReaderTests.address)
    func fault(_ url: String) throws -> ChainFault? {
      let reader = try reader(url)
      do throws(ChainFault) {
        _ = try reader.balance(of: address)
        return nil
      } catch {
        return error
      }
    }
    for url in [
      url, "https://node.example/v2/key", "http://other.example/v2/key", "http://:99999999",
    ] {
      guard case .notReached(let reason) = try fault(url) else {
        Issue.record("reached: \(url)")
        continue
      }
      #expect(!reason.contains("key"))
    }
  }

  @Test func `a node that says nothing is given up on when the deadline has passed`() throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, size) == 0 && listen(listener, 8) == 0
          ? getsockname(listener, $0, &size) : -1
      }
    }
    try #require(code == 0)
    // The kernel takes the connection and the request; nobody ever answers.
    let url = "http://127.0.0.1:\(UInt16(bigEndian: place.sin_port))"
    let address = try #require(ChainReaderTests.address)
    let reader = try reader(url, milliseconds: 100)
    do throws(ChainFault) {
      _ = try reader.balance(of: address)
      Issue.record("answered")
    } catch {
      guard case .noAnswer = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test func `no two faults share a code by mistake, and no sentence tells the node's address`() {
    let faults: [ChainFault] = [
      .notConfigured(.base, setting: "S"), .unknownNetwork(.base), .notReached("r"),
      .noAnswer("r"), .unreadable("r"), .refused(code: 1, message: "m\u{1B}[0m"),
      .wrongChain(expected: 1, told: 2), .outOfRange("r"), .badBook("r"),
    ]
    #expect(Set(faults.map { "\($0.code)" }).count == faults.count)
    #expect(!faults.contains { $0.sentence.contains("\u{1B}") })
    #expect(ChainFault.badStatus(500).code.description == ChainFault.noAnswer("").code.description)
    #expect(ChainFault.notReached("").exitStatus == .notReached)
    #expect(ChainFault.notConfigured(.base, setting: "S").exitStatus == .refused)
    #expect(ChainFault.badStatus(500).exitStatus == .checkFailed)
  }
}
