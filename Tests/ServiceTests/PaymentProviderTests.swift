import HTTP
import JSON
import Ledger
import Service
import Synchronization
import Testing

/// The provider's side: retries, the fake's books, what an answer over HTTP proves.
@Suite struct PaymentProviderTests {
  private func order(_ key: Text = "tx_1", amount: Int128 = 1_250_000) -> ProviderOrder {
    ProviderOrder(
      .pay, key: key, amount: Money(units: amount, asset: .usdc), agent: "a", vendor: "shop",
      network: .base, serviceURL: nil)
  }

  @Test func `a wait doubles, half of it is chance, and it ends`() throws {
    var policy = RetryPolicy()
    policy.serverError = try #require(RetryPolicy.Rule("3/200"))
    #expect(policy.wait(after: .serverError, count: 1, chance: 0) == 100)
    #expect(policy.wait(after: .serverError, count: 1, chance: 1_000) == 200)
    #expect(policy.wait(after: .serverError, count: 2, chance: 1_000) == 400)
    #expect(policy.wait(after: .serverError, count: 3, chance: 0) == 400)
    #expect(policy.wait(after: .serverError, count: 4, chance: 0) == nil)
    #expect(policy.wait(after: .timeout, count: 1, chance: 0) == nil)
    #expect(policy.wait(after: .unreadable, count: 1, chance: 0) == nil)
    for text in ["", "3", "3/", "/3", "21/1", "1/0", "1/60001", "-1/5", "1/5/5", "a/5"] {
      #expect(RetryPolicy.Rule(text) == nil, "\(text)")
    }
  }

