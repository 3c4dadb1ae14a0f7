/// Gives short byte strings dense numbers; those of at most 32 bytes lie in their slot as words.
///
/// Used by one thread.
struct NameTable {
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

/// Short texts as words, and hashes of them.
enum Words {
  /// Loads 32 bytes and clears those past the length.
  @inline(__always)
  static func load(_ bytes: UnsafePointer<UInt8>, _ length: Int) -> SIMD4<UInt64> {
    let raw = UnsafeRawPointer(bytes)
    var words = SIMD4<UInt64>()
    for index in 0..<4 {
      let used = max(0, min(8, length &- index &* 8))
      let word = raw.loadUnaligned(fromByteOffset: index &* 8, as: UInt64.self)
      // A shift by 64 gives zero with the smart operator, so no branch is needed.
      words[index] = UInt64(littleEndian: word) & ~(UInt64.max << UInt64(used &* 8))
    }
    return words
  }

  @inline(__always)
  static func mix(_ words: SIMD4<UInt64>, _ length: Int) -> Int {
    let left = fold(words[0] ^ 0x9E37_79B9_7F4A_7C15, words[1] ^ 0xE703_7ED1_A0B4_28DB)
    let right = fold(words[2] ^ UInt64(truncatingIfNeeded: length), words[3] ^ 0x5899_65CC_7537_4CC3)
    let folded = left ^ right
    return Int(truncatingIfNeeded: folded ^ (folded &>> 32))
  }

  @inline(__always)
  static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }
}

/// A hash of 128 bits under a seed that strangers do not know.
///
/// Two different texts with one hash make a log look illegal, and then it is folded in full: they
/// cost time, never a wrong answer.
struct Hash128: Hashable {
  var low: UInt64
  var high: UInt64

  /// The state of a hash in progress, begun with this process's seed.
  static let seed = Hash128(
    low: UInt64.random(in: 0 ... .max) | 1, high: UInt64.random(in: 0 ... .max) | 1)

  /// Takes in bytes; 8 must be readable behind them.
  @inline(__always)
  mutating func take(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let base = bytes.baseAddress else { return }
    let raw = UnsafeRawPointer(base)
    var index = 0
    while index < bytes.count {
      let rest = bytes.count &- index
      var word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      if rest < 8 { word &= ~(UInt64.max << UInt64(rest &* 8)) }
      take(word)
      index &+= 8
    }
    take(UInt64(truncatingIfNeeded: bytes.count))
  }

  @inline(__always)
  mutating func take(_ word: UInt64) {
    low = Words.fold(low ^ word, 0x9E37_79B9_7F4A_7C15 ^ high)
    high = Words.fold(high ^ word, 0xD6E8_FEB8_6659_FD93) &+ low
  }
}

/// Sums of money by agent, day, network and asset, in one flat table.
struct SpendTable {
  struct Key: Equatable {
    var agent: UInt32
    var day: Int32
    var network: UInt32
    var asset: UInt8
  }

  private struct Slot {
    var key = Key(agent: 0, day: 0, network: 0, asset: 0)
    var isUsed = false
    var units: Int128 = 0
  }

  private var slots = [Slot](repeating: Slot(), count: 4_096)
  private var used = 0

  mutating func add(_ units: Int128, to key: Key) {
    var slot = SpendTable.hash(key) & (slots.count - 1)
    while slots[slot].isUsed {
      if slots[slot].key == key {
        slots[slot].units = slots[slot].units.clampedSum(units)
        return
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = Slot(key: key, isUsed: true, units: units)
    used += 1
    if used * 2 > slots.count { grow() }
  }

  /// All sums, in no order.
  func each(_ body: (Key, Int128) -> Void) {
    for slot in slots where slot.isUsed { body(slot.key, slot.units) }
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: old.count * 2)
    for entry in old where entry.isUsed {
      var slot = SpendTable.hash(entry.key) & (slots.count - 1)
      while slots[slot].isUsed { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = entry
    }
  }

  @inline(__always)
  private static func hash(_ key: Key) -> Int {
    let first = UInt64(key.agent) << 32 | UInt64(UInt32(bitPattern: key.day))
    let second = UInt64(key.network) << 8 | UInt64(key.asset)
    let mixed = Words.fold(first ^ 0x9E37_79B9_7F4A_7C15, second ^ 0xE703_7ED1_A0B4_28DB)
    return Int(truncatingIfNeeded: mixed ^ (mixed &>> 32))
  }
}

/// Every payment id once: whether it is open, and where its start stands.
struct PaymentTable {
  /// What is known of an open payment.
  struct Open {
    var parties: UInt64
    var startedAt: Int64
    /// Index among the pieces, and offset of the line.
    var piece: Int
    var offset: Int
  }

  private struct Slot {
    var key = Hash128(low: 0, high: 0)
    /// Index among `open` + 2; 1 for a payment that ended, 0 for a free slot.
    var place = 0
  }

  private var slots = [Slot](repeating: Slot(), count: 16_384)
  private var used = 0
  private var open: [Open?] = []
  private var free: [Int] = []

  /// Notes a start; false when the payment is known.
  mutating func start(_ key: Hash128, _ payment: Open) -> Bool {
    let slot = find(key)
    guard slots[slot].place == 0 else { return false }
    let place = free.popLast() ?? open.count
    if place == open.count { open.append(payment) } else { open[place] = payment }
    slots[slot] = Slot(key: key, place: place + 2)
    used += 1
    if used * 2 > slots.count { grow() }
    return true
  }

  /// Notes an end; false when the payment is not open, or not between these.
  mutating func close(_ key: Hash128, parties: UInt64) -> Bool {
    let slot = find(key)
    let place = slots[slot].place - 2
    guard place >= 0, let payment = open[place], payment.parties == parties else { return false }
    open[place] = nil
    free.append(place)
    slots[slot].place = 1
    return true
  }

  /// Payments that have not ended, in no order.
  var stillOpen: [Open] { open.compactMap(\.self) }

  private func find(_ key: Hash128) -> Int {
    var slot = Int(truncatingIfNeeded: key.low) & (slots.count - 1)
    while slots[slot].place != 0, slots[slot].key != key { slot = (slot + 1) & (slots.count - 1) }
    return slot
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: old.count * 2)
    for entry in old where entry.place != 0 { slots[find(entry.key)] = entry }
  }
}
