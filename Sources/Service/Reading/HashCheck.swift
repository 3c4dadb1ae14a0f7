import Digest
import Glibc
import Journal

/// Recomputes the hashes of many lines at once.
///
/// The chain is serial to write, but every link's input is already in the file, so the lanes hash
/// many lines together and each result is compared with what stands in its line.
struct HashCheck {
  /// What the first line of a ledger follows.
  static let origin = [UInt8](repeating: 0x30, count: 64)

  private var messages: [ChainMessage] = []
  private var digests: [SHA256Digest] = []
  /// The index of the first line whose hash does not fit.
  private var firstWrong = Int.max

  /// Checks whole lines; `before` is the hash that the first one follows.
  mutating func check(_ lines: UnsafeRawBufferPointer, after before: [UInt8]) {
    firstWrong = .max
    before.withUnsafeBytes { before in
      messages.removeAll(keepingCapacity: true)
      var previous = before
      var start = 0
      while let end = lines.lineEnd(from: start), end - 1 - start > Layout.hashFieldLength {
        let field = end - 1 - Layout.hashFieldLength
        messages.append(
          ChainMessage(
            prefix: previous, body: UnsafeRawBufferPointer(rebasing: lines[start..<field])))
        previous = UnsafeRawBufferPointer(rebasing: lines[end - 67..<end - 3])
        start = end
      }
      hash()
    }
    var start = 0
    for index in messages.indices {
      guard let end = lines.lineEnd(from: start) else { break }
      let stored = UnsafeRawBufferPointer(rebasing: lines[end - 67..<end - 3])
      if SHA256Digest(hex: stored) != digests[index] {
        firstWrong = index
        break
      }
      start = end
    }
  }

  private mutating func hash() {
    let count = messages.count
    if digests.count < count {
      digests.append(contentsOf: repeatElement(.zero, count: count - digests.count))
    }
    messages.withUnsafeBufferPointer { messages in
      digests.withUnsafeMutableBufferPointer { digests in
        SHA256Lanes.hash(messages, into: UnsafeMutableBufferPointer(rebasing: digests[..<count]))
      }
    }
  }

  /// Whether the hash of a line fits; a line too short to have one is no concern of this check.
  func isRight(_ line: Int) -> Bool { line < firstWrong }
}

extension UnsafeRawBufferPointer {
  /// The index behind the next line feed; nil when there is none.
  @inline(__always)
  func lineEnd(from start: Int) -> Int? {
    guard start < count, let base = baseAddress,
      let feed = memchr(base + start, 0x0A, count - start)
    else { return nil }
    return UnsafeRawPointer(feed) - base + 1
  }
}
