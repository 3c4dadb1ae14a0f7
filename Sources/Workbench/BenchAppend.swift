import Glibc
import JSON
import Journal
import Ledger
import Service
import Synchronization

/// Measures durable appends through the daemon's own bookkeeper.
///
/// Each of W writers has one command under way and makes the next when that one is durable. Writers
/// are served by one thread, as the event loop serves connections; with `--threads` each is a
/// thread that blocks.
final class BenchAppend: Sendable {
  private let bookkeeper: Bookkeeper
  private let finished = Atomic<Bool>(false)
  private let latencies = Mutex([UInt64]())
  private let identity = Atomic<UInt64>(0)

  /// `bench-append --home DIR [--writers W] [--seconds S] [--threads]`.
  static func run(_ options: ToolOptions) throws(ToolError) -> Int32 {
    let home = try options.text("home")
    let writers = max(1, try options.count("writers", else: 64))
    let seconds = max(1, try options.count("seconds", else: 2))
    umask(0o027)
    let ledger: OpenedLedger
    do throws(ServeError) {
      ledger = try OpenedLedger(
        OpenedLedger.Options(home: home, holder: "Workbench bench-append") { _ in abort() })
    } catch {
      throw ToolError("\(error)")
    }
    let bench = BenchAppend(ledger.bookkeeper)
    let before = ledger.bookkeeper.counts
    let start = BenchClock.nanoseconds()
    if options.has("threads") {
      bench.runThreads(writers, seconds: seconds)
    } else {
      bench.runLoop(writers, seconds: seconds)
    }
    let elapsed = Double(BenchClock.nanoseconds() - start) / 1e9
    let after = ledger.bookkeeper.counts
    bench.report(
      elapsed, records: after.records - before.records, syncs: after.syncs - before.syncs)
    ledger.close()
    return 0
  }

  private init(_ bookkeeper: Bookkeeper) { self.bookkeeper = bookkeeper }

  // MARK: one thread for all writers

  /// Writers whose last command is durable, and a way to wait for one.
  private final class Ready: Sendable {
    private let starts = Mutex([UInt64]())
    private let wake = Semaphore()

    /// Called on the writer thread, with the time at which the command was made.
    func add(_ start: UInt64) {
      let isFirst = starts.withLock { starts in
        starts.append(start)
        return starts.count == 1
      }
      if isFirst { wake.signal() }
    }

    func take() -> [UInt64] {
      wake.wait()
      return starts.withLock { starts in
        defer { starts.removeAll(keepingCapacity: true) }
        return starts
      }
    }
  }

  private func runLoop(_ writers: Int, seconds: Int) {
    let ready = Ready()
    let end = BenchClock.nanoseconds() + UInt64(seconds) * 1_000_000_000
    var measured: [UInt64] = []
    measured.reserveCapacity(1_000_000)
    var underWay = 0
    for _ in 0..<writers {
      begin(ready)
      underWay += 1
    }
    while underWay > 0 {
      let starts = ready.take()
      let now = BenchClock.nanoseconds()
      for start in starts {
        measured.append(now - start)
        if now < end { begin(ready) } else { underWay -= 1 }
      }
    }
    latencies.withLock { $0 = measured }
  }

  private func begin(_ ready: Ready) {
    let start = BenchClock.nanoseconds()
    bookkeeper.whenDurable(submit()) { isDurable in
      guard isDurable else { abort() }
      ready.add(start)
    }
  }

  // MARK: a thread for each writer

  private func runThreads(_ writers: Int, seconds: Int) {
    let done = Semaphore()
    let end = BenchClock.nanoseconds() + UInt64(seconds) * 1_000_000_000
    for _ in 0..<writers {
      let isStarted = Threads.start { [self] in
        var measured: [UInt64] = []
        var start = BenchClock.nanoseconds()
        while start < end {
          let answer = AwaitedAnswer()
          bookkeeper.whenDurable(submit()) { answer.give($0) }
          guard answer.wait() else { abort() }
          let now = BenchClock.nanoseconds()
          measured.append(now - start)
          start = now
        }
        latencies.withLock { $0 += measured }
        done.signal()
      }
      guard isStarted else { fatalError("no thread left for a writer") }
    }
    for _ in 0..<writers { done.wait() }
  }

  // MARK: one command

  /// Imports a pending payment, a line of about 440 bytes; gives the seq that must be durable.
  private func submit() -> UInt64 {
    let number = identity.wrappingAdd(1, ordering: .relaxed).newValue
    let now = Clocks.system.wall()
    let command = ImportPayment(
      transaction: TransactionID(ULID(at: now, random: (0, number))),
      parties: PaymentParties(agent: "builder_agent", vendor: "anthropic", network: .base),
      amount: Money(units: 1_073_997, asset: .usdc), phase: .pending, occurredAt: now,
      chainHash: nil, error: nil, vendorFault: false, latencyMilliseconds: nil,
      serviceURL: "https://api.anthropic.example/v1/inference", facilitatorReceipt: nil)
    let submission = Submission(
      command, actor: "agent:builder_agent", book: .real, cause: nil, binding: nil)
    do throws(Unavailable) {
      return try bookkeeper.submit(submission).decidedSeq
    } catch {
      fatalError("the ledger could not be written: \(error)")
    }
  }

  private func report(_ seconds: Double, records: Int, syncs: Int) {
    let sorted = latencies.withLock { $0.sorted() }
    guard !sorted.isEmpty else { return }
    func percentile(_ share: Int) -> UInt64 {
      sorted[min(sorted.count - 1, sorted.count * share / 100)] / 1_000
    }
    print(
      "appends_per_s=\(Int(Double(records) / seconds)) syncs_per_s=\(Int(Double(syncs) / seconds))"
        + " p50_us=\(percentile(50)) p99_us=\(percentile(99))")
  }
}

/// The clock that benchmarks measure with.
enum BenchClock {
  /// Nanoseconds of a clock that never goes back.
  static func nanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
