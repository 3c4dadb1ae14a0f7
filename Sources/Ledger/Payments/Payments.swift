public import JSON

/// Where a payment stands.
public enum PaymentPhase: UInt8, CaseIterable, Sendable {
  case pending, completed, failed
  /// Begun by us; money may have moved, and there is no evidence yet.
  case unknown
  /// Held by a provider, to be captured or cancelled.
  case authorized
  /// A hold that was given back: no money has moved.
  case cancelled

  /// Whether the money may still move.
  public var isOpen: Bool {
    switch self {
    case .pending, .unknown, .authorized: true
    case .completed, .failed, .cancelled: false
    }
  }

  /// The word in events and views.
  public var name: StaticString {
    switch self {
    case .pending: "pending"
    case .completed: "completed"
    case .failed: "failed"
    case .unknown: "unknown"
    case .authorized: "authorized"
    case .cancelled: "cancelled"
    }
  }
}

/// One payment as the fold knows it.
public struct Payment: Equatable, Sendable {
  public let id: TransactionID
  public let agent: Text
  public let vendor: Text
  public let network: Network
  /// What was asked; once completed, what was paid.
  public let amount: Money
  public let phase: PaymentPhase
  /// When it happened: `occurred_at`, else the record's `at`.
  public let startedAt: Timestamp
  public let closedAt: Timestamp?
  public let startedSeq: UInt64
  public let closedSeq: UInt64?
  public let chainHash: ChainHash?
  public let latencyMilliseconds: Int64?
  /// Why it failed, as told; nil unless failed.
  public let error: Text?
  public let code: Text?
  public let vendorFault: Bool
  /// Whether we asked a provider to make it; else it was imported.
  public let isDirect: Bool
}

/// All payments of one book, in the order of their start; order-dependent.
public struct Payments: Equatable, Sendable {
  /// The flat form of a payment: its parties are a number, and so are texts in `names`.
  ///
  /// Holds no reference, so that the list grows and is copied as plain memory.
  struct Entry: Equatable, Sendable {
    var party: UInt32
    var error: UInt32
    var code: UInt32
    /// Neighbours in the chain of open payments; `none` at its ends.
    var olderOpen: UInt32
    var newerOpen: UInt32
    var asset: Asset
    var phase: PaymentPhase
    var vendorFault: Bool
    var isDirect: Bool
    var hashForm: HashForm
    var units: Int128
    var startedAt: Timestamp
    var closedAt: Timestamp
    var startedSeq: UInt64
    var closedSeq: UInt64
    var latency: Int64
    var serviceURLCheck: UInt32
    var receiptCheck: UInt32
    /// The hash on the chain; of one that is kept as text, the first word is its number.
    var hash: Fingerprint
  }

  /// How the hash of a payment on its chain is kept.
  enum HashForm: UInt8, Sendable {
    case absent, evm, text
  }

  static var none: UInt32 { .max }

  private(set) var ids = IdentifierTable<TransactionKind>()
  private var parties = PartyTable()
  private var names = TextTable()
  var entries: [Entry] = []
  private var oldestOpen = Payments.none
  private var newestOpen = Payments.none
  /// How many have begun and not ended.
  public private(set) var openCount = 0
  /// Those of our own that have no outcome.
  public internal(set) var calls = OpenCalls()

  public var count: Int { entries.count }

  // MARK: taking in events

  /// Takes in a start; says what is illegal about it and then changes nothing.
  @inline(__always)
  mutating func apply(_ event: PaymentStarted, at record: Record) -> Violation.Reason? {
    let number = ids.intern(event.transaction)
    guard Int(number) == entries.count else { return .alreadyStarted }
    entries.append(
      Entry(
        party: parties.intern(event.parties), error: Payments.none, code: Payments.none,
        olderOpen: newestOpen, newerOpen: Payments.none, asset: event.amount.asset,
        phase: .pending, vendorFault: false, isDirect: event.call != nil, hashForm: .absent,
        units: event.amount.units,
        startedAt: event.occurredAt ?? record.at, closedAt: .earliest, startedSeq: record.seq,
        closedSeq: 0, latency: -1,
        serviceURLCheck: Payments.check(event.serviceURL), receiptCheck: 0, hash: Payments.noHash))
    if newestOpen == Payments.none {
      oldestOpen = number
    } else {
      entries[Int(newestOpen)].newerOpen = number
    }
    newestOpen = number
    openCount += 1
    if let call = event.call {
      calls.open(
        OpenCall(
          agent: event.parties.agent, isTest: event.parties.network.isTest, held: event.amount,
          provider: call.provider, providerKey: call.providerKey, authorization: nil,
          component: call.component), at: number)
    }
    return nil
  }

