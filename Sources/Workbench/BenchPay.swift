import Glibc
import HTTP
import Ledger
import Service
import Synchronization

/// Decided, durable direct payments through the real daemon's API with the fake provider.
///
/// Each is two units on disk, the start before the provider is asked and the end after it.
final class BenchPay: Sendable {
  private let home: String
  private let connections: Int
  private let latencies = Mutex<[Int]>([])
  private let isOver = Atomic<Bool>(false)

  /// `bench-pay --tollbook PATH --home DIR [--connections C] [--seconds S]`.
  static func run(_ options: ToolOptions) throws(ToolError) -> Int32 {
    let settings = [
      "TOLLBOOK_LOG_STDOUT": "false", "PAYMENTS_USE_FAKE": "true", "TOLLBOOK_MIN_FREE_MB": "0",
      "X402_DAILY_LIMIT_USDC": "1000000000", "X402_MONTHLY_LIMIT_USDC": "1000000000",
    ]
    for (name, value) in settings { setenv(name, value, 1) }
    let bench = BenchPay(
      home: try options.text("home"),
      connections: max(1, try options.count("connections", else: 64)))
    let daemon = try ChildProcess(
      try options.text("tollbook"),
      ["serve", "--home", bench.home, "--gateway", "off", "--api", "off", "--metrics", "off"],
      capturing: true)
    guard daemon.line(beginning: "tollbook listening ") != nil else {
      throw ToolError("the daemon did not start")
    }
    let seconds = max(1, try options.count("seconds", else: 2))
    let start = Clocks.system.boot()
    try bench.load(seconds: seconds)
    let spent = max(1, Clocks.system.boot() - start)
    daemon.terminate()
    guard daemon.wait(seconds: 30) == .exited(0) else {
      throw ToolError("the daemon did not end well")
    }
    let sorted = bench.latencies.withLock { $0.sorted() }
    guard !sorted.isEmpty else { throw ToolError("nothing was paid") }
    print(
      "payments_per_s=\(sorted.count * 1_000 / Int(spent)) "
        + "p50_us=\(sorted[sorted.count / 2]) p99_us=\(sorted[sorted.count * 99 / 100])")
    return 0
  }

  private init(home: String, connections: Int) {
    self.home = home
    self.connections = connections
  }

  private func load(seconds: Int) throws(ToolError) {
    let done = Semaphore()
    for connection in 0..<connections {
      let isStarted = Threads.start { [self] in
        pay(connection)
        done.signal()
      }
      guard isStarted else { throw ToolError("the system has no thread left") }
    }
    sleep(UInt32(seconds))
    isOver.store(true, ordering: .relaxed)
    for _ in 0..<connections { done.wait() }
  }

  private func pay(_ connection: Int) {
    let client = Client(
      address: .unix(path: home + "/data/run/tollbook.sock"), host: "tollbook",
      limits: ClientLimits(), keepsAlive: true)
    let body = Array(
      #"{"agent_id":"agent-\#(connection % 8)","amount":"0.01","vendor":"shop"}"#.utf8)
    var mine: [Int] = []
    var number = 0
    while !isOver.load(ordering: .relaxed) {
      number += 1
      let request = ClientRequest(
        method: .post, target: "/api/payments",
        headers: [
          "Content-Type": "application/json", "Idempotency-Key": "b-\(connection)-\(number)",
        ], body: body)
      let start = BenchPay.microseconds()
      do throws(ClientError) {
        let response = try client.send(request, deadlineMilliseconds: 10_000)
        if response.status == 201 { mine.append(BenchPay.microseconds() - start) }
      } catch {
        break
      }
    }
    latencies.withLock { $0 += mine }
  }

  private static func microseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
  }
}
