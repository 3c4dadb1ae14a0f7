internal import HTTP
internal import JSON
internal import Journal
internal import Ledger

/// Everything that the daemon answers to: one line each.
struct DaemonRoutes {
  private let daemon: Daemon

  init(_ daemon: Daemon) { self.daemon = daemon }

  /// The listeners that the configuration asks for, and the socket, which is always there.
  func listeners() -> [Listener] {
    let configured: [(String, ListenAddress?, [Route])] = [
      (DaemonListener.gateway, daemon.configuration.gateway.address, gatewayRoutes),
      (DaemonListener.api, daemon.configuration.api.address, apiRoutes),
      (DaemonListener.metrics, daemon.configuration.metrics.address, metricsRoutes),
    ]
    var listeners = configured.compactMap { name, address, routes -> Listener? in
      guard let address else { return nil }
      let router =
        name == DaemonListener.gateway
        ? Router(
          routes,
          otherwise: { [daemon] exchange in
            guard daemon.admits(exchange) else { return }
            daemon.routes.respond(exchange)
          }) : Router(routes)
      return Listener(name: name, address: address, router: router)
    }
    listeners.append(
      Listener(
        name: DaemonListener.socket, address: .unix(path: daemon.socketPath),
        router: Router(socketRoutes)))
    return listeners
  }

  private var health: [Route] {
    [
      Route(.get, "/health") { exchange, _ in exchange.respond(Answers.ok) },
      Route(.get, "/livez") { exchange, _ in exchange.respond(Answers.ok) },
      Route(.get, "/-/healthy") { [daemon] exchange, _ in
        daemon.forReaders(exchange) { exchange.respond(Answers.ok) }
      },
      Route(.get, "/readyz") { [daemon] exchange, _ in Answers.ready(exchange, daemon) },
    ]
  }

  private var gatewayRoutes: [Route] {
    [
      Route(.post, Gateway.taskPath) { [daemon] exchange, _ in
        guard daemon.admits(exchange) else { return }
        daemon.gateway.task(exchange)
      },
      Route(.get, "/receipts/{id}") { [daemon] exchange, path in
        guard daemon.admits(exchange) else { return }
        daemon.gateway.receipt(exchange, id: path["id"])
      },
      Route(.get, "/payments/{id}") { [daemon] exchange, path in
        guard daemon.admits(exchange) else { return }
        daemon.gateway.payment(exchange, id: path["id"])
      },
      Route(.get, "/metrics/summary") { [daemon] exchange, _ in
        daemon.forReaders(exchange) { Answers.summary(exchange, daemon) }
      },
    ] + health
  }

  private var apiRoutes: [Route] {
    [
      Route(.post, "/commands", bodyLimit: CommandDesk.bodyLimit) { [daemon] exchange, _ in
        daemon.forWriters(exchange) { daemon.commands.run(exchange) }
      }
    ]
      + daemon.money.routes(
        { [daemon] in daemon.forReaders($0, $1) }, { [daemon] in daemon.forWriters($0, $1) })
      + health
  }

  private var metricsRoutes: [Route] {
    [
      Route(.get, "/metrics") { [daemon] exchange, _ in
        daemon.forReaders(exchange) { Answers.metrics(exchange, daemon) }
      }
    ] + health
  }

  private var socketRoutes: [Route] {
    apiRoutes + [
      Route(.get, "/metrics") { [daemon] exchange, _ in Answers.metrics(exchange, daemon) },
      Route(.get, "/metrics/summary") { [daemon] exchange, _ in
        Answers.summary(exchange, daemon)
      },
    ]
  }
}

extension Daemon {
  /// Lets a request through or answers it: the rate limit is the first thing that a stranger meets.
  func admits(_ exchange: Exchange) -> Bool {
    guard let limiter else { return true }
    let client = access.client(exchange.request)
    guard let wait = limiter.take(client: client.key, boot: clocks.boot()) else { return true }
    exchange.respond(.rateLimited(seconds: wait))
    return false
  }

  func forReaders(_ exchange: Exchange, _ body: () -> Void) {
    if access.mayRead(exchange.request) { body() } else { exchange.respond(Problem.unauthorized) }
  }

  func forWriters(_ exchange: Exchange, _ body: () -> Void) {
    if access.mayWrite(exchange.request) { body() } else { exchange.respond(Problem.tokenMissing) }
  }
}

/// The short answers.
enum Answers {
  static let ok = Response(
    status: 200, contentType: "application/json", body: Array(#"{"ok":true}"#.utf8))

  static func ready(_ exchange: Exchange, _ daemon: Daemon) {
    let body = daemon.isReady ? #"{"ready":true}"# : #"{"ready":false}"#
    exchange.respond(
      Response(
        status: daemon.isReady ? 200 : 503, contentType: "application/json",
        body: Array(body.utf8)))
  }

  static func summary(_ exchange: Exchange, _ daemon: Daemon) {
    var response = Response(
      status: 200, contentType: "application/json", body: daemon.gateway.calls.summary().bytes)
    response.headers.append("Cache-Control", "no-store")
    exchange.respond(response)
  }

  static func metrics(_ exchange: Exchange, _ daemon: Daemon) {
    let (scrape, seq) = daemon.scrape()
    let response = Response(
      status: 200, contentType: Exposition.contentType,
      body: Exposition.render(Metrics.all, scrape))
    daemon.bookkeeper.release(exchange, response, after: seq)
  }
}

extension Daemon {
  /// Agents beyond this many are left out, so that a scrape stays small.
  private static let agentLimit = 500

  private static func budgets(
    _ state: borrowing State, _ book: Book, _ now: Timestamp
  ) -> [(agent: Text, use: BudgetUse)] {
    state.spenders(in: book).prefix(agentLimit).map { agent in
      (agent, state.budgetUse(of: agent, on: .base, book: book, at: now))
    }
  }

  /// The folded state of the mode's book, and what only this process knows.
  func scrape() -> (Scrape, UInt64) {
    let book = book
    let durable = bookkeeper.durableSeq
    let counts = bookkeeper.counts
    let totals = gateway.calls.totals
    var facts = ProcessFacts(decidedSeq: durable, durableSeq: durable)
    facts.appends = counts.records
    facts.syncs = counts.syncs
    facts.bytes = counts.bytes
    facts.connections = openConnections
    facts.requests = totals.calls
    facts.paidRequests = totals.paid
    facts.replays = totals.replays
    facts.logLinesDropped = logs.counts.dropped
    facts.isClockSuspect = bookkeeper.isClockSuspect
    facts.isDiskLow = disk.isLow
    let process = facts
    let age = Int64(configuration.pendingMinutes) * 60_000
    let stale = Int64(configuration.staleAuthorizationMinutes) * 60_000
    return bookkeeper.read { state, now in
      var facts = process
      facts.decidedSeq = state.seq
      var scrape = Scrape(
        book: state[book], controls: state.controls, violations: state.violations.count,
        asOf: now, process: facts, pendingAge: age, staleAge: stale,
        budgets: Daemon.budgets(state, book, now))
      scrape.funded = Array(state.fundedAgents(in: book).prefix(Daemon.agentLimit))
      return scrape
    }
  }
}
