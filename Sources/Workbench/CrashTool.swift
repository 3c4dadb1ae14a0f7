import Journal
import Service
import Synchronization

/// Runs the journal's crash simulation for as many crashes as asked, on both cores.
final class CrashTool: Sendable {
  /// Crashes of one seed; small, so that the seeds of a run are many.
  private static let crashesPerSeed = 50

  /// What all runs came to.
  private struct Sums: Sendable {
    var crashes = 0
    var crashesInStart = 0
    var repairs = 0
    var acknowledged = 0
    var calls = 0
    var seeds = 0
    var broken: String?
  }

  private let points: Int
  private let next: Atomic<UInt64>
  private let sums = Mutex(Sums())

  /// `crash --points N [--seed S]`.
  static func run(_ options: ToolOptions) throws(ToolError) -> Int32 {
    let points = try options.count("points", else: 20_000)
    let seed = try options.count("seed", else: 1)
    let tool = CrashTool(points: points, seed: UInt64(seed))
    let done = Semaphore()
    let threads = 2
    for _ in 0..<threads {
      guard
        Threads.start({
          tool.work()
          done.signal()
        })
      else { throw ToolError("the system has no thread left") }
    }
    for _ in 0..<threads { done.wait() }
    return tool.report()
  }

  private init(points: Int, seed: UInt64) {
    self.points = points
    next = Atomic(seed)
  }

  private func work() {
    while sums.withLock({ $0.crashes < points && $0.broken == nil }) {
      let seed = next.wrappingAdd(1, ordering: .relaxed).oldValue
      let outcome = CrashSimulation.run(seed: seed, crashes: CrashTool.crashesPerSeed)
      sums.withLock { sums in
        sums.seeds += 1
        sums.crashes += outcome.crashes
        sums.crashesInStart += outcome.crashesInStart
        sums.repairs += outcome.repairs
        sums.acknowledged += outcome.acknowledged
        sums.calls += outcome.calls
        if let broken = outcome.broken { sums.broken = "seed \(seed): \(broken)" }
      }
    }
  }

  private func report() -> Int32 {
    let sums = sums.withLock { $0 }
    print(
      "crash: \(sums.crashes) crashes (\(sums.crashesInStart) in a start) of "
        + "\(sums.seeds) seeds, \(sums.repairs) repairs, "
        + "\(sums.acknowledged) units acknowledged, \(sums.calls) disk calls")
    guard let broken = sums.broken else {
      print("crash: no promise was broken")
      return 0
    }
    print("crash: BROKEN by \(broken)")
    return 1
  }
}
