public import JSON

/// Where an intent stands.
public enum IntentPhase: UInt8, CaseIterable, Sendable {
  case submitted, approved, denied, used

  /// The word in answers; an approved one that lapsed is called `lapsed` there.
  public var name: StaticString {
    switch self {
    case .submitted: "submitted"
    case .approved: "approved"
    case .denied: "denied"
    case .used: "used"
    }
  }
}

/// One wish to spend, as the fold knows it.
public struct Intent: Equatable, Sendable {
  public let id: IntentID
  public let request: SpendRequest
  public let phase: IntentPhase
  public let submittedAt: Timestamp
  public let submittedSeq: UInt64
  /// The record that approved or denied it.
  public let decidedSeq: UInt64?
  /// Approved, it may be used before this moment.
  public let expiresAt: Timestamp?
  public let rule: Text?
  public let code: Text?
  /// The payment's start that used it up.
  public let usedSeq: UInt64?

  /// Whether it may be paid at that moment.
  public func isUsable(at now: Timestamp) -> Bool {
    guard phase == .approved, let expiresAt else { return false }
    return now < expiresAt
  }

  /// Its phase in one word, with time told.
  public func status(at now: Timestamp) -> Text {
    if phase == .approved, !isUsable(at: now) { return "lapsed" }
    return Text("\(phase.name)")
  }
}

/// All intents of one book, in the order in which they were submitted; order-dependent.
public struct Intents: Equatable, Sendable {
  /// The flat form of an intent: texts are numbers.
  struct Entry: Equatable, Sendable {
    var party: UInt32
    var component: UInt32
    var strategy: UInt32
    var business: UInt32
    var rule: UInt32
    var code: UInt32
    var phase: IntentPhase
    var units: Int128
    var submittedAt: Timestamp
    var expiresAt: Timestamp
    var submittedSeq: UInt64
    var decidedSeq: UInt64
    var usedSeq: UInt64
  }

  /// What a payment must have in common with an intent to find it without its id.
  private struct Need: Hashable {
    let party: UInt32
    let units: Int128
  }

  private static var none: UInt32 { .max }

  private var ids = IdentifierTable<IntentKind>()
  private var parties = PartyTable()
  private var names = TextTable()
  private var entries: [Entry] = []
  /// Those that wait for a decision or a payment, oldest first.
  private var open: [Need: [UInt32]] = [:]
  /// How many wait for an operator.
  public private(set) var waitingCount = 0

  public var count: Int { entries.count }

  // MARK: taking in events

  mutating func apply(_ event: IntentSubmitted, at record: Record) -> Violation.Reason? {
    let number = ids.intern(event.intent)
    guard Int(number) == entries.count else { return .alreadyStarted }
    let request = event.request
    let entry = Entry(
      party: parties.intern(request.parties), component: word(request.component),
      strategy: word(request.strategy), business: word(request.business),
      rule: Intents.none, code: Intents.none, phase: .submitted, units: request.amount.units,
      submittedAt: record.at, expiresAt: .earliest, submittedSeq: record.seq, decidedSeq: 0,
      usedSeq: 0)
    entries.append(entry)
    open[Need(party: entry.party, units: entry.units), default: []].append(number)
    waitingCount += 1
    return nil
  }

  mutating func apply(_ event: IntentApproved, at record: Record) -> Violation.Reason? {
    guard let number = ids.find(event.intent) else { return .intentUnknown }
    if let reason = mismatch(number, event.request) { return reason }
    entries[Int(number)].phase = .approved
    entries[Int(number)].decidedSeq = record.seq
    entries[Int(number)].expiresAt = event.expiresAt
    entries[Int(number)].rule = names.intern(event.rule)
    waitingCount -= 1
    return nil
  }

  mutating func apply(_ event: IntentDenied, at record: Record) -> Violation.Reason? {
    guard let number = ids.find(event.intent) else { return .intentUnknown }
    if let reason = mismatch(number, event.request) { return reason }
    entries[Int(number)].phase = .denied
    entries[Int(number)].decidedSeq = record.seq
    entries[Int(number)].rule = names.intern(event.rule)
    entries[Int(number)].code = names.intern(event.code)
    waitingCount -= 1
    leave(number)
    return nil
  }

