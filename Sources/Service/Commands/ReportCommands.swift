import JSON
import Journal
import Ledger

/// `tollbook report …`: numbers folded from the log.
enum ReportCommands {
  static func facts(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let book = try context.book()
    let asOf = context.parsed.value("as-of").flatMap {
      Timestamp(rfc3339: Text($0), offsetRequired: true)
    }
    let reading = try context.reading(until: context.stop, checksHashes: false)
    let report: FactsReport
    do throws(JournalError) {
      report = try FactsScan.report(reading, book: book, asOf: asOf)
    } catch {
      throw CommandStop(error)
    }
    if let format = context.parsed.format, format != .table {
      context.printJSON { report.write(to: &$0, book: book) }
    } else {
      var bytes: [UInt8] = []
      report.writeLines(to: &bytes)
      context.output.write(bytes)
    }
    return .ok
  }
}
