public import Digest
import JSON
public import Ledger

/// Fingerprints bind a key or a proof to what it was used for.
public enum Fingerprints {
  /// The fingerprint of a request to a priced route.
  ///
  /// SHA-256 of method `\n` path `\n` raw query `\n` body. A JSON body counts by its meaning:
  /// strings decoded and canonically re-encoded, members sorted by bytes, number text as sent; a
  /// body that is not JSON, or says that it is and is not, counts by its raw bytes. Payment
  /// headers do not count.
  public static func request(
    method: String, path: String, query: String?, isJSON: Bool, body: [UInt8]
  ) -> Fingerprint {
    var hash = SHA256()
    hash.update(utf8: method)
    hash.update([0x0A])
    hash.update(utf8: path)
    hash.update([0x0A])
    hash.update(utf8: query ?? "")
    hash.update([0x0A])
    hash.update(isJSON ? canonical(body) : body)
    return Fingerprint(hash.finalize())
  }

  /// The fingerprint of a command: SHA-256 of its name, `\n`, and its canonical JSON without key,
  /// minted ids and time.
  public static func command<Wish: Command>(_ command: Wish) -> Fingerprint {
    var out = JSONWriter()
    out.beginObject()
    command.writePrint(to: &out)
    out.endObject()
    var hash = SHA256()
    hash.update(utf8: "\(Wish.name)")
    hash.update([0x0A])
    hash.update(out.bytes)
    return Fingerprint(hash.finalize())
  }

  private static func canonical(_ body: [UInt8]) -> [UInt8] {
    do throws(JSONError) {
      let value = try JSONParser.parse(body, limits: .standard)
      var out = JSONWriter(reserving: body.count)
      out.value(value, sortingMembers: true)
      return out.bytes
    } catch {
      return body
    }
  }
}

extension Fingerprint {
  /// A digest as the core holds it.
  public init(_ digest: SHA256Digest) {
    let bytes = digest.bytes
    func word(_ start: Int) -> UInt64 {
      bytes[start..<(start + 8)].reduce(0) { $0 << 8 | UInt64($1) }
    }
    self.init((word(0), word(8), word(16), word(24)))
  }
}
