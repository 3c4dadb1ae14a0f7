import HTTP
import JSON
import Ledger

/// `tollbook auth create|capture|cancel|resolve|expire|list`: money that is held first.
enum AuthorizationCommands {
  static func run(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    switch context.parsed.command {
    case .authCreate: try create(context)
    case .authCapture: try capture(context)
    case .authCancel: try cancel(context)
    case .authResolve: try resolve(context)
    case .authExpire: try expire(context)
    default: try list(context)
    }
  }

  private static func create(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let parsed = context.parsed
    let arguments = parsed.arguments
    guard arguments.count == 2 else {
      throw CommandStop(.usage, "AMOUNT and VENDOR are needed")
    }
    var body = MoneyCommands.spend(
      parsed, amount: arguments[0], asset: "USDC", vendor: arguments[1])
    body.optional("intent_id", parsed.value("intent").map { Text($0) })
    body.optional("expires_at", parsed.value("expires").map { Text($0) })
    body.endObject()
    return try send("", body, context)
  }

  private static func capture(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    var body = JSONWriter()
    body.beginObject()
    body.optional("amount", context.parsed.value("amount").map { Text($0) })
    body.endObject()
    return try send("/\(try MoneyCommands.identifier(context.parsed))/capture", body, context)
  }

  private static func cancel(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    var body = JSONWriter()
    body.beginObject()
    body.optional("reason", context.parsed.value("reason").map { Text($0) })
    body.endObject()
    return try send("/\(try MoneyCommands.identifier(context.parsed))/cancel", body, context)
  }

  private static func resolve(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let parsed = context.parsed
    var body = JSONWriter()
    body.beginObject()
    body.field("outcome", parsed.has("done") ? "done" as StaticString : "failed")
    body.field("evidence", Text(parsed.value("evidence") ?? ""))
    body.optional("by", parsed.value("by").map { Text($0) })
    body.endObject()
    return try send("/\(try MoneyCommands.identifier(parsed))/resolve", body, context)
  }

  private static func send(
    _ path: String, _ body: JSONWriter, _ context: CommandContext
  ) throws(CommandStop) -> ExitStatus {
    let parsed = context.parsed
    let configuration = try context.configuration()
    MoneyCommands.banner(context, configuration)
    let key = parsed.value("key") ?? "cli-\(Mint.ulid(at: context.clocks.wall()))"
    if parsed.value("key") == nil, !parsed.has("quiet") { context.output.message("key: \(key)") }
    let call = OperatorCall(
      method: .post, path: "/api/payments/authorizations\(path)", body: body.bytes, key: key)
    let answer = try call.run(context, configuration)
    guard let id = answer["authorization_id"] else {
      throw answer.refusal ?? CommandStop(.outcomeUnknown, "the answer names no authorization")
    }
    MoneyCommands.show(answer, context) { line(answer, id) }
    if answer.status == 502 {
      throw CommandStop(.refused, "the provider did not do it; tollbook log grep \(id)")
    }
    return try MoneyCommands.exit(answer, id, key)
  }

  private static func line(_ answer: OperatorCall.Answer, _ id: Text) -> String {
    func amount(_ name: Text) -> String? {
      guard case .number(let number) = answer.object.object?[name] else { return nil }
      return number.text.string
    }
    let parts = [
      amount("captured_usdc").map { "captured \($0)" },
      amount("released_usdc").map { "released \($0)" },
    ].compactMap { $0 }
    let more = parts.isEmpty ? "" : ", " + parts.joined(separator: ", ")
    let agent = answer["agent_id"] ?? "?"
    let vendor = answer["vendor"] ?? "?"
    let head = "\(id): \(agent) -> \(vendor) (\(amount("amount_usdc") ?? "?") USDC\(more))"
    return DisplayText.safe(head) + "\nStatus: \(answer["status"] ?? "unknown")"
  }

  private static func expire(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let configuration = try context.configuration()
    MoneyCommands.banner(context, configuration)
    let call = OperatorCall(
      method: .post, path: "/api/payments/authorizations/expire", body: [], key: nil)
    let answer = try call.run(context, configuration)
    if let refusal = answer.refusal { throw refusal }
    func count(_ name: Text) -> Int64 {
      guard case .number(let number) = answer.object.object?[name] else { return 0 }
      return number.integer() ?? 0
    }
    MoneyCommands.show(answer, context) {
      "asked about \(count("asked")), expired \(count("expired"))"
    }
    return count("asked") == count("expired") ? .ok : .checkFailed
  }

  private static func list(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let book = try context.book()
    let state = try context.state()
    let holds = state[book].authorizations
    let now = context.moment(state)
    let found: [Authorization]
    if context.parsed.has("stale") {
      let minutes = try context.configuration().staleAuthorizationMinutes
      found = holds.stale(olderThan: Int64(minutes) * 60_000, asOf: now)
    } else if context.parsed.has("open") {
      found = holds.openOnes
    } else {
      found = (0..<holds.count).compactMap { holds[$0] }
    }
    let rows = found.compactMap { hold in
      state[book].payments[hold.transaction].map { (hold: hold, payment: $0) }
    }
    if let format = context.parsed.format, format != .table {
      context.printJSON(list: rows) { AuthorizationAnswer.write($0.hold, $0.payment, to: &$1) }
      return .ok
    }
    var table = Table([
      .init("AUTHORIZATION", .left), .init("REQUESTED", .left), .init("AGENT", .left),
      .init("VENDOR", .left), .init("AMOUNT", .right), .init("STATUS", .left),
    ])
    for row in rows {
      table.add([
        row.hold.id.text.string, "\(row.hold.requestedAt)", row.payment.agent.string,
        row.payment.vendor.string, row.hold.amount.decimal.string, "\(row.hold.phase.name)",
      ])
    }
    table.print(to: context.output, context.palette)
    return .ok
  }
}
