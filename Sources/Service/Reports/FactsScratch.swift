import JSON
import Ledger

/// Holds the texts of one record side by side, with room behind them that may be read.
///
/// One for each thread.
final class FactsScratch {
  private var memory: [UInt8] = []
  /// Bytes behind the texts that may be read.
  private static let slack = 64

  /// Lends a decoded record in the form that lines are taken in; says whether it is a payment.
  func withLine<R>(of record: Record, _ body: (inout FactsLine, Bool) -> R) -> R {
    let parts = FactsScratch.parts(of: record)
    let texts = [
      record.event.subject, record.actor, record.binding?.key ?? "", record.binding?.op ?? "",
      parts?.parties.agent ?? "", parts?.parties.vendor ?? "", parts?.parties.network.name ?? "",
    ]
    memory.removeAll(keepingCapacity: true)
    var ends: [Int] = []
    ends.reserveCapacity(texts.count)
    for text in texts {
      memory.append(contentsOf: text.string.utf8)
      ends.append(memory.count)
    }
    memory.append(contentsOf: repeatElement(0, count: FactsScratch.slack))
    return memory.withUnsafeBufferPointer { memory in
      func piece(_ index: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: memory[(index == 0 ? 0 : ends[index - 1])..<ends[index]])
      }
      var line = FactsLine()
      line.seq = record.seq
      line.at = record.at.milliseconds
      line.type = record.event.type
      line.subject = piece(0)
      line.actor = piece(1)
      line.key = record.binding == nil ? nil : piece(2)
      line.op = piece(3)
      line.isFake = record.isFake
      line.more = record.more
      line.agent = piece(4)
      line.vendor = piece(5)
      line.network = piece(6)
      line.units = parts?.money?.units ?? 0
      line.asset = parts?.money?.asset
      line.vendorFault = parts?.vendorFault ?? false
      line.occurredAt = parts?.occurredAt?.milliseconds
      return body(&line, parts != nil)
    }
  }

  /// What the three events of a payment share.
  private struct Parts {
    let parties: PaymentParties
    let money: Money?
    let occurredAt: Timestamp?
    let vendorFault: Bool
  }

  private static func parts(of record: Record) -> Parts? {
    switch record.event {
    case .paymentStarted(let event):
      Parts(
        parties: event.parties, money: event.amount, occurredAt: event.occurredAt,
        vendorFault: false)
    case .paymentCompleted(let event):
      Parts(
        parties: event.parties, money: event.settled, occurredAt: event.occurredAt,
        vendorFault: false)
    case .paymentFailed(let event):
      Parts(
        parties: event.parties, money: nil, occurredAt: event.occurredAt,
        vendorFault: event.vendorFault)
    case .budgetLimitSet, .walletRegistered, .walletBalanceObserved,
      .intentSubmitted,
      .intentApproved, .intentDenied, .paymentRefused,
      .paymentRetried,
      .paymentUnknown, .paymentResolved, .transitionRefused, .alertRaised, .alertAcknowledged,
      .alertResolved, .authorizationRequested,
      .authorizationCreated, .authorizationStepRequested, .authorizationCaptured,
      .authorizationCancelled, .authorizationExpired, .authorizationFailed, .authorizationUnknown,
      .gatewayPaymentAccepted,
      .gatewayResponseRecorded, .gatewayReserved, .gatewaySettleStarted, .gatewaySettled,
      .gatewayRefused, .gatewayUnknown, .gatewayAnomaly, .gatewayOffersCounted,
      .rateLimitTripsCounted, .ledgerOpened, .segmentOpened, .segmentSealed, .ledgerTailRepaired,
      .ledgerRestored, .clockAdjusted, .configApplied, .routesApplied, .killSwitchEngaged,
      .killSwitchReleased,
      .jobCompleted, .jobFailed, .financeEntryRecorded, .vendorCapabilityObserved,
      .businessGenerated:
      nil
    }
  }
}

extension EventType {
  /// Whether a ledger that never let money out itself can hold it; the rest is left to a full
  /// fold.
  var isImportable: Bool {
    switch self {
    case .paymentStarted, .paymentCompleted, .paymentFailed, .budgetLimitSet,
      .walletRegistered, .walletBalanceObserved, .gatewayPaymentAccepted, .gatewayResponseRecorded,
      .gatewayReserved, .gatewaySettleStarted, .gatewaySettled, .gatewayRefused, .gatewayUnknown,
      .gatewayAnomaly,
      .gatewayOffersCounted,
      .rateLimitTripsCounted, .ledgerOpened, .segmentOpened, .segmentSealed,
      .ledgerTailRepaired, .ledgerRestored, .clockAdjusted, .configApplied, .routesApplied,
      .killSwitchEngaged,
      .killSwitchReleased, .jobCompleted, .jobFailed, .financeEntryRecorded, .alertRaised,
      .vendorCapabilityObserved,
      .businessGenerated,
      .alertAcknowledged, .alertResolved:
      true
    case .intentSubmitted, .intentApproved, .intentDenied, .paymentRefused, .paymentRetried,
      .paymentUnknown, .paymentResolved, .transitionRefused, .authorizationRequested,
      .authorizationCreated, .authorizationStepRequested, .authorizationCaptured,
      .authorizationCancelled, .authorizationExpired, .authorizationFailed,
      .authorizationUnknown:
      false
    }
  }
}
