import HTTP
import JSON
import Ledger

/// `tollbook vendor list|get|refresh|set|streaks`: what vendors offer, and how well they do.
enum VendorCommands {
  static func run(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    switch context.parsed.command {
    case .vendorGet: try get(context)
    case .vendorRefresh: try refresh(context)
    case .vendorSet: try set(context)
    case .vendorStreaks: try streaks(context)
    default: try list(context)
    }
  }

  /// One entry with its vendor, and whether it still counts.
  static func write(
    _ entry: VendorEntry, _ policy: VendorCachePolicy, at now: Timestamp,
    to out: inout JSONWriter
  ) {
    out.beginObject()
    out.field("vendor", entry.vendor)
    VendorAnswer.write(entry, policy, to: &out)
    if let main = entry.main {
      out.field("stale", !policy.isFresh(main.at, at: now))
      out.field("seq", main.seq)
    }
    out.endObject()
  }

  private static func list(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let book = try context.book()
    let state = try context.state()
    let (policy, now) = (state.controls.vendorCache, context.moment(state))
    let entries = state[book].vendors.all
    if let format = context.parsed.format, format != .table {
      context.printJSON(list: entries) { write($0, policy, at: now, to: &$1) }
      return .ok
    }
    var table = Table([
      .init("VENDOR", .left), .init("UPDATED", .left), .init("SOURCE", .left),
      .init("STATE", .left), .init("PRICES", .right), .init("TOKENS", .left),
      .init("CHAINS", .left),
    ])
    for entry in entries {
      guard let main = entry.main else { continue }
      let offer = entry.offer
      table.add([
        entry.vendor.string, "\(main.at)", "\(main.source.name)",
        policy.isFresh(main.at, at: now) ? "fresh" : "stale",
        HumanNumber.count(offer.pricing.count), joined(offer.tokens), joined(offer.chains),
      ])
    }
    table.print(to: context.output, context.palette)
    return .ok
  }

  private static func get(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let book = try context.book()
    let vendor = try vendor(context)
    let state = try context.state()
    let (policy, now) = (state.controls.vendorCache, context.moment(state))
    guard let entry = state[book].vendors[vendor], let main = entry.main else {
      throw CommandStop(
        .notFound,
        "nothing is known of \(vendor); tollbook vendor refresh \(vendor), or vendor set")
    }
    if let format = context.parsed.format, format != .table {
      context.printJSON { write(entry, policy, at: now, to: &$0) }
      return .ok
    }
    let offer = entry.offer
    let standing = policy.isFresh(main.at, at: now) ? "fresh" : "stale"
    context.output.print(
      "\(entry.vendor): \(standing), \(main.source.name) of \(main.at), "
        + "expires \(policy.expiry(of: main.at))")
    for (name, price) in offer.pricing.sorted(by: { $0.key < $1.key }) {
      context.output.print("price \(DisplayText.safe(name.string)): \(price)")
    }
    context.output.print("tokens: \(joined(offer.tokens))")
    context.output.print("chains: \(joined(offer.chains))")
    context.output.print("capabilities: \(joined(offer.capabilities))")
    return .ok
  }

  private static func joined(_ texts: [Text]) -> String {
    texts.isEmpty ? "not known" : DisplayText.safe(texts.map(\.string).joined(separator: " "))
  }

  private static func refresh(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let vendor = try vendor(context)
    let configuration = try context.configuration()
    MoneyCommands.banner(context, configuration)
    let call = OperatorCall(
      method: .post, path: "/api/vendors/\(vendor)/refresh", body: [], key: nil)
    let answer = try call.run(context, configuration)
    if let refusal = answer.refusal {
      // Asking moves no money: asking again is always safe.
      switch answer["code"] {
      case "VENDOR_NOT_REACHED": throw CommandStop(.notReached, refusal.message)
      case "VENDOR_ANSWER_UNUSABLE": throw CommandStop(.outcomeUnknown, refusal.message)
      case "VENDOR_NOT_FOUND": throw CommandStop(.notFound, refusal.message)
      default: throw refusal
      }
    }
    MoneyCommands.show(answer, context) {
      "\(vendor): refreshed, expires \(answer["expires_at"] ?? "?")"
    }
    return .ok
  }

  private static func set(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let parsed = context.parsed
    let vendor = try vendor(context)
    var line = JSONWriter()
    line.beginObject()
    line.field("command", ObserveVendor.name)
    line.field("book", try context.book().name)
    line.field("vendor", vendor)
    line.key("pricing")
    line.beginObject()
    var named: Set<String> = []
    for price in parsed.list("price") {
      let parts = price.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty, named.insert(String(parts[0])).inserted else {
        throw CommandStop(
          .usage, "--price must be NAME=AMOUNT, each name once, such as --price image=0.05")
      }
      line.key(Text(String(parts[0])))
      line.string(Text(String(parts[1])))
    }
    line.endObject()
    for (option, member) in [
      ("token", "tokens"), ("chain", "chains"), ("capability", "capabilities"),
    ] as [(String, Text)] {
      line.key(member)
      line.beginArray()
      for value in parsed.list(option) { line.string(Text(value)) }
      line.endArray()
    }
    line.field("source", VendorSource.operator.name)
    line.field("reason", Text(parsed.value("reason") ?? ""))
    line.endObject()
    return ReasonedCommand.run(line.bytes, "vendor.observe", context, try context.configuration())
  }

  private static func streaks(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let book = try context.book()
    let rows = try context.state()[book].tallies.payments.streakRows()
      .filter { $0.failures > 0 }
    if let format = context.parsed.format, format != .table {
      context.printJSON(list: rows) { row, out in
        out.beginObject()
        out.field("vendor", row.vendor)
        out.field("failures", row.failures)
        out.endObject()
      }
      return .ok
    }
    var table = Table([.init("VENDOR", .left), .init("FAILED SINCE LAST SUCCESS", .right)])
    for row in rows { table.add([row.vendor.string, HumanNumber.count(row.failures)]) }
    table.print(to: context.output, context.palette)
    return .ok
  }

  /// The vendor that the argument names; it becomes part of a path.
  private static func vendor(_ context: CommandContext) throws(CommandStop) -> Text {
    let vendor = Text(context.parsed.arguments.first ?? "")
    do throws(Rejection) {
      try ObserveVendor.check(vendor: vendor)
    } catch {
      throw CommandStop(.usage, error.sentence)
    }
    return vendor
  }
}
