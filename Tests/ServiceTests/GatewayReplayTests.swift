import Glibc
import HTTP
import JSON
import Ledger
import Service
import Testing

/// One key or proof, one charge, one answer, for ever (GW-11 to GW-14, GW-29, GW-30, T-17, T-18).
struct GatewayReplayTests {
  @Test func `an unpaid try leaves the key free for the paid one`() throws {
    let daemon = try GatewayDaemon([:], home: try GatewayHome())
    defer { daemon.stop() }
    #expect(try daemon.task(pay: nil, key: "key-1").status == 402)
    #expect(try daemon.task(pay: "v1:0.001:proof123", key: "key-1").status == 402)
    let paid = try daemon.task(pay: "v1:0.01:proof123", key: "key-1")
    #expect(paid.status == 200)
    #expect(try paid.member("idempotencyKey") == "key-1")
  }

  @Test func `the same key and meaning of the body replays byte for byte and charges once`() throws
  {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    let body = #"{"task":"té","n":1.0}"#
    let first = try daemon.task(pay: "v1:0.01:proof123", key: "k", body: body)
    let retries = [
      body, #"{"n":1.0,"task":"té"}"#, " { \"n\" : 1.0 ,\n\"task\":\"té\" } ",
      #"{"task":"t\u00e9","n":1.0}"#,
    ]
    for body in retries {
      let again = try daemon.task(pay: "v1:0.01:proof124", key: "k", body: body)
      #expect(again.status == 200)
      #expect(again.body == first.body, "\(body)")
      #expect(again.headers["Idempotency-Replayed"] == "true")
      #expect(again.headers["Content-Type"] == first.headers["Content-Type"])
    }
    daemon.stop()
    #expect(first.headers["Idempotency-Replayed"] == "false")
    #expect(try home.count(of: .gatewayPaymentAccepted) == 1)
  }

