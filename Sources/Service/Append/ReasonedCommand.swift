internal import HTTP
internal import JSON
internal import Journal
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
    let output = context.output
    do throws(LockError) {
      if let client = try DaemonSocket.client(home: configuration.home) {
        return RemoteAppend(client, output).runOnce(line + [0x0A])
      }
    } catch {
      output.message("tollbook: \(error)")
      return ServeError.lock(error).exitStatus
    }
    return runLocally(line, command, configuration, output, context.clocks)
  }

  private static func runLocally(
    _ line: [UInt8], _ command: Text, _ configuration: Configuration, _ output: Output,
    _ clocks: Clocks
  ) -> ExitStatus {
    var options = OpenedLedger.Options(
      home: configuration.home, holder: "tollbook \(command.string)", onLost: { _ in })
    options.clocks = clocks
    options.lockWaitMilliseconds = 0
    do throws(ServeError) {
      let ledger = try OpenedLedger(options)
      defer { ledger.close() }
      let desk = CommandDesk(
        ledger.bookkeeper, mode: configuration.isFake ? .fake : .real, clocks: clocks)
      let reply: CommandDesk.Reply
      do throws(Unavailable) {
        reply = try desk.submit(line)
      } catch {
        return error == .diskLost ? .diskLost : .refused
      }
      guard ledger.bookkeeper.waitUntilDurable() else { return .diskLost }
      let (text, isAcknowledged) = reply.line(number: 1)
      if isAcknowledged { output.print(text) } else { output.message(text) }
      return isAcknowledged ? .ok : .refused
    } catch {
      output.message("tollbook: \(error)")
      return error.exitStatus
    }
  }
}
