import Glibc
public import Ledger

/// How far a log is read; only whole units count.
public enum ReadLimit: Equatable, Sendable {
  /// To the end.
  case end
  /// Units whose last seq is not past this.
  case seq(UInt64)
  /// Up to the first unit in log order whose `at` is later.
  case time(Timestamp)
}

/// One line of the log where it stands.
public struct LogLine {
  /// Without its line feed; 64 readable bytes follow. Only valid during the call.
  public let bytes: UnsafeRawBufferPointer
  /// The file's name.
  public let file: String
  /// From 1.
  public let number: Int?
  /// Of the line's first byte in the file.
  public let offset: Int
  public let seq: UInt64
  public let at: Timestamp

  /// The 64 digits before the line's last two bytes.
  public var hash: String { String(decoding: bytes.suffix(66).prefix(64), as: UTF8.self) }
}

/// Reads a log, or a part of it, without changing anything, also while a daemon writes it.
public struct LogReader: Sendable {
  private let disk: any Disk
  /// What is read: segments in order, the last one only up to the end of the last whole unit.
  public let files: [SegmentFile]

  /// Finds the end; what is written later is not read.
  ///
  /// `isWriting`: whether a daemon holds the ledger's lock, so that HEAD says where to stop.
  /// - Throws: `.disk`, or `.damage` when something else than a file is among the segments.
  public init(_ disk: any Disk, whileWriting isWriting: Bool) throws(JournalError) {
    self.disk = disk
    files = try LogEnd.files(on: disk, whileWriting: isWriting)
  }

  /// Hands out the lines from a seq on; `body` returns false to stop.
  ///
  /// Lines are not decoded and hashes not checked; a line that does not begin like one of ours is
  /// damage. Line numbers are known only when a file is read from its start.
  public func lines(
    from first: UInt64, until limit: ReadLimit, _ body: (LogLine) throws(JournalError) -> Bool
  ) throws(JournalError) {
    let start = files.lastIndex { $0.name.firstSeq <= first } ?? 0
    for index in files.indices where index >= start {
      var walk = LineWalk(disk: disk, file: files[index], limit: limit)
      guard try walk.run(from: index == start ? first : 0, body) else { return }
    }
  }

  /// Hands out the records from a seq on; `body` returns false to stop. Hashes are not checked.
  /// - Throws: `.damage` or `.newer` at the first line that cannot be decoded.
  public func records(
    from first: UInt64, until limit: ReadLimit, _ body: (Record) throws(JournalError) -> Bool
  ) throws(JournalError) {
    var codec = RecordCodec()
    try lines(from: first, until: limit) { line throws(JournalError) in
      let record: Record
      do throws(LineFault) {
        record = try codec.decode(line.bytes)
      } catch {
        throw JournalError(error, in: line)
      }
      return try body(record)
    }
  }

  /// Folds the whole log, decoding on several threads.
  ///
  /// `prepare` runs on those threads, out of order, and may make the order-free sums; `consume`
  /// gets each part in log order. Hashes are checked when `checksHashes` is set.
  /// - Throws: `.damage` or `.newer` at the first line that is not what it should be.
  public func fold<Part: Sendable>(
    threads: Int, checkingHashes checksHashes: Bool,
    prepare: @escaping @Sendable ([Record]) -> Part, consume: ([Record], Part) -> Void
  ) throws(JournalError) {
    let scan = ChunkScan(disk: disk, files: files, checksHashes: checksHashes, threads: threads)
    var walk = UnitWalk(files)
    try scan.run(
      prepare: { prepare($0.records) },
      consume: { chunk, part throws(JournalError) in
        let goesOn = try walk.take(chunk) { _, _ in }
        consume(chunk.records, part)
        return goesOn
      })
    walk.finish()
    if let fault = walk.fault {
      throw fault.problem == .newer ? .newer(fault) : .damage(fault)
    }
  }
}

extension JournalError {
  /// The error of a line that could not be decoded.
  fileprivate init(_ fault: LineFault, in line: LogLine) {
    switch fault {
    case .unreadable(let offset, let reason):
      self = .damage(
        LogFault(
          file: line.file, line: line.number ?? 0, offset: line.offset + offset,
          problem: .unreadable, expected: .readable(reason)))
    case .newer(let reason):
      self = .newer(
        LogFault(
          file: line.file, line: line.number ?? 0, offset: line.offset, problem: .newer,
          expected: .known(reason)))
    }
  }
}
