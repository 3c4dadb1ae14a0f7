import JSON
import Ledger

/// Makes the units that a crash simulation appends, and knows them again in the log.
///
/// A unit is one to four `config.applied` records that carry its number and their place in it.
struct SimulatedLoad {
  /// What one record says about itself.
  struct Part: Equatable {
    let unit: Int
    let index: Int
    let count: Int
  }

  /// The number of the next unit.
  private(set) var nextUnit = 0
  /// The time of the next unit.
  private(set) var now = Timestamp(milliseconds: 1_760_000_000_000)

  /// Lets time pass, once in a while past midnight.
  mutating func pass(_ random: inout SplitMix64) {
    let milliseconds = random.once(in: 12) ? 86_400_000 : random.below(5_000)
    now = now.advanced(byMilliseconds: Int64(milliseconds))
  }

  /// A batch of one to three new units, behind `segment.opened` when it is due.
  mutating func batch(
    after last: Record?, at end: LogPosition, limit: Int, _ random: inout SplitMix64
  ) -> Made {
    pass(&random)
    var batch = Batch()
    var units = ControlUnits(after: last, at: now)
    SimulatedLoad.rotate(&batch, &units, end, adding: 800, limit: limit)
    var last = units.last
    var numbers: [Int] = []
    for _ in 0...random.below(3) {
      numbers.append(nextUnit)
      let records = unit(from: (last?.seq ?? 0) + 1, at: units.moment, &random)
      var out = JSONWriter()
      for record in records { RecordCodec.encode(record, into: &out) }
      batch.add(out.bytes, records: records.count, opening: nil)
      last = records.last
    }
    return Made(batch: batch, last: last, numbers: numbers)
  }

  /// A batch, its last record, and the numbers of its units.
  struct Made {
    var batch: Batch
    let last: Record?
    let numbers: [Int]
  }

  /// Puts `segment.opened` into the batch when a unit of so many bytes needs it.
  static func rotate(
    _ batch: inout Batch, _ units: inout ControlUnits, _ end: LogPosition, adding bytes: Int,
    limit: Int
  ) {
    guard
      Layout.rotationNeeded(
        open: end.segment, bytes: end.bytes, at: units.moment, adding: bytes, limit: limit)
    else { return }
    let name = SegmentName(firstSeq: units.nextSeq, day: units.moment.day)
    let opened = OpenSegment(predecessor: Text(end.segment.text))
    batch.add(units.lines(of: opened), records: 1, opening: name)
  }

  /// The records of a new unit.
  private mutating func unit(
    from seq: UInt64, at moment: Timestamp, _ random: inout SplitMix64
  ) -> [Record] {
    let count = 1 + random.below(4)
    let unit = nextUnit
    nextUnit += 1
    var events: [Event] = []
    for index in 0..<count {
      let pad = String(repeating: "x", count: random.below(300))
      let settings: [Text: Text] = [
        "unit": Text("\(unit)"), "index": Text("\(index)"), "count": Text("\(count)"),
        "pad": Text(pad),
      ]
      events.append(contentsOf: SimulatedLoad.events(ApplySettings(settings: settings), at: moment))
    }
    let submission = Submission(
      ApplySettings(settings: [:]), actor: "simulation", book: .real, cause: nil, binding: nil)
    return submission.records(of: events, from: seq, at: moment, keyed: true)
  }

  /// What a record says; nil when it is not of a simulated unit.
  static func part(of record: Record) -> Part? {
    guard case .configApplied(let event) = record.event,
      let unit = event.settings["unit"].flatMap({ Int($0.string) }),
      let index = event.settings["index"].flatMap({ Int($0.string) }),
      let count = event.settings["count"].flatMap({ Int($0.string) })
    else { return nil }
    return Part(unit: unit, index: index, count: count)
  }

  private static func events(_ command: ApplySettings, at moment: Timestamp) -> [Event] {
    do {
      guard case .accepted(let events) = try command.decide(given: State(), book: .real, at: moment)
      else { fatalError("the core found nothing to apply in a simulated unit") }
      return events
    } catch { fatalError("the core refused a simulated unit: \(error)") }
  }
}
