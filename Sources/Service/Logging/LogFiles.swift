import Glibc
internal import JSON
internal import Ledger
import Synchronization

/// The log files of a home folder: `logs/genesis.log`, `logs/a2a_x402.log`, `logs.json`.
///
/// Callers append bytes to a queue under one short lock and never wait for a disk or a terminal.
/// One thread writes the queue out every 200 ms, or sooner when it is half full. When it cannot
/// keep up, lines are dropped and counted, and the log says so itself. These files are no part of
/// the ledger: nothing is ever read back from them.
package final class LogFiles: Sendable {
  /// Where and how much to log.
  package struct Options: Sendable {
    /// The folder that gets `logs/` and `logs.json`.
    package var home: String
    /// Bytes of one file before the next begins.
    package var fileLimit = 64 << 20
    /// How many full files stay beside the current one.
    package var filesKept = 8
    /// Bytes that may wait for the thread.
    package var queueLimit = 8 << 20
    /// Standard output, to copy the lines there; nil for files only.
    package var outputDescriptor: Int32?

    package init(home: String) {
      self.home = home
    }
  }

  /// What has happened to lines since the start; for metrics.
  package struct Counts: Equatable, Sendable {
    /// Never taken in, because the queue was full.
    package var dropped: Int
    /// Taken in, but a file could not be written.
    package var lost: Int

    package init(dropped: Int, lost: Int) {
      self.dropped = dropped
      self.lost = lost
    }
  }

  private let queue: Mutex<LogQueue>
  private let signal = LogSignal()
  private let lost = Atomic<Int>(0)
  private let wantsReopen = Atomic<Bool>(false)
  private let isClosing = Atomic<Bool>(false)

  /// Starts the thread; files are opened when the first line is written.
  package init(_ options: Options) {
    queue = Mutex(LogQueue(limit: options.queueLimit))
    let work = LogThread(files: self, writer: LogFileWriter(options))
    let box = Unmanaged.passRetained(work)
    var thread = pthread_t()
    let result = pthread_create(&thread, nil, LogThread.main, box.toOpaque())
    // Without the thread lines are dropped and counted once the queue is full; serving goes on.
    if result == 0 { pthread_detach(thread) } else { box.release() }
  }

  /// Logs an answered request.
  package func write(_ line: RequestLine) {
    add(line, at: line.at, alsoForProviders: false)
  }

  /// Logs a sentence for the operator.
  package func write(_ line: NoteLine) {
    add(line, at: line.at, alsoForProviders: false)
  }

  /// Logs a call to a provider, in both files.
  package func write(_ line: ProviderCallLine) {
    add(line, at: line.at, alsoForProviders: true)
  }

  /// Opens the files by their names again, after SIGHUP or a move by another tool.
  package func reopen() {
    wantsReopen.store(true, ordering: .releasing)
    signal.ring()
  }

  /// Writes out everything that was logged before the call; false when the time ran out.
  @discardableResult
  package func flush(timeoutMilliseconds: Int) -> Bool {
    signal.askAndWait(milliseconds: timeoutMilliseconds)
  }

  /// Writes everything out and ends the thread; later lines go nowhere.
  ///
  /// False when the files did not take it all within the time.
  @discardableResult
  package func close(timeoutMilliseconds: Int) -> Bool {
    isClosing.store(true, ordering: .releasing)
    return signal.askAndWait(milliseconds: timeoutMilliseconds)
  }

  /// What was dropped and lost so far.
  package var counts: Counts {
    Counts(dropped: queue.withLock { $0.dropped }, lost: lost.load(ordering: .relaxed))
  }

  private func add(_ line: some LogFileLine, at: Timestamp, alsoForProviders: Bool) {
    let isHalfFull = queue.withLock { queue in
      let wasHalfFull = queue.isHalfFull
      queue.add(line, at: at, alsoForProviders: alsoForProviders)
      return !wasHalfFull && queue.isHalfFull
    }
    if isHalfFull { signal.ring() }
  }

  /// One round of the thread; false after the last one.
  fileprivate func runRound(_ writer: inout LogFileWriter) -> Bool {
    let round = signal.waitForRing(milliseconds: 200)
    let isLast = isClosing.load(ordering: .acquiring)
    if wantsReopen.exchange(false, ordering: .acquiring) { writer.reopen() }
    writer.collect { main, provider in
      queue.withLock { $0.exchange(main: &main, provider: &provider) }
    }
    lost.add(writer.write(), ordering: .relaxed)
    signal.finish(round)
    return !isLast
  }
}

/// What the log thread owns.
private final class LogThread {
  private let files: LogFiles
  private var writer: LogFileWriter

  init(files: LogFiles, writer: LogFileWriter) {
    self.files = files
    self.writer = writer
  }

  /// The thread's function; takes over the retained box.
  static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { box in
    guard let box else { return nil }
    // Signals belong to the main thread; a write to a closed pipe here is an error, not an end.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
    let thread = Unmanaged<LogThread>.fromOpaque(box).takeRetainedValue()
    while thread.files.runRound(&thread.writer) {}
    thread.writer.reopen()
    return nil
  }
}
