public import JSON

/// Something that was begun, may hold money, and has not ended.
public struct OpenItem: Equatable, Sendable {
  /// What it is, in one word: `payment`, `authorization`.
  public let kind: Text
  public let id: Text
  public let agent: Text
  public let vendor: Text
  public let amount: Money
  public let since: Timestamp

  init(_ payment: Payment) {
    kind = "payment"
    id = payment.id.text
    agent = payment.agent
    vendor = payment.vendor
    amount = payment.amount
    since = payment.startedAt
  }

  /// A hold, under its own id.
  init(_ hold: Authorization, _ payment: Payment) {
    kind = "authorization"
    id = hold.id.text
    agent = payment.agent
    vendor = payment.vendor
    amount = hold.amount
    since = hold.requestedAt
  }
}

extension BookState {
  /// What is open for strictly longer than an age, the oldest first: exactly the age is not stale.
  ///
  /// Whatever else can stay open adds its line here.
  public func staleOpenPayments(olderThan age: Int64, asOf: Timestamp) -> [OpenItem] {
    var items: [OpenItem] = []
    items += payments.open(olderThan: age, asOf: asOf)
      .filter { payments.call(of: $0.id)?.authorization == nil }.map { OpenItem($0) }
    items += authorizations.stale(olderThan: age, asOf: asOf).compactMap { hold in
      payments[hold.transaction].map { OpenItem(hold, $0) }
    }
    return items.sorted { ($0.since, $0.id) < ($1.since, $1.id) }
  }
}

extension Payments {
  /// What was completed within a window, by the time of its completion, in order of its start.
  public func completed(in window: JobWindow) -> [Payment] {
    var found: [Payment] = []
    for index in entries.indices where entries[index].phase == .completed {
      if window.contains(entries[index].closedAt), let payment = self[index] {
        found.append(payment)
      }
    }
    return found
  }
}
