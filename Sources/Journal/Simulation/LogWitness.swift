import Ledger

/// Watches what a start reads, and says when a promise of the log was broken.
struct LogWitness {
  /// Units that somebody was told about, in log order.
  private(set) var promised: [Int] = []
  /// Units of the log as it is being read.
  private var seen: [Int] = []
  private var next: SimulatedLoad.Part?
  private var seq: UInt64 = 0
  /// The first promise that was broken.
  private(set) var broken: String?

  /// A start begins to read.
  mutating func begin() {
    seen.removeAll(keepingCapacity: true)
    next = nil
    seq = 0
  }

  /// The next record of the log.
  mutating func take(_ record: Record) {
    if record.seq != seq + 1 { note("seq \(record.seq) follows \(seq)") }
    seq = record.seq
    guard let part = SimulatedLoad.part(of: record) else {
      if next != nil { note("unit \(next?.unit ?? -1) is torn at seq \(seq)") }
      return
    }
    let expected = next ?? SimulatedLoad.Part(unit: part.unit, index: 0, count: part.count)
    if part != expected { note("unit \(part.unit) is not whole at seq \(seq)") }
    if record.more != (part.index + 1 < part.count) { note("unit \(part.unit) ends wrongly") }
    next =
      record.more
      ? SimulatedLoad.Part(unit: part.unit, index: part.index + 1, count: part.count) : nil
    if !record.more { seen.append(part.unit) }
  }

  /// The start has succeeded: what was promised must be there, and all that is there is promised.
  mutating func end() {
    if next != nil { note("the last unit is torn") }
    if Array(seen.prefix(promised.count)) != promised {
      let first = promised.indices.first { !seen.indices.contains($0) || seen[$0] != promised[$0] }
      note("unit \(first.map { promised[$0] } ?? -1) was acknowledged and is not in its place")
    }
    if Set(seen).count != seen.count { note("a unit is there twice") }
    promised = seen
  }

  /// A unit was acknowledged.
  mutating func promise(_ units: [Int]) { promised.append(contentsOf: units) }

  /// Notes the first broken promise.
  mutating func note(_ sentence: String) {
    if broken == nil { broken = sentence }
  }
}
