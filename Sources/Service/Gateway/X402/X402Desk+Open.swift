internal import HTTP
internal import JSON
internal import Ledger
internal import Rails

extension X402Desk {
  /// Sets up what sells for signed payments; nil in the other modes.
  ///
  /// In fake mode the facilitator is the fake one.
  static func open(
    _ bookkeeper: Bookkeeper, _ configuration: Configuration, _ clocks: Clocks,
    outside: OutsideClient, offers: OfferCounter,
    log: @escaping @Sendable (ProviderCallLine) -> Void,
    isDiskLow: @escaping @Sendable () -> Bool
  ) throws(ServeError) -> X402Desk? {
    guard configuration.verifierMode == .facilitator else { return nil }
    let settings = configuration.x402
    let facilitator: any Facilitator
    if configuration.isFake {
      do throws(FileError) {
        facilitator = FakeFacilitator(transfers: try FakeTransfers(home: configuration.home))
      } catch {
        throw .unusable(error.path, error.reason)
      }
    } else {
      guard let url = settings.facilitatorURL else {
        throw .unusable(Settings.facilitatorURL.name, "is needed in the mode facilitator")
      }
      facilitator = HTTPFacilitator(
        url: url, token: BearerToken(settings.token, boot: clocks.boot),
        deadlineMilliseconds: settings.deadlineMilliseconds, outside: outside)
    }
    let readers = ChainReaders(configuration, clocks: clocks, log: log)
    let options = Options(book: configuration.isFake ? .fake : .real, facilitator: facilitator) {
      network in
      do throws(ChainFault) {
        return try readers.reader(of: network)
      } catch {
        return nil
      }
    }
    guard let pool = CallPool(threads: configuration.isFake ? 4 : 32, boot: clocks.boot),
      let answers = RecordedAnswers(folder: configuration.home + "/data/ledger")
    else { throw .noThread }
    return X402Desk(
      bookkeeper, options, pool: pool, answers: answers, offers: offers, isDiskLow: isDiskLow)
  }

  /// Asks the facilitator what it settles: when it answers and does not cover the network, the
  /// daemon does not start.
  func checkSupport(of network: Network) throws(ServeError) {
    guard let chain = X402Network.named(network.name) else {
      throw .unusable(Settings.network.name, "is not a chain that is known")
    }
    let reply = options.facilitator.ask(.supported, [], about: "start")
    // One that cannot be reached now may be later; until then payments are answered with 503.
    guard case .answered(let status, let body) = reply,
      let supported = X402Supported(status: status, body: body)
    else { return }
    guard supported.covers(version: 2, chain) || supported.covers(version: 1, chain) else {
      throw .unusable(
        Settings.facilitatorURL.name,
        "the facilitator does not settle scheme exact on \(chain.caip2); "
          + "name another one, or another X402_NETWORK")
    }
  }

  /// Finishes what was begun; call it while the ledger can be written.
  func finish() {
    pool.close()
    answers.close()
  }

  /// Looks after payments that nobody knows the end of, on a thread of the pool.
  func lookAfterDoubts() {
    guard !doubts.isEmpty else { return }
    _ = pool.add { [self] in _ = reconcile(cause: nil) }
  }
}
