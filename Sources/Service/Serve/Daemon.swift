internal import Glibc
package import HTTP
internal import JSON
package import Journal
internal import Ledger
internal import Synchronization

/// The running daemon: one ledger, its listeners, and what happens by the second and the minute.
package final class Daemon: Sendable {
  let configuration: Configuration
  let ledger: OpenedLedger
  let gateway: Gateway
  let routes: RouteDesk
  let access: Access
  let limiter: RateLimiter?
  let logs: LogFiles
  let disk: DiskWatch
  let clocks: Clocks
  let commands: CommandDesk
  let money: OperatorAPI
  private let answers: RecordedAnswers
  private let server = Mutex<Server?>(nil)
  private let ticks = Atomic<Int>(0)
  private let ending = Atomic<Bool>(false)
  /// The seq at which the alerts were looked at last.
  private let alertedSeq = Atomic<UInt64>(0)

  var book: Book { configuration.isFake ? .fake : .real }
  var bookkeeper: Bookkeeper { ledger.bookkeeper }

  /// Opens the ledger and puts the configuration in force; nothing listens yet.
  package init(
    _ configuration: Configuration, clocks: Clocks,
    onLost: @escaping @Sendable (DiskLost) -> Void
  ) throws(ServeError) {
    self.configuration = configuration
    self.clocks = clocks
    var options = OpenedLedger.Options(
      home: configuration.home, holder: DaemonSocket.daemonName, onLost: onLost)
    options.clocks = clocks
    ledger = try OpenedLedger(options)
    let folder = ledger.folder
    disk = DiskWatch(folder: folder, minimumMegabytes: configuration.minimumFreeMegabytes)
    access = Access(
      token: try OperatorToken.load(home: configuration.home),
      trustedProxies: configuration.trustedProxies)
    limiter = configuration.rateLimit.map { RateLimiter($0) }
    guard let answers = RecordedAnswers(folder: folder) else { throw .noThread }
    self.answers = answers
    logs = LogFiles(configuration.logOptions)
    let book: Book = configuration.isFake ? .fake : .real
    let offers = OfferCounter(from: clocks.wall())
    money = try OperatorAPI.open(
      ledger.bookkeeper, configuration, clocks, log: { [logs] in logs.write($0) },
      offers: offers, isDiskLow: { [disk] in disk.isLow })
    gateway = Gateway(
      bookkeeper: ledger.bookkeeper, book: book,
      keyScope: Daemon.keyScope(configuration, clocks),
      answers: answers, disk: disk, offers: offers, calls: CallWindow(),
      x402: money.x402, x402Settings: configuration.x402)
    commands = CommandDesk(ledger.bookkeeper, mode: book, clocks: clocks)
    routes = try RouteDesk.open(
      ledger.bookkeeper, configuration, clocks, money: money, access: access)
    try money.x402?.checkSupport(of: configuration.x402.network)
    try applySettings()
    try applyRoutes()
    try refuseSharedLimits()
    try registerWallets()
    do throws(Unavailable) {
      try money.desk.adoptInterrupted()
      try money.x402?.adoptInterrupted()
    } catch {
      throw .unusable(folder, "the ledger could not be written")
    }
  }

  /// `IDEMPOTENCY_STORE=memory`: the keys of one run mean nothing to the next.
  private static func keyScope(_ configuration: Configuration, _ clocks: Clocks) -> Text {
    switch configuration.idempotencyStore {
    case .durable: GatewayPolicy.taskRoute
    case .memory: Text("\(GatewayPolicy.taskRoute) run \(Mint.ulid(at: clocks.wall()))")
    }
  }

  private func applySettings() throws(ServeError) {
    let command = ApplySettings(settings: AppliedSettings.from(configuration))
    let submission = Submission(command, actor: "tollbook", book: book, cause: nil, binding: nil)
    let outcome: Outcome
    do throws(Unavailable) {
      outcome = try bookkeeper.submit(submission)
    } catch {
      throw .unusable(ledger.folder, "the ledger could not be written")
    }
    if case .rejected(let rejection) = outcome.kind {
      throw .unusable("settings", rejection.sentence)
    }
  }

  private func applyRoutes() throws(ServeError) {
    if let problem = routes.reload().first { throw .unusable(RoutesFile.path, problem) }
  }

  /// Reads the route table again; a bad one is told of and changes nothing.
  package func reloadRoutes() {
    for problem in routes.reload() {
      logs.write(
        NoteLine(
          at: clocks.wall(), level: .error, event: "routes.refused", message: problem,
          requestID: nil))
    }
  }

  /// Two agents whose ids give one setting's name would share its limit unseen.
  private func refuseSharedLimits() throws(ServeError) {
    let (agents, _) = bookkeeper.read { state, _ in
      Set(Book.allCases.flatMap { state.spenders(in: $0) }).sorted()
    }
    for kind in BudgetKind.allCases {
      var owners: [Text: Text] = [:]
      for agent in agents {
        let name = BudgetSettings.name(kind, of: agent)
        guard configuration.budgetLimits[name.string] != nil else { continue }
        if let other = owners[name] {
          throw .unusable(
            name.string,
            "is the limit of \(other) and of \(agent); take it back and use budget set instead")
        }
        owners[name] = agent
      }
    }
  }

  // MARK: listening

  /// Opens the listeners and begins to answer.
  package func listen() throws(ServeError) -> Server {
    let clocks = clocks
    var server = ServerConfiguration(makeRequestID: { "req-\(Mint.ulid(at: clocks.wall()))" })
    server.onComplete = { [self] in completed($0) }
    server.onTick = { [self] in tick() }
    do throws(FileError) {
      try Files.makeFolder(configuration.home + "/data/run", mode: 0o700)
    } catch {
      throw .unusable(error.path, error.reason)
    }
    do throws(ListenError) {
      let server = try Server(listeners: DaemonRoutes(self).listeners(), configuration: server)
      try server.start()
      self.server.withLock { $0 = server }
      return server
    } catch {
      throw .listen(error)
    }
  }

  /// Writes the access line of a finished request.
  private func completed(_ request: CompletedRequest) {
    let isPaid = request.annotation == Daemon.paidMark
    let isReplay = request.annotation == Daemon.replayMark
    let call = Call(
      status: request.status, isPaid: isPaid, latencyMicroseconds: request.latencyMicroseconds)
    if request.route == Gateway.taskPath || routes.isPriced(request.route) {
      gateway.calls.add(call, isReplay: isReplay)
    }
    var path = request.target
    if let query = path.firstIndex(of: "?") { path = String(path[..<query]) }
    logs.write(
      RequestLine(
        at: clocks.wall(), requestID: request.requestID, method: request.method, path: path,
        status: request.status,
        latencyMilliseconds: Int(clamping: request.latencyMicroseconds / 1_000), isPaid: isPaid,
        idempotencyKey: request.request?.headers["Idempotency-Key"],
        code: isPaid || isReplay ? nil : request.annotation))
  }

  /// Marks that an answer carries to the access log.
  static let paidMark = "paid"
  static let replayMark = "replayed"

  // MARK: by the second and the minute

  private func tick() {
    disk.look()
    routes.trim()
    let count = ticks.wrappingAdd(1, ordering: .relaxed).newValue
    for problem in ledger.takeViewProblems() {
      logs.write(
        NoteLine(
          at: clocks.wall(), level: .error, event: "view.failed", message: problem,
          requestID: nil))
    }
    evaluateAlerts(isDue: count % 60 == 0)
    guard count % 60 == 0 else { return }
    writeCounters()
    money.x402?.lookAfterDoubts()
  }

  /// Looks at the rules after something happened, and each minute, as some depend on time.
  private func evaluateAlerts(isDue: Bool) {
    let seq = bookkeeper.read { state, _ in state.seq }.seq
    guard isDue || alertedSeq.exchange(seq, ordering: .relaxed) != seq else { return }
    let now = clocks.wall()
    note(EvaluateAlerts(ids: (0..<64).map { _ in AlertID(Mint.ulid(at: now)) }))
  }

  /// Puts what was counted in memory into the log, as one unit of each kind at most.
  private func writeCounters() {
    let now = clocks.wall()
    if let offers = gateway.offers.drain(now: now) { note(offers) }
    if let trips = limiter?.drain(now: now) { note(trips) }
    for trips in routes.drainTrips(now: now) { note(trips) }
  }

  private func note<Wish: Ledger.Command>(_ command: Wish) {
    do throws(Unavailable) {
      _ = try bookkeeper.submit(
        Submission(command, actor: "tollbook", book: book, cause: nil, binding: nil))
    } catch {
      // The writer has already told whoever ends the process.
      return
    }
  }

  // MARK: ending

  /// Stops taking requests, finishes those in flight, and closes the ledger.
  package func end(_ server: Server, deadlineMilliseconds: Int) {
    guard !ending.exchange(true, ordering: .acquiringAndReleasing) else { return }
    server.drain(deadlineMilliseconds: deadlineMilliseconds)
    self.server.withLock { $0 = nil }
    routes.close()
    money.close()
    writeCounters()
    ledger.close()
    answers.close()
    logs.close(timeoutMilliseconds: 1_000)
  }

  /// Connections open at present, over all listeners.
  var openConnections: Int { server.withLock { $0?.openConnections ?? 0 } }

  /// Whether the daemon can take money now.
  var isReady: Bool { !ending.load(ordering: .relaxed) }
}
