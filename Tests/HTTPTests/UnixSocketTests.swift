import Glibc
import HTTP
import Testing

/// The operator's socket: its file, its mode, and paths of any length.
@Suite struct UnixSocketTests {
  /// A folder of its own for one test.
  private func folder(_ name: String) -> String {
    let path = "/tmp/tollbook-http-\(getpid())-\(name)"
    mkdir(path, 0o700)
    return path
  }

  private func client(_ path: String) -> Client {
    Client(
      address: .unix(path: path), host: "tollbook", limits: ClientLimits(), keepsAlive: false)
  }

  @Test(arguments: [10, 150])
  func `a socket of any path length is private, answers, and is removed`(length: Int) throws {
    let base = folder("unix\(length)")
    let deep = base + "/" + String(repeating: "d", count: length)
    mkdir(deep, 0o700)
    let path = deep + "/tollbook.sock"
    let server = try TestServer(at: "unix:\(path)")
    var information = stat()
    #expect(lstat(path, &information) == 0)
    #expect(information.st_mode & 0o777 == 0o600)
    let answer = try client(path).send(.get("/hello"), deadlineMilliseconds: 5000)
    #expect(answer.body == Array("hello".utf8))
    #expect(try server.completed.wait(for: 1).map(\.peer) == [.unix(uid: getuid())])
    server.server.stop()
    #expect(lstat(path, &information) != 0)
    rmdir(deep)
    rmdir(base)
  }

  @Test func `a stale socket is replaced, a live one and other files are not`() throws {
    let base = folder("stale")
    let path = base + "/s"
    let live = try TestServer(at: "unix:\(path)")
    #expect(throws: ListenError.addressInUse(.unix(path: path))) {
      try TestServer(at: "unix:\(path)")
    }
    // A second name keeps the file when its server has gone.
    link(path, base + "/kept")
    live.server.stop()
    let next = try TestServer(at: "unix:\(base)/kept")
    let answer = try client(base + "/kept").send(.get("/hello"), deadlineMilliseconds: 5000)
    #expect(answer.status == 200)
    next.server.stop()
    close(open(path, O_CREAT | O_WRONLY, 0o600))
    #expect(throws: ListenError.notASocket(path: path)) { try TestServer(at: "unix:\(path)") }
    unlink(path)
    rmdir(base)
  }

  @Test func `a port in use is named`() throws {
    let server = try TestServer()
    let address = try #require(server.server.addresses["test"])
    #expect(throws: ListenError.addressInUse(address)) {
      try TestServer(at: address.description)
    }
  }
}

/// Listening on IPv6, where the machine has it.
@Suite struct InternetSocketTests {
  private static var hasIPv6: Bool {
    let probe = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(probe) }
    var place = sockaddr_in6()
    place.sin6_family = sa_family_t(AF_INET6)
    place.sin6_addr = in6addr_loopback
    return withUnsafePointer(to: place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(probe, $0, socklen_t(MemoryLayout<sockaddr_in6>.size)) == 0
      }
    }
  }

  @Test(.enabled(if: hasIPv6))
  func `an IPv6 listener answers and names its peer`() throws {
    let server = try TestServer(at: "[::1]:0")
    let address = try #require(server.server.addresses["test"])
    let client = Client(
      address: address, host: address.description, limits: ClientLimits(), keepsAlive: false)
    #expect(try client.send(.get("/hello"), deadlineMilliseconds: 5000).status == 200)
    let peer = try #require(try server.completed.wait(for: 1).first?.peer)
    #expect(peer.isLoopback)
    #expect(peer.description.hasPrefix("[::1]:"))
  }

  @Test func `one server holds several listeners, each with its own routes`() throws {
    let loopback = try #require(ListenAddress("127.0.0.1:0"))
    let server = try Server(
      listeners: ["one", "two"].map { name in
        Listener(name: name, address: loopback) { $0.respond(.text(200, $0.request.listener)) }
      }, configuration: ServerConfiguration(makeRequestID: { "req-fresh" }))
    try server.start()
    defer { server.stop() }
    for name in ["one", "two"] {
      let client = Client(
        address: try #require(server.addresses[name]), host: "a", limits: ClientLimits(),
        keepsAlive: false)
      let answer = try client.send(.get("/"), deadlineMilliseconds: 5000)
      #expect(String(decoding: answer.body, as: UTF8.self) == name)
    }
    #expect(throws: ListenError.duplicateName("one")) {
      try Server(
        listeners: ["one", "one"].map { name in
          Listener(name: name, address: loopback) { $0.respond(.text(200, name)) }
        }, configuration: ServerConfiguration(makeRequestID: { "req-fresh" }))
    }
  }
}
