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

  /// What the keeper's lock guards.
  private struct Desk: ~Copyable {
    var stage = Stage.reading
    var pending: [Record] = []
    var writer: ViewWriter?
    var problems: [String] = []
  }

  private let desk: Mutex<Desk>
  private let wake = Semaphore()
  private let ended = Semaphore()

  /// Opens the views of a home folder.
  package init(home: String) throws(ServeError) {
    let writer: ViewWriter
    do throws(ViewError) {
      writer = try ViewWriter(home: home, only: nil, isFresh: false)
    } catch {
      throw .unusable(home, "\(error)")
    }
    var desk = Desk()
    desk.writer = writer
    self.desk = Mutex(desk)
  }

  /// Takes in a legal record: while reading at once, later when it is durable.
  package func note(_ record: Record) {
    guard record.book != nil else { return }
    let isFirst = desk.withLock { desk in
      guard desk.stage == .running else {
        desk.writer?.catchUp(record)
        return false
      }
      desk.pending.append(record)
      return desk.pending.count == 1
    }
    if isFirst { wake.signal() }
  }

  /// Ends the reading: mends what differs, and follows the bookkeeper from here.
  package func start(after bookkeeper: Bookkeeper) throws(ServeError) {
    desk.withLock { desk in
      desk.writer?.settle()
      desk.stage = .running
    }
    guard Threads.start({ [self] in follow(bookkeeper) }) else { throw .noThread }
  }

  private func follow(_ bookkeeper: Bookkeeper) {
    while true {
      wake.wait()
      guard bookkeeper.waitUntilDurable() else { break }
      let durable = bookkeeper.durableSeq
      let isClosed = desk.withLock { desk in
        let ready = desk.pending.prefix { $0.seq <= durable }
        desk.writer?.append(Array(ready))
        desk.pending.removeFirst(ready.count)
        desk.problems += desk.writer?.takeProblems().map { "\($0)" } ?? []
        return desk.stage == .closed
      }
      if desk.withLock({ !$0.pending.isEmpty }) { wake.signal() }
      if isClosed { break }
    }
    ended.signal()
  }

  /// What went wrong with a view since the last call.
  package func takeProblems() -> [String] {
    desk.withLock { desk in
      defer { desk.problems = [] }
      return desk.problems
    }
  }

  /// Writes what is durable and ends; call it while the bookkeeper still answers.
  package func close() {
    let wasRunning = desk.withLock { desk in
      defer { desk.stage = .closed }
      return desk.stage == .running
    }
    guard wasRunning else { return }
    wake.signal()
    ended.wait()
  }
}
