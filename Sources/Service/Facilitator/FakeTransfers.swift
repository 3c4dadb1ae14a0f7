internal import Digest
package import JSON
internal import Synchronization

/// What a fake facilitator has moved: the fake chain's memory of signed promises, in a file.
///
/// Not derived from the log and not told to it, so that what the ledger believes can be compared
/// with what moved. Survives the death of the process, not that of the machine.
package final class FakeTransfers: Sendable {
  /// What moved by one promise.
  package struct Transfer: Equatable, Sendable {
    /// `eip155:…`, token, payer and nonce, joined by `|`, in lower case.
    package let promise: Text
    package let payTo: Text
    /// Atomic units, as the promise says them.
    package let value: Text
    /// `0x` and 64 hexadecimal digits.
    package let chainHash: Text
  }

  private let transfers: Mutex<[Text: Transfer]>
  private static let name = "transfers.jsonl"
  private let file: FakeBookFile

  /// Opens the book below a home folder; an unfinished last line is cut.
  package init(home: String) throws(FileError) {
    var transfers: [Text: Transfer] = [:]
    file = try FakeBookFile(FakeTransfers.name, home: home) { (line, number) throws(FileError) in
      let transfer = try FakeTransfers.read(line, number, home)
      transfers[transfer.promise] = transfer
    }
    self.transfers = Mutex(transfers)
  }

  package subscript(promise: Text) -> Transfer? { transfers.withLock { $0[promise] } }

  /// Moves the money of a promise once; false when it had moved before.
  func move(_ promise: Text, to payTo: Text, value: Text) -> (Transfer, isFirst: Bool) {
    transfers.withLock { transfers in
      if let known = transfers[promise] { return (known, false) }
      var hash = SHA256()
      hash.update(utf8: promise.string)
      let transfer = Transfer(
        promise: promise, payTo: payTo, value: value,
        chainHash: Text("0x\(Hex.encode(hash.finalize().bytes))"))
      transfers[promise] = transfer
      var out = JSONWriter()
      out.beginObject()
      out.field("promise", promise)
      out.field("pay_to", payTo)
      out.field("value", value)
      out.field("tx_hash", transfer.chainHash)
      out.endObject()
      file.append(out)
      return (transfer, true)
    }
  }

  /// All transfers of the book below a home folder, as far as its lines are whole.
  static func read(home: String) throws(FileError) -> [Transfer] {
    var transfers: [Transfer] = []
    try FakeBookFile.read(name, home: home) { (line, number) throws(FileError) in
      transfers.append(try read(line, number, home))
    }
    return transfers
  }

  private static func read(
    _ line: [UInt8], _ number: Int, _ home: String
  ) throws(FileError) -> Transfer {
    let object: JSONObject?
    do throws(JSONError) {
      object = try JSONParser.parse(line, limits: .standard).object
    } catch {
      object = nil
    }
    guard let promise = object?["promise"]?.text, let payTo = object?["pay_to"]?.text,
      let value = object?["value"]?.text, let hash = object?["tx_hash"]?.text
    else {
      throw FakeBookFile.foreign(
        name, home: home, line: number, "a transfer of the fake chain")
    }
    return Transfer(promise: promise, payTo: payTo, value: value, chainHash: hash)
  }
}
