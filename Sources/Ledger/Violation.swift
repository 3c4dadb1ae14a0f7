public import JSON

/// A record that reads, but cannot be true after what stands before it.
///
/// It is not applied; it is listed. A hand edit or a bug of ours, never silently skipped.
public struct Violation: Equatable, Sendable {
  /// What is wrong, as a closed list.
  public enum Reason: UInt8, Equatable, Sendable, CaseIterable {
    case alreadyStarted, neverStarted, alreadyClosed, partiesChanged, assetChanged
    case keyUsedTwice, proofUsedTwice, receiptUsedTwice, answerWithoutPayment, underpaid
    case timeWentBack, notFirst, openedTwice, keyInsideUnit, badSettings, sealedTwice
    case switchedTwice, badLimit, wrongSource, evidenceMissing
    case intentUnknown, intentClosed, intentMismatch, illegalStep, badRun
    case alreadyRaised, notRaised
    case walletUnknown, walletMismatch
    case promiseUsedTwice, reservationUnknown, illegalGatewayStep

    /// The reason in one sentence.
    public var sentence: StaticString {
      switch self {
      case .alreadyStarted: "the payment had already begun"
      case .neverStarted: "the payment never began"
      case .alreadyClosed: "the payment had already ended"
      case .partiesChanged: "agent, vendor or network are not those of the payment's start"
      case .assetChanged: "the asset is not that of the payment's start"
      case .keyUsedTwice: "the idempotency key had been used by another unit"
      case .proofUsedTwice: "the proof had paid for another receipt"
      case .receiptUsedTwice: "the receipt exists already"
      case .answerWithoutPayment: "the answer belongs to no payment accepted just before"
      case .underpaid: "the amount is below the price"
      case .timeWentBack: "the time lies before its predecessor's"
      case .notFirst: "a ledger must begin with ledger.opened"
      case .openedTwice: "the ledger had been opened before"
      case .keyInsideUnit: "a key stands on a record that does not begin a unit"
      case .sealedTwice: "the segment had been sealed before"
      case .switchedTwice: "the kill switch was in that position already"
      case .badLimit: "the limit is not in USDC"
      case .badRun: "the job's window ends before it begins, or it read what was not yet there"
      case .wrongSource: "this payment cannot be told of from there"
      case .evidenceMissing: "an unknown payment ends by evidence only"
      case .intentUnknown: "there is no such intent"
      case .intentClosed: "the intent was decided, used or lapsed before"
      case .intentMismatch: "agent, vendor, network or amount are not those of the intent"
      case .walletUnknown: "there is no such wallet"
      case .walletMismatch: "wallet, address, network, predecessor or asset do not fit together"
      case .illegalStep: "the authorization has no such step from where it stands"
      case .alreadyRaised: "the alert, or one of the same condition, is raised already"
      case .notRaised: "there is no such alert that is not resolved"
      case .promiseUsedTwice: "the signed payment had been taken for another receipt"
      case .reservationUnknown: "there is no such payment at the gateway that has not ended"
      case .illegalGatewayStep: "the payment at the gateway has no such step from where it stands"
      case .badSettings: "a setting has a value that cannot be read"
      }
    }
  }

  public let seq: UInt64
  public let type: EventType
  public let subject: Text
  public let reason: Reason
}

/// The violations met so far: all are counted, the first thousand kept.
public struct Violations: Equatable, Sendable {
  public private(set) var count = 0
  public private(set) var first: [Violation] = []

  mutating func note(_ record: Record, _ reason: Violation.Reason) {
    count += 1
    guard first.count < 1_000 else { return }
    first.append(
      Violation(
        seq: record.seq, type: record.event.type, subject: record.event.subject, reason: reason))
  }

  func feed(into sink: inout StateSink) {
    sink.word(count)
    for violation in first {
      sink.word(violation.seq)
      sink.word(violation.type.rawValue)
      sink.text(violation.subject)
      sink.word(Int(violation.reason.rawValue))
    }
  }
}
