internal import Journal
internal import Ledger

/// Finds the way into the ledger of a home folder.
package struct ImportLedger: Sendable {
  /// How long one batch may take through a daemon.
  private static let deadlineMilliseconds = 60_000

  private let home: String
  private var folder: String { home + "/data/ledger" }

  package init(home: String) { self.home = home }

  /// The daemon's socket when one holds the ledger, else the ledger itself under its lock.
  func sink(book: Book, clocks: Clocks) throws(ImportStop) -> any ImportSink {
    do throws(LockError) {
      if let path = try DaemonSocket.path(home: home) {
        return SocketSink(
          path: path, book: book, deadlineMilliseconds: ImportLedger.deadlineMilliseconds)
      }
    } catch {
      throw ImportStop(ServeError.lock(error).exitStatus, "\(error)")
    }
    // A lost disk shows in the sink, which then says what to do.
    var options = OpenedLedger.Options(home: home, holder: "tollbook import", onLost: { _ in })
    options.clocks = clocks
    do throws(ServeError) {
      let opened = try OpenedLedger(options)
      return BookkeeperSink(
        bookkeeper: opened.bookkeeper, book: book, onClose: { opened.close() })
    } catch {
      throw ImportStop(error.exitStatus, error.description)
    }
  }

  /// The log folded as it stands; takes no lock.
  func state() throws(ImportStop) -> State {
    do throws(ReadingError) {
      let extent = try LogExtent.find(in: folder)
      return try ImportLedger.fold(extent)
    } catch {
      throw ImportStop(error.status, error.message)
    }
  }

  private static func fold(_ extent: LogExtent) throws(ReadingError) -> State {
    do throws(JournalError) {
      return try Replay.run(
        LogReading(extent, until: .end, checksHashes: false, threads: 2)
      ).state
    } catch {
      throw .journal(error)
    }
  }
}
