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

  /// One view that is a document.
  private struct KeptDocument {
    var fold: VendorDocument
    let file: DocumentFile
    /// Whether the file is behind its fold.
    var isDue = false
    var isBroken = false
  }

  private var documents: [KeptDocument] = []
  private let isFresh: Bool
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
    self.isFresh = isFresh
    for book in Book.allCases {
      for view in only ?? View.allCases {
        guard !view.isDocument else {
          let file = DocumentFile(view.path(of: book), in: home)
          documents.append(KeptDocument(fold: VendorDocument(book), file: file))
          continue
        }
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
    for index in documents.indices where documents[index].isDue {
      attempt(index) { document throws(ViewError) in
        try document.file.write(document.fold.bytes())
      }
    }
  }

  /// Takes in one record of the log while starting; nothing is written before `settle` but what a
  /// rebuild needs.
  package func catchUp(_ record: Record) { take(record) }

  /// Ends the start: every view is now what the records so far make of it.
  package func settle() {
    attempt { file throws(ViewError) in try file.settle() }
    for index in documents.indices {
      attempt(index) { [isFresh] document throws(ViewError) in
        try document.file.settle(document.fold, isFresh: isFresh)
      }
    }
  }

  /// What went wrong since the last call; each view fails once.
  package func takeProblems() -> [ViewError] {
    defer { problems = [] }
    return problems
  }

  /// What was done to each file.
  package func changes() -> [(view: View, book: Book, change: String)] {
    files.map { ($0.view, $0.book, $0.file.change.rawValue) }
      + documents.map { (.vendorCapabilities, $0.fold.book, $0.file.change.rawValue) }
  }

  private func take(_ record: Record) {
    for index in documents.indices where documents[index].fold.apply(record) {
      documents[index].isDue = true
    }
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

  private func attempt(
    _ index: Int, _ body: (KeptDocument) throws(ViewError) -> Void
  ) {
    guard !documents[index].isBroken else { return }
    do {
      try body(documents[index])
      documents[index].isDue = false
    } catch {
      documents[index].isBroken = true
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
