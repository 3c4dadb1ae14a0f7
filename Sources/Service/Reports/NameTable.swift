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

  private let seed = Hash128.seed
  private var slots = [Slot](repeating: Slot(), count: 1_024)
  private var long: [[UInt8]: Int] = [:]
  /// The names by number.
  private(set) var names: [[UInt8]] = []
  /// By number: a hash that all threads agree on.
  private(set) var hashes: [UInt64] = []

  /// The number of a name, given out now if it is new. 32 bytes must be readable.
  @inline(__always)
  mutating func intern(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    guard bytes.count <= 32, let base = bytes.baseAddress else { return internLong(bytes) }
    let words = Words.load(base, bytes.count)
    let slot = Words.mix(words, bytes.count) & (slots.count &- 1)
    let found = slots[slot]
    if found.length == bytes.count &+ 1, found.words == words { return found.number }
    return intern(bytes, words, from: slot)
  }

  @inline(never)
  private mutating func intern(
    _ bytes: UnsafeBufferPointer<UInt8>, _ words: SIMD4<UInt64>, from start: Int
  ) -> Int {
    var slot = start
    while slots[slot].length != 0 {
      if slots[slot].length == bytes.count + 1, slots[slot].words == words {
        return slots[slot].number
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    let number = add(bytes)
    slots[slot] = Slot(words: words, length: bytes.count + 1, number: number)
    if names.count * 2 > slots.count { grow() }
    return number
  }

  @inline(never)
  private mutating func internLong(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    let name = Array(bytes)
    if let known = long[name] { return known }
    let number = add(bytes)
    long[name] = number
    return number
  }

  private mutating func add(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var hash = seed
    hash.take(bytes)
    names.append(Array(bytes))
    hashes.append(hash.low ^ hash.high)
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
