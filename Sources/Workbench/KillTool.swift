import Glibc
import HTTP
import JSON
import Journal
import Ledger
import Service
import Synchronization

/// Kills the real daemon at random moments under load, and checks what it promised.
///
/// Each round: start, ask again for everything that the last round was promised, pay from several
/// connections with keys that nobody else uses, kill -9. At the end every acknowledged key must
/// be in the log exactly once, and every answer must come again byte for byte.
final class KillTool: Sendable {
  /// What the daemon acknowledged, to be found again.
  private struct Promise: Sendable {
    let key: String
    let body: [UInt8]
  }

  /// What was acknowledged so far.
  private struct Books: Sendable {
    var promises: [Promise] = []
    var attempts = 0
  }

  private let program: String
  private let home: String
  private let seed: UInt64
  private let connections: Int
  private let books = Mutex(Books())

  /// `kill --tollbook PATH --home DIR [--rounds N] [--seed S] [--connections C]`.
  static func run(_ options: ToolOptions) throws(ToolError) -> Int32 {
    let tool = KillTool(
      program: try options.text("tollbook"), home: try options.text("home"),
      seed: UInt64(try options.count("seed", else: Int(UInt32.random(in: 1...UInt32.max)))),
      connections: max(1, try options.count("connections", else: 8)))
    setenv("TOLLBOOK_LOG_STDOUT", "false", 1)
    setenv("PAYMENTS_USE_FAKE", "true", 1)
    setenv("TOLLBOOK_MIN_FREE_MB", "0", 1)
    return try tool.play(rounds: max(1, try options.count("rounds", else: 50)))
  }

  private init(program: String, home: String, seed: UInt64, connections: Int) {
    self.program = program
    self.home = home
    self.seed = seed
    self.connections = connections
  }

  private func play(rounds: Int) throws(ToolError) -> Int32 {
    var random = SplitMix64(seed: seed)
    var asked = 0
    for round in 0..<rounds {
      let (daemon, address) = try start()
      asked = try replay(from: asked, address, round)
      try load(address, round) {
        usleep(UInt32(1_000 * (1 + random.below(300))))
        daemon.kill()
      }
    }
    let (daemon, address) = try start()
    _ = try replay(from: 0, address, rounds)
    daemon.terminate()
    let end = daemon.wait(seconds: 15)
    guard end == .exited(0) else { throw failure("the last daemon ended with \(end)") }
    return try checkLog(rounds)
  }

  private func failure(_ sentence: String) -> ToolError {
    ToolError("\(sentence) (seed \(seed), home \(home))")
  }

  private func start() throws(ToolError) -> (ChildProcess, ListenAddress) {
    let daemon = try ChildProcess(
      program,
      ["serve", "--home", home, "--gateway", "127.0.0.1:0", "--api", "off", "--metrics", "off"],
      capturing: true)
    guard let line = daemon.line(beginning: "tollbook listening ") else {
      throw failure("a start failed with \(daemon.wait(seconds: 1))")
    }
    let word = line.split(separator: " ").first { $0.hasPrefix("gateway=") }
    guard let text = word?.dropFirst("gateway=".count), let address = ListenAddress(String(text))
    else { throw failure("the daemon said '\(line)'") }
    return (daemon, address)
  }

  private func client(_ address: ListenAddress) -> Client {
    Client(address: address, host: "127.0.0.1", limits: ClientLimits(), keepsAlive: true)
  }

  private static func request(key: String) -> ClientRequest {
    ClientRequest(
      method: .post, target: "/agent/task",
      headers: [
        "Content-Type": "application/json", "X-Payment": "v1:0.01:proof-\(key)",
        "Idempotency-Key": key,
      ], body: Array("{\"task\":\"\(key)\"}".utf8))
  }

  /// Asks again for what was promised; gives how many promises there are.
  private func replay(
    from first: Int, _ address: ListenAddress, _ round: Int
  ) throws(ToolError) -> Int {
    let promises = books.withLock { $0.promises }
    let client = client(address)
    for promise in promises[first...] {
      let response: Response
      do throws(ClientError) {
        response = try client.send(KillTool.request(key: promise.key), deadlineMilliseconds: 10_000)
      } catch {
        throw failure("round \(round): \(promise.key) was not answered again: \(error)")
      }
      guard response.status == 200, response.body == promise.body,
        response.headers["Idempotency-Replayed"] == "true"
      else {
        throw failure(
          "round \(round): \(promise.key) came back as \(response.status), not as promised")
      }
    }
    return promises.count
  }

  /// Pays from all connections until the daemon dies.
  private func load(
    _ address: ListenAddress, _ round: Int, _ kill: () -> Void
  ) throws(ToolError) {
    let done = Semaphore()
    for connection in 0..<connections {
      let isStarted = Threads.start { [self] in
        pay(address, "\(seed)-\(round)-\(connection)")
        done.signal()
      }
      guard isStarted else { throw failure("the system has no thread left") }
    }
    kill()
    for _ in 0..<connections { done.wait() }
  }

  private func pay(_ address: ListenAddress, _ name: String) {
    let client = client(address)
    for number in 0..<1_000_000 {
      let key = "k-\(name)-\(number)"
      books.withLock { $0.attempts += 1 }
      do throws(ClientError) {
        let response = try client.send(KillTool.request(key: key), deadlineMilliseconds: 10_000)
        guard response.status == 200 else { continue }
        books.withLock { $0.promises.append(Promise(key: key, body: response.body)) }
      } catch {
        // The daemon is gone; what was under way is unknown.
        return
      }
    }
  }

  /// The whole log: clean, nothing illegal, every key once, every promised key there.
  private func checkLog(_ rounds: Int) throws(ToolError) -> Int32 {
    var state = State()
    var keys: [String: Int] = [:]
    let verification: LogVerification
    do {
      let disk = try POSIXDisk(folder: home + "/data/ledger")
      verification = try LogVerification.run(disk, threads: 2, whileWriting: false) { record in
        let before = state.violations.count
        state.apply(record)
        if let key = record.binding?.key { keys[key.string, default: 0] += 1 }
        return state.violations.count > before ? "a violation" : nil
      }
    } catch {
      throw failure("the log cannot be read: \(error)")
    }
    guard verification.verdict == .clean else {
      throw failure("the log is not clean: \(verification.verdict)")
    }
    let books = books.withLock { $0 }
    for promise in books.promises where keys[promise.key] != 1 {
      throw failure("\(promise.key) was acknowledged and is there \(keys[promise.key] ?? 0) times")
    }
    for (key, count) in keys where count != 1 { throw failure("\(key) is there \(count) times") }
    let repairs = state.controls.repairs.count
    print(
      "kill: \(rounds) rounds, \(books.attempts) requests, \(books.promises.count) acknowledged, "
        + "each there once and answered again byte for byte; \(keys.count) keys and "
        + "\(verification.records) records in the log, \(repairs) torn ends repaired, seed \(seed)")
    return 0
  }
}
