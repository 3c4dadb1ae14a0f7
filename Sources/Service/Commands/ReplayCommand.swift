import JSON
import Journal
import Ledger

/// `tollbook replay`: folds the whole log and prints what came of it.
enum ReplayCommand {
  static func run(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let stop = LogStop(context.parsed.moment("until"))
    let reading = try context.reading(until: stop, checksHashes: false)
    let begun = context.clocks.boot()
    let outcome: Replay.Outcome
    do throws(JournalError) {
      outcome = try Replay.run(reading)
    } catch {
      throw CommandStop(error)
    }
    let milliseconds = max(0, context.clocks.boot() - begun)
    let seconds = ReplayCommand.seconds(milliseconds)
    let print = StatePrint.hex(of: outcome.state)
    context.tell(of: outcome)
    let state = outcome.state
    if let format = context.parsed.format, format != .table {
      context.printJSON { out in
        out.beginObject()
        out.field("events", outcome.summary.records)
        out.field("bytes", outcome.summary.bytes)
        out.field("seconds", seconds)
        out.field("threads", reading.threads)
        out.field("last_seq", state.seq)
        out.field("violations", state.violations.count)
        out.field("hashes_checked", false)
        out.field("fingerprint", print)
        out.endObject()
      }
    } else {
      context.output.print("events       \(HumanNumber.count(outcome.summary.records))")
      context.output.print("bytes        \(HumanNumber.count(outcome.summary.bytes))")
      context.output.print("seconds      \(seconds)")
      context.output.print("last seq     \(state.seq)")
      context.output.print("violations   \(HumanNumber.count(state.violations.count))")
      context.output.print("fingerprint  \(print)")
    }
    return state.violations.count == 0 ? .ok : .logDamaged
  }

  /// Seconds with three decimals.
  private static func seconds(_ milliseconds: Int64) -> String {
    let rest = String(milliseconds % 1_000)
    return "\(milliseconds / 1_000)." + String(repeating: "0", count: 3 - rest.utf8.count) + rest
  }
}
