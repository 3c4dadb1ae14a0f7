/// Sums of money by agent, day, network and asset, in one flat table.
struct SpendTable {
  /// What a sum is kept for.
  struct Key: Equatable {
    var agent: UInt32
    var day: Int32
    var network: UInt32
    var asset: UInt8
  }

  /// One place of the table.
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
