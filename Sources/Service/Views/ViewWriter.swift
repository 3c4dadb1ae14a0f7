import JSON
package import Ledger

/// Keeps all views of both books as the log says, and only with what is durable.
///
/// At start it gets every record of the log, finds where each view stands, and then `settle` mends
/// what is missing or wrong; from then on it gets records as they become durable. A view that
/// cannot be written is given up until the next start; the log does not depend on it. Used by one
/// thread at a time.
package final class ViewWriter {
  /// One file and whether it is still kept.
  private struct Kept {
    let view: View
    let book: Book
    let file: ViewFile
    var isBroken = false
  }

  private var folds: [ViewFold]
  private var files: [Kept]
  private var line = JSONWriter(reserving: 1_024)
  /// Problems since they were last asked for.
  private var problems: [ViewError] = []

  /// Opens the views below a home folder.
  ///
  /// - Parameters:
  ///   - only: the views to keep; nil for all.
  ///   - isFresh: write every view anew, whatever is there.
  /// - Throws: the first file that cannot be opened.
  package init(home: String, only: [View]?, isFresh: Bool) throws(ViewError) {
    folds = Book.allCases.map { ViewFold($0) }
    files = []
    for book in Book.allCases {
      for view in only ?? View.allCases {
        let file = try ViewFile(view.path(of: book), in: home, isFresh: isFresh)
        files.append(Kept(view: view, book: book, file: file))
      }
    }
  }

  /// Takes in durable, legal records in log order; what the state found illegal is left out by
  /// the caller.
  package func append(_ records: [Record]) {
    for record in records { take(record) }
    attempt { file throws(ViewError) in try file.flush() }
  }

  /// Takes in one record of the log while starting; nothing is written before `settle` but what a
  /// rebuild needs.
  package func catchUp(_ record: Record) { take(record) }

  /// Ends the start: every view is now what the records so far make of it.
  package func settle() {
    attempt { file throws(ViewError) in try file.settle() }
  }

  /// What went wrong since the last call; each view fails once.
  package func takeProblems() -> [ViewError] {
    defer { problems = [] }
    return problems
  }

  /// What was done to each file.
  package func changes() -> [(view: View, book: Book, change: String)] {
    files.map { ($0.view, $0.book, $0.file.change.rawValue) }
  }

  private func take(_ record: Record) {
    guard let book = record.book else { return }
    line.removeAll()
    guard let view = folds[Int(book.rawValue)].apply(record, writingTo: &line) else { return }
    guard let index = files.firstIndex(where: { $0.view == view && $0.book == book }),
      !files[index].isBroken
    else { return }
    do {
      try files[index].file.add(line.bytes[...])
    } catch {
      files[index].isBroken = true
      problems.append(error)
    }
  }

  private func attempt(_ body: (ViewFile) throws(ViewError) -> Void) {
    for index in files.indices where !files[index].isBroken {
      do {
        try body(files[index].file)
      } catch {
        files[index].isBroken = true
        problems.append(error)
      }
    }
  }
}
