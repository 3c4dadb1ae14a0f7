import HTTP
import JSON
import Ledger

/// `tollbook pay`, `tx resolve`, `reconcile payments`, `intent submit|approve|deny|get|list`.
enum MoneyCommands {
  static func pay(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let parsed = context.parsed
    let arguments = parsed.arguments
    guard arguments.count == 3 else {
      throw CommandStop(.usage, "AMOUNT, TOKEN and VENDOR are needed")
    }
    let configuration = try context.configuration()
    banner(context, configuration)
    let key = parsed.value("key") ?? "cli-\(Mint.ulid(at: context.clocks.wall()))"
    if parsed.value("key") == nil, !parsed.has("quiet") { context.output.message("key: \(key)") }
    var body = spend(parsed, amount: arguments[0], asset: arguments[1], vendor: arguments[2])
    body.optional("intent_id", parsed.value("intent").map { Text($0) })
    body.optional("service_url", parsed.value("url").map { Text($0) })
    body.endObject()
    let call = OperatorCall(method: .post, path: "/api/payments", body: body.bytes, key: key)
    let answer = try call.run(context, configuration)
    guard let id = answer["transaction_id"] else {
      throw answer.refusal ?? CommandStop(.outcomeUnknown, "the answer names no payment")
    }
    show(answer, context) { line(answer, id) + "\nStatus: \(answer["status"] ?? "unknown")" }
    return try exit(answer, id, key)
  }

  /// What a payment's standing means for the shell.
  static func exit(
    _ answer: OperatorCall.Answer, _ id: Text, _ key: String
  ) throws(CommandStop) -> ExitStatus {
    switch answer["status"] {
    case "completed", "authorized", "captured", "cancelled", "expired": return .ok
    case "failed":
      let code = answer["code"] ?? "FAILED"
      let error = DisplayText.safe((answer["error"] ?? "no reason was given").string)
      let isUnreached = code == "PROVIDER_NOT_REACHED" || code == "PROVIDER_BUSY"
      throw CommandStop(isUnreached ? .notReached : .refused, "failed \(code): \(error)")
    default:
      throw CommandStop(
        .outcomeUnknown,
        "the outcome of \(id) is unknown: do not pay again; "
          + "later: tollbook reconcile payments, or the same command with --key \(key)")
    }
  }

  private static func line(_ answer: OperatorCall.Answer, _ id: Text) -> String {
    let amount =
      if case .number(let number) = answer.object.object?["price_usdc"] {
        number.text.string
      } else {
        "?"
      }
    let agent = answer["agent_id"] ?? "?"
    let vendor = answer["vendor"] ?? "?"
    return DisplayText.safe("\(id): \(agent) -> \(vendor) (\(amount) USDC)")
  }

  static func resolve(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let parsed = context.parsed
    let configuration = try context.configuration()
    banner(context, configuration)
    var body = JSONWriter()
    body.beginObject()
    body.field("outcome", parsed.has("completed") ? "completed" as StaticString : "failed")
    body.field("evidence", Text(parsed.value("evidence") ?? ""))
    body.optional("by", parsed.value("by").map { Text($0) })
    body.optional("blockchain_tx_hash", parsed.value("hash").map { Text($0) })
    body.endObject()
    let id = try identifier(parsed)
    let call = OperatorCall(
      method: .post, path: "/api/payments/\(id)/resolve", body: body.bytes, key: nil)
    let answer = try call.run(context, configuration)
    if let refusal = answer.refusal, answer["transaction_id"] == nil { throw refusal }
    show(answer, context) { "\(id): \(answer["status"] ?? "?")" }
    return .ok
  }

