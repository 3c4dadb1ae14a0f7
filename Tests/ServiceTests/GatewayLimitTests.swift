import HTTP
import JSON
import Ledger
import Service
import Testing

/// Caps, limits and counters, on the edge and one unit to each side.
///
/// Source: GW-24, KI-01, KI-04, T-20, T-29.
struct GatewayLimitTests {
  @Test func `a request of exactly the per-request cap passes, one unit more does not`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon(["WALLET_POLICY_PER_REQUEST_CAP_USD": "0.05"], home: home)
    #expect(try daemon.task(pay: "v1:0.049999:proof121").status == 200)
    #expect(try daemon.task(pay: "v1:0.05:proof122", body: #"{"task":"b"}"#).status == 200)
    let above = try daemon.task(pay: "v1:0.050001:proof123", body: #"{"task":"c"}"#)
    daemon.stop()
    #expect(try above.verdict == "403 POLICY_CAP_EXCEEDED")
    #expect(try above.member("error.x402.policyMax") == "0.050000")
    #expect(try above.member("error.x402.requiredAmount") == "0.050001")
    #expect(try home.count(of: .gatewayPaymentAccepted) == 2)
  }

  @Test(arguments: ["X402_PAYMENTS_DISABLED=true", "TOLLBOOK_MIN_FREE_MB=1048576"])
  func `while no new money is taken, what was paid is answered again`(setting: String) throws {
    let home = try GatewayHome()
    let first = try GatewayDaemon([:], home: home)
    let paid = try first.task(pay: "v1:0.01:proof-1x", key: "k1")
    first.stop()
    let parts = setting.split(separator: "=").map(String.init)
    let second = try GatewayDaemon([parts[0]: parts[1]], home: home)
    let again = try second.task(pay: "v1:0.01:proof-1x", key: "k1")
    let other = try second.task(pay: "v1:0.01:proof-1x", key: "k1", body: #"{"task":"b"}"#)
    let fresh = try second.task(pay: "v1:0.01:proof-2x", key: "k2")
    second.stop()
    #expect(again.status == 200)
    #expect(again.body == paid.body)
    #expect(other.status == 409)
    #expect(fresh.status == 503)
    #expect(try home.count(of: .gatewayPaymentAccepted) == 1)
  }

  @Test func `the kill switch holds from the next request on, over a restart, and lets facts in`()
    throws
  {
    let home = try GatewayHome()
    let first = try GatewayDaemon([:], home: home)
    let paid = try first.task(pay: "v1:0.01:proof-1x", key: "k1")
    #expect(try first.command(#"{"command":"killswitch.engage","reason":"drill"}"#) == "recorded")
    #expect(try first.command(#"{"command":"killswitch.engage","reason":"again"}"#) == "unchanged")
    #expect(try first.task(pay: "v1:0.01:proof-2x").verdict == "503 PAYMENTS_DISABLED")
    #expect(try first.task(pay: nil).verdict == "503 PAYMENTS_DISABLED")
    #expect(try first.task(pay: "v1:nonsense").verdict == "503 PAYMENTS_DISABLED")
    #expect(try first.get("/metrics", on: "socket").text.contains("payments_disabled 1"))
    first.stop()
    let second = try GatewayDaemon([:], home: home)
    #expect(try second.task(pay: "v1:0.01:proof-2x").verdict == "503 PAYMENTS_DISABLED")
    #expect(try second.task(pay: "v1:0.01:proof-1x", key: "k1").body == paid.body)
    let fact =
      #"{"command":"payment.import","fake":true,"transaction_id":"tx_1","agent_id":"a","#
      + #""vendor":"v","network":"base","amount":"1","asset":"USDC","status":"completed","#
      + #""occurred_at":"2026-11-16T03:00:00Z"}"#
    #expect(try second.command(fact) == "recorded")
    #expect(try second.command(#"{"command":"killswitch.release"}"#) == "refused")
    #expect(try second.command(#"{"command":"killswitch.release","reason":"over"}"#) == "recorded")
    #expect(try second.task(pay: "v1:0.01:proof-2x").status == 200)
    second.stop()
    #expect(try home.count(of: .gatewayPaymentAccepted) == 2)
    #expect(try home.count(of: .killSwitchEngaged) == 1)
  }

  @Test func `a kill switch that the setting holds is not released by an event`() throws {
    let home = try GatewayHome()
    let first = try GatewayDaemon(["X402_PAYMENTS_DISABLED": "TRUE"], home: home)
    let release = #"{"command":"killswitch.release","reason":"over"}"#
    #expect(try first.command(release) == "refused")
    #expect(try first.task(pay: "v1:0.01:proof-1x").verdict == "503 PAYMENTS_DISABLED")
    first.stop()
    let second = try GatewayDaemon([:], home: home)
    #expect(try second.command(release) == "unchanged")
    #expect(try second.task(pay: "v1:0.01:proof-1x").status == 200)
    second.stop()
  }

  @Test func `the session cap is exact to the unit and holds across a restart`() throws {
    let home = try GatewayHome()
    let settings = ["WALLET_POLICY_SESSION_CAP_USD": "0.03"]
    let first = try GatewayDaemon(settings, home: home)
    #expect(try first.task(pay: "v1:0.01:proof-1x", key: "k1").status == 200)
    #expect(try first.task(pay: "v1:0.01:proof-2x", body: #"{"task":"2"}"#).status == 200)
    first.stop()
    let second = try GatewayDaemon(settings, home: home)
    let above = try second.task(pay: "v1:0.010001:proof-3x", body: #"{"task":"3"}"#)
    #expect(try above.verdict == "403 SESSION_CAP_EXCEEDED")
    #expect(try above.member("error.x402.sessionSpentUsd") == "0.020000")
    #expect(try above.member("error.x402.sessionCapUsd") == "0.030000")
    #expect(try above.member("error.x402.requestAmountUsd") == "0.010001")
    // A replay is no spending.
    #expect(try second.task(pay: "v1:0.01:proof-9x", key: "k1").status == 200)
    #expect(try second.task(pay: "v1:0.01:proof-4x", body: #"{"task":"4"}"#).status == 200)
    #expect(
      try second.task(pay: "v1:0.01:proof-5x", body: #"{"task":"5"}"#).verdict
        == "403 SESSION_CAP_EXCEEDED")
    #expect(try second.task(pay: "v1:0.01:proof-9x", key: "k1").status == 200)
    second.stop()
    #expect(try home.count(of: .gatewayPaymentAccepted) == 3)
  }

  @Test func `of forty different requests at once exactly those that the session allows are paid`()
    throws
  {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon(["WALLET_POLICY_SESSION_CAP_USD": "0.17"], home: home)
    let verdicts = try simultaneously(40) { index in
      try daemon.task(pay: "v1:0.01:proof-\(100 + index)", body: #"{"task":"\#(index)"}"#).verdict
    }
    daemon.stop()
    #expect(verdicts.count { $0 == "200" } == 17)
    #expect(verdicts.count { $0 == "403 SESSION_CAP_EXCEEDED" } == 23)
    #expect(try home.count(of: .gatewayPaymentAccepted) == 17)
  }

  @Test func `ten thousand unpaid requests add one event that counts them all`() throws {
    let home = try GatewayHome()
    let clock = GatewayClock(Timestamp(milliseconds: 1_790_000_000_000))
    let daemon = try GatewayDaemon([:], home: home, clocks: clock.clocks)
    try daemon.settle()
    let before = try home.records().count
    let one = GatewayDaemon.taskRequest(pay: nil, key: nil, body: "{}", with: ["Host": "a"])
    let bad = GatewayDaemon.taskRequest(pay: "v1:inf:proof1", key: nil, body: "{}", with: Headers())
    let port = try daemon.port("gateway")
    let seen = try simultaneously(4) { _ in
      let address = ListenAddress.tcp(try #require(IPAddress("127.0.0.1")), port: port)
      let client = Client(
        address: address, host: "127.0.0.1", limits: ClientLimits(), keepsAlive: true)
      var statuses: [Int: Int] = [:]
      for index in 0..<2_500 {
        let request = index % 5 == 0 ? bad : one
        statuses[try client.send(request, deadlineMilliseconds: 30_000).status, default: 0] += 1
      }
      return statuses
    }
    daemon.stop()
    #expect(seen == Array(repeating: [402: 2_500], count: 4))
    let added = try home.records().dropFirst(before)
    var counts: [Text: Int] = [:]
    for record in added {
      guard case .gatewayOffersCounted(let event) = record.event else {
        Issue.record("\(record.event.type.name) was appended for an unpaid request")
        continue
      }
      for (code, count) in event.byCode { counts[code, default: 0] += count }
    }
    #expect(counts == ["PAYMENT_REQUIRED": 8_000, "PAYMENT_PROOF_INVALID": 2_000])
    // One at the end, and one for each minute that the test took.
    #expect(added.count <= 5)
  }

  @Test func `past the rate limit comes 429 with the seconds to wait, and one event for all`()
    throws
  {
    let home = try GatewayHome()
    let clock = GatewayClock(Timestamp(milliseconds: 1_790_000_000_000))
    let daemon = try GatewayDaemon(
      ["TOLLBOOK_RATE_LIMIT": "3/min"], home: home, clocks: clock.clocks)
    var verdicts: [String] = []
    for _ in 0..<3 { verdicts.append(try daemon.task(pay: nil).verdict) }
    #expect(verdicts == Array(repeating: "402 PAYMENT_REQUIRED", count: 3))
    let refused = try daemon.task(pay: "v1:0.01:proof123")
    #expect(try refused.verdict == "429 RATE_LIMITED")
    #expect(refused.headers["Retry-After"] == "20")
    #expect(refused.headers["Content-Type"] == "application/problem+json")
    clock.advance(milliseconds: 19_999)
    #expect(try daemon.task(pay: nil).headers["Retry-After"] == "1")
    clock.advance(milliseconds: 1)
    #expect(try daemon.task(pay: nil).status == 402)
    #expect(try daemon.task(pay: nil).status == 429)
    #expect(try daemon.get("/health").status == 200)
    daemon.stop()
    let trips = try home.records().compactMap { record -> RateLimitTripsCounted? in
      guard case .rateLimitTripsCounted(let event) = record.event else { return nil }
      return event
    }
    #expect(trips.map(\.count) == [3])
    #expect(trips.map(\.clients) == [1])
    #expect(try home.count(of: .gatewayPaymentAccepted) == 0)
  }

  @Test func `a client that knocks each millisecond still gets its share`() {
    let limiter = RateLimiter(RateLimit(count: 10, seconds: 60))
    var passed = 0
    for boot in Int64(0)..<60_001 where limiter.take(client: "a", boot: boot) == nil {
      passed += 1
    }
    // Ten at once, and ten more in the minute.
    #expect(passed == 20)
  }

  @Test func `clients are limited each for itself, and forgotten only when there are too many`() {
    let limiter = RateLimiter(RateLimit(count: 1, seconds: 3_600))
    #expect(limiter.take(client: "a", boot: 0) == nil)
    #expect(limiter.take(client: "b", boot: 0) == nil)
    #expect(limiter.take(client: "a", boot: 0) == 3_600)
    #expect(limiter.take(client: "a", boot: 3_599_001) == 1)
    #expect(limiter.take(client: "a", boot: 3_600_000) == nil)
    #expect(limiter.take(client: "a", boot: 0) == 3_600)
  }
}
