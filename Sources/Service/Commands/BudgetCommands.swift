import JSON
import Ledger

/// `tollbook budget set|usage`: what agents may spend, and what they have spent.
enum BudgetCommands {
  static func set(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
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

  /// One agent's spend beside its limits, in USDC.
  private struct Usage {
    let agent: Text
    let daily: Money
    let monthly: Money
    let dailyLimit: Money
    let monthlyLimit: Money
    let perTransaction: Money
  }

  static func usage(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let book = try context.book()
    let state = try context.state()
    let day = context.moment(state).day
    let month = day.civil
    let rows = state[book].tallies.payments.spendRows().filter { row in
      row.asset.isDollar && !row.network.isTest && row.day <= day
        && (row.day.civil.year, row.day.civil.month) == (month.year, month.month)
    }
    let named = context.parsed.arguments.first.map { Text($0) }
    let agents = named.map { [$0] } ?? Set(rows.map(\.agent) + state[book].budgets.agents).sorted()
    let usages = agents.map { agent in
      let own = rows.filter { $0.agent == agent }
      return Usage(
        agent: agent, daily: sum(own.filter { $0.day == day }), monthly: sum(own),
        dailyLimit: state.budgetLimit(of: agent, .daily, book: book).amount,
        monthlyLimit: state.budgetLimit(of: agent, .monthly, book: book).amount,
        perTransaction: state.budgetLimit(of: agent, .perTransaction, book: book).amount)
    }
    if let format = context.parsed.format, format != .table {
      for usage in usages { context.printJSON { write(usage, to: &$0) } }
      return .ok
    }
    if named != nil, let usage = usages.first {
      context.output.print("Daily: \(usage.daily.decimal)/\(usage.dailyLimit.decimal)")
      context.output.print("Monthly: \(usage.monthly.decimal)/\(usage.monthlyLimit.decimal)")
      return .ok
    }
    var table = Table([
      .init("AGENT", .left), .init("DAILY", .right), .init("LIMIT", .right),
      .init("MONTHLY", .right), .init("LIMIT", .right), .init("PER TXN", .right),
    ])
    for usage in usages {
      let amounts = [
        usage.daily, usage.dailyLimit, usage.monthly, usage.monthlyLimit, usage.perTransaction,
      ]
      table.add([usage.agent.string] + amounts.map(\.decimal.string))
    }
    table.print(to: context.output, context.palette)
    return .ok
  }

  private static func sum(_ rows: [SpendRow]) -> Money {
    Money(
      units: rows.reduce(0) { sum, row in
        sum.clampedSum(Money(units: row.total.units, asset: row.asset).microDollars)
      }, asset: .usdc)
  }

  private static func write(_ usage: Usage, to out: inout JSONWriter) {
    out.beginObject()
    out.field("agent_id", usage.agent)
    out.field("daily", usage.daily.decimal)
    out.field("daily_limit", usage.dailyLimit.decimal)
    out.field("monthly", usage.monthly.decimal)
    out.field("monthly_limit", usage.monthlyLimit.decimal)
    out.field("per_txn", usage.perTransaction.decimal)
    out.endObject()
  }
}