  @Test(arguments: [
    #"{"task":"other"}"#, #"{"task":"test","n":1}"#, #"{"task":"test "}"#, #"{"task":"Test"}"#,
  ])
  func `the same key with another body is a conflict and changes nothing`(body: String) throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    let first = try daemon.task(pay: "v1:0.01:proof123", key: "k")
    let other = try daemon.task(pay: "v1:0.01:proof124", key: "k", body: body)
    #expect(try other.verdict == "409 IDEMPOTENCY_CONFLICT")
    #expect(
      try other.member("error.message")
        == "Idempotency-Key has already been used with a different request payload.")
    #expect(try other.member("error.field") == "idempotencyKey")
    #expect(try daemon.task(pay: "v1:0.01:proof123", key: "k").body == first.body)
    daemon.stop()
    #expect(try home.count(of: .gatewayPaymentAccepted) == 1)
  }

  @Test func `a number that is written otherwise is another body`() throws {
    let daemon = try GatewayDaemon([:], home: try GatewayHome())
    defer { daemon.stop() }
    _ = try daemon.task(pay: "v1:0.01:proof123", key: "k", body: #"{"task":"t","n":1.0}"#)
    let other = try daemon.task(
      pay: "v1:0.01:proof124", key: "k", body: #"{"task":"t","n":1.00}"#)
    #expect(other.status == 409)
  }

  @Test func `a replay needs a well-formed payment header and does not use it up`() throws {
    let daemon = try GatewayDaemon([:], home: try GatewayHome())
    defer { daemon.stop() }
    let first = try daemon.task(pay: "v1:0.01:proof123", key: "k")
    #expect(try daemon.task(pay: nil, key: "k").verdict == "402 PAYMENT_REQUIRED")
    let malformed = try daemon.task(pay: "v1:1e9:proof123", key: "k")
    #expect(try malformed.verdict == "402 PAYMENT_PROOF_INVALID")
    #expect(try daemon.task(pay: "v1:0.01:proof777", key: "k").body == first.body)
    let fresh = try daemon.task(pay: "v1:0.01:proof777", key: "k2", body: #"{"task":"new"}"#)
    #expect(fresh.status == 200)
    #expect(fresh.headers["Idempotency-Replayed"] == "false")
  }

  @Test func `in strict a proof pays one request: the same again is answered, another refused`()
    throws
  {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    let first = try daemon.task(pay: "v1:0.01:proof123")
    let again = try daemon.task(pay: "v1:0.01:proof123", body: #" {"task": "test"}"#)
    #expect(again.body == first.body)
    #expect(again.headers["Idempotency-Replayed"] == "true")
    let other = try daemon.task(pay: "v1:0.01:proof123", body: #"{"task":"other"}"#)
    #expect(try other.verdict == "402 PAYMENT_PROOF_REUSED")
    let keyed = try daemon.task(pay: "v1:0.01:proof123", key: "k", body: #"{"task":"other"}"#)
    #expect(try keyed.verdict == "402 PAYMENT_PROOF_REUSED")
    let later = try daemon.task(pay: "v1:0.01:proof124", key: "k", body: #"{"task":"other"}"#)
    #expect(later.status == 200)
    daemon.stop()
    #expect(try home.count(of: .gatewayPaymentAccepted) == 2)
  }

  @Test func `keys, proofs and answers outlive a restart, byte for byte`() throws {
    let home = try GatewayHome()
    let first = try GatewayDaemon([:], home: home)
    let keyed = try first.task(pay: "v1:0.01:proof123", key: "k")
    let plain = try first.task(pay: "v1:0.01:proof124", body: #"{"task":"plain"}"#)
    first.stop()
    // Another price and another receiver must not show in what was answered before.
    let second = try GatewayDaemon(["X402_PRICE_USD": "0.5"], home: home)
    #expect(try second.task(pay: "v1:0.01:proof999", key: "k").body == keyed.body)
    let again = try second.task(pay: "v1:0.01:proof124", body: #"{"task":"plain"}"#)
    #expect(again.body == plain.body)
    #expect(try second.task(pay: "v1:0.5:proof125", key: "k", body: #"{"task":"x"}"#).status == 409)
    #expect(
      try second.task(pay: "v1:0.5:proof123", body: #"{"task":"x"}"#).verdict
        == "402 PAYMENT_PROOF_REUSED")
    second.stop()
    #expect(try home.count(of: .gatewayPaymentAccepted) == 2)
  }

  @Test func `fifty identical paid requests at once make one receipt and one body`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    let answers = try simultaneously(50) { index in
      try daemon.task(pay: "v1:0.01:proof-\(1_000 + index)", key: "one-key")
    }
    daemon.stop()
    #expect(Set(answers.map(\.status)) == [200])
    #expect(Set(answers.map(\.body)).count == 1)
    #expect(answers.count { $0.headers["Idempotency-Replayed"] == "false" } == 1)
    #expect(try home.count(of: .gatewayPaymentAccepted) == 1)
    #expect(try home.count(of: .gatewayResponseRecorded) == 1)
  }

  @Test func `fifty requests with one proof and no key make one receipt and one body`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    let answers = try simultaneously(50) { _ in try daemon.task(pay: "v1:0.01:proof123") }
    daemon.stop()
    #expect(Set(answers.map(\.body)).count == 1)
    #expect(try home.count(of: .gatewayPaymentAccepted) == 1)
  }

  @Test(arguments: ["", " ", "two words", "tab\there", "é", String(repeating: "k", count: 256)])
  func `a malformed key is refused with nothing charged`(key: String) throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    let body = #"{"task":"test"}"#
    let text =
      "POST /agent/task HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
      + "X-Payment: v1:0.01:proof123\r\nIdempotency-Key: \(key)\r\nConnection: close\r\n"
      + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    let answer = try rawExchange(port: try daemon.port("gateway"), Array(text.utf8))
    daemon.stop()
    #expect(answer.hasPrefix("HTTP/1.1 400 "))
    #expect(answer.contains("IDEMPOTENCY_KEY_INVALID"))
    #expect(try home.count(of: .gatewayPaymentAccepted) == 0)
  }

  @Test func `a key of 255 characters is taken, and two keys on one request are not`() throws {
    let daemon = try GatewayDaemon([:], home: try GatewayHome())
    defer { daemon.stop() }
    let long = String(repeating: "k", count: 255)
    #expect(try daemon.task(pay: "v1:0.01:proof123", key: long).status == 200)
    let two = try daemon.task(pay: "v1:0.01:proof124", key: "a", with: ["Idempotency-Key": "b"])
    #expect(try two.verdict == "400 IDEMPOTENCY_KEY_INVALID")
  }
}
