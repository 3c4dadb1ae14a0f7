import JSON
import Ledger

/// Turns the records of one book into the lines of its views.
///
/// A line is written once, by the event that ends a payment or takes one, and carries that
/// event's seq; nothing is ever rewritten.
struct ViewFold: Sendable {
  /// What a payment's end does not repeat.
  private struct Started: Sendable {
    let amount: Money
    let serviceURL: Text?
  }

  private let book: Book
  private var open: [TransactionID: Started] = [:]
  private var businesses = Businesses()

  init(_ book: Book) { self.book = book }

  /// Takes in the next legal record and writes the line that it leads to, with its line feed.
  /// - Returns: the view that the line belongs to; nil when the record leads to none.
  mutating func apply(_ record: Record, writingTo out: inout JSONWriter) -> View? {
    guard record.book == book else { return nil }
    businesses.apply(record)
    switch record.event {
    case .paymentStarted(let event):
      open[event.transaction] = Started(amount: event.amount, serviceURL: event.serviceURL)
      return nil
    case .paymentCompleted(let event):
      guard let started = open.removeValue(forKey: event.transaction) else { return nil }
      ViewFold.write(event, started.serviceURL, record, to: &out)
      return .transactions
    case .paymentFailed(let event):
      guard let started = open.removeValue(forKey: event.transaction) else { return nil }
      ViewFold.write(event, started.amount, started.serviceURL, record, to: &out)
      return .transactions
    case .gatewayPaymentAccepted(let event):
      ViewFold.write(event, record, to: &out)
      return .receipts
    case .intentApproved(let event):
      ViewFold.write(event, record, to: &out)
      return .approvalLog
    case .intentDenied(let event):
      ViewFold.write(event, record, to: &out)
      return .approvalLog
    case .authorizationCreated(let event):
      ViewFold.write(event, record, to: &out)
      return .transactions
    case .authorizationCaptured(let event):
      ViewFold.write(event, record, to: &out)
      return .transactions
    case .authorizationCancelled(let event), .authorizationExpired(let event):
      ViewFold.write(event, record, to: &out)
      return .transactions
    case .authorizationFailed(let event):
      guard event.step == .authorize else { return nil }
      ViewFold.write(event, record, to: &out)
      return .transactions
    case .businessGenerated(let event):
      guard let summary = businesses[event.business] else { return nil }
      out.beginObject()
      BusinessAnswer.write(event.business, summary, to: &out)
      out.moment("timestamp", record.at)
      out.end(record)
      return .spendSummaries
    case .budgetLimitSet, .walletRegistered, .walletBalanceObserved, .intentSubmitted,
      .paymentRefused, .paymentRetried, .paymentUnknown,
      .paymentResolved, .transitionRefused, .alertRaised, .alertAcknowledged, .alertResolved,
      .authorizationRequested,
      .authorizationStepRequested, .authorizationUnknown, .gatewayResponseRecorded,
      .gatewayReserved, .gatewaySettleStarted, .gatewaySettled, .gatewayRefused, .gatewayUnknown,
      .gatewayAnomaly,
      .gatewayOffersCounted, .rateLimitTripsCounted, .ledgerOpened, .segmentOpened,
      .segmentSealed, .ledgerTailRepaired, .ledgerRestored, .clockAdjusted, .configApplied,
      .routesApplied,
      .killSwitchEngaged, .killSwitchReleased, .jobCompleted, .jobFailed, .financeEntryRecorded,
      .vendorCapabilityObserved:
      return nil
    }
  }

  private static func write(
    _ event: PaymentCompleted, _ serviceURL: Text?, _ record: Record, to out: inout JSONWriter
  ) {
    out.beginObject()
    writeHead(event.transaction, event.occurredAt ?? record.at, event.parties, to: &out)
    out.price("price_usdc", event.settled)
    out.field("status", PaymentPhase.completed.name)
    out.field("state", record.event.type.status)
    out.orNull("blockchain_tx_hash", event.chainHash?.text)
    out.orNull("error", nil)
    writeTail(event.latencyMilliseconds, serviceURL, to: &out)
    out.optional("facilitator_receipt", event.facilitatorReceipt)
    out.end(record)
  }

  private static func write(
    _ event: PaymentFailed, _ amount: Money, _ serviceURL: Text?, _ record: Record,
    to out: inout JSONWriter
  ) {
    out.beginObject()
    writeHead(event.transaction, event.occurredAt ?? record.at, event.parties, to: &out)
    out.price("price_usdc", amount)
    out.field("status", PaymentPhase.failed.name)
    out.field("state", record.event.type.status)
    out.orNull("blockchain_tx_hash", event.chainHash?.text)
    out.orNull("error", event.error)
    out.field("code", event.code)
    writeTail(event.latencyMilliseconds, serviceURL, to: &out)
    out.end(record)
  }

  static func writeHead(
    _ id: TransactionID, _ moment: Timestamp, _ parties: PaymentParties, to out: inout JSONWriter
  ) {
    out.field("transaction_id", id.text)
    out.moment("timestamp", moment)
    out.field("agent_id", parties.agent)
    out.field("vendor", parties.vendor)
    out.field("network", parties.network.name)
  }

  static func writeTail(
    _ latency: Int64?, _ serviceURL: Text?, to out: inout JSONWriter
  ) {
    out.optional("latency_ms", latency)
    out.optional("service_url", serviceURL)
  }

  private static func write(
    _ event: GatewayPaymentAccepted, _ record: Record, to out: inout JSONWriter
  ) {
    out.beginObject()
    out.field("receipt_id", event.receipt.text)
    out.moment("timestamp", record.at)
    out.field("method", event.method)
    out.field("path", event.path)
    out.field("network", event.network.name)
    out.price("amount_usdc", event.amount)
    out.field("status", PaymentPhase.completed.name)
    out.field("state", record.event.type.status)
    out.field("settlement", Receipt(event, paidAt: record.at).settlement)
    out.orNull("blockchain_tx_hash", event.chainHash?.text)
    out.orNull("payer", event.payer)
    out.orNull("receiver", event.receiver)
    out.field("policy_id", event.policy)
    out.end(record)
  }
}

extension JSONWriter {
  /// An amount under the seeds' name as an exact decimal literal; of another asset than USDC as
  /// `amount` and `asset`.
  mutating func price(_ key: StaticString, _ money: Money) {
    self.key(money.asset == .usdc ? key : "amount")
    money.writeDecimal(into: &bytes)
    if money.asset != .usdc { field("asset", money.asset.code) }
  }

  mutating func moment(_ key: StaticString, _ moment: Timestamp) {
    self.key(key)
    quotedASCII { moment.write(into: &$0) }
  }

  mutating func orNull(_ key: StaticString, _ text: Text?) {
    self.key(key)
    if let text { string(text) } else { null() }
  }

  /// The seq of the event that made the line, and the line's end.
  mutating func end(_ record: Record) {
    field("seq", record.seq)
    endObject()
    bytes.append(0x0A)
  }
}