  static func reconcile(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let configuration = try context.configuration()
    banner(context, configuration)
    let call = OperatorCall(
      method: .post, path: "/api/payments/reconcile", body: [], key: nil)
    let answer = try call.run(context, configuration)
    if let refusal = answer.refusal { throw refusal }
    func count(_ name: Text) -> Int64 {
      guard case .number(let number) = answer.object.object?[name] else { return 0 }
      return number.integer() ?? 0
    }
    show(answer, context) {
      var lines = (answer.object.object?["payments"]?.elements ?? []).map { finding in
        let finding = finding.object
        let id = finding?["id"]?.text ?? "?"
        let status = finding?["status"]?.text ?? "?"
        let evidence = finding?["evidence"]?.text ?? "?"
        return DisplayText.safe("\(id): \(status) (\(evidence))")
      }
      lines.append(
        "asked about \(count("asked")): \(count("closed")) closed, "
          + "\(count("unknown")) still unknown")
      return lines.joined(separator: "\n")
    }
    return count("unknown") == 0 ? .ok : .checkFailed
  }

  // MARK: intents

  static func submitIntent(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let parsed = context.parsed
    let arguments = parsed.arguments
    guard arguments.count == 2 else {
      throw CommandStop(.usage, "AMOUNT and VENDOR are needed")
    }
    let configuration = try context.configuration()
    banner(context, configuration)
    var body = spend(parsed, amount: arguments[0], asset: "USDC", vendor: arguments[1])
    body.optional("purpose", parsed.value("purpose").map { Text($0) })
    body.endObject()
    let call = OperatorCall(
      method: .post, path: "/api/intents", body: body.bytes, key: parsed.value("key"))
    return try told(try call.run(context, configuration), context)
  }

  static func decideIntent(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let parsed = context.parsed
    let verb = parsed.command == .intentApprove ? "approve" : "deny"
    let configuration = try context.configuration()
    banner(context, configuration)
    var body = JSONWriter()
    body.beginObject()
    body.field("reason", Text(parsed.value("reason") ?? ""))
    body.optional("by", parsed.value("by").map { Text($0) })
    body.optional("ticket", parsed.value("ticket").map { Text($0) })
    body.endObject()
    let id = try identifier(parsed)
    let call = OperatorCall(
      method: .post, path: "/api/intents/\(id)/\(verb)", body: body.bytes, key: nil)
    return try told(try call.run(context, configuration), context)
  }

  private static func told(
    _ answer: OperatorCall.Answer, _ context: CommandContext
  ) throws(CommandStop) -> ExitStatus {
    guard let id = answer["intent_id"], answer.status < 400 else {
      throw answer.refusal ?? CommandStop(.outcomeUnknown, "the answer names no intent")
    }
    let status = answer["status"] ?? "?"
    show(answer, context) { "\(id): \(status)" }
    guard status == "denied", context.parsed.command == .intentSubmit else { return .ok }
    throw CommandStop(.refused, "denied \(answer["code"] ?? "?"): see tollbook intent get \(id)")
  }

  // MARK: parts

  /// The members that every wish to spend has; the object is left open.
  static func spend(
    _ parsed: ParsedCommand, amount: String, asset: String, vendor: String
  ) -> JSONWriter {
    var body = JSONWriter()
    body.beginObject()
    body.field("agent_id", Text(parsed.value("agent") ?? "operator"))
    body.field("amount", Text(amount))
    body.field("asset", Text(asset))
    body.field("vendor", Text(vendor))
    body.optional("component", parsed.value("component").map { Text($0) })
    body.optional("strategy", parsed.value("strategy").map { Text($0) })
    body.optional("business_id", parsed.value("business").map { Text($0) })
    return body
  }

  static func identifier(_ parsed: ParsedCommand) throws(CommandStop) -> Text {
    let name = parsed.arguments.first ?? ""
    guard let id = TransactionID(Text(name)) else {
      throw CommandStop(
        .usage,
        "ID is '\(SettingText.quotable(name))'; expected 1 to 128 bytes of [A-Za-z0-9._:-]")
    }
    return id.text
  }

  static func banner(_ context: CommandContext, _ configuration: Configuration) {
    guard configuration.isFake, !context.parsed.has("quiet") else { return }
    FakeBanner.print(to: context.output, context.palette)
  }

  static func show(
    _ answer: OperatorCall.Answer, _ context: CommandContext, _ text: () -> String
  ) {
    if let format = context.parsed.format, format != .table {
      context.printJSON { $0.value(answer.object, sortingMembers: false) }
    } else {
      context.output.print(text())
    }
  }
}
