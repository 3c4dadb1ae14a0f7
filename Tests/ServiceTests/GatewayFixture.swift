import Glibc
import HTTP
import JSON
import Journal
import Ledger
import Service
import Synchronization

/// A folder of its own for one test, removed at the end.
final class GatewayHome: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/tollbook-gateway-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw GatewayTestFault.noFolder }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { GatewayHome.remove(path) }

  /// The log's folder.
  var ledger: String { path + "/data/ledger" }

  /// The bytes of a file below the home; empty when there is none.
  func bytes(_ name: String) throws -> [UInt8] {
    try Files.read(path + "/" + name, limit: 1 << 28) ?? []
  }

  func text(_ name: String) throws -> String {
    String(decoding: try bytes(name), as: UTF8.self)
  }

  /// Every record of the log, read from the files.
  func records() throws -> [Record] {
    var records: [Record] = []
    let reader = try LogReader(try POSIXDisk(folder: ledger), whileWriting: false)
    try reader.records(from: 1, until: .end) { record in
      records.append(record)
      return true
    }
    return records
  }

  func count(of type: EventType) throws -> Int {
    try records().count { $0.event.type == type }
  }

  private static func remove(_ path: String) {
    chmod(path, 0o700)
    if let folder = opendir(path) {
      defer { closedir(folder) }
      while let entry = readdir(folder) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in
          String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != "." && name != ".." { remove(path + "/" + name) }
      }
    }
    _ = Glibc.remove(path)
  }
}

enum GatewayTestFault: Error {
  case noFolder, noPort, notConnected, silence, notJSON
}

/// Two clocks that move only when they are told to.
final class GatewayClock: Sendable {
  private let wallTime: Atomic<Int64>
  private let bootTime = Atomic<Int64>(1_000_000)

  init(_ start: Timestamp) { wallTime = Atomic(start.milliseconds) }

  var clocks: Clocks {
    Clocks(
      wall: { Timestamp(milliseconds: self.wallTime.load(ordering: .sequentiallyConsistent)) },
      boot: { self.bootTime.load(ordering: .sequentiallyConsistent) })
  }

  func advance(milliseconds: Int64) {
    wallTime.add(milliseconds, ordering: .sequentiallyConsistent)
    bootTime.add(milliseconds, ordering: .sequentiallyConsistent)
  }

  /// Moves the wall clock alone, as somebody who sets it does.
  func jump(milliseconds: Int64) {
    wallTime.add(milliseconds, ordering: .sequentiallyConsistent)
  }
}

/// A whole daemon on free ports of the loopback, and ways to ask it.
final class GatewayDaemon: Sendable {
  let home: GatewayHome
  private let daemon: Daemon
  private let server: Server

  /// - Parameter settings: over those that every test has: port 0, fake book, no log output.
  init(_ settings: [String: String], home: GatewayHome, clocks: Clocks = .system) throws {
    self.home = home
    daemon = try Daemon(
      try GatewayDaemon.configuration(settings, home: home.path), clocks: clocks,
      onLost: { _ in })
    server = try daemon.listen()
  }

  static func configuration(_ settings: [String: String], home: String) throws -> Configuration {
    var environment = [
      "TOLLBOOK_GATEWAY": "127.0.0.1:0", "TOLLBOOK_API": "127.0.0.1:0",
      "TOLLBOOK_METRICS": "127.0.0.1:0", "TOLLBOOK_LOG_STDOUT": "false",
      "TOLLBOOK_MIN_FREE_MB": "0",
    ]
    environment.merge(settings) { _, new in new }
    return try Configuration(
      home: home, sources: ConfigurationSources(flags: [], environment: environment, file: nil))
  }

  /// Ends as SIGTERM would.
  func stop() { daemon.end(server, deadlineMilliseconds: 5_000) }

  /// Reads the route table again, as SIGHUP does.
  func reloadRoutes() { daemon.reloadRoutes() }

  /// Returns when all that was decided so far is on the disk.
  func settle() throws { _ = try get("/metrics", on: "socket") }

  func port(_ listener: String) throws -> UInt16 {
    guard let port = server.addresses[listener]?.port else { throw GatewayTestFault.noPort }
    return port
  }

