internal import JSON
internal import Ledger

/// `tollbook import transactions FILE`.
package enum ImportTransactions {
  /// Imports, prints the summary and says how it went.
  ///
  /// 0 when all is in the log, 1 when a line was refused, 2 for a wrong call, 4 when there is no
  /// such file, else what stopped it.
  package static func run(
    _ command: ParsedCommand, ledger: ImportLedger, output: Output, palette: Palette,
    clocks: Clocks
  ) -> ExitStatus {
    do throws(ImportStop) {
      return try execute(command, ledger, output, palette, clocks)
    } catch {
      output.message("tollbook: \(error.message)")
      return error.status
    }
  }

  private static func execute(
    _ command: ParsedCommand, _ ledger: ImportLedger, _ output: Output, _ palette: Palette,
    _ clocks: Clocks
  ) throws(ImportStop) -> ExitStatus {
    let terms = try terms(command)
    guard let file = command.arguments.first else { throw ImportStop(.usage, "FILE is missing") }
    let source = try open(file)
    let book: Book = command.has("fake") ? .fake : .real
    let isRehearsal = command.has("dry-run")
    let sink: any ImportSink
    if isRehearsal {
      sink = RehearsalSink(state: try ledger.state(), book: book, clocks: clocks)
    } else {
      sink = try ledger.sink(book: book, clocks: clocks)
    }
    defer { sink.close() }
    let name = file == "-" ? "standard input" : file
    var run = ImportRun(
      file: name, size: source.size ?? 0, terms: terms, sink: sink, output: output,
      isQuiet: command.has("quiet"), clocks: clocks)
    var stop: ImportStop?
    do throws(ImportStop) { try run.run(source) } catch { stop = error }
    if source.hasByteOrderMark {
      output.message("\(DisplayText.safe(name)) begins with a byte order mark, which was skipped")
    }
    if source.growth > 0 {
      output.message(
        "\(DisplayText.safe(name)) has grown by \(HumanNumber.bytes(source.growth)) meanwhile; "
          + "run the same command again to take that in")
    }
    if book == .fake { FakeBanner.print(to: output, palette) }
    switch command.format {
    case .json, .jsonl: output.write(run.report.json(book: book, isRehearsal: isRehearsal))
    case .table, nil: run.report.print(isRehearsal: isRehearsal, to: output, palette)
    }
    if let stop { throw stop }
    return run.report.status
  }

  private static func terms(
    _ command: ParsedCommand
  ) throws(ImportStop) -> GenesisLine.Terms {
    let code = command.value("asset") ?? "USDC"
    guard let asset = Asset(code: Text(code)) else {
      let known = Asset.allCases.map { "\($0.code)" }.joined(separator: ", ")
      throw ImportStop(
        .usage, "--asset is '\(SettingText.quotable(code))'; expected one of \(known)")
    }
    let name = command.value("network") ?? "base"
    guard let network = Network(Text(name)) else {
      throw ImportStop(
        .usage,
        "--network is '\(SettingText.quotable(name))'; expected 1 to 64 characters of "
          + "A-Z a-z 0-9 . _ : -")
    }
    return GenesisLine.Terms(
      asset: asset, network: network,
      rounding: command.value("round") == "half-even" ? .halfEven : .refuse)
  }

  private static func open(_ file: String) throws(ImportStop) -> LineSource {
    if file == "-" { return LineSource(descriptor: 0, limit: ImportRun.lineLimit) }
    do throws(LineSource.Fault) {
      return try LineSource(path: file, limit: ImportRun.lineLimit)
    } catch {
      throw ImportStop(error.status, "\(DisplayText.safe(file)): \(error.sentence)")
    }
  }
}
