internal import Glibc
internal import JSON
internal import Ledger

/// `tollbook finance record`: a fact in the log, then its line in `logs/finance_ledger.jsonl`.
///
/// The event comes first: a crash between leaves an event without a line, never a line that the
/// log does not know. The same key again finds the event, and adds the line only if it is missing.
enum FinanceCommands {
  static func record(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let configuration = try context.configuration()
    let book = try context.book()
    let arguments = context.parsed.arguments
    guard arguments.count == 2 else { throw CommandStop(.usage, "TYPE and AMOUNT are needed") }
    let key = context.parsed.value("key") ?? "fin-\(Mint.ulid(at: context.clocks.wall()))"
    if context.parsed.value("key") == nil, !context.parsed.has("quiet") {
      context.output.message("key: \(key); repeat with --key \(key)")
    }
    var line = JSONWriter()
    line.beginObject()
    line.field("command", RecordFinanceEntry.name)
    line.field("key", Text(key))
    line.field("book", book.name)
    line.field("entry_type", Text(arguments[0]))
    line.field("amount", Text(arguments[1]))
    line.optional("tx_id", context.parsed.value("tx").map { Text($0) })
    line.optional("vendor", context.parsed.value("vendor").map { Text($0) })
    line.optional("memo", context.parsed.value("memo").map { Text($0) })
    line.endObject()
    let seq: UInt64
    let lock = try lock(configuration.home)
    switch CommandDelivery.send(
      line.bytes, for: "finance record", configuration, context.clocks)
    {
    case .recorded(let first), .repeated(let first): seq = first
    case .unchanged: throw CommandStop(.refused, "nothing was recorded")
    case .stopped(let status, let message):
      let hint = status == .refused ? "" : "; the same command with --key \(key) is safe"
      throw CommandStop(status, message + hint)
    }
    let isNew: Bool
    do {
      isNew = try FinanceLine.add(seq, home: configuration.home, book)
    } catch {
      throw CommandStop(
        .diskLost,
        "seq \(seq) is recorded, its line in \(FinanceFile.path) may be missing: \(error); "
          + "the same command with --key \(key) adds it")
    }
    lock.release()
    context.output.print(
      "seq \(seq), \(isNew ? "line added to" : "its line was already in") \(FinanceFile.path)")
    return .ok
  }

  /// Two reruns must not both find the line missing.
  private static func lock(_ home: String) throws(CommandStop) -> JobLock {
    do throws(JobFault) {
      return try JobLock.take("finance_record", home: home, waitingMilliseconds: 10_000)
    } catch {
      throw CommandStop(error.status, error.message)
    }
  }
}

/// The line that an event of ours has in the finance ledger.
private enum FinanceLine {
  /// Why there is no line yet.
  enum Failure: Error, CustomStringConvertible {
    case noRecord
    case file(FileError)
    case unreadable(String)

    var description: String {
      switch self {
      case .noRecord: "the record cannot be read back"
      case .file(let error): "\(error)"
      case .unreadable(let reason): reason
      }
    }
  }

  /// Adds the line of the event at a seq; false when it is there already.
  static func add(_ seq: UInt64, home: String, _ book: Book) throws -> Bool {
    guard let record = try RecordLookup.record(at: seq, in: home + "/data/ledger"),
      case .financeEntryRecorded(let event) = record.event
    else { throw Failure.noRecord }
    let path = "\(home)/\(FinanceFile.path)"
    guard try !holds(event.entry.text, path) else { return false }
    try Files.makeFolder("\(home)/logs", mode: 0o750)
    try append(bytes(event, record), to: path)
    try Files.syncFolder("\(home)/logs")
    return true
  }

  private static func bytes(_ event: FinanceEntryRecorded, _ record: Record) -> [UInt8] {
    var out = JSONWriter()
    out.beginObject()
    out.field("type", event.type)
    out.key("amount_usd")
    event.amount.writeDecimal(into: &out.bytes)
    out.moment("recorded_at", record.at)
    out.optional("transaction_id", event.transaction?.text)
    out.optional("vendor", event.vendor)
    out.optional("memo", event.memo)
    out.field("entry_id", event.entry.text)
    out.flag("fake", record.isFake)
    out.endObject()
    out.bytes.append(0x0A)
    return out.bytes
  }

  /// Whether a line with this `entry_id` is there.
  private static func holds(_ entry: Text, _ path: String) throws -> Bool {
    let source: LineSource
    do throws(LineSource.Fault) {
      source = try LineSource(path: path, limit: 1_048_576)
    } catch .noSuchFile {
      return false
    } catch {
      throw Failure.unreadable(error.sentence)
    }
    while let line = try source.next() {
      guard case .whole(let bytes) = line else { continue }
      do throws(JSONError) {
        let object = try JSONParser.parse(bytes, limits: .standard).object
        if object?["entry_id"]?.text == entry { return true }
      } catch {
        // A line of others that does not read is not ours; the nightly sync names it.
        continue
      }
    }
    return false
  }

  /// Adds whole bytes at the end; where somebody's last line has no end, on a line of their own.
  private static func append(_ bytes: [UInt8], to path: String) throws(FileError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o640)
    guard descriptor >= 0 else { throw FileError(path) }
    defer { close(descriptor) }
    let size = lseek(descriptor, 0, SEEK_END)
    var last: UInt8 = 0x0A
    if size > 0, pread(descriptor, &last, 1, size - 1) != 1 { throw FileError(path) }
    let whole = last == 0x0A ? bytes : [0x0A] + bytes
    let written = whole.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    guard written == whole.count else {
      throw FileError(path, reason: "the line was written in part only")
    }
    guard fdatasync(descriptor) == 0 else { throw FileError(path) }
  }
}
