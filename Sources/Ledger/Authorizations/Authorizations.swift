public import JSON

/// Where an authorization stands.
public enum AuthorizationPhase: UInt8, CaseIterable, Sendable {
  /// The provider is being asked to hold the money.
  case requested
  case authorized
  /// The provider is being asked to take it, or to release it.
  case capturing, cancelling
  /// A step may have been done; which one, says `step`.
  case unknown
  case captured, cancelled, expired, failed

  /// The word in events and answers.
  public var name: StaticString {
    switch self {
    case .requested: "requested"
    case .authorized: "authorized"
    case .capturing: "capturing"
    case .cancelling: "cancelling"
    case .unknown: "unknown"
    case .captured: "captured"
    case .cancelled: "cancelled"
    case .expired: "expired"
    case .failed: "failed"
    }
  }

  /// Whether the money is, or may be, held.
  public var isOpen: Bool {
    switch self {
    case .requested, .authorized, .capturing, .cancelling, .unknown: true
    case .captured, .cancelled, .expired, .failed: false
    }
  }
}

/// One authorization, as the fold knows it.
public struct Authorization: Equatable, Sendable {
  public let id: AuthorizationID
  public let transaction: TransactionID
  public internal(set) var phase: AuthorizationPhase
  /// What is asked for, or was asked for last.
  public internal(set) var step: AuthorizationStep
  /// What the hold is, or was.
  public let amount: Money
  /// What a capture asks for, or took.
  public internal(set) var wanted: Money?
  public internal(set) var reason: Text?
  public let provider: Text
  /// The provider's key of the hold itself.
  public let providerKey: Text
  /// The provider's key of the present step.
  public internal(set) var stepKey: Text
  /// How many steps were asked for.
  public internal(set) var steps: Int
  public internal(set) var errorClass: Text?
  public let requestedAt: Timestamp
  /// When the present step was asked for.
  public internal(set) var stepAt: Timestamp
  public let requestedSeq: UInt64
  public internal(set) var stepSeq: UInt64
  public internal(set) var lastSeq: UInt64
  public let expiresAt: Timestamp?

  /// Whether its time has run out.
  public func isExpired(at now: Timestamp) -> Bool {
    guard let expiresAt else { return false }
    return now >= expiresAt
  }
}

/// All authorizations of one book, in the order in which they were asked for; order-dependent.
public struct Authorizations: Equatable, Sendable {
  private var ids = IdentifierTable<AuthorizationKind>()
  private var entries: [Authorization] = []
  /// Those that hold money, by place.
  private var open: Set<UInt32> = []
  /// By the payment's start, which has the same seq as the request.
  public var count: Int { entries.count }
  public var openCount: Int { open.count }

  public subscript(id: AuthorizationID) -> Authorization? {
    ids.find(id).map { entries[Int($0)] }
  }

  /// The authorization at a place in the order of requests; nil past the end.
  public subscript(index: Int) -> Authorization? {
    entries.indices.contains(index) ? entries[index] : nil
  }

  /// Those that hold money, or may, in the order of their requests.
  public var openOnes: [Authorization] { open.sorted().map { entries[Int($0)] } }

  /// Those that hold money for strictly longer than the age, in milliseconds.
  public func stale(olderThan age: Int64, asOf now: Timestamp) -> [Authorization] {
    openOnes.filter { now.milliseconds(since: $0.requestedAt) > age }
  }

