import Glibc
import HTTP
import JSON
import Ledger
import Service
import Synchronization
import Testing

/// The fake node: a chain in one file, for practice.
@Suite struct FakeNodeTests {
  private static let address = WalletAddress("0x5d5c99EdF529335160FF180fA141Dd4967fc00D2")

  private func fake(_ home: GatewayHome, _ network: Network = .base) throws -> ChainReader {
    let chain = try EVMChain.find(network)
    return ChainReader(
      chain, url: "", transport: FakeNode(chain, home: home.path), deadlineMilliseconds: 20_000,
      boot: Clocks.system.boot)
  }

  @Test func `the fake node starts with 1000 USDC, goes on, and keeps its book`() throws {
    let home = try GatewayHome()
    let address = try #require(FakeNodeTests.address)
    let first = try fake(home).balance(of: address)
    #expect(first.amount.decimal == "1000.000000")
    let path = home.path + "/data/fake/chain.json"
    let book = #"{"base":{"block":77,"balances":{"\#(address.text)":"25.5"}}}"#
    try Files.replace(path, with: Array(book.utf8), mode: 0o600)
    let second = try fake(home).balance(of: address)
    #expect(second.amount.decimal == "25.500000")
    #expect(second.block == 78)
    let sepolia = try #require(Network("base-sepolia"))
    #expect(try fake(home, sepolia).balance(of: address).amount.decimal == "1000.000000")
    #expect(try fake(home).blockNumber() == 79)
    #expect(
      try home.text("data/fake/chain.json")
        == #"{"base":{"block":79,"balances":{"0x5d5c99edf529335160ff180fa141dd4967fc00d2":"25.500000"}},"#
        + #""base-sepolia":{"block":1000001,"balances":{"0x5d5c99edf529335160ff180fa141dd4967fc00d2":"1000.000000"}}}"#
        + "\n")
  }

  @Test(arguments: [
    "", "[]", #"{"base":{}}"#, #"{"base":{"block":-1,"balances":{}}}"#,
    #"{"base":{"block":1,"balances":{"0x1":"1"}}}"#,
    #"{"base":{"block":1,"balances":{"0x5d5c99edf529335160ff180fa141dd4967fc00d2":1}}}"#,
    #"{"base":{"block":1,"balances":{"0x5d5c99edf529335160ff180fa141dd4967fc00d2":"-1"}}}"#,
  ])
  func `a book that cannot be read is left as it is`(text: String) throws {
    let home = try GatewayHome()
    _ = try fake(home).blockNumber()
    let path = home.path + "/data/fake/chain.json"
    try Files.replace(path, with: Array(text.utf8), mode: 0o600)
    let node = try fake(home)
    do throws(ChainFault) {
      _ = try node.blockNumber()
      Issue.record("read: \(text)")
    } catch {
      guard case .badBook = error else {
        Issue.record("\(error)")
        return
      }
    }
    #expect(try home.text("data/fake/chain.json") == text)
  }

  @Test(arguments: [
    (#"{"jsonrpc":"2.0","id":9,"method":"eth_sendRawTransaction","params":[]}"#, "-32601"),
    (#"{"jsonrpc":"2.0","id":9,"method":"eth_call","params":[]}"#, "-32602"),
    (
      #"{"jsonrpc":"2.0","id":9,"method":"eth_call","params":[{"to":"TO","data":"0x00"},"0x1"]}"#,
      "3"
    ),
    (
      #"{"jsonrpc":"2.0","id":9,"method":"eth_call","params":[{"to":"TO","data":"DATA"},"latest"]}"#,
      "-32602"
    ),
    (
      #"{"jsonrpc":"2.0","id":9,"method":"eth_call","params":[{"to":"TO","data":"DATA"},"0xfffffff"]}"#,
      "-32000"
    ),
  ])
  func `the fake node refuses as a real one does`(question: String, code: String) throws {
    let home = try GatewayHome()
    let chain = try EVMChain.find(.base)
    let data = "0x70a08231" + String(repeating: "0", count: 64)
    var text = question.split(separator: "TO", omittingEmptySubsequences: false)
      .joined(separator: chain.usdc.string)
    text = text.split(separator: "DATA", omittingEmptySubsequences: false).joined(separator: data)
    let (status, body) = try FakeNode(chain, home: home.path).post(
      "", Array(text.utf8), deadlineMilliseconds: 1_000, maxBytes: 65_536)
    let answer = try JSONParser.parse(body, limits: .standard).object
    #expect(status == 200)
    guard case .number(let told) = answer?["error"]?.object?["code"] else {
      Issue.record("no code: \(String(decoding: body, as: UTF8.self))")
      return
    }
    #expect(told.text.string == code)
  }

  @Test func `many who ask the fake node at once each get a block of their own`() throws {
    let home = try GatewayHome()
    let blocks = try simultaneously(8) { _ in
      try (0..<20).map { _ in try self.fake(home).blockNumber() }
    }
    #expect(Set(blocks.flatMap { $0 }).count == 160)
  }
}
