import JSON
internal import Ledger
internal import Synchronization

/// Asks the provider anew about a vendor whose list has gone stale, before money goes there.
///
/// Nobody pays by an old list, and nobody waits for a vendor twice a minute: while one asks, the
/// others wait for it; when it brought nothing, the old entry stays, stale, and forbids nothing.
final class VendorRenewal: Sendable {
  /// How it stands with one vendor.
  private enum Standing: Sendable {
    /// Being asked about; who waits for that.
    case asking([@Sendable () -> Void])
    /// Asked about at this moment since boot.
    case asked(Int64)
  }

  /// What becomes of one who comes.
  private enum Step { case lead, wait, pass }

  /// The shortest time between two questions about a vendor, in milliseconds.
  static let pause: Int64 = 60_000

  private let bookkeeper: Bookkeeper
  private let book: Book
  private let pool: CallPool
  private let boot: @Sendable () -> Int64
  /// By vendor in lower case; only of vendors that the ledger has a list of.
  private let standings = Mutex<[Text: Standing]>([:])

  init(
    _ bookkeeper: Bookkeeper, _ book: Book, pool: CallPool, boot: @escaping @Sendable () -> Int64
  ) {
    self.bookkeeper = bookkeeper
    self.book = book
    self.pool = pool
    self.boot = boot
  }

  /// Goes on at once, or after the provider was asked about the vendor.
  func before(
    _ vendor: Text, _ provider: (any PaymentProvider)?, _ next: @escaping @Sendable () -> Void
  ) {
    guard let provider, isDue(vendor) else { return next() }
    switch begin(vendor, next) {
    case .pass: return next()
    case .wait: return
    case .lead: break
    }
    let isTaken = pool.add { [self] in
      if case .offer(let offer) = provider.capabilities(of: vendor) { observe(vendor, offer) }
      end(vendor)
    }
    if !isTaken { end(vendor) }
  }

  /// Whether what the provider told of a vendor is out of date, or was told in the other book.
  private func isDue(_ vendor: Text) -> Bool {
    let book = book
    return bookkeeper.read { state, now in
      guard let listed = state[book].vendors[vendor]?.listed else {
        return state[book == .fake ? .real : .fake].vendors[vendor]?.listed?.source == .fetch
      }
      return listed.source == .fetch && !state.controls.vendorCache.isFresh(listed.at, at: now)
    }.value
  }

  private func begin(_ vendor: Text, _ next: @escaping @Sendable () -> Void) -> Step {
    let key = vendor.asciiLowercased
    let now = boot()
    return standings.withLock { standings in
      switch standings[key] {
      case .asking(let others):
        standings[key] = .asking(others + [next])
        return .wait
      case .asked(let moment) where now - moment < VendorRenewal.pause: return .pass
      case .asked, nil:
        standings[key] = .asking([next])
        return .lead
      }
    }
  }

  private func observe(_ vendor: Text, _ offer: VendorOffer) {
    let command = ObserveVendor(vendor: vendor, offer: offer, source: .fetch, reason: nil)
    do throws(Unavailable) {
      _ = try bookkeeper.submit(
        Submission(command, actor: "tollbook", book: book, cause: nil, binding: nil))
    } catch {
      // The payment that waits is told the same by its own submission.
    }
  }

  private func end(_ vendor: Text) {
    let now = boot()
    let standing = standings.withLock {
      $0.updateValue(.asked(now), forKey: vendor.asciiLowercased)
    }
    guard case .asking(let others) = standing else { return }
    for next in others { next() }
  }
}
