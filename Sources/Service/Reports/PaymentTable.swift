import Ledger

/// The open payments, and where their starts stand; of those that ended only the hash is kept.
struct PaymentTable {
  /// What is known of an open payment.
  struct Open {
    var parties: UInt64
    var asset: Asset?
    var startedAt: Int64
    /// Index among the pieces, and offset of the line.
    var piece: Int
    var offset: Int
  }

  /// One place of the table.
  private struct Slot {
    var key = Hash128(low: 0, high: 0)
    /// Index among `open` + 1; 0 for a free slot.
    var place = 0
  }

  private var slots = [Slot](repeating: Slot(), count: 1_024)
  private var used = 0
  private var open: [Open?] = []
  private var free: [Int] = []
  /// Every payment that ever began.
  private var begun = DistinctHashes()

  /// Notes a start; false when the payment is open. One that ended shows in `areDistinct`.
  mutating func start(_ key: Hash128, _ payment: Open) -> Bool {
    let slot = find(key)
    guard slots[slot].place == 0 else { return false }
    let place: Int
    if free.isEmpty {
      place = open.count
      open.append(payment)
    } else {
      place = free.removeLast()
      open[place] = payment
    }
    slots[slot] = Slot(key: key, place: place + 1)
    begun.add(key)
    used += 1
    if used * 2 > slots.count { grow() }
    return true
  }

  /// Notes an end; false when the payment is not open, or not between these.
  mutating func close(_ key: Hash128, parties: UInt64, asset: Asset?) -> Bool {
    let slot = find(key)
    let place = slots[slot].place - 1
    guard place >= 0, let payment = open[place], payment.parties == parties,
      asset == nil || asset == payment.asset
    else { return false }
    open[place] = nil
    free.append(place)
    remove(slot)
    return true
  }

  /// Whether no payment began twice.
  var areDistinct: Bool { begun.areDistinct }

  /// Payments that have not ended, in no order.
  var stillOpen: [Open] { open.compactMap(\.self) }

  @inline(__always)
  private func find(_ key: Hash128) -> Int {
    let mask = slots.count &- 1
    var slot = Int(truncatingIfNeeded: key.low) & mask
    while slots[slot].place != 0, slots[slot].key != key { slot = (slot &+ 1) & mask }
    return slot
  }

  /// Frees a slot and moves up those behind it that could not be found any more.
  private mutating func remove(_ slot: Int) {
    let mask = slots.count &- 1
    var hole = slot
    var next = (hole &+ 1) & mask
    while slots[next].place != 0 {
      let home = Int(truncatingIfNeeded: slots[next].key.low) & mask
      if (next &- home) & mask >= (next &- hole) & mask {
        slots[hole] = slots[next]
        hole = next
      }
      next = (next &+ 1) & mask
    }
    slots[hole].place = 0
    used -= 1
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: old.count * 2)
    for entry in old where entry.place != 0 { slots[find(entry.key)] = entry }
  }
}
