/// Gives short byte strings dense numbers; those of at most 32 bytes lie in their slot as words.
///
/// Used by one thread.
struct NameTable {
  /// One place of the table.
  private struct Slot {
    var words = SIMD4<UInt64>()
    /// Length + 1; 0 is free.
    var length = 0
    var number = 0
  }

  private var slots = [Slot](repeating: Slot(), count: 1_024)
  private var long: [[UInt8]: Int] = [:]
  /// The names by number.
  private(set) var names: [[UInt8]] = []

  /// The number of a name, given out now if it is new. 32 bytes must be readable.
  mutating func intern(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    guard bytes.count <= 32, let base = bytes.baseAddress else { return internLong(bytes) }
    let words = Words.load(base, bytes.count)
    var slot = Words.mix(words, bytes.count) & (slots.count - 1)
    while slots[slot].length != 0 {
      if slots[slot].length == bytes.count + 1, slots[slot].words == words {
        return slots[slot].number
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    names.append(Array(bytes))
    slots[slot] = Slot(words: words, length: bytes.count + 1, number: names.count - 1)
    if names.count * 2 > slots.count { grow() }
    return names.count - 1
  }

  private mutating func internLong(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    let name = Array(bytes)
    if let known = long[name] { return known }
    names.append(name)
    long[name] = names.count - 1
    return names.count - 1
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: old.count * 2)
    for entry in old where entry.length != 0 {
      var slot = Words.mix(entry.words, entry.length - 1) & (slots.count - 1)
      while slots[slot].length != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = entry
    }
  }
}