  @inline(__always)
  mutating func apply(_ event: PaymentCompleted, at record: Record) -> Violation.Reason? {
    guard let number = ids.find(event.transaction) else { return .neverStarted }
    let index = Int(number)
    if let reason = mismatch(index, event.parties) { return reason }
    if let reason = misfit(index, event.source, event.evidence) { return reason }
    guard entries[index].asset == event.settled.asset else { return .assetChanged }
    close(index, as: .completed, record: record, occurredAt: event.occurredAt)
    let hash = kept(event.chainHash)
    Payments.complete(&entries[index], by: event, hash)
    return nil
  }

  @inline(__always)
  private static func complete(
    _ entry: inout Entry, by event: PaymentCompleted, _ hash: (form: HashForm, words: Fingerprint)
  ) {
    entry.units = event.settled.units
    entry.hashForm = hash.form
    entry.hash = hash.words
    entry.latency = event.latencyMilliseconds ?? -1
    entry.receiptCheck = Payments.check(event.facilitatorReceipt)
  }

  mutating func apply(_ event: PaymentFailed, at record: Record) -> Violation.Reason? {
    guard let number = ids.find(event.transaction) else { return .neverStarted }
    let index = Int(number)
    if let reason = mismatch(index, event.parties) { return reason }
    if let reason = misfit(index, event.source, event.evidence) { return reason }
    close(index, as: .failed, record: record, occurredAt: event.occurredAt)
    entries[index].error = names.intern(event.error)
    entries[index].code = names.intern(event.code)
    entries[index].vendorFault = event.vendorFault
    let hash = kept(event.chainHash)
    entries[index].hashForm = hash.form
    entries[index].hash = hash.words
    entries[index].latency = event.latencyMilliseconds ?? -1
    return nil
  }

  mutating func mismatch(_ index: Int, _ names: PaymentParties) -> Violation.Reason? {
    guard entries[index].phase.isOpen else { return .alreadyClosed }
    return parties.find(names) == entries[index].party ? nil : .partiesChanged
  }

  mutating func close(
    _ index: Int, as phase: PaymentPhase, record: Record, occurredAt: Timestamp?
  ) {
    if entries[index].isDirect { calls.close(UInt32(index)) }
    let (older, newer) = Payments.close(
      &entries[index], as: phase, at: occurredAt ?? record.at, by: record.seq)
    if older == Payments.none { oldestOpen = newer } else { entries[Int(older)].newerOpen = newer }
    if newer == Payments.none { newestOpen = older } else { entries[Int(newer)].olderOpen = older }
    openCount -= 1
  }

  /// Closes an entry and takes it out of the chain; returns the neighbours that it had there.
  @inline(__always)
  private static func close(
    _ entry: inout Entry, as phase: PaymentPhase, at moment: Timestamp, by seq: UInt64
  ) -> (older: UInt32, newer: UInt32) {
    let neighbours = (entry.olderOpen, entry.newerOpen)
    entry.phase = phase
    entry.closedAt = moment
    entry.closedSeq = seq
    entry.olderOpen = Payments.none
    entry.newerOpen = Payments.none
    return neighbours
  }

  private static let noHash = Fingerprint((0, 0, 0, 0))

  mutating func kept(_ hash: ChainHash?) -> (form: HashForm, words: Fingerprint) {
    switch hash {
    case .none: (.absent, Payments.noHash)
    case .evm(let print): (.evm, print)
    case .other(let text): (.text, Fingerprint((UInt64(names.intern(text)), 0, 0, 0)))
    }
  }

  mutating func word(_ text: Text) -> UInt32 { names.intern(text) }

  private func chainHash(_ entry: Entry) -> ChainHash? {
    switch entry.hashForm {
    case .absent: nil
    case .evm: .evm(entry.hash)
    case .text: .other(names[UInt32(truncatingIfNeeded: entry.hash.words.0)])
    }
  }

  // MARK: questions

  public subscript(id: TransactionID) -> Payment? {
    ids.find(id).flatMap { self[Int($0)] }
  }

