import JSON
import Ledger

/// `tollbook tx list`: payments in the order in which they came to stand as they do.
enum TxList {
  static func run(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let book = try context.book()
    let payments = try context.state()[book].payments
    let filter = Filter(context.parsed)
    var found: [(seq: UInt64, index: Int)] = []
    for index in 0..<payments.count {
      guard let payment = payments[index], filter.admits(payment) else { continue }
      found.append((TxText.seq(payment), index))
    }
    found.sort { $0.seq < $1.seq }
    let shown = found.suffix(context.parsed.count("count") ?? found.count)
    let list = shown.compactMap { payments[$0.index] }
    if let format = context.parsed.format, format != .table {
      context.printJSON(list: list) { TxText.write($0, to: &$1) }
      return .ok
    }
    for payment in list { context.output.print(line(payment, ofAgent: filter.agent != nil)) }
    return .ok
  }

  /// The seeds' two forms of a line.
  private static func line(_ payment: Payment, ofAgent: Bool) -> String {
    let amount = TxText.amount(payment.amount)
    return DisplayText.safe(
      ofAgent
        ? "\(TxText.moment(payment)): \(amount) - \(payment.phase.name)"
        : "\(payment.id): \(payment.agent) -> \(payment.vendor) (\(amount))")
  }

  /// Which payments were asked for.
  private struct Filter {
    let agent: Text?
    let vendor: Text?
    let day: Day?
    let status: String?

    init(_ parsed: ParsedCommand) {
      agent = parsed.value("agent").map { Text($0) }
      vendor = parsed.value("vendor").map { Text(SettingText.lowercased($0)) }
      day = parsed.value("date").flatMap { Day(Text($0)) }
      status = parsed.has("unknown") ? "unknown" : parsed.value("status")
    }

    func admits(_ payment: Payment) -> Bool {
      if let agent, payment.agent != agent { return false }
      if let vendor, Text(SettingText.lowercased(payment.vendor.string)) != vendor { return false }
      if let day, TxText.moment(payment).day != day { return false }
      if let status, "\(payment.phase.name)" != status { return false }
      return true
    }
  }
}
