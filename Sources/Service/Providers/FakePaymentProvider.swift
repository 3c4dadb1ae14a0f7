package import JSON
internal import Ledger
internal import Synchronization

/// A provider for practice: keeps its own books, and does on demand what real ones do.
///
/// What it does is told by the vendor's name, as card companies tell by the card's number: a
/// vendor `fake-WORD` when it is asked to pay or hold, `fake-capture-WORD` when it is asked to
/// capture, `fake-cancel-WORD` when it is asked to cancel. The words are those of `Behaviour`;
/// with any other vendor it does what it is asked.
package final class FakePaymentProvider: PaymentProvider {
  /// What it does on demand.
  private enum Behaviour: String {
    case obey = ""
    /// It refuses; the vendor is to blame.
    case refuse
    /// It refuses: the wallet is too low.
    case noFunds = "no-funds"
    /// No answer in time, and nothing done.
    case timeoutBefore = "timeout-before"
    /// No answer in time, and it is done.
    case timeoutAfter = "timeout-after"
    /// The connection breaks after it was done.
    case reset
    /// The order reaches it twice; it is done once.
    case duplicate
    /// An answer that nobody can read, after it was done.
    case nonsense
    /// No connection.
    case unreachable
    /// Asked too often, twice; then it is done.
    case busy
    /// A server error once, then it is done.
    case flaky
  }

  package static let name: Text = "fake"

  package let books: FakeBooks
  /// How often an order was turned away without an entry; of this process only.
  private let turnedAway = Mutex<[Text: Int]>([:])

  package var name: Text { FakePaymentProvider.name }

  package init(books: FakeBooks) { self.books = books }

  package func ask(_ order: ProviderOrder) -> ProviderAnswer {
    // Who was answered once is answered the same again.
    if let known = books[order.key] { return FakePaymentProvider.answer(known) }
    switch FakePaymentProvider.behaviour(order) {
    case .refuse, .noFunds: return answer(books.enter(order, isDone: false), order)
    case .timeoutBefore: return .noAnswer(.timeout)
    case .timeoutAfter:
      _ = books.enter(order, isDone: true)
      return .noAnswer(.timeout)
    case .reset:
      _ = books.enter(order, isDone: true)
      return .noAnswer(.reset)
    case .nonsense:
      _ = books.enter(order, isDone: true)
      return .noAnswer(.unreadable)
    case .duplicate:
      _ = books.enter(order, isDone: true)
      return answer(books.enter(order, isDone: true), order)
    case .unreachable: return .notTaken(.connect)
    case .busy where turnAway(order, atMost: 2): return .notTaken(.tooManyRequests)
    case .flaky where turnAway(order, atMost: 1): return .noAnswer(.serverError)
    case .busy, .flaky, .obey: return answer(books.enter(order, isDone: true), order)
    }
  }

  package func look(up order: ProviderOrder) -> ProviderAnswer {
    guard let entry = books[order.key] else { return .neverSeen }
    return FakePaymentProvider.answer(entry)
  }

  /// What every vendor of the fake offers; those that hide outcomes hide this, too.
  package func capabilities(of vendor: Text) -> VendorReply {
    let word = vendor.string.hasPrefix("fake-") ? String(vendor.string.dropFirst(5)) : ""
    switch Behaviour(rawValue: word) ?? .obey {
    case .unreachable: return .notReached(.connect)
    case .busy: return .notReached(.tooManyRequests)
    case .timeoutBefore, .timeoutAfter: return .noAnswer(.timeout)
    case .reset: return .noAnswer(.reset)
    case .nonsense: return .noAnswer(.unreadable)
    case .flaky: return .noAnswer(.serverError)
    case .refuse: return .unknownVendor
    case .obey, .noFunds, .duplicate:
      return .offer(
        VendorOffer(
          pricing: ["default": Money(units: 10_000_000, asset: .usdc)], tokens: ["USDC"],
          chains: ["base", "base-sepolia"], capabilities: ["pay", "authorize"]))
    }
  }

  private static func behaviour(_ order: ProviderOrder) -> Behaviour {
    let prefix =
      switch order.action {
      case .pay, .authorize: "fake-"
      case .capture: "fake-capture-"
      case .cancel: "fake-cancel-"
      }
    let vendor = order.vendor.string
    guard vendor.hasPrefix(prefix) else { return .obey }
    return Behaviour(rawValue: String(vendor.dropFirst(prefix.count))) ?? .obey
  }

  private func turnAway(_ order: ProviderOrder, atMost limit: Int) -> Bool {
    turnedAway.withLock { counts in
      let count = counts[order.key] ?? 0
      guard count < limit else {
        counts[order.key] = nil
        return false
      }
      counts[order.key] = count + 1
      return true
    }
  }

  private func answer(_ entry: FakeBooks.Entry, _ order: ProviderOrder) -> ProviderAnswer {
    guard entry.amount == order.amount, entry.vendor == order.vendor else {
      return .noAnswer(.unreadable)
    }
    return FakePaymentProvider.answer(entry)
  }

  private static func answer(_ entry: FakeBooks.Entry) -> ProviderAnswer {
    if entry.isDone { return .completed(chainHash: nil, receipt: entry.reference) }
    if entry.vendor.string.hasSuffix("-no-funds") {
      return .failed(
        code: "INSUFFICIENT_FUNDS", error: "payment error: the wallet is too low",
        vendorFault: false)
    }
    if entry.hold != nil, !entry.vendor.string.hasSuffix("-refuse") {
      return .failed(
        code: "HOLD_CLOSED", error: "payment error: there is no such hold any more",
        vendorFault: false)
    }
    return .failed(
      code: "VENDOR_REFUSED", error: "payment error: the vendor refused", vendorFault: true)
  }
}