  /// The authorization that was asked for by a record of the unit from one seq to another.
  public func requested(within seqs: ClosedRange<UInt64>) -> Authorization? {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].requestedSeq < seqs.lowerBound { low = middle + 1 } else { high = middle }
    }
    guard low < entries.count, seqs.contains(entries[low].requestedSeq) else { return nil }
    return entries[low]
  }

  // MARK: taking in events

  func misfit(_ event: AuthorizationRequested) -> Violation.Reason? {
    ids.find(event.authorization) == nil ? nil : .alreadyStarted
  }

  mutating func apply(_ event: AuthorizationRequested, at record: Record) {
    let number = ids.intern(event.authorization)
    guard Int(number) == entries.count else { return }
    entries.append(
      Authorization(
        id: event.authorization, transaction: event.payment.transaction, phase: .requested,
        step: .authorize, amount: event.payment.amount, wanted: nil, reason: nil,
        provider: event.call.provider, providerKey: event.call.providerKey,
        stepKey: event.call.providerKey, steps: 0, errorClass: nil, requestedAt: record.at,
        stepAt: record.at, requestedSeq: record.seq, stepSeq: record.seq, lastSeq: record.seq,
        expiresAt: event.expiresAt))
    open.insert(number)
  }

  /// What is wrong about an event that ends a step.
  func misfit(
    _ id: AuthorizationID, _ payment: AuthorizedPayment, ends step: AuthorizationStep,
    source: PaymentSource, evidence: Text?
  ) -> Violation.Reason? {
    guard let number = ids.find(id) else { return .neverStarted }
    let entry = entries[Int(number)]
    guard entry.transaction == payment.transaction, entry.amount == payment.amount else {
      return .partiesChanged
    }
    let isAsked =
      switch entry.phase {
      case .requested: step == .authorize
      case .capturing: step == .capture
      case .cancelling: step == .cancel
      case .unknown: step == entry.step
      case .authorized, .captured, .cancelled, .expired, .failed: false
      }
    guard isAsked else { return .illegalStep }
    switch source {
    case .external, .direct: return .wrongSource
    case .provider: return entry.phase == .unknown ? .evidenceMissing : nil
    case .reconcile, .operator: return evidence == nil ? .evidenceMissing : nil
    }
  }

  /// What is wrong about a step that is asked for.
  func misfit(_ event: AuthorizationStepRequested) -> Violation.Reason? {
    guard let number = ids.find(event.authorization) else { return .neverStarted }
    let entry = entries[Int(number)]
    guard entry.transaction == event.payment.transaction, entry.amount == event.payment.amount
    else { return .partiesChanged }
    guard entry.phase == .authorized else { return .illegalStep }
    switch event.step {
    case .authorize: return .illegalStep
    case .cancel: return event.wanted == nil ? nil : .illegalStep
    case .capture:
      guard let wanted = event.wanted, wanted.units > 0, wanted.units <= entry.amount.units else {
        return .illegalStep
      }
      return nil
    }
  }

  /// What is wrong about a doubt.
  func misfit(_ event: AuthorizationUnknown) -> Violation.Reason? {
    guard let number = ids.find(event.authorization) else { return .neverStarted }
    let entry = entries[Int(number)]
    guard entry.stepKey == event.providerKey, entry.step == event.step else {
      return .illegalStep
    }
    switch entry.phase {
    case .requested, .capturing, .cancelling: return nil
    case .authorized, .unknown, .captured, .cancelled, .expired, .failed: return .illegalStep
    }
  }

  mutating func apply(_ event: AuthorizationStepRequested, at record: Record) {
    change(event.authorization, record) { entry in
      entry.phase = event.step == .capture ? .capturing : .cancelling
      entry.step = event.step
      entry.wanted = event.wanted
      entry.reason = event.reason
      entry.stepKey = event.providerKey
      entry.steps += 1
      entry.stepAt = record.at
      entry.stepSeq = record.seq
    }
  }

  mutating func apply(_ event: AuthorizationUnknown, at record: Record) {
    change(event.authorization, record) { entry in
      entry.phase = .unknown
      entry.errorClass = event.errorClass
    }
  }

  /// Takes in the end of a step; `misfit` has found nothing.
  mutating func end(
    _ id: AuthorizationID, as phase: AuthorizationPhase, at record: Record
  ) {
    change(id, record) { entry in
      entry.phase = phase
      entry.errorClass = nil
      if phase == .authorized { entry.wanted = nil }
    }
    if !phase.isOpen, let number = ids.find(id) { open.remove(number) }
  }

  private mutating func change(
    _ id: AuthorizationID, _ record: Record, _ body: (inout Authorization) -> Void
  ) {
    guard let number = ids.find(id) else { return }
    body(&entries[Int(number)])
    entries[Int(number)].lastSeq = record.seq
  }

  // MARK: canonical bytes

  func feed(into sink: inout StateSink) {
    sink.word(entries.count)
    for (index, entry) in entries.enumerated() {
      ids.feed(UInt32(index), into: &sink)
      sink.text(entry.transaction.text)
      sink.word(
        Int(entry.phase.rawValue) << 16 | Int(entry.step.rawValue) << 8
          | Int(entry.amount.asset.rawValue))
      sink.wide(entry.amount.units)
      sink.wide(entry.wanted?.units ?? -1)
      sink.optional(entry.reason)
      sink.text(entry.provider)
      sink.text(entry.providerKey)
      sink.text(entry.stepKey)
      sink.word(entry.steps)
      sink.optional(entry.errorClass)
      sink.moment(entry.requestedAt)
      sink.moment(entry.stepAt)
      sink.word(entry.requestedSeq)
      sink.word(entry.stepSeq)
      sink.word(entry.lastSeq)
      sink.moment(entry.expiresAt)
    }
  }
}
