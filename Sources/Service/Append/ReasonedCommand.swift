internal import JSON
internal import Ledger

/// Operator's commands that must give a reason: `clock accept`, `killswitch on|off`, `budget set`.
///
/// Through the daemon's socket while one runs, so it holds from the next decision on; else into
/// the log itself. Exit codes: 0 recorded or already so, 3 refused, 7 unknown, 8 disk lost, 75
/// another tool holds the ledger.
enum ReasonedCommand {
  static func run(
    _ command: Text, _ context: CommandContext, _ configuration: Configuration
  ) -> ExitStatus {
    let output = context.output
    guard let reason = context.parsed.value("reason"), !reason.isEmpty else {
      output.message("tollbook: --reason is empty: say why; it stands in the log")
      return .usage
    }
    var line = JSONWriter()
    line.beginObject()
    line.field("command", command)
    line.field("reason", Text(reason))
    line.endObject()
    return run(line.bytes, command, context, configuration)
  }

  /// Hands one command line to the daemon, or to the ledger while there is none.
  static func run(
    _ line: [UInt8], _ command: Text, _ context: CommandContext, _ configuration: Configuration
  ) -> ExitStatus {
    let reply = CommandDelivery.send(
      line, for: command.string, configuration, context.clocks)
    switch reply {
    case .recorded(let seq), .repeated(let seq): context.output.print("ACK line-1 \(seq)")
    case .unchanged: context.output.print("ACK line-1 unchanged")
    case .stopped(.refused, let reason):
      context.output.message("REFUSED line-1 \(reason)")
      return .refused
    case .stopped(let status, let reason):
      context.output.message("tollbook: \(reason)")
      return status
    }
    return .ok
  }
}
