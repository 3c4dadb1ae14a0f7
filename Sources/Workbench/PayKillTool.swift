import Glibc
import HTTP
import JSON
import Journal
import Ledger
import Service
import Synchronization

/// Pays through the real daemon while it is killed at random, and compares the ledger with the
/// fake provider's own books: nothing paid twice, nothing lost, nothing invented, nothing unknown.
///
/// One seed, one choice of vendors; 5 % of the orders get no answer in time, 5 % of the wishes are
/// sent twice, one half of these at the same time. A key whose answer was lost is sent again.
final class PayKillTool: Sendable {
  /// What was sent and answered so far.
  private struct Books: Sendable {
    var asked = 0
    /// Numbers whose answer was lost.
    var lost: [Int] = []
    /// Payments acknowledged as completed, by number.
    var promises: [Int: String] = [:]
    var twice = 0
    var firstFault: String?
  }

  private let program: String
  private let home: String
  private let seed: UInt64
  private let connections: Int
  private let payments: Int
  private let books = Mutex(Books())

  /// `paykill --tollbook PATH --home DIR [--payments N] [--seed S] [--connections C]`.
  static func run(_ options: ToolOptions) throws(ToolError) -> Int32 {
    let tool = PayKillTool(
      program: try options.text("tollbook"), home: try options.text("home"),
      seed: UInt64(try options.count("seed", else: Int(UInt32.random(in: 1...UInt32.max)))),
      connections: max(1, try options.count("connections", else: 16)),
      payments: max(1, try options.count("payments", else: 100_000)))
    let settings = [
      "TOLLBOOK_LOG_STDOUT": "false", "PAYMENTS_USE_FAKE": "true", "TOLLBOOK_MIN_FREE_MB": "0",
      "X402_HARD_LIMIT_USDC": "1000000", "X402_PER_TRANSACTION_MAX_USDC": "1000000",
      "X402_DAILY_LIMIT_USDC": "1000000000", "X402_MONTHLY_LIMIT_USDC": "1000000000",
      "TOLLBOOK_RETRY_CONNECT": "1/1", "TOLLBOOK_RETRY_429": "3/1", "TOLLBOOK_RETRY_5XX": "2/1",
    ]
    for (name, value) in settings { setenv(name, value, 1) }
    return try tool.play()
  }

  private init(program: String, home: String, seed: UInt64, connections: Int, payments: Int) {
    self.program = program
    self.home = home
    self.seed = seed
    self.connections = connections
    self.payments = payments
  }

  private func play() throws(ToolError) -> Int32 {
    var random = SplitMix64(seed: seed)
    var kills = 0
    while books.withLock({ $0.asked < payments }) {
      let daemon = try start()
      try load {
        usleep(UInt32(1_000 * (200 + random.below(1_800))))
        daemon.kill()
      }
      kills += 1
    }
    let daemon = try start()
    try resend()
    try reconcile()
    daemon.terminate()
    let end = daemon.wait(seconds: 30)
    guard end == .exited(0) else { throw failure("the last daemon ended with \(end)") }
    return try compare(kills)
  }

  private func failure(_ sentence: String) -> ToolError {
    ToolError("\(sentence) (seed \(seed), home \(home))")
  }

  private func start() throws(ToolError) -> ChildProcess {
    let daemon = try ChildProcess(
      program,
      ["serve", "--home", home, "--gateway", "off", "--api", "off", "--metrics", "off"],
      capturing: true)
    guard daemon.line(beginning: "tollbook listening ") != nil else {
      throw failure("a start failed with \(daemon.wait(seconds: 1))")
    }
    return daemon
  }

  private var client: Client {
    Client(
      address: .unix(path: home + "/data/run/tollbook.sock"), host: "tollbook",
      limits: ClientLimits(), keepsAlive: true)
  }

  // MARK: paying

  /// What the wish of a number asks for: the same in every run of a seed.
  private func wish(_ number: Int) -> (vendor: String, amount: String, isTwice: Bool) {
    var random = SplitMix64(seed: seed &+ UInt64(number) &* 0x9E37_79B9)
    let share = random.below(1_000)
    let vendor =
      switch share {
      case 0..<20: "fake-timeout-after"
      case 20..<40: "fake-timeout-before"
      case 40..<50: "fake-reset"
      case 50..<60: "fake-nonsense"
      case 60..<80: "fake-flaky"
      case 80..<90: "fake-busy"
      case 90..<110: "fake-refuse"
      case 110..<140: "fake-duplicate"
      case 140..<145: "fake-unreachable"
      default: "shop-\(random.below(40))"
      }
    let units = 1 + random.below(5_000_000)
    let rest = String(units % 1_000_000)
    let decimals = String(repeating: "0", count: 6 - rest.utf8.count) + rest
    return (vendor, "\(units / 1_000_000).\(decimals)", random.below(20) == 0)
  }

  private func request(_ number: Int) -> ClientRequest {
    let wish = wish(number)
    let body =
      #"{"agent_id":"agent-\#(number % 7)","amount":"\#(wish.amount)","vendor":"\#(wish.vendor)"}"#
    return ClientRequest(
      method: .post, target: "/api/payments",
      headers: ["Content-Type": "application/json", "Idempotency-Key": "k-\(number)"],
      body: Array(body.utf8))
  }

