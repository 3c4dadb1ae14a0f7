/// The earliest of many deadlines: a binary heap of (time, connection).
///
/// Entries are never moved or removed before their time: whoever pops one asks the connection
/// for its real deadline. A connection has an entry at or before its deadline, and a new one
/// only when its deadline moves before all of its entries, so the heap stays small.
struct DeadlineHeap {
  /// One promise to look at a connection not later than a moment.
  struct Entry {
    let time: UInt64
    let token: ConnectionToken
  }

  private var entries: [Entry] = []

  /// The earliest time, nil when there is none.
  var earliest: UInt64? { entries.first?.time }
  var count: Int { entries.count }

  mutating func insert(_ entry: Entry) {
    entries.append(entry)
    var child = entries.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      if entries[parent].time <= entries[child].time { break }
      entries.swapAt(parent, child)
      child = parent
    }
  }

  /// The earliest entry when it is due.
  mutating func popDue(at now: UInt64) -> Entry? {
    guard let first = entries.first, first.time <= now else { return nil }
    let last = entries.removeLast()
    if !entries.isEmpty {
      entries[0] = last
      sink()
    }
    return first
  }

  private mutating func sink() {
    var parent = 0
    while true {
      var child = 2 * parent + 1
      if child >= entries.count { return }
      if child + 1 < entries.count && entries[child + 1].time < entries[child].time {
        child += 1
      }
      if entries[parent].time <= entries[child].time { return }
      entries.swapAt(parent, child)
      parent = child
    }
  }
}
