internal import Glibc
internal import JSON
package import Journal
internal import Ledger

/// A ledger that this process holds the lock of: read, repaired, and ready to be written; its
/// views are kept as it is.
///
/// Used by `serve`, and by tools when no daemon is up.
package final class OpenedLedger: Sendable {
  package let bookkeeper: Bookkeeper
  package let facts: StartFacts
  /// `data/ledger` below the home.
  package let folder: String
  private let lock: LedgerLock
  private let sealer: Worker
  private let views: ViewKeeper

  /// How a ledger is opened.
  package struct Options: Sendable {
    package var home: String
    /// Who holds the lock, for those who find it taken.
    package var holder: String
    /// How long to wait for a tool's lock.
    package var lockWaitMilliseconds = 5_000
    package var clocks = Clocks.system
    package var segmentLimit = Layout.segmentLimit
    package var threads = 2
    /// Runs once when the disk is lost, on the writer's thread.
    package var onLost: @Sendable (DiskLost) -> Void

    package init(home: String, holder: String, onLost: @escaping @Sendable (DiskLost) -> Void) {
      self.home = home
      self.holder = holder
      self.onLost = onLost
    }
  }

  /// Takes the lock, reads the log, repairs its end, and starts the writer.
  package init(_ options: Options) throws(ServeError) {
    let folder = options.home + "/data/ledger"
    self.folder = folder
    guard let sealer = Worker() else { throw .noThread }
    self.sealer = sealer
    do throws(FileError) {
      try Files.makeFolder(options.home + "/data", mode: 0o750)
    } catch {
      throw .unusable(error.path, error.reason)
    }
    do throws(FolderError) {
      try LedgerFolder.prepare(folder)
    } catch {
      throw .folder(error)
    }
    do throws(LockError) {
      lock = try LedgerLock.take(
        in: folder, as: options.holder, waitingMilliseconds: options.lockWaitMilliseconds)
    } catch {
      throw .lock(error)
    }
    let disk: POSIXDisk
    do throws(DiskError) {
      disk = try POSIXDisk(folder: folder)
    } catch {
      throw .unusable(folder, "\(error)")
    }
    // Only who holds the lock may touch the views.
    let views = ViewKeeper(home: options.home)
    self.views = views
    let wall = options.clocks.wall()
    var state = State()
    let started: StartedLedger
    do throws(JournalError) {
      started = try LedgerStart.open(
        disk,
        StartOptions(
          now: wall, newLedgerID: Text("\(Mint.ulid(at: wall))"), software: Version.software,
          segmentLimit: options.segmentLimit, threads: options.threads)
      ) { record in
        if state.apply(record) { views.note(record) }
      }
    } catch {
      throw .journal(error)
    }
    facts = started.facts
    let seals = SealQueue()
    bookkeeper = Bookkeeper(
      state: state, appender: started.appender, clocks: options.clocks,
      segmentLimit: options.segmentLimit, observe: { views.note($0) },
      onRotation: { seals.add($0) }, onLost: options.onLost)
    try views.start(after: bookkeeper)
    seals.start(on: sealer, bookkeeper, disk, finished: facts.unsealed)
  }

  /// What went wrong with a view since the last call; the log does not depend on them.
  package func takeViewProblems() -> [String] { views.takeProblems() }

  /// Finishes what is under way, syncs, and lets the lock go.
  package func close() {
    sealer.close()
    views.close()
    bookkeeper.close()
    lock.release()
  }
}
