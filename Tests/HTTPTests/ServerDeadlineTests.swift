import HTTP
import Testing

/// Total deadlines, by a clock that only the test moves.
@Suite struct ServerDeadlineTests {
  private func start(_ hand: HandClock) throws -> TestServer {
    try TestServer { $0.clock = hand.clock }
  }

  /// Moves the clock and lets the loop look at it.
  private func pass(_ milliseconds: UInt64, _ hand: HandClock, _ server: TestServer) throws {
    hand.advance(milliseconds: milliseconds)
    try settle(server)
  }

  /// Returns when the loop has gone round after everything sent so far.
  private func settle(_ server: TestServer) throws {
    for _ in 0..<3 {
      let done = Box<Bool>()
      server.server.post { done.put(true) }
      _ = try done.wait(for: 1)
    }
  }

  @Test func `a head that is not complete in time is answered with 408`() throws {
    let hand = HandClock()
    let server = try start(hand)
    let wire = try server.wire()
    wire.send("GET /hello HTTP/1.1\r\n")
    try settle(server)
    try pass(9_000, hand, server)
    wire.send("X: drip\r\n")
    try settle(server)
    try pass(999, hand, server)
    #expect(server.server.openConnections == 1)
    try pass(1, hand, server)
    let answer = try wire.untilEnd()
    #expect(status(of: answer) == 408)
    #expect(answer.contains("REQUEST_TIMEOUT"))
  }

  @Test func `a body that is not complete in time is answered with 408`() throws {
    let hand = HandClock()
    let server = try start(hand)
    let wire = try server.wire()
    wire.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nX-Request-Id: mine\r\nContent-Length: 9\r\n\r\n")
    try settle(server)
    try pass(29_000, hand, server)
    wire.send("drip")
    try settle(server)
    try pass(999, hand, server)
    #expect(server.server.openConnections == 1)
    try pass(1, hand, server)
    let answer = try wire.untilEnd()
    #expect(status(of: answer) == 408)
    #expect(answer.contains("X-Request-Id: mine\r\n"))
  }

  @Test func `an idle connection is closed without a word`() throws {
    let hand = HandClock()
    let server = try start(hand)
    let wire = try server.wire()
    wire.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
    _ = try wire.until("hello")
    try settle(server)
    try pass(74_999, hand, server)
    #expect(server.server.openConnections == 1)
    try pass(1, hand, server)
    #expect(try wire.untilEnd() == "")
  }

  @Test func `a reader that never reads is given up`() throws {
    let hand = HandClock()
    let server = try start(hand)
    let wire = try Wire(server.server.addresses["test"], receiveBuffer: 4096)
    wire.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
    while server.server.requestsInFlight > 0 || server.server.openConnections == 0 {}
    try settle(server)
    _ = try wire.some()
    try settle(server)
    try pass(29_999, hand, server)
    #expect(server.server.openConnections == 1)
    try pass(1, hand, server)
    try settle(server)
    #expect(server.server.openConnections == 0)
    #expect(try server.completed.wait(for: 1).map(\.isDelivered) == [false])
  }

  @Test func `a request in flight has no deadline of the server's`() throws {
    let hand = HandClock()
    let waiting = Box<Exchange>()
    let server = try TestServer(
      adjust: { $0.clock = hand.clock }, respond: { waiting.put($0) })
    let wire = try server.wire()
    wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    let exchange = try #require(try waiting.wait(for: 1).first)
    try pass(3_600_000, hand, server)
    exchange.respond(.text(200, "patience"))
    #expect(try wire.until("patience").contains("200 OK"))
    let report = try #require(try server.completed.wait(for: 1).first)
    #expect(report.latencyMicroseconds == 3_600_000_000)
  }

  @Test func `the tick is called when a second has passed`() throws {
    let hand = HandClock()
    let ticks = Box<Bool>()
    let server = try TestServer {
      $0.clock = hand.clock
      $0.onTick = { ticks.put(true) }
    }
    try settle(server)
    #expect(ticks.all.isEmpty)
    try pass(1000, hand, server)
    #expect(ticks.all.count == 1)
  }

  @Test func `bodies in memory are bounded over all connections`() throws {
    let server = try TestServer { $0.limits.bodyBytesInFlight = 1000 }
    let first = try server.wire()
    let head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 901\r\n\r\n"
    first.send(head + String(repeating: "a", count: 900))
    try settle(server)
    let second = try server.wire()
    second.send(head + String(repeating: "b", count: 101))
    let answer = try second.untilEnd()
    #expect(status(of: answer) == 503)
    #expect(answer.contains("Retry-After: 1\r\n"))
    first.send("a")
    #expect(try first.until("aaa").contains("200 OK"))
  }
}
