/// Shares one `Text` among equal short strings, so that names that repeat cost no allocation.
///
/// A direct-mapped table of fixed size: two names that fall on the same slot push each other out,
/// which costs time but nothing else. Not thread-safe: one for each decoding thread.
public final class TextCache {
  /// Longer strings, in bytes, are not kept.
  static let longest = 32

  /// A string of at most 32 bytes as four words, unused bytes zero, with its text.
  @usableFromInline
  struct Slot {
    @usableFromInline let words: SIMD4<UInt64>
    /// Its bytes, -1 when the slot is empty.
    @usableFromInline let length: Int
    @usableFromInline let text: Text
  }

  /// Where the slots lie; valid while the cache that made it lives.
  @usableFromInline
  struct Table {
    @usableFromInline let slots: UnsafeMutablePointer<Slot>
    /// The number of slots, a power of two, less one.
    @usableFromInline let mask: Int
  }

  /// A reader that holds the cache works on this copy, which costs it no reference counting.
  @usableFromInline let table: Table

  /// Makes a table of at least 16 and at most 65,536 slots, rounded up to a power of two; a slot
  /// takes 64 bytes.
  public init(slots count: Int) {
    var size = 16
    while size < min(count, 65_536) { size *= 2 }
    table = Table(slots: .allocate(capacity: size), mask: size - 1)
    let empty = Slot(words: .zero, length: -1, text: "")
    table.slots.initialize(repeating: empty, count: size)
  }

  deinit {
    table.slots.deinitialize(count: table.mask + 1)
    table.slots.deallocate()
  }
}

extension TextCache.Table {
  /// The text of at most `longest` bytes that are valid UTF-8; 32 bytes must be readable.
  @inline(__always)
  func text(_ bytes: UnsafePointer<UInt8>, _ length: Int) -> Text {
    let words = Self.words(bytes, length)
    let slot = slots + (Self.hash(words, length) & mask)
    if slot.pointee.length == length, slot.pointee.words == words { return slot.pointee.text }
    return replace(slot, words, bytes, length)
  }

  @inline(never)
  private func replace(
    _ slot: UnsafeMutablePointer<TextCache.Slot>, _ words: SIMD4<UInt64>,
    _ bytes: UnsafePointer<UInt8>, _ length: Int
  ) -> Text {
    let text = Text(scanned: UnsafeBufferPointer(start: bytes, count: length))
    slot.pointee = TextCache.Slot(words: words, length: length, text: text)
    return text
  }

  /// Loads 32 bytes and clears those past the length.
  @inline(__always)
  private static func words(_ bytes: UnsafePointer<UInt8>, _ length: Int) -> SIMD4<UInt64> {
    let raw = UnsafeRawPointer(bytes)
    var words = SIMD4<UInt64>()
    for index in 0..<4 {
      let word = raw.loadUnaligned(fromByteOffset: index &* 8, as: UInt64.self)
      let used = max(0, min(8, length &- index &* 8))
      // A shift by 64 gives zero with the smart operator, so no branch is needed.
      words[index] = UInt64(littleEndian: word) & ~(UInt64.max << UInt64(used &* 8))
    }
    return words
  }

  /// Spreads the words over an index; whoever chooses names to collide only loses the cache.
  @inline(__always)
  private static func hash(_ words: SIMD4<UInt64>, _ length: Int) -> Int {
    let left = (words[0] ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(
      by: words[1] ^ 0xE703_7ED1_A0B4_28DB)
    let right = (words[2] ^ 0x8EBC_6AF0_9C88_C6E3).multipliedFullWidth(
      by: words[3] ^ UInt64(truncatingIfNeeded: length) ^ 0x5899_65CC_7537_4CC3)
    let folded = left.high ^ left.low ^ right.high ^ right.low
    return Int(truncatingIfNeeded: folded ^ (folded &>> 32))
  }
}
