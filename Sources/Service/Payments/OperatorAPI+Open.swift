internal import HTTP
internal import JSON
internal import Ledger

extension OperatorAPI {
  /// Sets up what pays by the configuration: the fake provider in fake mode, else the one that is
  /// configured, else none.
  static func open(
    _ bookkeeper: Bookkeeper, _ configuration: Configuration, _ clocks: Clocks,
    log: @escaping @Sendable (ProviderCallLine) -> Void, offers: OfferCounter,
    isDiskLow: @escaping @Sendable () -> Bool
  ) throws(ServeError) -> OperatorAPI {
    // The fake waits for nobody, so more threads would only get in each other's way.
    guard
      let pool = CallPool(
        threads: configuration.isFake ? 2 : 16, boot: clocks.boot)
    else { throw .noThread }
    let outgoing = configuration.outgoing
    let outside = OutsideClient(
      OutsideClient.Options(
        configuration,
        providers: [outgoing.paymentsURL, configuration.x402.facilitatorURL].compactMap { $0 }
          .compactMap { OutsideAddress($0) }), clocks: clocks, log: log)
    let provider: (any PaymentProvider)?
    if configuration.isFake {
      do throws(FileError) {
        provider = FakePaymentProvider(books: try FakeBooks(home: configuration.home))
      } catch {
        throw .unusable(error.path, error.reason)
      }
    } else {
      provider = outgoing.paymentsURL.map { url in
        HTTPPaymentProvider(
          url: url, tokenFile: outgoing.paymentsTokenFile,
          deadlineMilliseconds: outgoing.deadlineMilliseconds, outside: outside)
      }
    }
    let options = PaymentDesk.Options(
      book: configuration.isFake ? .fake : .real, provider: provider, retries: outgoing.retries,
      graceMilliseconds: configuration.isFake ? 0 : Int64(outgoing.graceSeconds) * 1_000,
      wallet: configuration.receiver.map { .init($0) })
    let desk = PaymentDesk(
      bookkeeper, options, pool: pool, clocks: clocks, isDiskLow: isDiskLow)
    let x402 = try X402Desk.open(
      bookkeeper, configuration, clocks, outside: outside, offers: offers, log: log,
      isDiskLow: isDiskLow)
    return OperatorAPI(
      desk, clocks: clocks, network: .base, outside: outside, x402: x402)
  }

  /// Finishes what was begun and takes nothing more; call it while the ledger can be written.
  func close() {
    desk.pool.close()
    x402?.finish()
    outside.close()
  }

  /// The operations as routes: reads for readers, writes for writers.
  func routes(
    _ forReaders: @escaping @Sendable (Exchange, () -> Void) -> Void,
    _ forWriters: @escaping @Sendable (Exchange, () -> Void) -> Void
  ) -> [Route] {
    OperatorAPI.operations.map { operation in
      Route(operation.method, operation.pattern.description, bodyLimit: 65_536) {
        exchange, path in
        let admit = operation.isWrite ? forWriters : forReaders
        admit(exchange) {
          let request = exchange.request
          let call = Call(
            path: path, query: request.query, body: request.body,
            keys: request.headers.values("Idempotency-Key"), requestID: request.requestID)
          operation.run(self, call) { [bookkeeper] response, seq in
            bookkeeper.release(exchange, response, after: seq)
          }
        }
      }
    }
  }
}