  /// What is wrong about a payment that names this intent: an approval is single-use, lapses,
  /// and is bounded in vendor and amount.
  func misfit(
    _ id: IntentID, _ names: PaymentParties, _ amount: Money, at now: Timestamp
  ) -> Violation.Reason? {
    guard let number = ids.find(id) else { return .intentUnknown }
    let entry = entries[Int(number)]
    guard entry.phase == .approved, now < entry.expiresAt else { return .intentClosed }
    guard parties.number(of: names) == entry.party, amount.asset == .usdc,
      amount.units <= entry.units
    else { return .intentMismatch }
    return nil
  }

  /// Uses an intent up; `misfit` has found nothing.
  mutating func use(_ id: IntentID, by record: Record) {
    guard let number = ids.find(id) else { return }
    entries[Int(number)].phase = .used
    entries[Int(number)].usedSeq = record.seq
    leave(number)
  }

  private func mismatch(_ number: UInt32, _ request: SpendRequest) -> Violation.Reason? {
    let entry = entries[Int(number)]
    guard entry.phase == .submitted else { return .intentClosed }
    guard parties.number(of: request.parties) == entry.party, request.amount.asset == .usdc,
      request.amount.units == entry.units
    else { return .intentMismatch }
    return nil
  }

  private mutating func leave(_ number: UInt32) {
    let entry = entries[Int(number)]
    let need = Need(party: entry.party, units: entry.units)
    guard var waiting = open[need] else { return }
    waiting.removeAll { $0 == number }
    open[need] = waiting.isEmpty ? nil : waiting
  }

  private mutating func word(_ text: Text?) -> UInt32 {
    text.map { names.intern($0) } ?? Intents.none
  }

  // MARK: questions

  public subscript(id: IntentID) -> Intent? { ids.find(id).flatMap { self[Int($0)] } }

  /// The intent at a place in the order of submission; nil past the end.
  public subscript(index: Int) -> Intent? {
    guard entries.indices.contains(index), let id = ids[UInt32(index)] else { return nil }
    let entry = entries[index]
    let isDecided = entry.phase != .submitted
    return Intent(
      id: id,
      request: SpendRequest(
        parties: parties[entry.party], amount: Money(units: entry.units, asset: .usdc),
        component: text(entry.component), strategy: text(entry.strategy),
        business: text(entry.business)),
      phase: entry.phase, submittedAt: entry.submittedAt, submittedSeq: entry.submittedSeq,
      decidedSeq: isDecided ? entry.decidedSeq : nil,
      expiresAt: entry.phase == .approved || entry.phase == .used ? entry.expiresAt : nil,
      rule: text(entry.rule), code: text(entry.code),
      usedSeq: entry.phase == .used ? entry.usedSeq : nil)
  }

  /// The intent that a record submitted; nil when that record submitted none.
  public func submitted(at seq: UInt64) -> Intent? {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].submittedSeq < seq { low = middle + 1 } else { high = middle }
    }
    guard low < entries.count, entries[low].submittedSeq == seq else { return nil }
    return self[low]
  }

  /// The oldest intent of exactly this need that can be paid now; else the oldest that waits for
  /// an operator; nil when there is neither.
  func match(_ wanted: PaymentParties, _ amount: Money, at now: Timestamp) -> Intent? {
    guard amount.asset == .usdc, let party = parties.number(of: wanted) else { return nil }
    let places = open[Need(party: party, units: amount.units)] ?? []
    let intents = places.compactMap { self[Int($0)] }
    return intents.first { $0.isUsable(at: now) } ?? intents.first { $0.phase == .submitted }
  }

  private func text(_ number: UInt32) -> Text? {
    number == Intents.none ? nil : names[number]
  }

  // MARK: canonical bytes

  func feed(into sink: inout StateSink) {
    parties.feed(into: &sink)
    sink.word(names.count)
    for number in 0..<UInt32(names.count) { names.feed(number, into: &sink) }
    sink.word(entries.count)
    for (index, entry) in entries.enumerated() {
      ids.feed(UInt32(index), into: &sink)
      sink.word(UInt64(entry.party) << 32 | UInt64(entry.component))
      sink.word(UInt64(entry.strategy) << 32 | UInt64(entry.business))
      sink.word(UInt64(entry.rule) << 32 | UInt64(entry.code))
      sink.word(Int(entry.phase.rawValue))
      sink.wide(entry.units)
      sink.moment(entry.submittedAt)
      sink.moment(entry.expiresAt)
      sink.word(entry.submittedSeq)
      sink.word(entry.decidedSeq)
      sink.word(entry.usedSeq)
    }
  }
}
