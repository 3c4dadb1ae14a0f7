public import JSON

/// Where a payment at the gateway stands.
public enum ReceiptPhase: UInt8, CaseIterable, Sendable {
  /// A signed promise is taken; nobody was asked to move money.
  case reserved
  /// The answer is recorded and the facilitator is being asked.
  case answered
  /// The facilitator is being asked before anything is done: the upfront flow.
  case settling
  /// The money may have moved.
  case unknown
  /// The money moved; within a unit only, the acceptance follows.
  case settled
  case accepted
  /// No money moved and none will.
  case refused

  /// The word in events and answers.
  public var name: StaticString {
    switch self {
    case .reserved: "reserved"
    case .answered, .settling: "settling"
    case .unknown: "unknown"
    case .settled, .accepted: "accepted"
    case .refused: "refused"
    }
  }
}

/// Where the records of a payment at the gateway stand, and what it paid for.
public struct ReceiptPlace: Equatable, Sendable {
  /// The first record: `gateway.reserved`, or `gateway.payment_accepted` where none was reserved.
  public let seq: UInt64
  public let requestHash: Fingerprint
  public internal(set) var phase: ReceiptPhase
  /// The record `gateway.payment_accepted` or `gateway.refused`; 0 before.
  public internal(set) var endSeq: UInt64
  /// The record `gateway.response_recorded`; 0 while there is none.
  public internal(set) var answerSeq: UInt64
}

/// What is known of a payment at the gateway that has not ended.
public struct OpenReceipt: Equatable, Sendable {
  public let reserved: GatewayReserved
  public let reservedAt: Timestamp
  /// Who holds the key, and the key: both are free again when the payment is refused.
  let actor: Text
  let binding: KeyBinding?
  /// The record `gateway.settle_started`; 0 before.
  public internal(set) var settleSeq: UInt64 = 0
  /// Why nobody knows, and since when.
  public internal(set) var doubt: Doubt?

  /// The last reason for not knowing.
  public struct Doubt: Equatable, Sendable {
    public let errorClass: Text
    /// The transaction that was sent to the chain, when one is known.
    public let chainHash: ChainHash?
    public let since: Timestamp
  }

  init(_ reserved: GatewayReserved, at record: Record) {
    self.reserved = reserved
    reservedAt = record.at
    actor = record.actor
    binding = record.binding
  }
}

extension OpenReceipt {
  func feed(into sink: inout StateSink) {
    var out = JSONWriter()
    out.beginObject()
    reserved.write(to: &out)
    out.endObject()
    sink.text(Text(String(decoding: out.bytes, as: UTF8.self)))
    sink.moment(reservedAt)
    sink.text(actor)
    sink.optional(binding?.key)
    sink.optional(binding?.op)
    if let binding { sink.fingerprint(binding.print) }
    sink.word(settleSeq)
    sink.optional(doubt?.errorClass)
    sink.optional(doubt?.chainHash?.text)
    if let doubt { sink.moment(doubt.since) }
  }
}

/// All payments at the gateway of one book, and the proofs and promises that paid; order-dependent.
///
/// Bodies stay in the log: a receipt is found by its place.
public struct Receipts: Equatable, Sendable {
  /// A signed promise in 40 bytes: network, token and payer by their number.
  struct PromiseKey: Hashable, Sendable {
    let party: UInt32
    let nonce: Fingerprint
  }

  var ids = IdentifierTable<ReceiptKind>()
  var places: [ReceiptPlace] = []
  private var proofs = TextTable()
  /// The receipt that each proof paid for, by the proof's number.
  private var receiptOfProof: [UInt32] = []
  /// The receipt that waits for the next record of its unit.
  var awaiting: UInt32?
  private var parties = TextTable()
  /// The receipt that each promise pays for; a refused one pays for none.
  private var promises: [PromiseKey: UInt32] = [:]
  /// Reserved ones that have not ended, by number.
  var open: [UInt32: OpenReceipt] = [:]

  public var count: Int { places.count }

  public subscript(id: ReceiptID) -> ReceiptPlace? {
    ids.find(id).map { places[Int($0)] }
  }

  /// What is known of a payment that has not ended; nil when it has, or was never reserved.
  public func open(_ id: ReceiptID) -> OpenReceipt? {
    ids.find(id).flatMap { open[$0] }
  }

  /// The payments that have not ended, in the order of their reservation.
  public var openOnes: [(place: ReceiptPlace, receipt: OpenReceipt)] {
    open.keys.sorted().compactMap { number in
      open[number].map { (places[Int(number)], $0) }
    }
  }

  /// How many payments that have not ended stand there.
  public func count(of phase: ReceiptPhase) -> Int {
    open.keys.count { places[Int($0)].phase == phase }
  }

  /// The payment whose first record stands here.
  public func receipt(begunAt seq: UInt64) -> ReceiptID? {
    var low = 0
    var high = places.count
    while low < high {
      let middle = (low + high) / 2
      if places[middle].seq < seq { low = middle + 1 } else { high = middle }
    }
    return low < places.count && places[low].seq == seq ? ids[UInt32(low)] : nil
  }

  /// The receipt that a proof paid for; nil when the proof is new.
  func place(ofProof proof: Text) -> ReceiptPlace? {
    proofs.find(proof).map { places[Int(receiptOfProof[Int($0)])] }
  }

  /// The receipt that a promise pays for; nil when the promise is free.
  public func receipt(of promise: SignedPromise) -> ReceiptID? {
    number(of: promise).flatMap { ids[$0] }
  }

