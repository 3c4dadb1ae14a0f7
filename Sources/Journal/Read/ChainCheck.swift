import Digest

/// Checks the hashes of many lines at once.
///
/// The chain is serial to write, but every link's input is already in the file, so the lanes hash
/// many lines together and each result is compared with what stands in its line.
struct ChainCheck {
  private var messages: [ChainMessage] = []
  private var digests: [SHA256Digest] = []

  private static let opening: StaticString = ",\"hash\":\""

  /// The index of the first line whose hash does not fit; nil when all do.
  ///
  /// `bytes` begin at `offset` in the file; the lines stand one behind the other from index
  /// `first`, and `ends` are file offsets behind their line feeds. `before` is the hash that the
  /// first line follows.
  mutating func firstWrong(
    in bytes: UnsafeRawBufferPointer, from first: Int, ends: [Int], offset: Int, before: [UInt8]
  ) -> Int? {
    before.withUnsafeBytes { before in
      messages.removeAll(keepingCapacity: true)
      var wrong: Int?
      var start = first
      var previous = before
      for (index, end) in ends.enumerated() {
        let line = UnsafeRawBufferPointer(rebasing: bytes[start..<end - offset - 1])
        guard let field = ChainCheck.field(of: line) else {
          wrong = index
          break
        }
        messages.append(
          ChainMessage(prefix: previous, body: UnsafeRawBufferPointer(rebasing: line[..<field])))
        previous = UnsafeRawBufferPointer(rebasing: line[field + 9..<field + 73])
        start = end - offset
      }
      return mismatch(ends: ends, in: bytes, offset: offset) ?? wrong
    }
  }

  /// Hashes all messages; the index of the first that does not match its line.
  private mutating func mismatch(
    ends: [Int], in bytes: UnsafeRawBufferPointer, offset: Int
  ) -> Int? {
    let count = messages.count
    if digests.count < count {
      digests.append(contentsOf: repeatElement(.zero, count: count - digests.count))
    }
    messages.withUnsafeBufferPointer { messages in
      digests.withUnsafeMutableBufferPointer { digests in
        SHA256Lanes.hash(messages, into: UnsafeMutableBufferPointer(rebasing: digests[..<count]))
      }
    }
    for index in 0..<count {
      let field = ends[index] - offset - 67
      let stored = UnsafeRawBufferPointer(rebasing: bytes[field..<field + Chain.length])
      if SHA256Digest(hex: stored) != digests[index] { return index }
    }
    return nil
  }

  /// Where `,"hash":"<64>"}` begins; nil when the line does not end in that form.
  private static func field(of line: UnsafeRawBufferPointer) -> Int? {
    let start = line.count - Layout.hashFieldLength
    guard start > 0, line[line.count - 2] == 0x22, line[line.count - 1] == 0x7D else { return nil }
    let fits = opening.withUTF8Buffer { wanted in
      for index in 0..<wanted.count where line[start + index] != wanted[index] { return false }
      return true
    }
    return fits ? start : nil
  }
}
