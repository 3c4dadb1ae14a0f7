import JSON

/// Where the record of an accepted payment stands, and what it paid for.
public struct ReceiptPlace: Equatable, Sendable {
  /// The record `gateway.payment_accepted`; its answer is the next one.
  public let seq: UInt64
  public let requestHash: Fingerprint
}

/// All receipts of one book and the proofs that paid for them; order-dependent.
///
/// Bodies stay in the log: a receipt is found by its place.
public struct Receipts: Equatable, Sendable {
  private var ids = IdentifierTable<ReceiptKind>()
  private var places: [ReceiptPlace] = []
  private var proofs = TextTable()
  /// The receipt that each proof paid for, by the proof's number.
  private var receiptOfProof: [UInt32] = []
  /// The receipt that waits for its answer within a unit.
  private var awaiting: UInt32?

  public var count: Int { places.count }

  public subscript(id: ReceiptID) -> ReceiptPlace? {
    ids.find(id).map { places[Int($0)] }
  }

  /// The receipt that a proof paid for; nil when the proof is new.
  func place(ofProof proof: Text) -> ReceiptPlace? {
    proofs.find(proof).map { places[Int(receiptOfProof[Int($0)])] }
  }

  mutating func apply(_ event: GatewayPaymentAccepted, at record: Record) -> Violation.Reason? {
    guard ids.find(event.receipt) == nil else { return .receiptUsedTwice }
    guard event.amount.units >= event.price.units else { return .underpaid }
    if event.mode == .strict {
      guard proofs.find(event.proofID) == nil else { return .proofUsedTwice }
    }
    let number = ids.intern(event.receipt)
    places.append(ReceiptPlace(seq: record.seq, requestHash: event.requestHash))
    if event.mode == .strict {
      _ = proofs.intern(event.proofID)
      receiptOfProof.append(number)
    }
    awaiting = record.more ? number : nil
    return nil
  }

  mutating func apply(_ event: GatewayResponseRecorded, at record: Record) -> Violation.Reason? {
    guard let number = awaiting, ids.find(event.receipt) == number,
      places[Int(number)].seq + 1 == record.seq
    else { return .answerWithoutPayment }
    awaiting = nil
    return nil
  }

  func feed(into sink: inout StateSink) {
    sink.word(places.count)
    for (index, place) in places.enumerated() {
      ids.feed(UInt32(index), into: &sink)
      sink.word(place.seq)
      sink.fingerprint(place.requestHash)
    }
    sink.word(receiptOfProof.count)
    for (index, receipt) in receiptOfProof.enumerated() {
      proofs.feed(UInt32(index), into: &sink)
      sink.word(Int(receipt))
    }
    sink.word(awaiting.map(Int.init) ?? -1)
  }
}

/// What each spending policy has taken in so far, for its session cap; order-free, but read by
/// `decide`, so it lives with the ordered ones.
struct Sessions: Equatable, Sendable {
  private var policies = TextTable()
  private var spent: [Money] = []

  func spent(policy: Text) -> Money? {
    policies.find(policy).map { spent[Int($0)] }
  }

  mutating func apply(_ event: GatewayPaymentAccepted) {
    let number = Int(policies.intern(event.policy))
    if number == spent.count { spent.append(.zero(event.amount.asset)) }
    guard spent[number].asset == event.amount.asset else { return }
    let units = spent[number].units.addingClamped(event.amount.units)
    spent[number] = Money(units: units, asset: event.amount.asset)
  }

  func feed(into sink: inout StateSink) {
    sink.word(spent.count)
    for (index, money) in spent.enumerated() {
      policies.feed(UInt32(index), into: &sink)
      sink.word(Int(money.asset.rawValue))
      sink.wide(money.units)
    }
  }
}
