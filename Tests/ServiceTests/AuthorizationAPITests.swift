import HTTP
import JSON
import Ledger
import Service
import Testing

/// Holds over the operator API, with the fake provider's books as the witness.
///
/// Source: STG-01 to STG-07, T-01.
@Suite struct AuthorizationAPITests {
  private func books(_ home: GatewayHome) throws -> [String] {
    try home.text("data/fake/payments.jsonl").split(separator: "\n").map(String.init)
  }

  private func create(
    _ daemon: GatewayDaemon, _ amount: String = "5", vendor: String = "gpu-host", key: String = "k1"
  ) throws -> Response {
    try daemon.api(
      .post, "/api/payments/authorizations",
      #"{"agent_id":"builder_agent","amount":"\#(amount)","vendor":"\#(vendor)"}"#, key: key)
  }

  private func path(_ response: Response) throws -> String {
    let id = try #require(try response.member("authorization_id"))
    return "/api/payments/authorizations/\(id)"
  }

  @Test func `a hold is made once, captured once, and the provider is asked no more`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    defer { daemon.stop() }
    let hold = try create(daemon)
    #expect(hold.status == 201)
    #expect(try create(daemon).body == hold.body)
    #expect(try daemon.api(.get, "/api/budgets/builder_agent").member("held") == "5.000000")
    let path = try path(hold)
    let above = try daemon.api(
      .post, path + "/capture", #"{"amount":"5.000001"}"#, key: "c0")
    #expect(try above.verdict == "409 INVALID_TRANSITION")
    #expect(try above.member("detail")?.contains("5.000001") == true)
    #expect(try books(home).count == 1)
    let captured = try daemon.api(.post, path + "/capture", #"{"amount":"3.5"}"#, key: "c1")
    #expect(captured.status == 200)
    #expect(try captured.member("captured_usdc") == "3.500000")
    #expect(try captured.member("released_usdc") == "1.500000")
    for key in ["c1", "c2"] {
      let again = try daemon.api(.post, path + "/capture", #"{"amount":"3.5"}"#, key: key)
      #expect(again.status == 200)
      #expect(again.headers["Idempotency-Replayed"] == "true")
      #expect(again.body == captured.body)
    }
    #expect(
      try daemon.api(.post, path + "/capture", #"{"amount":"1"}"#, key: "c3").verdict
        == "409 INVALID_TRANSITION")
    #expect(try daemon.api(.post, path + "/cancel").verdict == "409 INVALID_TRANSITION")
    #expect(try books(home).count == 2)
    #expect(try home.count(of: .transitionRefused) == 3)
    let budget = try daemon.api(.get, "/api/budgets/builder_agent")
    #expect(try budget.member("held") == "0.000000")
    #expect(try budget.member("daily") == "3.500000")
  }

  @Test func `fifty captures at once take the money once`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    defer { daemon.stop() }
    let path = try path(try create(daemon))
    let statuses = try simultaneously(50) { number in
      try daemon.api(.post, path + "/capture", "{}", key: "c-\(number)").status
    }
    #expect(statuses.allSatisfy { $0 == 200 || $0 == 409 })
    #expect(statuses.contains(200))
    #expect(try books(home).count == 2)
    #expect(try home.count(of: .authorizationCaptured) == 1)
  }

  @Test(arguments: [
    ("fake-timeout-after", "authorize", "authorized"),
    ("fake-timeout-before", "authorize", "failed"),
    ("fake-capture-timeout-after", "capture", "captured"),
    ("fake-capture-timeout-before", "capture", "authorized"),
    ("fake-cancel-timeout-after", "cancel", "cancelled"),
    ("fake-cancel-reset", "cancel", "cancelled"),
  ])
  func `an unknown step is held over a restart and closed by asking`(
    vendor: String, step: String, end: String
  ) throws {
    let home = try GatewayHome()
    let first = try GatewayDaemon([:], home: home)
    let hold = try create(first, vendor: vendor)
    let path = try path(hold)
    if step == "authorize" {
      #expect(hold.status == 202)
    } else {
      #expect(hold.status == 201)
      let asked = try first.api(.post, path + "/" + step, "{}", key: "s1")
      #expect(asked.status == 202)
      #expect(asked.headers["Location"] == path)
    }
    first.stop()
    let daemon = try GatewayDaemon([:], home: home)
    defer { daemon.stop() }
    #expect(try daemon.api(.get, path).member("status") == "unknown")
    #expect(try daemon.api(.get, "/api/budgets/builder_agent").member("held") == "5.000000")
    #expect(try daemon.api(.post, "/api/payments/reconcile").member("closed") == "1")
    #expect(try daemon.api(.get, path).member("status") == end)
  }

  @Test func `an operator closes the step, holds run out, and strangers get nothing`() throws {
    let home = try GatewayHome()
    let clock = GatewayClock(
      try #require(Timestamp(rfc3339: "2026-11-16T12:00:00Z", offsetRequired: true)))
    let daemon = try GatewayDaemon([:], home: home, clocks: clock.clocks)
    defer { daemon.stop() }
    let unknown = try path(try create(daemon, "1", vendor: "fake-timeout-before", key: "k2"))
    let resolve = #"{"outcome":"failed","evidence":"call with support"}"#
    #expect(
      try daemon.api(.post, unknown + "/resolve", #"{"outcome":"done"}"#).verdict
        == "400 FIELD_INVALID")
    #expect(try daemon.api(.post, unknown + "/resolve", resolve).member("status") == "failed")
    #expect(
      try daemon.api(.post, unknown + "/resolve", resolve).verdict == "409 INVALID_TRANSITION")
    let body =
      #"{"agent_id":"a","amount":"2","vendor":"v","expires_at":"2026-11-16T12:00:01Z"}"#
    let hold = try path(
      try daemon.api(.post, "/api/payments/authorizations", body, key: "k3"))
    let sweep = "/api/payments/authorizations/expire"
    #expect(try daemon.api(.post, sweep).member("asked") == "0")
    clock.advance(milliseconds: 1_000)
    #expect(
      try daemon.api(.post, hold + "/capture", "{}", key: "c1").verdict
        == "409 INVALID_TRANSITION")
    #expect(try daemon.api(.post, sweep).member("expired") == "1")
    #expect(try daemon.api(.get, hold).member("status") == "expired")
    #expect(
      try daemon.api(.post, "/api/payments/authorizations/auth_x/cancel").verdict
        == "404 AUTHORIZATION_NOT_FOUND")
    #expect(
      try daemon.api(.post, hold + "/capture", "{}", key: "k", on: "api").verdict
        == "401 UNAUTHORIZED")
  }
}
