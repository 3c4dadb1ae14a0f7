package import Journal

/// Which bytes of a log are read: what was there at one moment, and up to where it may be told.
///
/// While another process writes, only what HEAD calls durable is read; else everything up to the
/// last whole unit.
package struct LogExtent: Sendable {
  /// A segment and how much of it is read.
  package struct Piece: Equatable, Sendable {
    package let name: SegmentName
    /// Bytes from the beginning of the file.
    package let size: Int
  }

  /// Where the log lies; nil when there is no ledger yet.
  package let disk: POSIXDisk?
  /// In log order; only the last may be cut short.
  package let pieces: [Piece]
  /// What HEAD says; nil when it is missing or unreadable.
  package let mark: Mark?
  /// Whether the log ends at the mark because another process writes behind it.
  package let endsAtMark: Bool

  /// Bytes in all pieces.
  package var bytes: Int { pieces.reduce(0) { $0 + $1.size } }

  /// Looks at a ledger folder; one that is not there is an empty log.
  /// - Throws: `.folder` when it cannot be trusted, `.journal` when it holds what is no log.
  package static func find(in folder: String) throws(ReadingError) -> LogExtent {
    do {
      try LedgerFolder.check(folder)
    } catch .missing {
      return LogExtent(disk: nil, pieces: [], mark: nil, endsAtMark: false)
    } catch {
      throw .folder(error)
    }
    let isHeld: Bool
    do { isHeld = try LedgerLock.holder(of: folder) != nil } catch { throw .lock(error) }
    do throws(JournalError) {
      let (disk, mark) = try open(folder)
      return LogExtent(disk: disk, files: try SegmentFile.all(on: disk), mark: mark, isHeld: isHeld)
    } catch {
      throw .journal(error)
    }
  }

  /// The mark is read before the files are listed: what it promises is then among them.
  private static func open(_ folder: String) throws(JournalError) -> (POSIXDisk, Mark?) {
    do throws(DiskError) {
      let disk = try POSIXDisk(folder: folder)
      return (disk, try Mark.read(from: disk)?.mark)
    } catch {
      throw .disk(error)
    }
  }

  /// Exactly these files, up to the sizes that they were found to have.
  init(disk: POSIXDisk, files: [SegmentFile]) {
    self.init(
      disk: disk, pieces: files.map { Piece(name: $0.name, size: $0.size) }, mark: nil,
      endsAtMark: true)
  }

  private init(disk: POSIXDisk?, pieces: [Piece], mark: Mark?, endsAtMark: Bool) {
    self.disk = disk
    self.pieces = pieces
    self.mark = mark
    self.endsAtMark = endsAtMark
  }

  private init(disk: POSIXDisk, files: [SegmentFile], mark: Mark?, isHeld: Bool) {
    var pieces = files.map { Piece(name: $0.name, size: $0.size) }
    var endsAtMark = false
    if isHeld, let mark, let last = pieces.firstIndex(where: { $0.name == mark.segment }) {
      pieces.removeSubrange((last + 1)...)
      // A file that is shorter than its mark keeps its length, and shows as damage.
      pieces[last] = Piece(name: mark.segment, size: min(pieces[last].size, mark.offset))
      endsAtMark = true
    }
    while let last = pieces.last, last.size == 0 { pieces.removeLast() }
    self.init(disk: disk, pieces: pieces, mark: mark, endsAtMark: endsAtMark)
  }
}