  /// Pays from all connections until the daemon dies or all has been asked for.
  private func load(_ kill: () -> Void) throws(ToolError) {
    let done = Semaphore()
    for _ in 0..<connections {
      let isStarted = Threads.start { [self] in
        work()
        done.signal()
      }
      guard isStarted else { throw failure("the system has no thread left") }
    }
    kill()
    for _ in 0..<connections { done.wait() }
    if let fault = books.withLock({ $0.firstFault }) { throw failure(fault) }
  }

  private func work() {
    let client = client
    while let number = next() {
      guard wish(number).isTwice else {
        if !send(number, client) { return }
        continue
      }
      books.withLock { $0.twice += 1 }
      // The twin goes out at the same time, on a connection of its own.
      let done = Semaphore()
      let isStarted = Threads.start { [self] in
        _ = send(number, self.client)
        done.signal()
      }
      let isAnswered = send(number, client)
      if isStarted { done.wait() }
      if !isAnswered { return }
    }
  }

  /// What to send next: first what was lost.
  private func next() -> Int? {
    books.withLock { books in
      if let lost = books.lost.popLast() { return lost }
      guard books.asked < payments else { return nil }
      books.asked += 1
      return books.asked - 1
    }
  }

  /// Sends one wish; false when the daemon is gone.
  private func send(_ number: Int, _ client: Client) -> Bool {
    do throws(ClientError) {
      let response = try client.send(request(number), deadlineMilliseconds: 30_000)
      let id = PayKillTool.member("transaction_id", of: response)
      books.withLock { books in
        switch response.status {
        case 201:
          if let known = books.promises[number], known != id {
            books.firstFault = "k-\(number) was paid as \(known) and as \(id ?? "nothing")"
          }
          books.promises[number] = id
        case 202, 502: break
        case 503: books.lost.append(number)
        default:
          books.firstFault = "k-\(number) was answered \(response.status)"
        }
      }
      return true
    } catch {
      books.withLock { $0.lost.append(number) }
      return false
    }
  }

  private static func member(_ name: Text, of response: Response) -> String? {
    do throws(JSONError) {
      return try JSONParser.parse(response.body, limits: .standard).object?[name]?.text?.string
    } catch {
      return nil
    }
  }

  private func resend() throws(ToolError) {
    let client = client
    while let number = books.withLock({ $0.lost.popLast() }) {
      guard send(number, client) else { throw failure("k-\(number) was not answered at the end") }
    }
    if let fault = books.withLock({ $0.firstFault }) { throw failure(fault) }
  }

  private func reconcile() throws(ToolError) {
    do throws(ClientError) {
      let response = try client.send(
        ClientRequest(
          method: .post, target: "/api/payments/reconcile", headers: Headers(), body: []),
        deadlineMilliseconds: 600_000)
      guard response.status == 200 else {
        throw ClientError.sentWithoutAnswer(.unreadable("status \(response.status)"))
      }
    } catch {
      throw failure("reconcile: \(error)")
    }
  }

  // MARK: comparing

  /// The ledger against the provider's books, payment by payment.
  private func compare(_ kills: Int) throws(ToolError) -> Int32 {
    var state = State()
    do {
      let disk = try POSIXDisk(folder: home + "/data/ledger")
      let verification = try LogVerification.run(disk, threads: 2, whileWriting: false) { record in
        state.apply(record) ? nil : "a violation"
      }
      guard verification.verdict == .clean else {
        throw failure("the log is not clean: \(verification.verdict)")
      }
    } catch let error as ToolError {
      throw error
    } catch {
      throw failure("the log cannot be read: \(error)")
    }
    let taken: FakeBooks
    do throws(FileError) { taken = try FakeBooks(home: home) } catch {
      throw failure("the provider's books: \(error)")
    }
    let ledger = state[.fake].payments
    var sum: Int128 = 0
    var completed = 0
    for index in 0..<ledger.count {
      guard let payment = ledger[index] else { continue }
      let entry = taken[payment.id.text]
      guard !payment.phase.isOpen else { throw failure("\(payment.id) is \(payment.phase.name)") }
      let isTaken = entry?.isTaken == true
      guard isTaken == (payment.phase == .completed) else {
        throw failure("\(payment.id) is \(payment.phase.name), the provider took it: \(isTaken)")
      }
      guard isTaken else { continue }
      guard entry?.amount == payment.amount else { throw failure("\(payment.id): other amounts") }
      sum += payment.amount.units
      completed += 1
    }
    guard taken.taken.count == completed, taken.taken.units == sum else {
      throw failure("the provider took \(taken.taken.count), the ledger knows of \(completed)")
    }
    let books = books.withLock { $0 }
    // Each key made one payment: those that were sent again as well.
    guard ledger.count == books.asked, state[.fake].keyCount == books.asked else {
      throw failure(
        "\(books.asked) wishes, \(ledger.count) payments, \(state[.fake].keyCount) keys")
    }
    for (number, id) in books.promises {
      guard let id = TransactionID(Text(id)), ledger[id]?.phase == .completed else {
        throw failure("k-\(number) was acknowledged and is not completed")
      }
    }
    let spent = state[.fake].tallies.payments.spendRows().reduce(Int128(0)) { $0 + $1.total.units }
    guard spent == sum else { throw failure("spend says \(spent), the provider \(sum)") }
    print(
      "paykill: \(books.asked) payments, \(books.twice) sent twice, \(kills) kills; "
        + "\(completed) taken by the provider and completed in the ledger, 0 twice, 0 lost, "
        + "0 unknown; \(books.promises.count) acknowledged, \(state.seq) records, seed \(seed)")
    return 0
  }
}