  func place(of promise: SignedPromise) -> ReceiptPlace? {
    number(of: promise).map { places[Int($0)] }
  }

  private func number(of promise: SignedPromise) -> UInt32? {
    guard let party = parties.find(Receipts.party(of: promise)) else { return nil }
    return promises[PromiseKey(party: party, nonce: promise.nonce)]
  }

  private static func party(of promise: SignedPromise) -> Text {
    Text("\(promise.network.name)|\(promise.token)|\(promise.payer)")
  }

  // MARK: what is bought without a reservation

  /// Takes in a payment that nobody had reserved: of the form only.
  mutating func accept(
    _ event: GatewayPaymentAccepted, at record: Record
  ) -> Violation.Reason? {
    guard ids.find(event.receipt) == nil else { return .receiptUsedTwice }
    guard event.amount.units >= event.price.units else { return .underpaid }
    if event.mode == .strict {
      guard proofs.find(event.proofID) == nil else { return .proofUsedTwice }
    }
    let number = ids.intern(event.receipt)
    places.append(
      ReceiptPlace(
        seq: record.seq, requestHash: event.requestHash, phase: .accepted, endSeq: record.seq,
        answerSeq: 0))
    if event.mode == .strict {
      _ = proofs.intern(event.proofID)
      receiptOfProof.append(number)
    }
    awaiting = record.more ? number : nil
    return nil
  }

  // MARK: promises

  mutating func bind(_ promise: SignedPromise, to number: UInt32) -> Bool {
    let key = PromiseKey(party: parties.intern(Receipts.party(of: promise)), nonce: promise.nonce)
    guard promises[key] == nil else { return false }
    promises[key] = number
    return true
  }

  mutating func free(_ promise: SignedPromise) {
    guard let party = parties.find(Receipts.party(of: promise)) else { return }
    promises[PromiseKey(party: party, nonce: promise.nonce)] = nil
  }

  func feed(into sink: inout StateSink) {
    sink.word(places.count)
    for (index, place) in places.enumerated() {
      ids.feed(UInt32(index), into: &sink)
      sink.word(place.seq)
      sink.fingerprint(place.requestHash)
      sink.word(Int(place.phase.rawValue))
      sink.word(place.endSeq)
      sink.word(place.answerSeq)
    }
    sink.word(receiptOfProof.count)
    for (index, receipt) in receiptOfProof.enumerated() {
      proofs.feed(UInt32(index), into: &sink)
      sink.word(Int(receipt))
    }
    sink.word(awaiting.map(Int.init) ?? -1)
    feedPromises(into: &sink)
  }

  /// By receipt, so that the order of a dictionary shows nowhere.
  private func feedPromises(into sink: inout StateSink) {
    sink.word(parties.count)
    for index in 0..<UInt32(parties.count) { parties.feed(index, into: &sink) }
    sink.word(promises.count)
    for (key, number) in promises.sorted(by: { $0.value < $1.value }) {
      sink.word(Int(number))
      sink.word(Int(key.party))
      sink.fingerprint(key.nonce)
    }
    sink.word(open.count)
    for (number, receipt) in open.sorted(by: { $0.key < $1.key }) {
      sink.word(Int(number))
      receipt.feed(into: &sink)
    }
  }
}

/// What each spending policy has taken in and holds, for its session cap.
struct Sessions: Equatable, Sendable {
  /// The sums of one policy.
  private struct Sums: Equatable, Sendable {
    var spent: Money
    /// Of payments that are reserved and have not ended.
    var held: Money
  }

  private var policies = TextTable()
  private var sums: [Sums] = []

  /// What a policy has taken in.
  func spent(policy: Text) -> Money? { policies.find(policy).map { sums[Int($0)].spent } }

  /// What a policy has taken in and holds.
  func committed(policy: Text) -> Money? {
    policies.find(policy).map { number in
      let sums = sums[Int(number)]
      return Money(
        units: sums.spent.units.addingClamped(sums.held.units), asset: sums.spent.asset)
    }
  }

  mutating func spend(_ amount: Money, of policy: Text) {
    add(amount, of: policy) { $0.spent = $0.spent.plus($1) }
  }

  mutating func hold(_ amount: Money, of policy: Text) {
    add(amount, of: policy) { $0.held = $0.held.plus($1) }
  }

  mutating func release(_ amount: Money, of policy: Text) {
    add(amount, of: policy) {
      $0.held = Money(units: $0.held.units - $1.units, asset: $0.held.asset)
    }
  }

  private mutating func add(
    _ amount: Money, of policy: Text, _ change: (inout Sums, Money) -> Void
  ) {
    let number = Int(policies.intern(policy))
    if number == sums.count {
      sums.append(Sums(spent: .zero(amount.asset), held: .zero(amount.asset)))
    }
    guard sums[number].spent.asset == amount.asset else { return }
    change(&sums[number], amount)
  }

  func feed(into sink: inout StateSink) {
    sink.word(sums.count)
    for (index, sums) in sums.enumerated() {
      policies.feed(UInt32(index), into: &sink)
      sink.word(Int(sums.spent.asset.rawValue))
      sink.wide(sums.spent.units)
      sink.wide(sums.held.units)
    }
  }
}

extension Money {
  /// The sum of two amounts of one asset, at most the largest.
  fileprivate func plus(_ other: Money) -> Money {
    Money(units: units.addingClamped(other.units), asset: asset)
  }
}
