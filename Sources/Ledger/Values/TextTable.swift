package import JSON

/// Gives byte strings dense numbers in the order of their first appearance.
///
/// One arena, one array of ends, one open-addressing table: about 20 bytes beside the text itself.
/// Hashing is seeded per process, so strangers cannot choose collisions; the seed shows nowhere, as
/// every walk is in order of appearance.
package struct TextTable: Sendable {
  private var arena: [UInt8] = []
  private var ends: [Int] = []
  /// Upper half: bits of the hash. Lower half: number + 1; 0 is free. A power of two of them.
  private var slots: [UInt64] = Array(repeating: 0, count: 16)

  package init() {}

  package var count: Int { ends.count }

  /// The number of these bytes, given out now if they are new.
  mutating func intern(_ bytes: Span<UInt8>) -> UInt32 {
    if (ends.count + 1) * 4 > slots.count * 3 { grow() }
    let tag = TextTable.tag(of: bytes)
    var slot = Int(tag) & (slots.count - 1)
    while slots[slot] != 0 {
      if let number = match(slots[slot], tag, bytes) { return number }
      slot = (slot + 1) & (slots.count - 1)
    }
    let number = UInt32(ends.count)
    unsafe bytes.withUnsafeBufferPointer { unsafe arena.append(contentsOf: $0) }
    ends.append(arena.count)
    slots[slot] = UInt64(tag) << 32 | UInt64(number + 1)
    return number
  }

  /// The number of this text, given out now if it is new.
  package mutating func intern(_ text: Text) -> UInt32 {
    if let known = find(text) { return known }
    let bytes = Array(text.string.utf8)
    return intern(bytes.span)
  }

  /// The number of these bytes, nil when they never came.
  func find(_ bytes: Span<UInt8>) -> UInt32? {
    let tag = TextTable.tag(of: bytes)
    var slot = Int(tag) & (slots.count - 1)
    while slots[slot] != 0 {
      if let number = match(slots[slot], tag, bytes) { return number }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// The number of this text, nil when it never came.
  package func find(_ text: Text) -> UInt32? {
    // Not by `withUTF8` and the span of its buffer: swiftc 6.3.1 -O then reads the stack slot of a
    // text below 16 bytes when it is no longer there. A test stands guard.
    find(text.string.utf8Span.span)
  }

  /// The text behind a number that this table gave out.
  package subscript(number: UInt32) -> Text {
    let range = self.range(number)
    return Text(String(copying: arena.span.extracting(range)))
  }

  /// Calls with the bytes behind a number, without copying them.
  func feed(_ number: UInt32, into sink: inout StateSink) {
    sink.bytes(arena.span.extracting(range(number)))
  }

  private func range(_ number: UInt32) -> Range<Int> {
    let index = Int(number)
    return (index == 0 ? 0 : ends[index - 1])..<ends[index]
  }

  private func match(_ slot: UInt64, _ tag: UInt32, _ bytes: Span<UInt8>) -> UInt32? {
    guard UInt32(truncatingIfNeeded: slot >> 32) == tag else { return nil }
    let number = UInt32(truncatingIfNeeded: slot) - 1
    let range = self.range(number)
    guard range.count == bytes.count else { return nil }
    return ByteWords.areEqual(arena.span.extracting(range), bytes) ? number : nil
  }

  /// Doubles the slots; the tags alone say where each number moves.
  private mutating func grow() {
    let old = slots
    slots = Array(repeating: 0, count: old.count * 2)
    for entry in old where entry != 0 {
      var slot = Int(UInt32(truncatingIfNeeded: entry >> 32)) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = entry
    }
  }

  private static func tag(of bytes: Span<UInt8>) -> UInt32 {
    ByteWords.hash(bytes)
  }
}

extension TextTable: Equatable {
  /// The same texts under the same numbers; where they hash to does not count.
  package static func == (left: TextTable, right: TextTable) -> Bool {
    left.ends == right.ends && left.arena == right.arena
  }
}
