import Digest
import Glibc

/// The hash chain: each line's hash covers the hash before it and the line's own bytes.
struct Chain {
  /// The last hash, as its 64 ASCII characters.
  private(set) var last: [UInt8]

  /// Characters of a hash.
  static let length = 64
  /// 64 zeros: what the first line of a ledger follows.
  static let origin = [UInt8](repeating: 0x30, count: length)

  init(after last: [UInt8]) { self.last = last }

  /// Fills in the hashes of whole lines, each with its line feed.
  mutating func link(_ lines: UnsafeMutableRawBufferPointer) {
    guard let base = lines.baseAddress else { return }
    var start = 0
    while start < lines.count, let feed = memchr(base + start, 0x0A, lines.count - start) {
      let end = UnsafeRawPointer(feed) - UnsafeRawPointer(base)
      let field = end - Layout.hashFieldLength
      guard field >= start else { return }
      let body = UnsafeRawBufferPointer(rebasing: lines[start..<field])
      let place = lines[end - 66..<end - 2]
      let digest = last.withUnsafeBytes { SHA256.hash(prefix: $0, body: body) }
      digest.writeHex(into: (base + place.startIndex).assumingMemoryBound(to: UInt8.self))
      last.withUnsafeMutableBytes { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: place)) }
      start = end + 1
    }
  }
}
