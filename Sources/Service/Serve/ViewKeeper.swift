internal import Glibc
package import Ledger
internal import Synchronization

/// Keeps the views up to the durable seq, on a thread of its own.
///
/// While the ledger is read it gets every record; from `start` on each new one as it is decided,
/// and writes it once it is durable. A view that cannot be written does not hold up the ledger.
package final class ViewKeeper: Sendable {
  /// How far the keeper's life is.
  private enum Stage: Sendable {
    case reading, running, closed
  }

  /// What is handed from those who decide to the keeper's thread: never held while writing.
  private struct Inbox: Sendable {
    var stage = Stage.reading
    var pending: [Record] = []
    var problems: [String] = []
  }

  /// Records are gathered for so long before they are written: nobody reads a view by the second.
  private static let gatherMicroseconds: UInt32 = 50_000

  private let inbox = Mutex(Inbox())
  /// Used by the starting thread, then by the keeper's alone.
  private let writer: Mutex<ViewWriter?>
  private let wake = Semaphore()
  private let ended = Semaphore()

  /// Opens the views of a home folder.
  ///
  /// Views that cannot be opened are not kept in this run: the ledger does not depend on them.
  package init(home: String) {
    do throws(ViewError) {
      writer = Mutex(try ViewWriter(home: home, only: nil, isFresh: false))
    } catch {
      writer = Mutex(nil)
      inbox.withLock { $0.problems.append("views are not kept: \(error.message)") }
    }
  }

  /// Takes in a legal record: while reading at once, later when it is durable.
  package func note(_ record: Record) {
    guard record.book != nil || record.event.type == .configApplied else { return }
    let (isReading, isFirst) = inbox.withLock { inbox in
      guard inbox.stage == .running else { return (inbox.stage == .reading, false) }
      inbox.pending.append(record)
      return (false, inbox.pending.count == 1)
    }
    if isReading { writer.withLock { $0?.catchUp(record) } }
    if isFirst { wake.signal() }
  }

  /// Ends the reading: mends what differs, and follows the bookkeeper from here.
  package func start(after bookkeeper: Bookkeeper) throws(ServeError) {
    writer.withLock { $0?.settle() }
    inbox.withLock { $0.stage = .running }
    guard Threads.start({ [self] in follow(bookkeeper) }) else { throw .noThread }
  }

  private func follow(_ bookkeeper: Bookkeeper) {
    var isClosed = false
    while !isClosed {
      wake.wait()
      isClosed = inbox.withLock { $0.stage == .closed }
      if !isClosed { usleep(ViewKeeper.gatherMicroseconds) }
      // What is decided later waits for the next round; what is in here must be durable.
      let records = inbox.withLock { inbox in
        defer { inbox.pending.removeAll() }
        return inbox.pending
      }
      guard bookkeeper.waitUntilDurable() else { break }
      let problems = writer.withLock { writer in
        writer?.append(records)
        return writer?.takeProblems().map { $0.message } ?? []
      }
      if !problems.isEmpty { inbox.withLock { $0.problems += problems } }
    }
    ended.signal()
  }

  /// What went wrong with a view since the last call.
  package func takeProblems() -> [String] {
    inbox.withLock { inbox in
      defer { inbox.problems = [] }
      return inbox.problems
    }
  }

  /// Writes what was decided and ends; call it while the bookkeeper still answers.
  package func close() {
    let wasRunning = inbox.withLock { inbox in
      defer { inbox.stage = .closed }
      return inbox.stage == .running
    }
    guard wasRunning else { return }
    wake.signal()
    ended.wait()
  }
}
