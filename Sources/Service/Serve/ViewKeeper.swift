internal import Journal
package import Ledger
internal import Synchronization

/// Keeps the views up to the durable seq, on a thread of its own.
package final class ViewKeeper: Sendable {
  private let home: String
  package init(home: String) { self.home = home }
  package func note(_ record: Record) {}
  package func start(after bookkeeper: Bookkeeper) throws(ServeError) {}
  package func close() {}
}
