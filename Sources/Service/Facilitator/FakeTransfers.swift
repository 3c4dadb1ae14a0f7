internal import Digest
internal import Glibc
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
  private let descriptor: Int32

  /// Opens the book below a home folder; an unfinished last line is cut.
  package init(home: String) throws(FileError) {
    let folder = home + "/data/fake"
    try Files.makeFolder(folder, mode: 0o700)
    let path = folder + "/transfers.jsonl"
    let known = try Files.read(path, limit: FakeTransfers.longest) ?? []
    let end = (known.lastIndex(of: 0x0A) ?? -1) + 1
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw FileError(path) }
    guard end == known.count || ftruncate(descriptor, off_t(end)) == 0 else {
      throw FileError(path)
    }
    var transfers: [Text: Transfer] = [:]
    for transfer in try FakeTransfers.read(home: home) { transfers[transfer.promise] = transfer }
    self.transfers = Mutex(transfers)
  }

  deinit { _ = close(descriptor) }

  package subscript(promise: Text) -> Transfer? { transfers.withLock { $0[promise] } }

  package var all: [Transfer] {
    transfers.withLock { $0.values.sorted { $0.promise < $1.promise } }
  }

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
      out.bytes.append(0x0A)
      out.bytes.withUnsafeBytes { _ = Glibc.write(descriptor, $0.baseAddress, $0.count) }
      return (transfer, true)
    }
  }

  /// All transfers of the book below a home folder, as far as its lines are whole.
  static func read(home: String) throws(FileError) -> [Transfer] {
    let path = home + "/data/fake/transfers.jsonl"
    let known = try Files.read(path, limit: longest) ?? []
    let end = (known.lastIndex(of: 0x0A) ?? -1) + 1
    var transfers: [Transfer] = []
    for line in known[..<end].split(separator: 0x0A) {
      guard let transfer = read(Array(line)) else {
        throw FileError(
          path, reason: "line \(transfers.count + 1) is not a transfer of the fake chain")
      }
      transfers.append(transfer)
    }
    return transfers
  }

  private static let longest = 4_294_967_296

  private static func read(_ line: [UInt8]) -> Transfer? {
    do throws(JSONError) {
      guard let object = try JSONParser.parse(line, limits: .standard).object,
        let promise = object["promise"]?.text, let payTo = object["pay_to"]?.text,
        let value = object["value"]?.text, let hash = object["tx_hash"]?.text
      else { return nil }
      return Transfer(promise: promise, payTo: payTo, value: value, chainHash: hash)
    } catch {
      return nil
    }
  }
}
