import JSON
import Journal
import Ledger

/// What depends on the order of records: taken from the chunks in log order by one thread.
struct FactsOrder {
  private let book: Book
  private(set) var seq: UInt64 = 0
  private(set) var at: Int64 = Timestamp.earliest.milliseconds
  private var isInsideUnit = false
  private var payments = PaymentTable()
  private var keys = DistinctHashes()
  /// Folds what is no payment, with all its rules.
  private var others = State()
  private var streaks: [Text: Int] = [:]
  /// By the hash of a spelling: the vendor's index.
  private var spellings: [UInt64: Int] = [:]
  private var vendors: [(name: Text, failures: Int)] = []

  private let segments: [SegmentName]
  private var piece = -1

  init(_ book: Book, _ segments: [SegmentName]) {
    self.book = book
    self.segments = segments
  }

  /// Takes the next chunk; false when something in it calls for a full fold.
  mutating func take(_ chunk: FactsChunk) -> Bool {
    guard chunk.records > 0 else { return true }
    guard chunk.firstSeq == seq + 1, chunk.firstAt >= at, !(isInsideUnit && chunk.beginsWithKey)
    else { return false }
    guard chunk.piece == piece || enter(chunk) else { return false }
    for record in chunk.others { others.apply(record) }
    // A payment before `ledger.opened` is illegal; the fold of the others would not see it.
    guard others.violations.count == 0, seq > 0 || chunk.others.first?.seq == 1 else {
      return false
    }
    seq += UInt64(chunk.records)
    at = chunk.lastAt
    isInsideUnit = chunk.endsInsideUnit
    for key in chunk.keys { keys.add(key) }
    for step in chunk.steps {
      if let startedAt = step.startedAt {
        let open = PaymentTable.Open(
          parties: step.parties, asset: step.asset, startedAt: startedAt, piece: chunk.piece,
          offset: step.offset)
        guard payments.start(step.payment, open) else { return false }
      } else {
        guard payments.close(step.payment, parties: step.parties, asset: step.asset) else {
          return false
        }
      }
    }
    for streak in chunk.streaks { take(streak) }
    return true
  }

  /// Begins the next segment, as its name says.
  private mutating func enter(_ chunk: FactsChunk) -> Bool {
    let name = segments[chunk.piece]
    let day = Timestamp(milliseconds: chunk.firstAt).day
    guard chunk.piece == piece + 1, !isInsideUnit, name.firstSeq == chunk.firstSeq, name.day == day
    else { return false }
    piece = chunk.piece
    return true
  }

  private mutating func take(_ streak: FactsChunk.Streak) {
    let known = spellings[streak.hash] ?? spell(streak)
    vendors[known].failures =
      streak.hasCompleted
      ? streak.failures : vendors[known].failures + streak.failures
  }

  /// The index of the vendor of a spelling that is new.
  private mutating func spell(_ streak: FactsChunk.Streak) -> Int {
    let key = Text(SettingText.lowercased(streak.vendor.string))
    let index = streaks[key] ?? vendors.count
    if index == vendors.count {
      streaks[key] = index
      vendors.append((streak.vendor, 0))
    }
    spellings[streak.hash] = index
    return index
  }

  /// Whether no payment began twice and no key was used twice, as far as was read.
  var isLegal: Bool { payments.areDistinct && keys.areDistinct }

  /// Whether the log ended with a whole unit.
  var isWhole: Bool { !isInsideUnit }

  /// The report; nil when a line of a payment cannot be read again.
  func report(
    _ totals: FactsTotals, asOf: Timestamp?, textOf: (Int, Int) -> Text?
  ) -> FactsReport? {
    let moment = asOf ?? Timestamp(milliseconds: at)
    var pending: [Text] = []
    for payment in payments.stillOpen {
      let age = moment.milliseconds(since: Timestamp(milliseconds: payment.startedAt))
      guard age > FactsReport.patience else { continue }
      guard let id = textOf(payment.piece, payment.offset) else { return nil }
      pending.append(id)
    }
    let tallies = others[book].tallies
    return FactsReport(
      seq: seq, asOf: moment,
      spend: totals.rows,
      counts: EventType.allCases.compactMap { type in
        let count =
          totals.counts[type.rawValue] + tallies.count(of: type)
          + others.controls.byType[type.rawValue]
        return count > 0 ? FactsReport.TypeCount(type: type, count: count) : nil
      },
      pending: pending,
      streaks: vendors.filter { $0.failures > 0 }.map {
        FactsReport.FailureStreak(vendor: $0.name, failures: $0.failures)
      })
  }
}
