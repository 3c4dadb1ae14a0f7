import JSON
import Ledger

/// The units that the journal itself has to write, from the core's own commands.
struct ControlUnits {
  /// The last record so far; nil before the first.
  private(set) var last: Record?
  /// What was decided, for the fold.
  private(set) var records: [Record] = []
  private let at: Timestamp

  /// `at` is never before the last record's.
  init(after last: Record?, at now: Timestamp) {
    self.last = last
    at = max(now, last?.at ?? now)
  }

  /// The time that stands in the units.
  var moment: Timestamp { at }

  /// The seq of the next record.
  var nextSeq: UInt64 { (last?.seq ?? 0) + 1 }

  /// Decides a command and gives its lines, with zeros where the hashes will stand.
  mutating func lines(of command: some Command) -> [UInt8] {
    var state = State()
    if let last { state.apply(last) }
    let submission = Submission(command, actor: "tollbook", book: .real, cause: nil, binding: nil)
    let events: [Event]
    do {
      guard case .accepted(let accepted) = try submission.decide(given: state, at: at) else {
        fatalError("the core did not take a note of the journal")
      }
      events = accepted
    } catch {
      fatalError("the core refused a note of the journal: \(error)")
    }
    let unit = submission.records(of: events, from: nextSeq, at: at, keyed: true)
    var out = JSONWriter()
    for record in unit { RecordCodec.encode(record, into: &out) }
    records.append(contentsOf: unit)
    last = unit.last ?? last
    return out.bytes
  }
}