  @Test func `the fake's books are read again, an unfinished line is cut`() throws {
    let home = try GatewayHome()
    do {
      let fake = FakePaymentProvider(books: try FakeBooks(home: home.path))
      #expect(fake.ask(order()) == .completed(chainHash: nil, receipt: "fake_1"))
      #expect(fake.ask(order()) == .completed(chainHash: nil, receipt: "fake_1"))
    }
    let path = home.path + "/data/fake/payments.jsonl"
    let whole = try home.bytes("data/fake/payments.jsonl")
    try Files.replace(path, with: whole + Array(#"{"key":"tx_2","ven"#.utf8), mode: 0o600)
    let books = try FakeBooks(home: home.path)
    #expect(books.taken.count == 1)
    #expect(books.taken.units == 1_250_000)
    #expect(try home.bytes("data/fake/payments.jsonl") == whole)
    let fake = FakePaymentProvider(books: books)
    #expect(fake.look(up: order()) == .completed(chainHash: nil, receipt: "fake_1"))
    #expect(fake.look(up: order("tx_2")) == .neverSeen)
    try Files.replace(path, with: Array("{}\n".utf8) + whole, mode: 0o600)
    #expect(throws: FileError.self) { try FakeBooks(home: home.path) }
  }

  private static let good =
    #"{"provider_key":"tx_1","status":"completed","amount":"1.250000","asset":"USDC","tx_hash":"0xAB","reference":"r"}"#

  @Test(arguments: [
    (200, good, ProviderAnswer.completed(chainHash: ChainHash("0xAB"), receipt: "r")),
    (500, good, .noAnswer(.serverError)), (429, good, .notTaken(.tooManyRequests)),
    (404, good, .noAnswer(.unreadable)),
    (200, "", .noAnswer(.unreadable)), (200, "null", .noAnswer(.unreadable)),
    (200, #"{"status":"completed"}"#, .noAnswer(.unreadable)),
    (200, #"{"provider_key":"tx_2","status":"pending"}"#, .noAnswer(.unreadable)),
    (200, #"{"provider_key":"tx_1","status":"pending"}"#, .noAnswer(.pending)),
    (200, #"{"provider_key":"tx_1","status":"done"}"#, .noAnswer(.unreadable)),
    (
      200, #"{"provider_key":"tx_1","status":"completed","amount":"1.25","asset":"USDC"}"#,
      .noAnswer(.unreadable)
    ),
    (
      200, #"{"provider_key":"tx_1","status":"completed","amount":1.25,"asset":"USDC"}"#,
      .noAnswer(.unreadable)
    ),
    (
      200, #"{"provider_key":"tx_1","status":"completed","amount":"1.250001","asset":"USDC"}"#,
      .noAnswer(.unreadable)
    ),
    (
      402, #"{"provider_key":"tx_1","status":"failed","code":"LOW","vendor_fault":false}"#,
      .failed(code: "LOW", error: "LOW", vendorFault: false)
    ),
    (200, #"{"provider_key":"tx_1","status":"failed","code":"LOW"}"#, .noAnswer(.unreadable)),
    (
      200, #"{"provider_key":"tx_1","status":"failed","code":"a b","vendor_fault":true}"#,
      .noAnswer(.unreadable)
    ),
    (404, #"{"code":"NOT_FOUND"}"#, .noAnswer(.unreadable)),
  ])
  func `only a whole answer about this very order is evidence`(
    status: Int, body: String, expected: ProviderAnswer
  ) {
    let response = Response(status: status, headers: Headers(), body: Array(body.utf8))
    #expect(HTTPPaymentProvider.answer(response, to: order(), isLookUp: false) == expected)
  }

  @Test func `never seen is said by the provider itself, not by a proxy`() {
    func look(_ status: Int, _ body: String) -> ProviderAnswer {
      HTTPPaymentProvider.answer(
        Response(status: status, headers: Headers(), body: Array(body.utf8)), to: order(),
        isLookUp: true)
    }
    #expect(look(404, #"{"code":"NOT_FOUND"}"#) == .neverSeen)
    #expect(look(404, "<html>not found</html>") == .noAnswer(.unreadable))
    #expect(look(404, "{}") == .noAnswer(.unreadable))
    #expect(look(200, #"{"code":"NOT_FOUND"}"#) == .noAnswer(.unreadable))
  }

  @Test func `over HTTP the key travels twice, and each fault has its class`() throws {
    let seen = Mutex<[String]>([])
    let server = try Server(
      listeners: [
        Listener(
          name: "provider", address: .tcp(IPAddress(v4: 0x7F00_0001), port: 0),
          router: Router([
            Route(.post, "/v1/payments") { exchange, _ in
              let request = exchange.request
              let key = request.headers["Idempotency-Key"] ?? "none"
              seen.withLock { $0.append(key + " " + String(decoding: request.body, as: UTF8.self)) }
              exchange.respond(
                Response(
                  status: 201, contentType: "application/json",
                  body: Array(PaymentProviderTests.good.utf8)))
            },
            Route(.get, "/v1/payments/{key}") { exchange, path in
              // Never answers: the exchange is kept.
              if path["key"] == "slow" {
                kept.withLock { $0.append(exchange) }
              } else {
                exchange.respond(
                  Response(
                    status: 404, contentType: "application/json",
                    body: Array(#"{"code":"NOT_FOUND"}"#.utf8)))
              }
            },
          ]))
      ], configuration: ServerConfiguration(makeRequestID: { "req" }))
    try server.start()
    defer {
      kept.withLock { $0.removeAll() }
      server.drain(deadlineMilliseconds: 100)
    }
    let port = try #require(server.addresses["provider"]?.port)
    let outside = OutsideClient(
      OutsideClient.Options(isFake: false, allowedHosts: ["127.0.0.1"]), clocks: .system,
      log: { _ in })
    let provider = HTTPPaymentProvider(
      url: "http://127.0.0.1:\(port)/v1", tokenFile: nil, deadlineMilliseconds: 300,
      outside: outside)
    #expect(provider.ask(order()) == .completed(chainHash: ChainHash("0xAB"), receipt: "r"))
    let call = try #require(seen.withLock { $0.first })
    #expect(call.hasPrefix(#"tx_1 {"provider_key":"tx_1","amount":"1.250000","asset":"USDC""#))
    #expect(provider.look(up: order()) == .neverSeen)
    #expect(provider.look(up: order("slow")) == .noAnswer(.timeout))
    let nobody = HTTPPaymentProvider(
      url: "http://127.0.0.1:1", tokenFile: nil, deadlineMilliseconds: 300,
      outside: outside)
    #expect(nobody.ask(order()) == .notTaken(.connect))
    let tokenless = HTTPPaymentProvider(
      url: "http://127.0.0.1:\(port)/v1", tokenFile: "/nonexistent", deadlineMilliseconds: 300,
      outside: outside)
    #expect(tokenless.ask(order()) == .notTaken(.connect))
    #expect(seen.withLock { $0.count } == 1)
  }
}

/// Exchanges that a test keeps from being answered.
private let kept = Mutex<[Exchange]>([])

/// A provider that does what a test tells it.
private final class ScriptedProvider: PaymentProvider {
  let name: Text = "scripted"
  private let answers: Mutex<[ProviderAnswer]>
  let asked = Mutex<[Text]>([])
  /// What happens elsewhere while it is being asked.
  let whenAsked = Mutex<@Sendable () -> Void>({})

  init(_ answers: [ProviderAnswer]) { self.answers = Mutex(answers) }

  func ask(_ order: ProviderOrder) -> ProviderAnswer { next(order) }
  func capabilities(of vendor: Text) -> VendorReply { .unknownVendor }

  func look(up order: ProviderOrder) -> ProviderAnswer { next(order) }

  private func next(_ order: ProviderOrder) -> ProviderAnswer {
    asked.withLock { $0.append(order.key) }
    whenAsked.withLock { $0 }()
    return answers.withLock { $0.isEmpty ? .noAnswer(.timeout) : $0.removeFirst() }
  }
}

/// The desk between the ledger and a provider: doubt is never turned into failure.
@Suite struct PaymentDeskTests {
  /// A desk over a ledger of its own.
  private struct Fixture {
    let ledger: OpenedLedger
    let desk: PaymentDesk
    let provider: ScriptedProvider

    init(
      _ home: GatewayHome, _ answers: [ProviderAnswer], grace: Int64 = 0,
      clocks: Clocks = .system
    ) throws {
      var options = OpenedLedger.Options(home: home.path, holder: "test", onLost: { _ in })
      options.clocks = clocks
      ledger = try OpenedLedger(options)
      provider = ScriptedProvider(answers)
      var retries = RetryPolicy()
      retries.connect = RetryPolicy.Rule(times: 1, milliseconds: 1)
      retries.serverError = RetryPolicy.Rule(times: 1, milliseconds: 1)
      let pool = try #require(CallPool(threads: 2, boot: Clocks.system.boot))
      desk = PaymentDesk(
        ledger.bookkeeper,
        PaymentDesk.Options(
          book: .fake, provider: provider, retries: retries, graceMilliseconds: grace, wallet: nil),
        pool: pool, clocks: clocks, isDiskLow: { false })
    }

    func close() {
      desk.pool.close()
      ledger.close()
    }

    func pay(_ key: Text) -> Payment? {
      let done = Semaphore()
      let result = Mutex<Payment?>(nil)
      let wish = PaymentDesk.Wish(
        request: SpendRequest(
          parties: PaymentParties(agent: "a", vendor: "shop", network: .base),
          amount: Money(units: 1_000_000, asset: .usdc), component: nil, strategy: nil,
          business: nil), intent: nil, serviceURL: nil, purpose: nil)
      desk.pay(wish, key: key, cause: nil) { reply, _ in
        if case .payment(let payment, _, _) = reply { result.withLock { $0 = payment } }
        done.signal()
      }
      done.wait()
      return result.withLock { $0 }
    }
  }

  @Test(arguments: [
    ([ProviderAnswer.notTaken(.connect), .notTaken(.connect)], PaymentPhase.failed, 2),
    ([.notTaken(.connect), .completed(chainHash: nil, receipt: nil)], .completed, 2),
    // Once it may have moved, a refusal to connect proves nothing.
    ([.noAnswer(.serverError), .notTaken(.connect), .notTaken(.connect)], .unknown, 3),
    ([.noAnswer(.serverError), .noAnswer(.serverError)], .unknown, 2),
    ([.noAnswer(.serverError), .failed(code: "NO", error: "no", vendorFault: true)], .failed, 2),
    ([.noAnswer(.timeout)], .unknown, 1), ([.noAnswer(.unreadable)], .unknown, 1),
    ([.noAnswer(.pending)], .unknown, 1), ([.neverSeen], .unknown, 1),
  ])
  func `what the provider said decides, and the key stays the same`(
    answers: [ProviderAnswer], phase: PaymentPhase, calls: Int
  ) throws {
    let home = try GatewayHome()
    let fixture = try Fixture(home, answers)
    let payment = try #require(fixture.pay("k"))
    #expect(payment.phase == phase)
    let asked = fixture.provider.asked.withLock { $0 }
    #expect(asked == Array(repeating: payment.id.text, count: calls))
    fixture.close()
    let retries = try home.count(of: .paymentRetried)
    #expect(retries == calls - 1)
  }

  @Test func `an order that was never seen counts as not taken only after the grace`() throws {
    let home = try GatewayHome()
    let fixture = try Fixture(
      home, [.noAnswer(.timeout), .neverSeen, .noAnswer(.serverError)], grace: 3_600_000)
    let payment = try #require(fixture.pay("k"))
    let (young, _) = try fixture.desk.reconcile(cause: nil)
    #expect(young.findings.map(\.result) == ["unknown"])
    #expect(young.findings.first?.evidence.string.contains("may still come in") == true)
    let (silent, _) = try fixture.desk.reconcile(cause: nil)
    #expect(silent.findings.map(\.result) == ["unknown"])
    fixture.close()
    let old = try Fixture(home, [.neverSeen])
    let (closed, _) = try old.desk.reconcile(cause: nil)
    #expect(closed.findings.map(\.subject) == [payment.id.text])
    #expect(closed.findings.map(\.result) == ["failed"])
    old.close()
  }

  @Test func `what a dead process started is unknown at the next start, and asked about`() throws {
    let home = try GatewayHome()
    let first = try Fixture(home, [])
    let pay = Pay(
      transaction: TransactionID(ULID(high: 1, low: 1)), newIntent: IntentID(ULID(high: 1, low: 1)),
      request: SpendRequest(
        parties: PaymentParties(agent: "a", vendor: "shop", network: .base),
        amount: Money(units: 1, asset: .usdc), component: nil, strategy: nil, business: nil),
      intent: nil, serviceURL: nil, purpose: nil, provider: "scripted", wallet: nil)
    _ = try first.ledger.bookkeeper.submit(
      Submission(pay, actor: "agent:a", book: .fake, cause: nil, binding: nil))
    first.close()
    let second = try Fixture(home, [.completed(chainHash: nil, receipt: "r")])
    try second.desk.adoptInterrupted()
    try second.desk.adoptInterrupted()
    let (closed, _) = try second.desk.reconcile(cause: nil)
    #expect(closed.findings.map(\.result) == ["completed"])
    second.close()
    #expect(try home.count(of: .paymentUnknown) == 1)
    #expect(try home.count(of: .paymentCompleted) == 1)
  }

  @Test(arguments: [
    (ProviderAnswer.notTaken(.connect), PaymentPhase.failed),
    (.noAnswer(.serverError), .unknown),
  ])
  func `the kill switch stops what waits for another try`(
    answer: ProviderAnswer, phase: PaymentPhase
  ) throws {
    let home = try GatewayHome()
    let fixture = try Fixture(home, [answer, .completed(chainHash: nil, receipt: "late")])
    let ledger = fixture.ledger
    // Turned on while the provider is being asked for the first time.
    fixture.provider.whenAsked.withLock {
      $0 = {
        do throws(Unavailable) {
          _ = try ledger.bookkeeper.submit(
            Submission(
              EngageKillSwitch(reason: "drill", by: "operator"), actor: "operator", book: .fake,
              cause: nil, binding: nil))
        } catch {
          Issue.record("the switch could not be turned: \(error)")
        }
      }
    }
    #expect(fixture.pay("k")?.phase == phase)
    #expect(fixture.provider.asked.withLock { $0.count } == 1)
    fixture.close()
  }

  @Test func `the grace begins with the doubt, not with the first order`() throws {
    let home = try GatewayHome()
    let clock = GatewayClock(Timestamp(milliseconds: 1_794_830_400_000))
    let fixture = try Fixture(
      home, [.noAnswer(.timeout), .neverSeen, .neverSeen], grace: 60_000, clocks: clock.clocks)
    fixture.provider.whenAsked.withLock { $0 = { clock.advance(milliseconds: 90_000) } }
    _ = fixture.pay("k")
    fixture.provider.whenAsked.withLock { $0 = {} }
    #expect(try fixture.desk.reconcile(cause: nil).result.findings.map(\.result) == ["unknown"])
    clock.advance(milliseconds: 60_000)
    #expect(try fixture.desk.reconcile(cause: nil).result.findings.map(\.result) == ["failed"])
    fixture.close()
  }

  @Test func `a closed pool hurries what was due later, and takes no more`() throws {
    let pool = try #require(CallPool(threads: 2, boot: Clocks.system.boot))
    let done = Atomic<Int>(0)
    #expect(
      pool.add(afterMilliseconds: 3_600_000) { done.add(1, ordering: .sequentiallyConsistent) })
    #expect(pool.add { done.add(10, ordering: .sequentiallyConsistent) })
    pool.close()
    #expect(done.load(ordering: .sequentiallyConsistent) == 11)
    #expect(!pool.add {})
    #expect(!pool.add(afterMilliseconds: 1) {})
  }
}
