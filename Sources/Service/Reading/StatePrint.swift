import Digest
package import Ledger

/// The fingerprint of a state: two states have the same one exactly when they are the same.
///
/// SHA-256 over the concatenated SHA-256 of the state's canonical bytes in blocks of 64 KiB, so
/// that the blocks can be hashed side by side.
package enum StatePrint {
  /// Blocks that are hashed at a time.
  private static let together = 64

  /// 64 lower-case hex digits.
  package static func hex(of state: State) -> String {
    var outer = SHA256()
    var blocks: [[UInt8]] = []
    func hashBlocks() {
      for digest in SHA256Lanes.hash(messages: blocks) {
        digest.bytes.withUnsafeBytes { outer.update($0) }
      }
      blocks.removeAll(keepingCapacity: true)
    }
    let sink = StateSink { block in
      blocks.append(block)
      if blocks.count == together { hashBlocks() }
    }
    state.feed(into: sink)
    hashBlocks()
    return outer.finalize().hex
  }
}
