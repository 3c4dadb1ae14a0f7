import JSON
import Journal
import Ledger

/// `tollbook view …`: the files derived from the log.
enum ViewCommands {
  static func run(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    switch context.parsed.command {
    case .viewShow: try show(context)
    case .viewRebuild: try rebuild(context)
    case .viewDiff: try diff(context)
    default: try list(context)
    }
  }

  private static func list(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    var rows: [(view: View, book: Book, bytes: Int?)] = []
    for book in Book.allCases {
      for view in View.allCases {
        rows.append((view, book, try size(view, book, context)))
      }
    }
    if let format = context.parsed.format, format != .table {
      context.printJSON(list: rows) { row, out in
        out.beginObject()
        out.field("view", row.view.rawValue)
        out.field("book", row.book.name)
        out.field("path", row.view.path(of: row.book))
        out.key("bytes")
        if let bytes = row.bytes { out.integer(bytes) } else { out.null() }
        out.endObject()
      }
      return .ok
    }
    var table = Table([
      .init("VIEW", .left), .init("BOOK", .left), .init("BYTES", .right), .init("PATH", .left),
      .init("WHAT", .left),
    ])
    for row in rows {
      table.add([
        row.view.rawValue, "\(row.book.name)", row.bytes.map(HumanNumber.count) ?? "none",
        row.view.path(of: row.book), row.view.summary,
      ])
    }
    table.print(to: context.output, context.palette)
    return .ok
  }

  private static func size(
    _ view: View, _ book: Book, _ context: CommandContext
  ) throws(CommandStop) -> Int? {
    do throws(ViewError) {
      return try ViewDescriptor.open(view.path(of: book), in: context.home)?.size()
    } catch {
      throw CommandStop(error)
    }
  }

  private static func show(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    guard let view = try named(context) else {
      throw CommandStop(.usage, "tollbook view show needs NAME; see: tollbook view list")
    }
    let book = try context.book()
    try ViewLines.each(view, of: book, context) { line in
      context.output.write(line)
      return !context.output.isReaderGone && context.output.failure == nil
    }
    return .ok
  }

  /// The view that the argument names; nil without an argument.
  private static func named(_ context: CommandContext) throws(CommandStop) -> View? {
    guard let name = context.parsed.arguments.first else { return nil }
    guard let view = View(rawValue: name) else {
      let known = View.allCases.map(\.rawValue).joined(separator: ", ")
      throw CommandStop(
        .notFound, "there is no view '\(SettingText.quotable(name))'; expected one of \(known)")
    }
    return view
  }

  /// Writes views anew; also while the daemon keeps them, which then goes on with the new files.
  private static func rebuild(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let only = try named(context).map { [$0] }
    guard !context.parsed.has("dry-run") else { return try compare(context, Book.allCases) }
    let writer: ViewWriter
    do throws(ViewError) {
      writer = try ViewWriter(home: context.home, only: only, isFresh: true)
    } catch {
      throw CommandStop(error)
    }
    var seals: [SealedSegment] = []
    try ViewLines.records(context) { record in
      if case .segmentSealed(let event) = record.event {
        seals.append(SealedSegment(name: event.segment.string, sha256: event.sha256))
      }
      writer.catchUp(record)
      return true
    }
    writer.settle()
    if let problem = writer.takeProblems().first { throw CommandStop(problem) }
    if only == nil { try publish(seals, context) }
    guard !context.parsed.has("quiet") else { return .ok }
    for change in writer.changes() where only?.contains(change.view) ?? true {
      context.output.print("\(change.change) \(change.view.path(of: change.book))")
    }
    return .ok
  }

  /// `SHA256SUMS` is a view too: of the seals.
  private static func publish(
    _ seals: [SealedSegment], _ context: CommandContext
  ) throws(CommandStop) {
    guard let folder = try LogFolder(context.ledgerFolder) else { return }
    do throws(DiskError) {
      try Sealing.publish(seals, on: folder.disk)
    } catch {
      throw CommandStop(JournalError.disk(error))
    }
  }

  /// 0 when every file is exactly what the log makes of it, 1 when one is not.
  private static func diff(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let books = context.parsed.value("book") == nil ? Book.allCases : [try context.book()]
    return try compare(context, books)
  }

  /// Whether somebody is there who keeps the views up to the log.
  private static func isDaemonRunning(_ context: CommandContext) throws(CommandStop) -> Bool {
    do throws(LockError) {
      return try DaemonSocket.path(home: context.home) != nil
    } catch {
      // Another tool holds the ledger, and keeps no view for longer than it runs.
      return false
    }
  }

  private static func compare(
    _ context: CommandContext, _ books: [Book]
  ) throws(CommandStop) -> ExitStatus {
    let only = try named(context).map { [$0] } ?? View.allCases
    let checks = books.flatMap { book in
      only.map { ViewCheck($0, book, home: context.home) }
    }
    var folds = books.map { ViewFold($0) }
    var documents = books.map { VendorDocument($0) }
    var line = JSONWriter(reserving: 1_024)
    try ViewLines.records(context) { record in
      for (index, book) in books.enumerated() {
        _ = documents[index].apply(record)
        line.removeAll()
        guard let view = folds[index].apply(record, writingTo: &line) else { continue }
        checks.first { $0.view == view && $0.book == book }?.take(line.bytes)
      }
      return true
    }
    for document in documents {
      checks.first { $0.view.isDocument && $0.book == document.book }?.take(document)
    }
    let isKept = try isDaemonRunning(context)
    var differs = false
    for check in checks {
      let finding = check.finding(isKept: isKept)
      differs = differs || finding != nil
      context.output.print(
        "\(check.view.path(of: check.book)): \(finding ?? "as the log says")")
    }
    if differs { context.output.message("tollbook: mend them with: tollbook view rebuild") }
    return differs ? .checkFailed : .ok
  }
}
