public import JSON

/// Where a payment stands.
public enum PaymentPhase: UInt8, CaseIterable, Sendable {
  case pending, completed, failed

  /// The word in events and views.
  public var name: StaticString {
    switch self {
    case .pending: "pending"
    case .completed: "completed"
    case .failed: "failed"
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
}

/// All payments of one book, in the order of their start; order-dependent.
public struct Payments: Equatable, Sendable {
  /// The flat form of a payment: its parties are a number, and so are texts in `names`.
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
    var units: Int128
    var startedAt: Timestamp
    var closedAt: Timestamp
    var startedSeq: UInt64
    var closedSeq: UInt64
    var latency: Int64
    var serviceURLCheck: UInt32
    var receiptCheck: UInt32
    var chainHash: ChainHash?
  }

  static var none: UInt32 { .max }

  private(set) var ids = IdentifierTable<TransactionKind>()
  private var parties = PartyTable()
  private var names = TextTable()
  private(set) var entries: [Entry] = []
  private var oldestOpen = Payments.none
  private var newestOpen = Payments.none
  /// How many have begun and not ended.
  public private(set) var openCount = 0

  public var count: Int { entries.count }

  // MARK: taking in events

  /// Takes in a start; says what is illegal about it and then changes nothing.
  mutating func apply(_ event: PaymentStarted, at record: Record) -> Violation.Reason? {
    let number = ids.intern(event.transaction)
    guard Int(number) == entries.count else { return .alreadyStarted }
    entries.append(
      Entry(
        party: parties.intern(event.parties), error: Payments.none, code: Payments.none,
        olderOpen: newestOpen, newerOpen: Payments.none, asset: event.amount.asset,
        phase: .pending, vendorFault: false, units: event.amount.units,
        startedAt: event.occurredAt ?? record.at, closedAt: .earliest, startedSeq: record.seq,
        closedSeq: 0, latency: -1,
        serviceURLCheck: Payments.check(event.serviceURL), receiptCheck: 0, chainHash: nil))
    if newestOpen == Payments.none {
      oldestOpen = number
    } else {
      entries[Int(newestOpen)].newerOpen = number
    }
    newestOpen = number
    openCount += 1
    return nil
  }

  mutating func apply(_ event: PaymentCompleted, at record: Record) -> Violation.Reason? {
    guard let number = ids.find(event.transaction) else { return .neverStarted }
    let index = Int(number)
    if let reason = mismatch(index, event.parties) { return reason }
    guard entries[index].asset == event.settled.asset else { return .assetChanged }
    close(index, as: .completed, record: record, occurredAt: event.occurredAt)
    entries[index].units = event.settled.units
    entries[index].chainHash = event.chainHash
    entries[index].latency = event.latencyMilliseconds ?? -1
    entries[index].receiptCheck = Payments.check(event.facilitatorReceipt)
    return nil
  }

  mutating func apply(_ event: PaymentFailed, at record: Record) -> Violation.Reason? {
    guard let number = ids.find(event.transaction) else { return .neverStarted }
    let index = Int(number)
    if let reason = mismatch(index, event.parties) { return reason }
    close(index, as: .failed, record: record, occurredAt: event.occurredAt)
    entries[index].error = names.intern(event.error)
    entries[index].code = names.intern(event.code)
    entries[index].vendorFault = event.vendorFault
    entries[index].chainHash = event.chainHash
    entries[index].latency = event.latencyMilliseconds ?? -1
    return nil
  }

  private mutating func mismatch(_ index: Int, _ names: PaymentParties) -> Violation.Reason? {
    guard entries[index].phase == .pending else { return .alreadyClosed }
    return parties.find(names) == entries[index].party ? nil : .partiesChanged
  }

  private mutating func close(
    _ index: Int, as phase: PaymentPhase, record: Record, occurredAt: Timestamp?
  ) {
    entries[index].phase = phase
    entries[index].closedAt = occurredAt ?? record.at
    entries[index].closedSeq = record.seq
    let older = entries[index].olderOpen
    let newer = entries[index].newerOpen
    if older == Payments.none { oldestOpen = newer } else { entries[Int(older)].newerOpen = newer }
    if newer == Payments.none { newestOpen = older } else { entries[Int(newer)].olderOpen = older }
    entries[index].olderOpen = Payments.none
    entries[index].newerOpen = Payments.none
    openCount -= 1
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
    let isOpen = entry.phase == .pending
    return Payment(
      id: id, agent: names.agent, vendor: names.vendor, network: names.network,
      amount: Money(units: entry.units, asset: entry.asset), phase: entry.phase,
      startedAt: entry.startedAt, closedAt: isOpen ? nil : entry.closedAt,
      startedSeq: entry.startedSeq, closedSeq: isOpen ? nil : entry.closedSeq,
      chainHash: entry.chainHash, latencyMilliseconds: entry.latency < 0 ? nil : entry.latency,
      error: entry.error == Payments.none ? nil : self.names[entry.error],
      code: entry.code == Payments.none ? nil : self.names[entry.code],
      vendorFault: entry.vendorFault)
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
    sink.word(entries.count)
    for (index, entry) in entries.enumerated() {
      ids.feed(UInt32(index), into: &sink)
      parties.feed(entry.party, into: &sink)
      for name in [entry.error, entry.code] {
        if name == Payments.none { sink.word(Int(-1)) } else { names.feed(name, into: &sink) }
      }
      sink.word(
        UInt64(entry.asset.rawValue) | UInt64(entry.phase.rawValue) << 8
          | (entry.vendorFault ? 1 << 16 : 0))
      sink.wide(entry.units)
      sink.moment(entry.startedAt)
      sink.moment(entry.closedAt)
      sink.word(entry.startedSeq)
      sink.word(entry.closedSeq)
      sink.word(UInt64(bitPattern: entry.latency))
      sink.word(UInt64(entry.serviceURLCheck) << 32 | UInt64(entry.receiptCheck))
      sink.optional(entry.chainHash?.text)
    }
  }
}
