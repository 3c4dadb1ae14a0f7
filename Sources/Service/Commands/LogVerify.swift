import Glibc
import JSON
import Journal
import Ledger

/// `tollbook log verify`: every byte, the order, and that each record is legal; changes nothing.
enum LogVerify {
  static func run(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    guard access(context.home, F_OK) == 0 else {
      // A mistyped home must not look like a clean ledger to a script.
      throw CommandStop(.notFound, "there is no folder \(context.home); name the right --home")
    }
    guard let folder = try LogFolder(context.ledgerFolder) else {
      context.output.print("there is no ledger in \(context.ledgerFolder): nothing to verify")
      return .ok
    }
    let isHeld = try folder.isHeld()
    var state = State()
    let found: LogVerification
    do throws(JournalError) {
      found = try LogVerification.run(
        folder.disk, threads: context.threads, whileWriting: isHeld
      ) { record in
        let before = state.violations.count
        state.apply(record)
        guard state.violations.count > before else { return nil }
        return state.violations.first.last.map { "\($0.reason.sentence)" } ?? "it is illegal"
      }
    } catch {
      throw CommandStop(error)
    }
    if let format = context.parsed.format, format != .table {
      context.printJSON { write(found, to: &$0) }
    } else {
      print(found, context)
    }
    return ExitStatus(rawValue: found.exitCode) ?? .checkFailed
  }

  private static func print(_ found: LogVerification, _ context: CommandContext) {
    let segments =
      found.segments == 1 ? "1 segment" : "\(HumanNumber.count(found.segments)) segments"
    let counted =
      "\(HumanNumber.count(found.records)) records, \(HumanNumber.count(found.bytes)) bytes, "
      + "\(segments), last seq \(found.lastSeq)"
    context.output.print("checked \(counted)")
    let (word, fault, advice) = verdict(found)
    context.output.print(fault.map { "\(word) at \($0)" } ?? word)
    if let advice { context.output.message("tollbook: \(advice)") }
  }

  private static func verdict(
    _ found: LogVerification
  ) -> (word: String, fault: LogFault?, advice: String?) {
    switch found.verdict {
    case .clean: ("clean", nil, nil)
    case .repairable(let fault):
      ("unfinished end", fault, "the next start of the daemon repairs this by itself")
    case .illegal(let fault):
      (
        "\(HumanNumber.count(found.illegal)) illegal records, the first", fault,
        "these records are in no total; find out who wrote them: tollbook log show SEQ"
      )
    case .damaged(let fault):
      (
        "damaged", fault,
        "restore the file from a backup, or accept the loss with: "
          + "tollbook log recover --accept-loss --reason R"
      )
    case .newer(let fault): ("LOG_NEWER", fault, "start the version that wrote this")
    }
  }

  private static func write(_ found: LogVerification, to out: inout JSONWriter) {
    let (_, fault, _) = verdict(found)
    let word: StaticString =
      switch found.verdict {
      case .clean: "clean"
      case .repairable: "repairable"
      case .illegal: "illegal"
      case .damaged: "damaged"
      case .newer: "newer"
      }
    out.beginObject()
    out.field("verdict", word)
    out.field("records", found.records)
    out.field("bytes", found.bytes)
    out.field("segments", found.segments)
    out.field("last_seq", found.lastSeq)
    out.field("illegal", found.illegal)
    if let fault {
      out.field("file", fault.file)
      out.field("line", fault.line)
      out.field("offset", fault.offset)
      out.field("expected", fault.expected)
    }
    out.endObject()
  }
}
