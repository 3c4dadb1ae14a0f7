internal import JSON
internal import Ledger

/// Takes the lines of a source into a sink, batch after batch, and names every line it refuses.
package struct ImportRun {
  /// A payment on its way, with the number of its line.
  private struct Waiting {
    let line: Int
    let payment: ImportPayment
  }

  /// Bytes of the longest line without its line feed.
  package static let lineLimit = 1_048_576

  private let file: String
  private let terms: GenesisLine.Terms
  private let sink: any ImportSink
  private let output: Output
  private let clocks: Clocks
  private var bar: ProgressBar
  private var waiting: [Waiting] = []
  /// What was done so far; also true when the run was stopped.
  package private(set) var report = ImportReport()

  /// - Parameters:
  ///   - file: its name, for messages.
  ///   - size: bytes of the file, for the progress bar; 0 when unknown.
  package init(
    file: String, size: Int, terms: GenesisLine.Terms, sink: any ImportSink, output: Output,
    isQuiet: Bool, clocks: Clocks
  ) {
    self.file = DisplayText.safe(file)
    self.terms = terms
    self.sink = sink
    self.output = output
    self.clocks = clocks
    bar = ProgressBar(
      "import", total: size, unit: "bytes", on: output, isQuiet: isQuiet, at: clocks.boot())
  }

  /// Reads to the end of the source.
  ///
  /// - Throws: `ImportStop`; what the report counts is then durable all the same.
  package mutating func run(_ source: LineSource) throws(ImportStop) {
    defer { bar.finish(on: output) }
    var number = 0
    var fault: LineSource.Fault?
    while fault == nil {
      do throws(LineSource.Fault) {
        guard let line = try source.next() else { break }
        number += 1
        take(line, number: number)
      } catch {
        fault = error
      }
      if waiting.count >= sink.batchLimit { try flush(done: source.consumed) }
      if number % 512 == 0 { bar.update(source.consumed, on: output, at: clocks.boot()) }
    }
    try flush(done: source.consumed)
    if let fault { throw ImportStop(fault.status, "\(file) \(fault.sentence)") }
  }

  private mutating func take(_ line: LineSource.Line, number: Int) {
    report.lines += 1
    do throws(GenesisFault) {
      let genesis: GenesisLine
      switch line {
      case .whole(let bytes), .unfinished(let bytes):
        guard !bytes.allSatisfy(ImportRun.isBlank) else {
          report.blank += 1
          return
        }
        genesis = try GenesisLine(bytes, terms: terms)
      case .tooLong: throw .lineTooLong(limit: ImportRun.lineLimit)
      }
      if let text = genesis.roundedFrom {
        report.rounded += 1
        say("\(file):\(number): rounded: \(text.string) to \(genesis.payment.amount)")
      }
      waiting.append(Waiting(line: number, payment: genesis.payment))
    } catch {
      let named = ImportRun.named(error, line)
      refuse(number, code: named.code, detail: named.sentence)
    }
  }

  /// A last line without a line feed that is no JSON may simply not be finished.
  private static func named(_ fault: GenesisFault, _ line: LineSource.Line) -> GenesisFault {
    if case .unfinished = line, case .notJSON(let error) = fault { return .lineUnfinished(error) }
    return fault
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  private mutating func flush(done: Int) throws(ImportStop) {
    guard !waiting.isEmpty else { return }
    let answers = try sink.submit(waiting.map(\.payment))
    for (entry, answer) in zip(waiting, answers) {
      if case .refused(let code, let detail) = answer {
        refuse(entry.line, code: code, detail: detail)
      } else {
        report.count(answer)
      }
    }
    waiting.removeAll(keepingCapacity: true)
    bar.update(done, on: output, at: clocks.boot())
  }

  private mutating func refuse(_ line: Int, code: String, detail: String) {
    report.count(.refused(code: code, detail: detail))
    say("\(file):\(line): refused: \(code): \(DisplayText.safe(detail))")
  }

  private mutating func say(_ message: String) {
    bar.finish(on: output)
    output.message(message)
  }
}
