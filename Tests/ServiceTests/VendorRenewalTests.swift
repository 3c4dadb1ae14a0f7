import JSON
import Ledger
import Service
import Synchronization
import Testing

/// Says of every vendor what it was told to say, and takes every order.
private final class OfferingProvider: PaymentProvider {
  let name: Text = "offering"
  let reply = Mutex<VendorReply>(.noAnswer(.timeout))
  let asked = Mutex<[Text]>([])

  func ask(_ order: ProviderOrder) -> ProviderAnswer { .completed(chainHash: nil, receipt: nil) }
  func look(up order: ProviderOrder) -> ProviderAnswer { .neverSeen }

  func capabilities(of vendor: Text) -> VendorReply {
    asked.withLock { $0.append(vendor) }
    return reply.withLock { $0 }
  }
}

/// A vendor's list is renewed before money goes by it.
///
/// Source: VEN-02, VEN-03, VEN-04, VEN-07.
@Suite struct VendorRenewalTests {
  private static let day: Int64 = 86_400_000

  /// A desk over a ledger of its own, of the fake book.
  private struct Fixture {
    let clock = GatewayClock(Timestamp(milliseconds: 1_794_830_400_000))
    /// Gone with the fixture, and its folder with it.
    let home: GatewayHome
    let ledger: OpenedLedger
    let provider = OfferingProvider()
    let desk: PaymentDesk

    init() throws {
      home = try GatewayHome()
      var options = OpenedLedger.Options(home: home.path, holder: "test", onLost: { _ in })
      options.clocks = clock.clocks
      ledger = try OpenedLedger(options)
      let pool = try #require(CallPool(threads: 2, boot: Clocks.system.boot))
      desk = PaymentDesk(
        ledger.bookkeeper,
        PaymentDesk.Options(
          book: .fake, provider: provider, retries: RetryPolicy(), graceMilliseconds: 0,
          wallet: nil),
        pool: pool, clocks: clock.clocks, isDiskLow: { false })
    }

    func close() {
      desk.pool.close()
      ledger.close()
    }

    func offer(_ price: Int128) -> VendorOffer {
      VendorOffer(
        pricing: ["default": Money(units: price, asset: .usdc)], tokens: [], chains: [],
        capabilities: [])
    }

    func observe(_ source: VendorSource, _ book: Book, price: Int128) throws {
      let command = ObserveVendor(
        vendor: "shop", offer: offer(price), source: source, reason: "test")
      _ = try ledger.bookkeeper.submit(
        Submission(command, actor: "test", book: book, cause: nil, binding: nil))
    }

    /// The code of the refusal, or the phase of the payment of 1 USDC.
    func pay(_ key: Text) -> String {
      let done = Semaphore()
      let result = Mutex("no reply")
      let wish = PaymentDesk.Wish(
        request: SpendRequest(
          parties: PaymentParties(agent: "a", vendor: "Shop", network: .base),
          amount: Money(units: 1_000_000, asset: .usdc), component: nil, strategy: nil,
          business: nil), intent: nil, serviceURL: nil, purpose: nil)
      desk.pay(wish, key: key, cause: nil) { reply, _ in
        switch reply {
        case .payment(let payment, _, _): result.withLock { $0 = "\(payment.phase)" }
        case .refused(let rejection): result.withLock { $0 = "\(rejection.code)" }
        default: result.withLock { $0 = "something else" }
        }
        done.signal()
      }
      done.wait()
      return result.withLock { $0 }
    }

    var questions: Int { provider.asked.withLock { $0.count } }
  }

  @Test(arguments: [(day - 1, 0, "completed"), (day, 1, "VENDOR_PRICE_EXCEEDED")])
  func `a list of 24 hours is renewed before the payment is decided, and not sooner`(
    age: Int64, questions: Int, result: String
  ) throws {
    let fixture = try Fixture()
    try fixture.observe(.fetch, .fake, price: 10_000_000)
    fixture.provider.reply.withLock { $0 = .offer(fixture.offer(500_000)) }
    fixture.clock.advance(milliseconds: age)
    #expect(fixture.pay("k1") == result)
    #expect(fixture.questions == questions)
    #expect(fixture.pay("k2") == result)
    #expect(fixture.questions == questions)
    fixture.close()
  }

  @Test func `what brought nothing is not asked for again within a minute, and stops nobody`()
    throws
  {
    let fixture = try Fixture()
    try fixture.observe(.fetch, .fake, price: 500_000)
    fixture.clock.advance(milliseconds: VendorRenewalTests.day)
    #expect(fixture.pay("k1") == "completed")
    fixture.clock.advance(milliseconds: 59_999)
    #expect(fixture.pay("k2") == "completed")
    #expect(fixture.questions == 1)
    fixture.clock.advance(milliseconds: 1)
    fixture.provider.reply.withLock { $0 = .offer(fixture.offer(500_000)) }
    #expect(fixture.pay("k3") == "VENDOR_PRICE_EXCEEDED")
    #expect(fixture.questions == 2)
    fixture.close()
  }

  @Test func `an operator's list and an unknown vendor are nobody's question`() throws {
    let fixture = try Fixture()
    #expect(fixture.pay("k1") == "completed")
    try fixture.observe(.operator, .fake, price: 500_000)
    fixture.clock.advance(milliseconds: VendorRenewalTests.day)
    #expect(fixture.pay("k2") == "completed")
    #expect(fixture.questions == 0)
    fixture.close()
  }

  @Test func `a list of the other book is asked for anew in this one`() throws {
    let fixture = try Fixture()
    try fixture.observe(.fetch, .real, price: 10_000_000)
    fixture.provider.reply.withLock { $0 = .offer(fixture.offer(500_000)) }
    #expect(fixture.pay("k1") == "VENDOR_PRICE_EXCEEDED")
    #expect(fixture.questions == 1)
    fixture.close()
  }

  @Test func `many at once ask once, and all are decided by the answer`() throws {
    let fixture = try Fixture()
    try fixture.observe(.fetch, .fake, price: 10_000_000)
    fixture.provider.reply.withLock { $0 = .offer(fixture.offer(500_000)) }
    fixture.clock.advance(milliseconds: VendorRenewalTests.day)
    let results = try simultaneously(8) { fixture.pay(Text("k\($0)")) }
    #expect(Set(results) == ["VENDOR_PRICE_EXCEEDED"])
    #expect(fixture.questions == 1)
    fixture.close()
  }
}
