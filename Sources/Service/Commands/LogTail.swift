import JSON
import Journal
import Ledger

/// `tollbook log tail`: the last records as they stand in the log, and then new ones.
enum LogTail {
  private static let pauseMilliseconds: Int32 = 500

  static func run(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let wanted = context.parsed.count("count") ?? 10
    let book = try wantedBook(context)
    guard let folder = try LogFolder(context.ledgerFolder) else {
      // Following a ledger that does not begin is a mistake; its last ten lines are just none.
      guard !context.parsed.has("follow") else { throw LogFolder.missing(context.ledgerFolder) }
      return .ok
    }
    let reader = try folder.reader()
    let last = try lines(of: reader, wanted, book, on: folder.disk)
    for line in last.lines { context.output.write(line) }
    guard context.parsed.has("follow") else { return .ok }
    return try follow(context, folder, from: last.next, book)
  }

  /// The book to show; nil for both, which is the rule unless one was asked for.
  static func wantedBook(_ context: CommandContext) throws(CommandStop) -> Book? {
    context.parsed.value("book") == nil ? nil : try context.book()
  }

  /// Whether a line belongs to a book; lines about the ledger itself belong to both.
  static func belongs(_ line: UnsafeRawBufferPointer, to book: Book?) -> Bool {
    guard let book else { return true }
    var codec = RecordCodec()
    do throws(LineFault) {
      return try codec.decode(line).book.map { $0 == book } ?? true
    } catch {
      // It is shown rather than hidden; whoever looks for damage wants to see it.
      return true
    }
  }

  /// The last lines, each with its line feed, and the seq after the very last.
  private static func lines(
    of reader: LogReader, _ wanted: Int, _ book: Book?, on disk: POSIXDisk
  ) throws(CommandStop) -> (lines: [[UInt8]], next: UInt64) {
    var found: [[UInt8]] = []
    var next: UInt64 = 1
    var isFirst = true
    let extent = LogExtent(disk: disk, files: reader.files)
    let buffer = LineBuffer(extent)
    do throws(JournalError) {
      for chunk in LogChunk.split(extent.pieces, length: 262_144).reversed() {
        let lines = try buffer.load(chunk)
        var own: [[UInt8]] = []
        var start = 0
        while let end = lines.bytes.lineEnd(from: start) {
          let line = UnsafeRawBufferPointer(rebasing: lines.bytes[start..<end - 1])
          if belongs(line, to: book) { own.append(Array(lines.bytes[start..<end])) }
          start = end
        }
        if isFirst, start > 0 {
          next = try lastSeq(reader) + 1
          isFirst = false
        }
        found = own.suffix(wanted - found.count) + found
        guard found.count < wanted else { break }
      }
    } catch {
      throw CommandStop(error)
    }
    return (found, next)
  }

  /// The seq of the last line; 0 when there is none.
  static func lastSeq(_ reader: LogReader) throws(JournalError) -> UInt64 {
    guard let last = reader.files.last else { return 0 }
    var seq = last.name.firstSeq - 1
    try reader.lines(from: last.name.firstSeq, until: .end) { line in
      seq = line.seq
      return true
    }
    return seq
  }

  private static func follow(
    _ context: CommandContext, _ folder: LogFolder, from seq: UInt64, _ book: Book?
  ) throws(CommandStop) -> ExitStatus {
    let watch = FolderWatch(context.ledgerFolder)
    var follower = LogFollower(folder.disk, from: seq)
    while !context.output.isReaderGone, context.output.failure == nil {
      let isHeld = try folder.isHeld()
      do throws(JournalError) {
        let count = try follower.poll(whileWriting: isHeld) { line in
          guard belongs(line.bytes, to: book) else { return }
          context.output.write(line.bytes)
          context.output.write([0x0A])
        }
        context.output.flush()
        if count == 0 { watch.wait(milliseconds: pauseMilliseconds) }
      } catch {
        throw CommandStop(error)
      }
    }
    return .ok
  }
}
