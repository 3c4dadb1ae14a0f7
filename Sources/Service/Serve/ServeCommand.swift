internal import Glibc
internal import HTTP
internal import JSON
internal import Journal
internal import Ledger

/// `tollbook serve`: the daemon in the foreground, until a signal ends it.
package enum ServeCommand {
  /// How long a drain may take after SIGTERM.
  private static let drainMilliseconds = 8_000

  package static func run(_ parsed: ParsedCommand, _ output: Output) -> ExitStatus {
    let configuration: Configuration
    do throws(ConfigurationError) {
      configuration = try ConfigurationFile.load(
        flags: parsed.settingFlags, environment: ConfigurationFile.processEnvironment())
    } catch {
      for problem in error.problems { output.message("tollbook: \(problem.message)") }
      return .usage
    }
    for notice in configuration.notices { output.message("tollbook: \(notice.message)") }
    umask(0o027)
    let signals = Signals()
    let daemon: Daemon
    let server: Server
    do throws(ServeError) {
      daemon = try Daemon(configuration, clocks: .system, onLost: endAfterLoss)
      server = try daemon.listen()
    } catch {
      output.message("tollbook: \(error)")
      return error.exitStatus
    }
    report(daemon, output)
    output.print("tollbook listening \(places(server, configuration))")
    output.flush()
    signals.wait(onHangup: {
      daemon.logs.reopen()
      daemon.reloadRoutes()
    })
    daemon.end(server, deadlineMilliseconds: drainMilliseconds)
    return .ok
  }

  /// `gateway=127.0.0.1:3000 api=… metrics=…`, the ports as bound.
  private static func places(_ server: Server, _ configuration: Configuration) -> String {
    [DaemonListener.gateway, DaemonListener.api, DaemonListener.metrics]
      .map { name in "\(name)=\(server.addresses[name].map { "\($0)" } ?? "off")" }
      .joined(separator: " ")
  }

  /// What the start found, for whoever reads the terminal or the journal.
  private static func report(_ daemon: Daemon, _ output: Output) {
    let facts = daemon.ledger.facts
    if facts.isNew { output.message("tollbook: began a new ledger in \(daemon.ledger.folder)") }
    if !facts.markWasKnown && !facts.isNew {
      output.message("tollbook: the mark in HEAD was missing or unreadable; it is written anew")
    }
    if let torn = facts.torn {
      output.message("tollbook: repaired the end of the log: \(torn)")
    }
    for problem in daemon.ledger.takeViewProblems() { output.message("tollbook: \(problem)") }
    for piece in facts.quarantined { output.message("tollbook: kept what was cut as \(piece)") }
    let violations = daemon.bookkeeper.read { state, _ in state.violations }.value
    for violation in violations.first.prefix(5) {
      output.message(
        "tollbook: seq \(violation.seq) \(violation.type.name) \(violation.subject.string) "
          + "was not applied: \(violation.reason.sentence); run tollbook log verify")
    }
    if daemon.bookkeeper.isClockSuspect {
      output.message(
        "tollbook: the last record is ahead of the wall clock; correct the clock, or accept it "
          + "with: tollbook clock accept --reason R")
    }
    if daemon.configuration.isFake {
      output.message("tollbook: FAKE book: no real money moves (PAYMENTS_USE_FAKE=true)")
    }
  }

  /// Tells everybody who waits, then ends the process: the decided state ends with it.
  private static let endAfterLoss: @Sendable (DiskLost) -> Void = { lost in
    let text = Array("tollbook: \(lost); the outcome of what was not answered is unknown\n".utf8)
    _ = text.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    // The event loop needs a moment to send the answers that say so.
    usleep(200_000)
    _exit(ExitStatus.diskLost.rawValue)
  }
}

/// The signals that a daemon answers to, taken on the main thread.
private struct Signals {
  private var awaited = sigset_t()

  /// Blocks them in this thread and all that it starts; call before any other thread exists.
  init() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    sigemptyset(&awaited)
    for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&awaited, number) }
    pthread_sigmask(SIG_BLOCK, &awaited, nil)
  }

  /// Returns on SIGTERM or SIGINT.
  func wait(onHangup: () -> Void) {
    var awaited = awaited
    while true {
      var number: Int32 = 0
      guard sigwait(&awaited, &number) == 0 else { continue }
      if number == SIGHUP { onHangup() } else { return }
    }
  }
}
