import Journal

/// The ledger folder as the `log` commands read it: lines as they stand, whole units only.
struct LogFolder {
  let disk: POSIXDisk
  private let path: String

  /// - Returns: nil when there is no ledger yet.
  /// - Throws: when the folder is there and cannot be trusted or opened.
  init?(_ path: String) throws(CommandStop) {
    self.path = path
    do throws(FolderError) {
      try LedgerFolder.check(path)
    } catch {
      if case .missing = error { return nil }
      throw CommandStop(ReadingError.folder(error))
    }
    do throws(DiskError) {
      disk = try POSIXDisk(folder: path)
    } catch {
      throw CommandStop(JournalError.disk(error))
    }
  }

  /// Whether another process writes, so that HEAD says where reading stops.
  func isHeld() throws(CommandStop) -> Bool {
    do throws(LockError) {
      return try LedgerLock.holder(of: path) != nil
    } catch {
      throw CommandStop(ReadingError.lock(error))
    }
  }

  func reader() throws(CommandStop) -> LogReader {
    let isHeld = try isHeld()
    do throws(JournalError) {
      return try LogReader(disk, whileWriting: isHeld)
    } catch {
      throw CommandStop(error)
    }
  }

  /// What a command without a ledger says.
  static func missing(_ path: String) -> CommandStop {
    CommandStop(.notFound, FolderError.missing(path).description)
  }
}
