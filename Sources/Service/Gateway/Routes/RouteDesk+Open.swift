internal import HTTP
internal import Ledger

extension RouteDesk {
  /// Sets up the routes of a daemon; `reload` then reads the table.
  static func open(
    _ bookkeeper: Bookkeeper, _ configuration: Configuration, _ clocks: Clocks,
    money: OperatorAPI, access: Access
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
      }, boot: clocks.boot)
    return RouteDesk(bookkeeper, options, pool: pool)
  }
}
