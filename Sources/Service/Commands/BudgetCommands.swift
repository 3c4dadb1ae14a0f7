import JSON
import Ledger

/// `tollbook budget set|usage`: what agents may spend, and what they have spent.
enum BudgetCommands {
  static func run(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    switch context.parsed.command {
    case .budgetSet: try set(context)
    case .budgetLimits: try limits(context)
    default: try usage(context)
    }
  }

  private static func set(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let parsed = context.parsed
    let arguments = parsed.arguments
    guard arguments.count == 3 else {
      throw CommandStop(.usage, "AGENT, KIND and AMOUNT are needed")
    }
    var line = JSONWriter()
    line.beginObject()
    line.field("command", SetBudgetLimit.name)
    line.field("book", try context.book().name)
    line.field("agent_id", Text(arguments[0]))
    line.field("kind", Text(arguments[1] == "per-transaction" ? "per_transaction" : arguments[1]))
    line.field("amount", Text(arguments[2]))
    line.field("reason", Text(parsed.value("reason") ?? ""))
    line.optional("ticket", parsed.value("ticket").map { Text($0) })
    line.optional("approved_by", parsed.value("by").map { Text($0) })
    line.endObject()
    return ReasonedCommand.run(line.bytes, "budget.set", context, try context.configuration())
  }

  private static func usage(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let book = try context.book()
    let state = try context.state()
    let now = context.moment(state)
    let named = context.parsed.arguments.map { Text($0) }
    let usages = (named.isEmpty ? state.spenders(in: book) : named).map { agent in
      (agent: agent, use: state.budgetUse(of: agent, on: .base, book: book, at: now))
    }
    if let format = context.parsed.format, format != .table {
      for usage in usages { context.printJSON { usage.use.writeDocument(usage.agent, to: &$0) } }
      return .ok
    }
    if named.count == 1, let use = usages.first?.use {
      context.output.print("Daily: \(use.daySpent.decimal)/\(use.dailyLimit.decimal)")
      context.output.print("Monthly: \(use.monthSpent.decimal)/\(use.monthlyLimit.decimal)")
      return .ok
    }
    if !named.isEmpty {
      for (agent, use) in usages {
        context.output.print(
          DisplayText.safe(
            "\(agent): daily \(use.daySpent.decimal)/\(use.dailyLimit.decimal), "
              + "monthly \(use.monthSpent.decimal)/\(use.monthlyLimit.decimal), "
              + "held \(use.held.decimal), per transaction \(use.perTransactionLimit.decimal)"))
      }
      return .ok
    }
    var table = Table([
      .init("AGENT", .left), .init("DAILY", .right), .init("LIMIT", .right),
      .init("MONTHLY", .right), .init("LIMIT", .right), .init("HELD", .right),
      .init("PER TXN", .right),
    ])
    for (agent, use) in usages {
      let amounts = [
        use.daySpent, use.dailyLimit, use.monthSpent, use.monthlyLimit, use.held,
        use.perTransactionLimit,
      ]
      table.add([agent.string] + amounts.map(\.decimal.string))
    }
    table.print(to: context.output, context.palette)
    return .ok
  }

  private static func limits(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let book = try context.book()
    let state = try context.state()
    let named = context.parsed.arguments.map { Text($0) }
    let agents = named.isEmpty ? state.spenders(in: book) : named
    let rows = agents.flatMap { agent in
      BudgetKind.allCases.map { kind in
        (agent: agent, kind: kind, limit: state.budgetLimit(of: agent, kind, book: book))
      }
    }
    if let format = context.parsed.format, format != .table {
      context.printJSON(list: rows) { row, out in
        out.beginObject()
        out.field("agent_id", row.agent)
        out.field("kind", row.kind.name)
        out.field("limit", row.limit.amount.decimal)
        out.field("origin", Text(origin(row.limit.origin)))
        out.endObject()
      }
      return .ok
    }
    var table = Table([
      .init("AGENT", .left), .init("KIND", .left), .init("LIMIT", .right),
      .init("ORIGIN", .left),
    ])
    for row in rows {
      table.add([
        row.agent.string, "\(row.kind.name)", row.limit.amount.decimal.string,
        origin(row.limit.origin),
      ])
    }
    table.print(to: context.output, context.palette)
    return .ok
  }

  private static func origin(_ origin: BudgetLimit.Origin) -> String {
    switch origin {
    case .builtIn: "built in"
    case .setting(let name): name.string
    case .event(let seq): "budget set, seq \(seq)"
    }
  }
}
