package import JSON
internal import Ledger
internal import Synchronization

/// A provider for practice: keeps its own books, and does on demand what real ones do.
///
/// What it does is told by the vendor's name, as card companies tell by the card's number:
///
/// | vendor | what happens |
/// |---|---|
/// | `fake-refuse` | it refuses; the vendor is to blame |
/// | `fake-no-funds` | it refuses: the wallet is too low |
/// | `fake-timeout-before` | no answer in time, and no money taken |
/// | `fake-timeout-after` | no answer in time, and the money is taken |
/// | `fake-reset` | the connection breaks after the money was taken |
/// | `fake-duplicate` | the order reaches it twice; the money is taken once |
/// | `fake-nonsense` | an answer that nobody can read, after the money was taken |
/// | `fake-unreachable` | no connection |
/// | `fake-busy` | 429 twice, then it takes the order |
/// | `fake-flaky` | a server error once, then it takes the order |
/// | any other | it takes the order |
package final class FakePaymentProvider: PaymentProvider {
  package static let name: Text = "fake"

  package let books: FakeBooks
  /// How often an order was turned away without an entry; of this process only.
  private let turnedAway = Mutex<[Text: Int]>([:])

  package var name: Text { FakePaymentProvider.name }

  package init(books: FakeBooks) { self.books = books }

  package func pay(_ order: ProviderOrder) -> ProviderAnswer {
    // Who was answered once is answered the same again.
    if let known = books[order.key] { return FakePaymentProvider.answer(known) }
    switch order.vendor.string {
    case "fake-refuse", "fake-no-funds": return answer(books.enter(order, isTaken: false), order)
    case "fake-timeout-before": return .noAnswer(.timeout)
    case "fake-timeout-after":
      _ = books.enter(order, isTaken: true)
      return .noAnswer(.timeout)
    case "fake-reset":
      _ = books.enter(order, isTaken: true)
      return .noAnswer(.reset)
    case "fake-nonsense":
      _ = books.enter(order, isTaken: true)
      return .noAnswer(.unreadable)
    case "fake-duplicate":
      _ = books.enter(order, isTaken: true)
      return answer(books.enter(order, isTaken: true), order)
    case "fake-unreachable": return .notTaken(.connect)
    case "fake-busy" where turnAway(order, atMost: 2): return .notTaken(.tooManyRequests)
    case "fake-flaky" where turnAway(order, atMost: 1): return .noAnswer(.serverError)
    default: return answer(books.enter(order, isTaken: true), order)
    }
  }

  package func look(up order: ProviderOrder) -> ProviderAnswer {
    guard let entry = books[order.key] else { return .neverSeen }
    return FakePaymentProvider.answer(entry)
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
    if entry.isTaken { return .completed(chainHash: nil, receipt: entry.reference) }
    return entry.vendor == "fake-no-funds"
      ? .failed(
        code: "INSUFFICIENT_FUNDS", error: "payment error: the wallet is too low",
        vendorFault: false)
      : .failed(
        code: "VENDOR_REFUSED", error: "payment error: the vendor refused", vendorFault: true)
  }
}
