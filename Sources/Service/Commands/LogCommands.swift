import JSON
import Journal
import Ledger

/// `tollbook log show`, `log head` and `log export`: lines as they stand.
enum LogCommands {
  static func show(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let name = context.parsed.arguments.first ?? ""
    guard let seq = UInt64(name), seq > 0 else {
      throw CommandStop(.usage, "SEQ is '\(SettingText.quotable(name))'; expected a number from 1")
    }
    guard let folder = try LogFolder(context.ledgerFolder) else {
      throw LogFolder.missing(context.ledgerFolder)
    }
    let reader = try folder.reader()
    var isFound = false
    do throws(JournalError) {
      try reader.lines(from: seq, until: .end) { line in
        guard line.seq == seq else { return false }
        isFound = true
        let bytes = Array(line.bytes)
        if context.parsed.format == .table {
          do throws(JSONError) {
            context.output.write(PrettyJSON.bytes(try JSONParser.parse(bytes, limits: .line)))
            return false
          } catch {}
        }
        context.output.write(bytes)
        context.output.write([0x0A])
        return false
      }
    } catch {
      throw CommandStop(error)
    }
    guard isFound else {
      throw CommandStop(.notFound, "there is no record \(seq); the last one: tollbook log head")
    }
    return .ok
  }

  /// The last record that is durable for certain, or of the last whole unit while nobody writes.
  static func head(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    guard let folder = try LogFolder(context.ledgerFolder) else {
      throw LogFolder.missing(context.ledgerFolder)
    }
    let reader = try folder.reader()
    var seq: UInt64 = 0
    var hash = ""
    var at = Timestamp.earliest
    let segment = reader.files.last?.name.text ?? ""
    do throws(JournalError) {
      seq = try LogTail.lastSeq(reader)
      guard seq > 0 else { throw JournalError.damage(LogCommands.empty(segment)) }
      try reader.lines(from: seq, until: .end) { line in
        at = line.at
        hash = line.hash
        return false
      }
    } catch {
      if seq == 0, reader.files.isEmpty {
        throw CommandStop(.notFound, "the ledger has no records yet")
      }
      throw CommandStop(error)
    }
    if let format = context.parsed.format, format != .table {
      context.printJSON { out in
        out.beginObject()
        out.field("seq", seq)
        out.moment("at", at)
        out.field("hash", hash)
        out.field("segment", segment)
        out.endObject()
      }
    } else {
      context.output.print("seq      \(seq)")
      context.output.print("at       \(at)")
      context.output.print("hash     \(hash)")
      context.output.print("segment  \(segment)")
    }
    return .ok
  }

  private static func empty(_ segment: String) -> LogFault {
    LogFault(
      file: segment, line: 0, offset: 0, problem: .unfinished, expected: "at least one record")
  }

  static func export(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    guard let folder = try LogFolder(context.ledgerFolder) else { return .ok }
    let reader = try folder.reader()
    let (first, from) = start(context.parsed.moment("from"))
    let limit: ReadLimit =
      switch context.parsed.moment("until") {
      case nil: .end
      case .sequence(let seq): .seq(seq)
      case .time(let milliseconds): .time(Timestamp(milliseconds: milliseconds))
      }
    do throws(JournalError) {
      try reader.lines(from: first, until: limit) { line in
        guard line.at >= from else { return true }
        context.output.write(line.bytes)
        context.output.write([0x0A])
        return !context.output.isReaderGone && context.output.failure == nil
      }
    } catch {
      throw CommandStop(error)
    }
    return .ok
  }

  /// The first seq and the first time to print.
  private static func start(_ moment: LogMoment?) -> (UInt64, Timestamp) {
    switch moment {
    case nil: (1, .earliest)
    case .sequence(let seq): (seq, .earliest)
    case .time(let milliseconds): (1, Timestamp(milliseconds: milliseconds))
    }
  }
}
