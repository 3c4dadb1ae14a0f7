internal import HTTP
internal import Ledger

extension RouteDesk {
  /// Sets up the routes of a daemon; `reload` then reads the table.
  static func open(
    _ bookkeeper: Bookkeeper, _ configuration: Configuration, _ clocks: Clocks,
    money: OperatorAPI, access: Access, limiter: RateLimiter?
  ) throws(ServeError) -> RouteDesk {
    guard let pool = CallPool(threads: 16, boot: clocks.boot) else { throw .noThread }
    let options = Options(
      home: configuration.home, book: configuration.isFake ? .fake : .real,
      upstream: Upstream(
        isFake: configuration.isFake, outside: money.outside,
        pseudonym: "tollbook-\(Mint.ulid(at: clocks.wall()))"),
      x402: money.x402, settings: configuration.x402,
      client: { request in
        let client = access.client(request)
        return (client.key, client.address?.description ?? "unix")
      },
      admits: { exchange in
        guard let limiter else { return true }
        let client = access.client(exchange.request)
        guard let wait = limiter.take(client: client.key, boot: clocks.boot()) else { return true }
        exchange.respond(.rateLimited(seconds: wait))
        return false
      }, boot: clocks.boot)
    return RouteDesk(bookkeeper, options, pool: pool)
  }
}
