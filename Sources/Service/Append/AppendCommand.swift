internal import Glibc
internal import HTTP
internal import JSON
internal import Journal
internal import Ledger
internal import Synchronization

/// `tollbook log append`: commands as JSON lines on standard input, one `ACK <key> <seq>` each
/// when it is durable.
///
/// Goes through the daemon's socket while one runs, else takes the ledger's lock. A line that is
/// refused is named on standard error and the next one is read. Exit codes: 0 all recorded, 3 some
/// refused, 7 unknown which of the last ones were, 8 disk lost, 75 another tool holds the ledger.
package enum AppendCommand {
  package static func run(
    _ configuration: Configuration, output: Output, clocks: Clocks
  ) -> ExitStatus {
    let home = configuration.home
    do throws(LockError) {
      if let client = try DaemonSocket.client(home: home) {
        return RemoteAppend(client, output).run()
      }
    } catch {
      output.message("tollbook: \(error)")
      return ServeError.lock(error).exitStatus
    }
    var options = OpenedLedger.Options(
      home: home, holder: "tollbook log append",
      onLost: { _ in
        // What was not acknowledged is unknown; the caller reads that from the exit code.
        _exit(ExitStatus.diskLost.rawValue)
      })
    options.clocks = clocks
    options.lockWaitMilliseconds = 0
    do throws(ServeError) {
      let ledger = try OpenedLedger(options)
      defer { ledger.close() }
      let desk = CommandDesk(
        ledger.bookkeeper, mode: configuration.isFake ? .fake : .real, clocks: clocks)
      return LocalAppend(ledger.bookkeeper, desk, output).run()
    } catch {
      output.message("tollbook: \(error)")
      return error.exitStatus
    }
  }
}

extension CommandDesk.Reply {
  /// The line that tells the caller: `ACK` on the answers' side, `REFUSED` on the messages'.
  func line(number: Int) -> (text: String, isAcknowledged: Bool) {
    let name = key?.string ?? "line-\(number)"
    switch status {
    case .recorded(let seq), .repeated(let seq): return ("ACK \(name) \(seq)", true)
    case .unchanged: return ("ACK \(name) \(decidedSeq)", true)
    case .refused(let code, let reason):
      return ("REFUSED \(name) \(code): \(DisplayText.safe(reason))", false)
    }
  }
}

/// Appends into a ledger that this process holds.
private final class LocalAppend: Sendable {
  private let bookkeeper: Bookkeeper
  private let desk: CommandDesk
  private let printer: Printer

  init(_ bookkeeper: Bookkeeper, _ desk: CommandDesk, _ output: Output) {
    self.bookkeeper = bookkeeper
    self.desk = desk
    printer = Printer()
    output.flush()
  }

  func run() -> ExitStatus {
    let source = LineSource(descriptor: 0, limit: 1_048_576)
    var number = 0
    do {
      while let line = try source.next() {
        number += 1
        guard case .whole(let bytes) = line.tolerated, !bytes.isEmpty else {
          if case .tooLong = line { printer.refuse("line-\(number) VALIDATION_ERROR: too long") }
          continue
        }
        let reply = try desk.submit(bytes)
        let (text, isAcknowledged) = reply.line(number: number)
        bookkeeper.whenDurable(reply.decidedSeq) { [printer] isDurable in
          if isDurable { printer.print(text, isAcknowledged) }
        }
      }
    } catch let error as Unavailable {
      return error == .diskLost ? .diskLost : .refused
    } catch {
      printer.refuse("standard input cannot be read")
    }
    return bookkeeper.waitUntilDurable() ? printer.finish() : .diskLost
  }
}

/// Prints what became durable, in order, as it does.
private final class Printer: Sendable {
  /// What is on its way to the terminal.
  private struct Lines: Sendable {
    var answers: [UInt8] = []
    var refusals = 0
  }

  private let lines = Mutex(Lines())

  func print(_ text: String, _ isAcknowledged: Bool) {
    guard isAcknowledged else { return refuse(String(text.dropFirst(8))) }
    lines.withLock { lines in
      lines.answers.append(contentsOf: text.utf8)
      lines.answers.append(0x0A)
      // One write per line: who reads a pipe acts on each acknowledgement at once.
      Printer.write(lines.answers, to: 1)
      lines.answers.removeAll(keepingCapacity: true)
    }
  }

  func refuse(_ text: String) {
    lines.withLock { lines in
      lines.refusals += 1
      Printer.write(Array("REFUSED \(text)\n".utf8), to: 2)
    }
  }

  func finish() -> ExitStatus {
    lines.withLock { $0.refusals == 0 ? .ok : .refused }
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      written += count
    }
  }
}

extension LineSource.Line {
  /// A last line without its line feed counts: a shell's `printf` often leaves it out.
  fileprivate var tolerated: LineSource.Line {
    if case .unfinished(let bytes) = self { .whole(bytes) } else { self }
  }
}