  /// The payment at a place in the order of starts; nil past the end.
  public subscript(index: Int) -> Payment? {
    guard entries.indices.contains(index), let id = ids[UInt32(index)] else { return nil }
    let entry = entries[index]
    let names = parties[entry.party]
    let isOpen = entry.phase.isOpen
    return Payment(
      id: id, agent: names.agent, vendor: names.vendor, network: names.network,
      amount: Money(units: entry.units, asset: entry.asset), phase: entry.phase,
      startedAt: entry.startedAt, closedAt: isOpen ? nil : entry.closedAt,
      startedSeq: entry.startedSeq, closedSeq: isOpen ? nil : entry.closedSeq,
      chainHash: chainHash(entry), latencyMilliseconds: entry.latency < 0 ? nil : entry.latency,
      error: entry.error == Payments.none ? nil : self.names[entry.error],
      code: entry.code == Payments.none ? nil : self.names[entry.code],
      vendorFault: entry.vendorFault, isDirect: entry.isDirect)
  }

  /// The payment that began with a record of the unit from one seq to another; nil when none did.
  public func started(within seqs: ClosedRange<UInt64>) -> Payment? {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].startedSeq < seqs.lowerBound { low = middle + 1 } else { high = middle }
    }
    guard low < entries.count, seqs.contains(entries[low].startedSeq) else { return nil }
    return self[low]
  }

  /// Payments begun and not ended that are strictly older than the age, in order of their start.
  ///
  /// - Parameter age: milliseconds before `asOf`; 900,000 for the seeds' fifteen minutes.
  public func open(olderThan age: Int64, asOf: Timestamp) -> [Payment] {
    var found: [Payment] = []
    eachOpen { index in
      if asOf.milliseconds(since: entries[index].startedAt) > age, let payment = self[index] {
        found.append(payment)
      }
    }
    return found
  }

  /// How many `open(olderThan:asOf:)` would list.
  public func openCount(olderThan age: Int64, asOf: Timestamp) -> Int {
    var count = 0
    eachOpen { index in
      if asOf.milliseconds(since: entries[index].startedAt) > age { count += 1 }
    }
    return count
  }

  private func eachOpen(_ body: (Int) -> Void) {
    var number = oldestOpen
    while number != Payments.none {
      body(Int(number))
      number = entries[Int(number)].newerOpen
    }
  }

  /// A 32-bit check of a free text (FNV-1a, 64 bits folded), so that a second import of the same
  /// id can tell whether the text changed without keeping it; 0 for none.
  static func check(_ text: Text?) -> UInt32 {
    guard let text else { return 0 }
    var value: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.string.utf8 { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return max(1, UInt32(truncatingIfNeeded: value ^ value >> 32))
  }

  // MARK: canonical bytes

  func feed(into sink: inout StateSink) {
    parties.feed(into: &sink)
    sink.word(names.count)
    for number in 0..<UInt32(names.count) { names.feed(number, into: &sink) }
    sink.word(entries.count)
    for index in entries.indices {
      ids.feed(UInt32(index), into: &sink)
      entries[index].feed(into: &sink)
    }
    calls.feed(into: &sink)
  }
}

extension Payments.Entry {
  /// What the first word says to be absent is left out.
  func feed(into sink: inout StateSink) {
    let isWide = units < 0 || units > Int128(Int64.max)
    let hasChecks = serviceURLCheck | receiptCheck != 0
    sink.word(
      UInt64(party) << 32 | UInt64(asset.rawValue) | UInt64(phase.rawValue) << 8
        | UInt64(hashForm.rawValue) << 16 | (vendorFault ? 1 << 24 : 0) | (isWide ? 1 << 25 : 0)
        | (hasChecks ? 1 << 26 : 0) | (isDirect ? 1 << 27 : 0))
    if isWide { sink.wide(units) } else { sink.word(UInt64(truncatingIfNeeded: units)) }
    sink.moment(startedAt)
    sink.word(startedSeq)
    if hasChecks { sink.word(UInt64(serviceURLCheck) << 32 | UInt64(receiptCheck)) }
    if phase.isOpen { return }
    sink.moment(closedAt)
    sink.word(closedSeq)
    sink.word(UInt64(bitPattern: latency))
    if phase == .failed { sink.word(UInt64(error) << 32 | UInt64(code)) }
    switch hashForm {
    case .absent: break
    case .evm: sink.fingerprint(hash)
    case .text: sink.word(hash.words.0)
    }
  }
}
