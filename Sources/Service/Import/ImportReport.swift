internal import JSON
internal import Ledger

/// What an import has done, line by line counted.
package struct ImportReport: Equatable, Sendable {
  /// Lines read, blank ones too.
  package internal(set) var lines = 0
  /// Payments, or the end of pending ones, new in the log.
  package internal(set) var recorded = 0
  /// Lines that say what the log knows already.
  package internal(set) var known = 0
  package internal(set) var blank = 0
  /// Lines of which nothing was taken in, by reason.
  package internal(set) var refused: [String: Int] = [:]
  /// Payments whose amount was rounded.
  package internal(set) var rounded = 0

  package init() {}

  package var refusedCount: Int { refused.values.reduce(0, +) }

  /// 0 when every line was taken in or known, else 1.
  package var status: ExitStatus { refused.isEmpty ? .ok : .checkFailed }

  mutating func count(_ answer: ImportAnswer) {
    switch answer {
    case .recorded: recorded += 1
    case .known: known += 1
    case .refused(let code, _): refused[code, default: 0] += 1
    }
  }

  /// The reasons, the most frequent first, equals by name.
  package var reasons: [(code: String, count: Int)] {
    refused.map { (code: $0.key, count: $0.value) }
      .sorted { $0.count == $1.count ? $0.code < $1.code : $0.count > $1.count }
  }

  /// Prints the summary for a person.
  func print(isRehearsal: Bool, to output: Output, _ palette: Palette) {
    var table = Table([.init(isRehearsal ? "Would be" : "Import", .left), .init("Lines", .right)])
    table.add(["recorded", HumanNumber.count(recorded)])
    table.add(["known already", HumanNumber.count(known)])
    if rounded > 0 { table.add(["rounded", HumanNumber.count(rounded)]) }
    table.add(["blank lines", HumanNumber.count(blank)])
    table.add(["refused lines", HumanNumber.count(refusedCount)])
    for reason in reasons {
      table.add(["  \(reason.code)", HumanNumber.count(reason.count)])
    }
    table.add(["all lines", HumanNumber.count(lines)])
    table.print(to: output, palette)
  }

  /// The summary as one line of JSON.
  func json(book: Book, isRehearsal: Bool) -> [UInt8] {
    var out = JSONWriter()
    out.beginObject()
    out.field("book", book.name)
    out.field("dry_run", isRehearsal)
    out.field("lines", lines)
    out.field("recorded", recorded)
    out.field("known", known)
    out.field("rounded", rounded)
    out.field("blank", blank)
    out.field("refused", refusedCount)
    out.key("refused_by_reason")
    out.beginObject()
    for code in refused.keys.sorted() {
      out.key(Text(code))
      out.integer(Int64(refused[code, default: 0]))
    }
    out.endObject()
    out.endObject()
    out.bytes.append(0x0A)
    return out.bytes
  }
}
