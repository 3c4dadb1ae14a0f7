import JSON
import Journal
import Ledger

/// `tollbook tx get` and `tx sample`.
enum TxCommands {
  static func get(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let name = context.parsed.arguments.first ?? ""
    let book = try context.book()
    guard let id = TransactionID(Text(name)) else {
      throw CommandStop(
        .usage,
        "ID is '\(SettingText.quotable(name))'; expected 1 to 128 bytes of [A-Za-z0-9._:-]")
    }
    guard let payment = try context.state()[book].payments[id] else {
      let other: Book = book == .real ? .fake : .real
      throw CommandStop(
        .notFound,
        "there is no payment \(id) in the \(book.name) book; try --book \(other.name), "
          + "or: tollbook log grep \(id)")
    }
    if let format = context.parsed.format, format != .table {
      context.printJSON { TxText.write(payment, to: &$0) }
      return .ok
    }
    let lines: [(String, String?)] = [
      ("Status", "\(payment.phase.name)"), ("Error", payment.error?.string ?? "None"),
      ("Transaction", id.text.string), ("Agent", payment.agent.string),
      ("Vendor", payment.vendor.string), ("Amount", TxText.amount(payment.amount)),
      ("Network", payment.network.name.string), ("Started", "\(payment.startedAt)"),
      ("Ended", payment.closedAt.map { "\($0)" }), ("Chain hash", payment.chainHash?.text.string),
      ("Latency", payment.latencyMilliseconds.map { "\($0) ms" }),
      ("Code", payment.code?.string), ("Log", logPlaces(payment)),
    ]
    for (name, value) in lines {
      if let value { context.output.print(DisplayText.safe("\(name): \(value)")) }
    }
    return .ok
  }

  private static func logPlaces(_ payment: Payment) -> String {
    let end = payment.closedSeq.map { " to \($0)" } ?? ""
    return "seq \(payment.startedSeq)\(end)"
  }

  /// The first payments that ended, each as a whole document, as `json.tool --json-lines` shows.
  static func sample(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let book = try context.book()
    let wanted = context.parsed.count("count") ?? 5
    var shown = 0
    try ViewLines.each(.transactions, of: book, context) { line in
      defer { shown += 1 }
      if context.parsed.format == .jsonl {
        context.output.write(line)
      } else {
        do throws(JSONError) {
          let value = try JSONParser.parse(Array(line), limits: .line)
          context.output.write(PrettyJSON.bytes(value))
        } catch {
          context.output.write(line)
        }
      }
      return shown + 1 < wanted && !context.output.isReaderGone
    }
    return .ok
  }
}
