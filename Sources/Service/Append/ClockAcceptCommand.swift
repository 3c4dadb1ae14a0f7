internal import HTTP
internal import JSON
internal import Journal
internal import Ledger

/// `tollbook clock accept --reason R`: the wall clock is right, whatever the last record says.
package enum ClockAcceptCommand {
  package static func run(
    _ parsed: ParsedCommand, _ configuration: Configuration, output: Output, clocks: Clocks
  ) -> ExitStatus {
    guard let reason = parsed.value("reason"), !reason.isEmpty else {
      output.message("tollbook: --reason is missing: say why the wall clock is right")
      return .usage
    }
    var line = JSONWriter()
    line.beginObject()
    line.field("command", "clock.accept")
    line.field("reason", reason)
    line.endObject()
    let home = configuration.home
    do throws(LockError) {
      if let client = try DaemonSocket.client(home: home) {
        return RemoteAppend(client, output).runOnce(line.bytes + [0x0A])
      }
    } catch {
      output.message("tollbook: \(error)")
      return ServeError.lock(error).exitStatus
    }
    return runLocally(line.bytes, home, output, clocks)
  }

  private static func runLocally(
    _ line: [UInt8], _ home: String, _ output: Output, _ clocks: Clocks
  ) -> ExitStatus {
    var options = OpenedLedger.Options(
      home: home, holder: "tollbook clock accept", onLost: { _ in })
    options.clocks = clocks
    options.lockWaitMilliseconds = 0
    do throws(ServeError) {
      let ledger = try OpenedLedger(options)
      defer { ledger.close() }
      let desk = CommandDesk(ledger.bookkeeper, mode: .real, clocks: clocks)
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
