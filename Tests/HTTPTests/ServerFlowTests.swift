import Glibc
import HTTP
import Testing

/// Order, back-pressure, many connections, and the end of a server.
@Suite struct ServerFlowTests {
  private func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n" }

  @Test func `pipelined requests are answered in order whoever is late`() throws {
    let server = try TestServer(respond: { exchange in
      let path = exchange.request.path
      if path.hasSuffix("0") || path.hasSuffix("5") {
        onAnotherThread {
          usleep(2000)
          exchange.respond(.text(200, "[\(path)]"))
        }
      } else {
        exchange.respond(.text(200, "[\(path)]"))
      }
    })
    let wire = try server.wire()
    wire.send((0..<40).map { get("/\($0)") }.joined())
    let answer = try wire.until("[/39]")
    let bodies = answer.split(separator: "[").dropFirst().map { $0.prefix { $0 != "]" } }
    #expect(bodies == (0..<40).map { "/\($0)" }[...].map { $0[...] })
  }

  @Test func `answers released as a batch reach their connections`() throws {
    let waiting = Box<Exchange>()
    let server = try TestServer(respond: { waiting.put($0) })
    let wires = try (0..<20).map { _ in try server.wire() }
    for (index, wire) in wires.enumerated() { wire.send(get("/\(index)")) }
    let exchanges = try waiting.wait(for: 20)
    Exchange.respond(exchanges.map { ($0, .text(200, "<\($0.request.path)>")) })
    for (index, wire) in wires.enumerated() {
      #expect(try wire.until(">").hasSuffix("</\(index)>"))
    }
  }

  @Test func `an answer given in the responder of another request is sent`() throws {
    let waiting = Box<Exchange>()
    let server = try TestServer(respond: { exchange in
      if exchange.request.path == "/wait" {
        waiting.put(exchange)
      } else {
        let isFirst = exchange.request.path == "/first"
        if !isFirst { for other in waiting.all { other.respond(.text(200, "woken")) } }
        exchange.respond(.text(200, isFirst ? "first" : "waker"))
      }
    })
    let sleeper = try server.wire()
    sleeper.send(get("/wait"))
    _ = try waiting.wait(for: 1)
    let waker = try server.wire()
    // The first answer is still gathered, unsent, when the second wakes the sleeper.
    waker.send(get("/first") + get("/wake"))
    #expect(try waker.until("waker").contains("first"))
    let answer = try sleeper.until("woken")
    #expect(status(of: answer) == 200)
    #expect(!answer.contains("first"))
  }

  @Test func `a slow reader gets every byte`() throws {
    let server = try TestServer()
    let wire = try Wire(server.server.addresses["test"], receiveBuffer: 4096)
    wire.send(get("/big") + get("/hello"))
    usleep(50_000)
    var total = 0
    var tail = ""
    while !tail.hasSuffix("hello") {
      let bytes = try #require(try wire.some())
      total += bytes.count
      tail = String(decoding: bytes.suffix(5), as: UTF8.self)
    }
    #expect(total > 8_000_000)
    #expect(try server.completed.wait(for: 2).map(\.isDelivered) == [true, true])
  }

  @Test func `a client that resets is forgotten and reported`() throws {
    let waiting = Box<Exchange>()
    let server = try TestServer(respond: { waiting.put($0) })
    let wire = try server.wire()
    wire.send(get("/gone"))
    let exchange = try #require(try waiting.wait(for: 1).first)
    wire.shut(resetting: true)
    while server.server.openConnections > 0 { usleep(1000) }
    exchange.respond(.text(200, "nobody"))
    let report = try #require(try server.completed.wait(for: 1).first)
    #expect(!report.isDelivered)
    #expect(report.status == 200)
  }

  @Test func `a flood of pipelined requests waits in the kernel`() throws {
    let waiting = Box<Exchange>()
    let server = try TestServer(respond: { waiting.put($0) })
    let wire = try server.wire()
    onAnotherThread {
      wire.sendQuietly(String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: 2000))
    }
    _ = try waiting.wait(for: 1)
    usleep(20_000)
    #expect(waiting.all.count == 1)
    var answered = 0
    while answered < 2000 {
      let known = try waiting.wait(for: answered + 1)
      known[answered].respond(.text(200, "x"))
      answered += 1
    }
    _ = try wire.until("\r\n\r\nx", times: 2000)
  }

  @Test func `a thousand idle connections are held and one more is served`() throws {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = min(limit.rlim_max, 8192)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let server = try TestServer()
    let idle = try (0..<1000).map { _ in try server.wire() }
    let wire = try server.wire()
    wire.send(get("/hello"))
    #expect(try wire.until("hello").contains("200 OK"))
    idle[500].send(get("/hello"))
    #expect(try idle[500].until("hello").contains("200 OK"))
  }

  @Test func `connections past the limit wait until one closes`() throws {
    let server = try TestServer { $0.limits.connections = 1 }
    let first = try server.wire()
    first.send(get("/hello"))
    _ = try first.until("hello")
    let second = try server.wire()
    second.send(get("/hello"))
    usleep(20_000)
    #expect(server.server.openConnections == 1)
    first.shut()
    #expect(try second.until("hello").contains("200 OK"))
  }

  @Test func `a drain finishes what is in flight and closes what rests`() throws {
    let waiting = Box<Exchange>()
    let server = try TestServer(respond: { waiting.put($0) })
    let busy = try server.wire()
    busy.send(get("/busy"))
    let exchange = try #require(try waiting.wait(for: 1).first)
    let resting = try server.wire()
    let done = Box<Bool>()
    let inner = server.server
    onAnotherThread { done.put(inner.drain(deadlineMilliseconds: 3_600_000)) }
    #expect(try resting.isClosedByPeer())
    #expect(done.all.isEmpty)
    exchange.respond(.text(200, "finished"))
    let answer = try busy.untilEnd()
    #expect(answer.contains("Connection: close\r\n"))
    #expect(answer.hasSuffix("finished"))
    #expect(try done.wait(for: 1) == [true])
    #expect(throws: WireFault.self) { try server.wire() }
  }

  @Test func `a drain ends at its deadline`() throws {
    let waiting = Box<Exchange>()
    let server = try TestServer(respond: { waiting.put($0) })
    let wire = try server.wire()
    wire.send(get("/stuck"))
    _ = try waiting.wait(for: 1)
    #expect(!server.server.drain(deadlineMilliseconds: 30))
    #expect(try wire.isClosedByPeer())
  }

  @Test func `work is posted to the loop in order and refused after its end`() throws {
    let seen = Box<Int>()
    let server = try TestServer()
    for number in 0..<100 { server.server.post { seen.put(number) } }
    #expect(try seen.wait(for: 100) == Array(0..<100))
    server.server.stop()
    #expect(!server.server.post { seen.put(100) })
  }
}

extension Wire: @unchecked Sendable {
  /// Sends from a thread of its own while the test reads.
  func sendQuietly(_ text: String) { send(text) }
}
