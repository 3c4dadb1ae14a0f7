package import HTTP
internal import JSON
internal import Ledger
internal import Synchronization

/// The route table in force: finds the route of a request, and has it sold or passed on.
///
/// A table is replaced whole, by `reload`; requests that have begun go on under the old one.
package final class RouteDesk: Sendable {
  /// What the daemon gives to it.
  struct Options: Sendable {
    let home: String
    let book: Book
    let upstream: Upstream
    let x402: X402Desk?
    let settings: X402Settings
    /// The client that a request is counted and forwarded as.
    let client: @Sendable (Request) -> (key: String, address: String)
    let boot: @Sendable () -> Int64
  }

  /// One table, with all that it needs to answer.
  private struct Table: Sendable {
    var router = Router([])
    /// Patterns of the routes that have a price.
    var priced: Set<String> = []
    var limiters: [RateLimiter] = []
  }

  /// How long a free call may take.
  private static let freeMilliseconds: Int64 = 30_000

  private let bookkeeper: Bookkeeper
  private let options: Options
  private let pool: CallPool
  private let table = Mutex(Table())

  init(_ bookkeeper: Bookkeeper, _ options: Options, pool: CallPool) {
    self.bookkeeper = bookkeeper
    self.options = options
    self.pool = pool
  }

  /// Reads `data/routes.json` and puts it in force, on record when it differs.
  ///
  /// - Returns: what is wrong; then the table in force stays.
  package func reload() -> [String] {
    let routes: [GatewayRoute]
    switch RoutesFile.load(home: options.home) {
    case .failure(let problems): return problems.messages
    case .success(let read): routes = read
    }
    if options.x402 == nil, let priced = routes.first(where: { $0.price != nil }) {
      return [
        "\(RoutesFile.path): \(priced.name) has a price; "
          + "routes are sold with PAYMENT_VERIFIER_MODE=facilitator only"
      ]
    }
    let submission = Submission(
      ApplyRoutes(routes: routes.map(\.applied)), actor: "tollbook", book: options.book,
      cause: nil, binding: nil)
    do throws(Unavailable) {
      if case .rejected(let rejection) = try bookkeeper.submit(submission).kind {
        return ["\(RoutesFile.path): \(rejection.sentence)"]
      }
    } catch {
      return ["\(RoutesFile.path): the ledger could not be written"]
    }
    let limiters = routes.map { route in
      route.rateLimit.map { RateLimiter($0, scope: route.name) }
    }
    let responders = zip(routes, limiters).map { route, limiter in
      Route(Method(route.method), route.pattern) { [self] exchange, _ in
        answer(exchange, route, limiter)
      }
    }
    table.withLock { table in
      table = Table(
        router: Router(responders),
        priced: Set(routes.filter { $0.price != nil }.map(\.pattern)),
        limiters: limiters.compactMap(\.self))
    }
    return []
  }

  /// Answers what the gateway itself does not.
  package func respond(_ exchange: Exchange) {
    table.withLock { $0.router }.respond(exchange)
  }

  /// Whether a route of this pattern has a price.
  func isPriced(_ pattern: String?) -> Bool {
    guard let pattern else { return false }
    return table.withLock { $0.priced.contains(pattern) }
  }

  /// What came too fast since the last call, by route.
  func drainTrips(now: Timestamp) -> [CountRateLimitTrips] {
    table.withLock { $0.limiters }.compactMap { $0.drain(now: now) }
  }

  /// Closes connections to upstreams that nobody has used for a while.
  func trim() { options.upstream.trim() }

  package func close() { pool.close() }

  // MARK: one request

  private func answer(_ exchange: Exchange, _ route: GatewayRoute, _ limiter: RateLimiter?) {
    let client = options.client(exchange.request)
    if let wait = limiter?.take(client: client.key, boot: options.boot()) {
      return exchange.respond(.rateLimited(seconds: wait))
    }
    if route.price != nil { return sell(exchange, route, client.address) }
    let isTaken = pool.add { [self] in
      exchange.respond(
        ask(exchange.request, route, client.address, RouteDesk.freeMilliseconds))
    }
    if !isTaken { exchange.respond(Problem.ending) }
  }

  private func ask(
    _ request: Request, _ route: GatewayRoute, _ client: String, _ milliseconds: Int64
  ) -> Response {
    do throws(Problem) {
      return try options.upstream.call(
        request, route, client: client, milliseconds: milliseconds)
    } catch {
      return error.response(requestID: request.requestID)
    }
  }

  private func sell(_ exchange: Exchange, _ route: GatewayRoute, _ client: String) {
    let policy = bookkeeper.read { state, _ in state.controls.gateway }.value
    guard let x402 = options.x402, let policy, let sale = sale(exchange, route, policy, client)
    else { return exchange.respond(Problem.gatewayNotConfigured) }
    // What HEAD gives is not worth a payment.
    guard exchange.request.method != .head else {
      return x402.offer(
        exchange, sale, .paymentRequired, code: "PAYMENT_REQUIRED", "Payment required")
    }
    x402.sell(exchange, sale)
  }

  private func sale(
    _ exchange: Exchange, _ route: GatewayRoute, _ policy: GatewayPolicy, _ client: String
  ) -> X402Sale? {
    let offer = route.price.flatMap { price in
      options.settings.offer(
        policy, price: price, route.flow, path: exchange.request.path, route.description,
        mimeType: route.mimeType)
    }
    guard let offer else { return nil }
    return X402Sale(
      route: route.name, offer: offer, keyScope: route.name,
      isJSON: Task.saysJSON(exchange.request.headers["Content-Type"])
    ) { [self] request, _, milliseconds in
      let response = ask(request, route, client, milliseconds)
      guard response.status < 400 else { return .failed(response) }
      guard let answer = GatewayAnswer(recording: response) else {
        return .failed(Problem.upstreamTooLarge.response(requestID: request.requestID))
      }
      return .answer(answer)
    }
  }
}
