import JSON
import Ledger

/// `tollbook stats …`: how well payments work.
enum StatsCommands {
  /// The rolling window of the seeds' panel, in milliseconds.
  private static let window: Int64 = 300_000

  static func successRate(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let book = try context.book()
    let state = try context.state()
    let isAll = context.parsed.has("all")
    let (completed, total) =
      isAll ? allTime(state[book]) : recent(state[book], until: context.moment(state))
    if let format = context.parsed.format, format != .table {
      context.printJSON { out in
        out.beginObject()
        out.field("book", book.name)
        out.field("window", isAll ? "all" : "5m")
        out.field("completed", completed)
        out.field("total", total)
        out.orNull("percent", percent(completed, total).map { Text($0) })
        out.endObject()
      }
    } else {
      let rate = percent(completed, total).map { "\($0)%" } ?? "n/a"
      context.output.print("Success rate: \(completed)/\(total) = \(rate)")
    }
    return .ok
  }

  /// All payments, also those that have not ended.
  private static func allTime(_ book: BookState) -> (Int, Int) {
    let outcomes = book.tallies.payments.allOutcomes
    return (outcomes.completed, outcomes.started)
  }

  /// Payments that ended in the five minutes up to a moment.
  private static func recent(_ book: BookState, until moment: Timestamp) -> (Int, Int) {
    var completed = 0
    var total = 0
    for index in 0..<book.payments.count {
      guard let payment = book.payments[index], let end = payment.closedAt else { continue }
      guard (0..<window).contains(moment.milliseconds(since: end)) else { continue }
      total += 1
      if payment.phase == .completed { completed += 1 }
    }
    return (completed, total)
  }

  /// With one decimal, half up; nil of nothing.
  private static func percent(_ part: Int, _ whole: Int) -> String? {
    guard whole > 0 else { return nil }
    let tenths = (part * 2_000 + whole) / (whole * 2)
    return "\(tenths / 10).\(tenths % 10)"
  }

  static func latency(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let book = try context.book()
    let payments = try context.state()[book].payments
    let known = (0..<payments.count).compactMap { payments[$0]?.latencyMilliseconds }.sorted()
    // The nearest rank: the smallest value that at least so many percent do not exceed.
    let ranks = [50, 95, 99].map { rank in
      (rank, known.isEmpty ? nil : known[max(0, (known.count * rank + 99) / 100 - 1)])
    }
    if let format = context.parsed.format, format != .table {
      context.printJSON { out in
        out.beginObject()
        out.field("book", book.name)
        out.field("count", known.count)
        for (rank, value) in ranks {
          out.key(Text("p\(rank)_ms"))
          if let value { out.integer(value) } else { out.null() }
        }
        out.endObject()
      }
    } else {
      for (rank, value) in ranks {
        context.output.print("p\(rank): \(value.map { "\($0) ms" } ?? "n/a")")
      }
      context.output.print("payments with a known latency: \(HumanNumber.count(known.count))")
    }
    return .ok
  }

  static func failures(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let book = try context.book()
    let state = try context.state()[book]
    var byCode: [Text: Int] = [:]
    for index in 0..<state.payments.count {
      if let code = state.payments[index]?.code { byCode[code, default: 0] += 1 }
    }
    let causes = byCode.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let streaks = state.tallies.payments.streakRows().filter { $0.failures > 0 }
    if let format = context.parsed.format, format != .table {
      context.printJSON { out in
        out.beginObject()
        out.field("book", book.name)
        out.key("causes")
        out.beginObject()
        for (code, count) in causes {
          out.key(code)
          out.integer(count)
        }
        out.endObject()
        out.key("streaks")
        out.beginObject()
        for row in streaks {
          out.key(row.vendor)
          out.integer(row.failures)
        }
        out.endObject()
        out.endObject()
      }
      return .ok
    }
    var table = Table([.init("CAUSE", .left), .init("FAILURES", .right)])
    for (code, count) in causes { table.add([code.string, HumanNumber.count(count)]) }
    table.print(to: context.output, context.palette)
    context.output.print("")
    table = Table([.init("VENDOR", .left), .init("FAILED SINCE LAST SUCCESS", .right)])
    for row in streaks { table.add([row.vendor.string, HumanNumber.count(row.failures)]) }
    table.print(to: context.output, context.palette)
    return .ok
  }
}
