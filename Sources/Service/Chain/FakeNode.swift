internal import Glibc
internal import JSON
package import Ledger

/// A node for practice: answers as real ones do, from a book of its own.
///
/// The book is `data/fake/chain.json`: the newest block and what each address holds, by network.
/// It is read anew for each question, so an edit of the file is a transfer that nobody told the
/// ledger of. An address that it does not know starts with 1,000 USDC; each question about the
/// newest block finds one more.
package struct FakeNode: RPCTransport {
  private static let folderName = "/data/fake"
  private static let firstBlock: Int64 = 1_000_000
  private static let firstBalance = Money(units: 1_000_000_000, asset: .usdc)

  private let chain: EVMChain
  private let folder: String
  private let wall: @Sendable () -> Timestamp

  package var source: String { "fake" }

  /// - Parameter wall: what time its newest block has.
  package init(
    _ chain: EVMChain, home: String, wall: @escaping @Sendable () -> Timestamp = Clocks.system.wall
  ) {
    self.chain = chain
    self.wall = wall
    folder = home + FakeNode.folderName
  }

  /// Answers as a node would over HTTP, errors of its own included.
  package func post(
    _ url: String, _ body: [UInt8], deadlineMilliseconds: Int, maxBytes: Int
  ) throws(ChainFault) -> (status: Int, body: [UInt8]) {
    let question: JSONObject
    do throws(JSONError) {
      guard let read = try JSONParser.parse(body, limits: .standard).object else {
        return (400, [])
      }
      question = read
    } catch {
      return (400, [])
    }
    let answer = try answer(question["method"]?.text, question["params"]?.elements ?? [])
    var out = JSONWriter()
    out.beginObject()
    out.field("jsonrpc", "2.0")
    out.key("id")
    out.value(question["id"] ?? .null, sortingMembers: false)
    switch answer {
    case .result(let text): out.field("result", text)
    case .value(let value):
      out.key("result")
      out.value(value, sortingMembers: false)
    case .error(let code, let message):
      out.key("error")
      out.beginObject()
      out.field("code", Int64(code))
      out.field("message", message)
      out.endObject()
    }
    out.endObject()
    return (200, out.bytes)
  }

  /// What the node says.
  private enum Answer {
    case result(Text)
    case value(JSONValue)
    case error(Int, StaticString)
  }

  private func answer(
    _ method: Text?, _ parameters: [JSONValue]
  ) throws(ChainFault) -> Answer {
    switch method {
    case "eth_chainId": return .result(RPCNumber.text(Int64(chain.chainID)))
    case "eth_blockNumber":
      return try withBook { book in
        book.block += 1
        return .result(RPCNumber.text(book.block))
      }
    case "eth_getBlockByNumber":
      let time = wall().milliseconds / 1_000
      return try withBook { book in
        book.block += 1
        return .value(FakeChain.block(book.block, at: time))
      }
    case "eth_getLogs":
      let block = try withBook { .result(RPCNumber.text($0.block)) }
      guard case .result(let number) = block else { return block }
      return .value(FakeChain.logs(try transfers(), parameters.first, chain, block: number))
    case "eth_getTransactionReceipt":
      return .value(FakeChain.receipt(try transfers(), parameters.first, chain))
    case "eth_call" where FakeChain.isAuthorizationState(parameters):
      return .result(FakeChain.state(try transfers(), parameters, chain))
    case "eth_call": return try call(parameters)
    default: return .error(-32_601, "the method does not exist")
    }
  }

  private func transfers() throws(ChainFault) -> [FakeTransfers.Transfer] {
    do throws(FileError) {
      return try FakeTransfers.read(home: String(folder.dropLast(FakeNode.folderName.utf8.count)))
    } catch {
      throw .badBook("\(error)")
    }
  }

  private func call(_ parameters: [JSONValue]) throws(ChainFault) -> Answer {
    guard parameters.count == 2, let target = parameters[0].object,
      let contract = target["to"]?.text, let data = target["data"]?.text?.string,
      let block = parameters[1].text
    else { return .error(-32_602, "invalid params") }
    // No code lives at any other address: a call of it succeeds and gives nothing back.
    guard SettingText.sameIgnoringCase(contract.string, chain.usdc.string) else {
      return .result("0x")
    }
    guard data.utf8.count == 74, data.hasPrefix("0x70a08231"),
      let address = WalletAddress(Text("0x" + data.suffix(40)))
    else { return .error(3, "execution reverted") }
    let asked: Int64
    do throws(ChainFault) {
      asked = try RPCNumber.quantity(block, "the block")
    } catch {
      return .error(-32_602, "invalid block")
    }
    return try withBook { book in
      guard asked <= book.block else { return .error(-32_000, "header not found") }
      let held = book.balances[address.folded] ?? FakeNode.firstBalance
      book.balances[address.folded] = held
      let digits = String(held.units, radix: 16)
      return .result(Text("0x" + String(repeating: "0", count: 64 - digits.count) + digits))
    }
  }

  // MARK: the book

  /// One network's page.
  private struct Page {
    var block = FakeNode.firstBlock
    /// By address in small letters.
    var balances: [Text: Money] = [:]
  }

  /// Reads the book, lets it be changed, and writes it back, nobody else doing so meanwhile.
  private func withBook(_ body: (inout Page) -> Answer) throws(ChainFault) -> Answer {
    do throws(FileError) {
      try Files.makeFolder(folder, mode: 0o700)
      let lock = try Lock(folder + "/chain.lock")
      defer { lock.release() }
      let path = folder + "/chain.json"
      var pages = try FakeNode.read(path)
      let answer = body(&pages[chain.network.name, default: Page()])
      try Files.replace(path, with: FakeNode.text(pages), mode: 0o600)
      return answer
    } catch {
      throw .badBook("\(error)")
    }
  }

  private static func read(_ path: String) throws(FileError) -> [Text: Page] {
    guard let bytes = try Files.read(path, limit: 16_777_216) else { return [:] }
    let unreadable = FileError(
      path, reason: "is not a book of the fake chain; mend it, or remove it to begin anew")
    do {
      guard let object = try JSONParser.parse(bytes, limits: .file).object else {
        throw unreadable
      }
      var pages: [Text: Page] = [:]
      for network in object.members {
        guard let page = network.value.object, case .number(let number) = page["block"],
          let block = number.integer(), block >= 0, let balances = page["balances"]?.object
        else { throw unreadable }
        var held = Page(block: block)
        for entry in balances.members {
          guard let address = WalletAddress(entry.name), let text = entry.value.text else {
            throw unreadable
          }
          held.balances[address.folded] = try Money(
            decimal: text, asset: .usdc, rounding: .refuse)
        }
        pages[network.name] = held
      }
      return pages
    } catch {
      throw unreadable
    }
  }

  private static func text(_ pages: [Text: Page]) -> [UInt8] {
    var out = JSONWriter()
    out.beginObject()
    for (name, page) in pages.sorted(by: { $0.key < $1.key }) {
      out.key(name)
      out.beginObject()
      out.field("block", page.block)
      out.key("balances")
      out.beginObject()
      for (address, money) in page.balances.sorted(by: { $0.key < $1.key }) {
        out.key(address)
        out.string(money.decimal)
      }
      out.endObject()
      out.endObject()
    }
    out.endObject()
    return out.bytes + [0x0A]
  }

  /// Keeps other processes and threads out of the book.
  private struct Lock {
    private let descriptor: Int32

    init(_ path: String) throws(FileError) {
      descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard descriptor >= 0 else { throw FileError(path) }
      while flock(descriptor, LOCK_EX) != 0 {
        guard errno == EINTR else {
          _ = close(descriptor)
          throw FileError(path)
        }
      }
    }

    func release() { _ = close(descriptor) }
  }
}
