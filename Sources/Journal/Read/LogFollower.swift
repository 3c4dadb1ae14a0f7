/// Follows a log as it grows, across rotation: `tail -f`.
public struct LogFollower {
  private let disk: any Disk
  /// The next seq that has not been handed out.
  public private(set) var next: UInt64

  /// Begins at a seq.
  public init(_ disk: any Disk, from seq: UInt64) {
    self.disk = disk
    next = seq
  }

  /// Hands out the lines of all whole units that have come since the last call.
  ///
  /// `isWriting`: whether a daemon holds the ledger's lock. Does not wait; see `FolderWatch`.
  /// - Returns: how many lines there were.
  public mutating func poll(
    whileWriting isWriting: Bool, _ body: (LogLine) throws(JournalError) -> Void
  ) throws(JournalError) -> Int {
    var count = 0
    var next = next
    defer { self.next = next }
    let reader = try LogReader(disk, whileWriting: isWriting)
    try reader.lines(from: next, until: .end) { line throws(JournalError) in
      try body(line)
      next = line.seq + 1
      count += 1
      return true
    }
    return count
  }
}