  /// Sends one request on a connection of its own.
  func send(_ request: ClientRequest, to listener: String) throws -> Response {
    guard let address = server.addresses[listener] else { throw GatewayTestFault.noPort }
    let client = Client(
      address: address, host: "127.0.0.1", limits: ClientLimits(), keepsAlive: false)
    return try client.send(request, deadlineMilliseconds: 30_000)
  }

  func get(_ target: String, on listener: String = "gateway", _ headers: Headers = Headers())
    throws -> Response
  {
    try send(ClientRequest(method: .get, target: target, headers: headers, body: []), to: listener)
  }

  /// `POST /agent/task`.
  func task(
    pay payment: String?, key: String? = nil, body: String = #"{"task":"test"}"#,
    with more: Headers = Headers()
  ) throws -> Response {
    let request = GatewayDaemon.taskRequest(pay: payment, key: key, body: body, with: more)
    return try send(request, to: "gateway")
  }

  static func taskRequest(
    pay payment: String?, key: String?, body: String, with more: Headers
  ) -> ClientRequest {
    var headers = more
    if !headers.contains("Content-Type") { headers.append("Content-Type", "application/json") }
    if let payment { headers.append("X-Payment", payment) }
    if let key { headers.append("Idempotency-Key", key) }
    return ClientRequest(
      method: .post, target: "/agent/task", headers: headers, body: Array(body.utf8))
  }

  /// Sends one command line as a tool does; gives the `status` of its reply.
  func command(_ line: String) throws -> String? {
    let request = ClientRequest(
      method: .post, target: "/commands", headers: ["Content-Type": "application/jsonl"],
      body: Array(line.utf8))
    return try send(request, to: "socket").member("status")
  }

  /// The operator's token as the command line reads it.
  func token() throws -> String {
    String(try home.text("data/secrets/operator-token").dropLast())
  }
}

extension Response {
  var text: String { String(decoding: body, as: UTF8.self) }

  /// A member of the JSON body by its path, e.g. `error.code`; numbers and flags as written.
  func member(_ path: String) throws -> String? {
    var value = try JSONParser.parse(body, limits: .standard)
    for name in path.split(separator: ".") {
      guard let next = value.object?[Text(String(name))] else { return nil }
      value = next
    }
    switch value {
    case .string(let text): return text.string
    case .number(let number): return number.text.string
    case .bool(let flag): return flag ? "true" : "false"
    case .null: return "null"
    case .array, .object: return nil
    }
  }

  /// `200`, or status and code of a refusal.
  var verdict: String {
    get throws {
      let code = try status < 400 ? nil : member("error.code") ?? member("code")
      return code.map { "\(status) \($0)" } ?? "\(status)"
    }
  }
}

/// Runs the body so many times at once, each on a thread of its own, and gives all results.
func simultaneously<Value: Sendable>(
  _ count: Int, _ body: @escaping @Sendable (Int) throws -> Value
) throws -> [Value] {
  let done = Semaphore()
  let gathered = GatewayResults<Value>()
  for index in 0..<count {
    let started = Threads.start {
      let result = Result { try body(index) }
      gathered.results.withLock { $0.append(result) }
      done.signal()
    }
    guard started else { throw GatewayTestFault.silence }
  }
  for _ in 0..<count { done.wait() }
  return try gathered.results.withLock { $0 }.map { try $0.get() }
}

/// Where the threads of a test leave what they got.
private final class GatewayResults<Value: Sendable>: Sendable {
  let results = Mutex<[Result<Value, any Error>]>([])
}

/// Sends raw bytes to a port and gives everything that comes back until the end.
func rawExchange(port: UInt16, _ bytes: [UInt8]) throws -> String {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var place = sockaddr_in()
  place.sin_family = sa_family_t(AF_INET)
  place.sin_port = port.bigEndian
  place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  let code = withUnsafePointer(to: place) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  guard code == 0 else { throw GatewayTestFault.notConnected }
  var sent = 0
  while sent < bytes.count {
    let count = bytes[sent...].withUnsafeBytes {
      send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    // A server may refuse before it has read everything.
    if count <= 0 { break }
    sent += count
  }
  var all: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&poller, 1, 20_000) > 0 else { throw GatewayTestFault.silence }
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { return String(decoding: all, as: UTF8.self) }
    all += buffer[..<count]
  }
}
