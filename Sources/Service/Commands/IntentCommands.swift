import JSON
import Ledger

/// `tollbook intent list|get`: wishes to spend and what was decided.
enum IntentCommands {
  static func list(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let book = try context.book()
    let state = try context.state()
    let now = context.moment(state)
    let intents = state[book].intents
    let agent = context.parsed.value("agent").map { Text($0) }
    let wanted = context.parsed.value("status").map { Text($0) }
    var found = (0..<intents.count).compactMap { intents[$0] }.filter { intent in
      (agent == nil || intent.request.parties.agent == agent)
        && (wanted == nil || intent.status(at: now) == wanted)
    }
    found = found.suffix(context.parsed.count("count") ?? found.count)
    if let format = context.parsed.format, format != .table {
      context.printJSON(list: found) { IntentAnswer.write($0, at: now, to: &$1) }
      return .ok
    }
    var table = Table([
      .init("INTENT", .left), .init("SUBMITTED", .left), .init("AGENT", .left),
      .init("VENDOR", .left), .init("COST", .right), .init("STATUS", .left),
      .init("RULE", .left),
    ])
    for intent in found {
      table.add([
        intent.id.text.string, "\(intent.submittedAt)", intent.request.parties.agent.string,
        intent.request.parties.vendor.string, intent.request.amount.decimal.string,
        intent.status(at: now).string, intent.rule?.string ?? "-",
      ])
    }
    table.print(to: context.output, context.palette)
    return .ok
  }

  static func get(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let name = context.parsed.arguments.first ?? ""
    let book = try context.book()
    let state = try context.state()
    guard let id = IntentID(Text(name)), let intent = state[book].intents[id] else {
      throw CommandStop(
        .notFound,
        "there is no intent '\(SettingText.quotable(name))' in the \(book.name) book; "
          + "see: tollbook intent list")
    }
    let now = context.moment(state)
    if let format = context.parsed.format, format != .table {
      context.printJSON { IntentAnswer.write(intent, at: now, to: &$0) }
      return .ok
    }
    let request = intent.request
    let lines: [(String, String?)] = [
      ("Status", intent.status(at: now).string), ("Intent", intent.id.text.string),
      ("Agent", request.parties.agent.string), ("Vendor", request.parties.vendor.string),
      ("Cost", TxText.amount(request.amount)), ("Component", request.component?.string),
      ("Strategy", request.strategy?.string), ("Business", request.business?.string),
      ("Rule", intent.rule?.string), ("Code", intent.code?.string),
      ("Submitted", "\(intent.submittedAt)"), ("Lapses", intent.expiresAt.map { "\($0)" }),
      ("Log", IntentCommands.places(intent)),
    ]
    for (name, value) in lines {
      if let value { context.output.print(DisplayText.safe("\(name): \(value)")) }
    }
    return .ok
  }

  private static func places(_ intent: Intent) -> String {
    let seqs = [intent.submittedSeq, intent.decidedSeq, intent.usedSeq].compactMap { $0 }
    return "seq " + seqs.map { "\($0)" }.joined(separator: ", ")
  }
}
