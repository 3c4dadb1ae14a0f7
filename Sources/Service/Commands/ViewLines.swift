import JSON
import Journal
import Ledger

/// The lines of a view as the log says they are, whatever its file holds.
enum ViewLines {
  /// Hands over each line with its line feed; `body` ends it by returning false.
  static func each(
    _ view: View, of book: Book, _ context: CommandContext, _ body: (ArraySlice<UInt8>) -> Bool
  ) throws(CommandStop) {
    guard !view.isDocument else {
      var document = VendorDocument(book)
      try records(context) { record in
        _ = document.apply(record)
        return true
      }
      for line in document.lines() { guard body(line) else { return } }
      return
    }
    var fold = ViewFold(book)
    var line = JSONWriter(reserving: 1_024)
    var isWanted = true
    try records(context) { record in
      guard isWanted else { return false }
      line.removeAll()
      if fold.apply(record, writingTo: &line) == view { isWanted = body(line.bytes[...]) }
      return isWanted
    }
  }

  /// Hands over each legal record of the log; `body` ends it by returning false.
  static func records(
    _ context: CommandContext, _ body: (Record) -> Bool
  ) throws(CommandStop) {
    let reading = try context.reading(until: context.stop, checksHashes: true)
    var state = State()
    do throws(JournalError) {
      _ = try reading.eachBatch { records in
        for record in records {
          let before = state.violations.count
          state.apply(record)
          guard state.violations.count == before else { continue }
          guard body(record) else { return false }
        }
        return true
      }
    } catch {
      throw CommandStop(error)
    }
  }
}
