import JSON
import Ledger

/// `tollbook killswitch on`, `off` and `status`: whether payments are stopped, by whom and why.
enum KillSwitchCommand {
  static func run(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    switch context.parsed.command {
    case .killSwitchOn:
      ReasonedCommand.run("killswitch.engage", context, try context.configuration())
    case .killSwitchOff:
      ReasonedCommand.run("killswitch.release", context, try context.configuration())
    default: try status(context)
    }
  }

  private static func status(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let controls = try context.state().controls
    let turn = controls.killSwitch.engaged
    if let format = context.parsed.format, format != .table {
      context.printJSON { out in
        out.beginObject()
        out.field("payments_disabled", controls.arePaymentsDisabled)
        out.field("by_setting", controls.isKillSwitchHeldBySetting)
        out.orNull("since", turn.map { Text("\($0.at)") })
        out.orNull("by", turn?.by)
        out.orNull("reason", turn?.reason)
        out.endObject()
      }
      return .ok
    }
    if controls.isKillSwitchHeldBySetting {
      context.output.print("on: X402_PAYMENTS_DISABLED was true when the daemon last started")
    }
    if let turn {
      let reason = DisplayText.safe(turn.reason.string)
      context.output.print("on: since \(turn.at) by \(turn.by.string): \(reason)")
    }
    if !controls.arePaymentsDisabled { context.output.print("off: payments are enabled") }
    return .ok
  }
}
