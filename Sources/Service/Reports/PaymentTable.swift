import Ledger

/// Every payment id once: whether it is open, and where its start stands.
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
  mutating func close(_ key: Hash128, parties: UInt64, asset: Asset?) -> Bool {
    let slot = find(key)
    let place = slots[slot].place - 2
    guard place >= 0, let payment = open[place], payment.parties == parties,
      asset == nil || asset == payment.asset
    else { return false }
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
