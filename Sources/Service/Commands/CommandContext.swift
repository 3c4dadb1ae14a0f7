import Glibc
import JSON
import Journal
import Ledger

/// What a command works with.
package struct CommandContext {
  package let parsed: ParsedCommand
  package let output: Output
  package let environment: [String: String]
  package let clocks: Clocks

  package init(
    parsed: ParsedCommand, output: Output, environment: [String: String], clocks: Clocks
  ) {
    self.parsed = parsed
    self.output = output
    self.environment = environment
    self.clocks = clocks
  }

  /// Colours for the answers.
  var palette: Palette {
    Palette(for: output.answers, environment: environment, isRefused: parsed.has("no-color"))
  }

  /// The home folder, found without reading a configuration that may be broken.
  var home: String {
    let layers = ConfigurationSources(
      flags: parsed.settingFlags, environment: environment, file: nil)
    return layers.find(Settings.home.name)?.value ?? Settings.home.defaultText ?? "."
  }

  var ledgerFolder: String { home + "/data/ledger" }

  /// The settings in force.
  /// - Throws: all problems at once, exit 2.
  func configuration() throws(CommandStop) -> Configuration {
    do throws(ConfigurationError) {
      return try ConfigurationFile.load(flags: parsed.settingFlags, environment: environment)
    } catch {
      throw CommandStop(.usage, error.problems.map(\.message).joined(separator: "\ntollbook: "))
    }
  }

  /// The book that was asked for, else that of the current mode; says so when it is the fake one.
  func book() throws(CommandStop) -> Book {
    let book: Book
    switch parsed.value("book") {
    case "real": book = .real
    case "fake": book = .fake
    default: book = try configuration().isFake ? .fake : .real
    }
    if book == .fake, !parsed.has("quiet") { FakeBanner.print(to: output, palette) }
    return book
  }

  /// Threads to fold with: as asked for, else one for each of up to eight cores.
  var threads: Int { parsed.count("threads") ?? CommandContext.cores }

  private static var cores: Int { min(8, max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

  /// Where a fold of this command stops.
  var stop: LogStop { LogStop(parsed.moment("at")) }

  /// The log as it lies there, ready to be folded.
  func reading(
    until stop: LogStop, checksHashes: Bool
  ) throws(CommandStop) -> LogReading {
    do throws(ReadingError) {
      return LogReading(
        try LogExtent.find(in: ledgerFolder), until: stop, checksHashes: checksHashes,
        threads: threads)
    } catch {
      throw CommandStop(error)
    }
  }

  /// The state up to `--at`, every line's hash checked on the way.
  func state() throws(CommandStop) -> State {
    let reading = try reading(until: stop, checksHashes: true)
    do throws(JournalError) {
      let outcome = try Replay.run(reading)
      tell(of: outcome)
      return outcome.state
    } catch {
      throw CommandStop(error)
    }
  }

  /// Says what a fold left out.
  func tell(of outcome: Replay.Outcome) {
    guard !parsed.has("quiet") else { return }
    if let torn = outcome.summary.torn {
      output.message(
        "tollbook: the end of the log is unfinished at \(torn); it was left out, "
          + "and the next start of the daemon repairs it")
    }
    let violations = outcome.state.violations.count
    if violations > 0 {
      output.message(
        "tollbook: \(HumanNumber.count(violations)) records are illegal and were left out; "
          + "see: tollbook log verify")
    }
  }

  /// Now, for questions that depend on it: the time of `--at`, else the wall clock.
  func moment(_ state: State) -> Timestamp {
    switch stop {
    case .time(let time): time
    case .sequence: state.at
    case .end: max(state.at, clocks.wall())
    }
  }

  /// Prints one JSON document on a line.
  func printJSON(_ body: (inout JSONWriter) -> Void) {
    var out = JSONWriter()
    body(&out)
    out.bytes.append(0x0A)
    output.write(out.bytes)
  }

  /// Prints documents as an array, or one on each line.
  func printJSON<Element>(
    list: some Sequence<Element>, _ body: (Element, inout JSONWriter) -> Void
  ) {
    guard parsed.format != .jsonl else {
      for element in list { printJSON { body(element, &$0) } }
      return
    }
    printJSON { out in
      out.beginArray()
      for element in list { body(element, &out) }
      out.endArray()
    }
  }
}
