import JSON
import Ledger

/// `tollbook alert list|get|ack`: what the daemon has to tell.
enum AlertCommands {
  static func run(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    switch context.parsed.command {
    case .alertAck: try acknowledge(context)
    case .alertGet: try get(context)
    default: try list(context)
    }
  }

  private static func list(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let book = try context.book()
    let alerts = try context.state()[book].alerts
    let shown = context.parsed.has("all") ? alerts.all : alerts.activeOnes
    if let format = context.parsed.format, format != .table {
      context.printJSON(list: shown) { write($0, to: &$1) }
      return .ok
    }
    var table = Table([
      .init("ALERT", .left), .init("RAISED", .left), .init("SEVERITY", .left),
      .init("RULE", .left), .init("ABOUT", .left), .init("VALUE", .right),
      .init("STATUS", .left),
    ])
    for alert in shown {
      table.add([
        alert.id.text.string, "\(alert.raisedAt)", "\(alert.severity.name)", alert.rule.string,
        alert.about.string, alert.value.string, "\(alert.status)",
      ])
    }
    table.print(to: context.output, context.palette)
    return .ok
  }

  private static func get(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let name = context.parsed.arguments.first ?? ""
    let book = try context.book()
    guard let id = AlertID(Text(name)), let alert = try context.state()[book].alerts[id] else {
      throw CommandStop(
        .notFound,
        "there is no alert '\(SettingText.quotable(name))' in the \(book.name) book; "
          + "see: tollbook alert list --all")
    }
    if let format = context.parsed.format, format != .table {
      context.printJSON { write(alert, to: &$0) }
      return .ok
    }
    for line in alert.text.string.split(separator: "\n") {
      context.output.print(DisplayText.safe(String(line)))
    }
    context.output.print("Status: \(alert.status)")
    return .ok
  }

  private static func acknowledge(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    var line = JSONWriter()
    line.beginObject()
    line.field("command", AcknowledgeAlert.name)
    line.field("alert_id", Text(context.parsed.arguments.first ?? ""))
    line.field("by", Text(context.parsed.value("by") ?? "operator"))
    line.optional("note", context.parsed.value("note").map { Text($0) })
    line.endObject()
    return ReasonedCommand.run(
      line.bytes, "alert.acknowledge", context, try context.configuration())
  }

  private static func write(_ alert: Alert, to out: inout JSONWriter) {
    out.beginObject()
    out.field("alert_id", alert.id.text)
    out.field("rule", alert.rule)
    out.field("severity", alert.severity.name)
    out.field("status", alert.status)
    out.field("about", alert.about)
    out.field("value", alert.value)
    out.field("threshold", alert.threshold)
    out.field("text", alert.text)
    out.moment("raised_at", alert.raisedAt)
    if let resolvedAt = alert.resolvedAt { out.moment("resolved_at", resolvedAt) }
    out.optional("acknowledged_by", alert.acknowledgedBy)
    out.field("seq", alert.raisedSeq)
    out.endObject()
  }
}
