import CSystem
import Glibc

/// A blocking HTTP/1.1 client over TCP or a unix socket, for one thread at a time.
///
/// One total deadline covers connecting, sending and reading. It follows no redirect and
/// retries nothing: whoever moves money decides about that.
public final class Client {
  /// Where to connect.
  private enum Endpoint {
    case address(ListenAddress)
    case name(String, port: UInt16)
  }

  private let endpoint: Endpoint
  private let host: String
  private let limits: ClientLimits
  private let keepsAlive: Bool
  private var descriptor: Int32 = -1

  /// A client of one address.
  ///
  /// - Parameters:
  ///   - host: the Host field, such as `127.0.0.1:3000`.
  ///   - keepsAlive: whether the connection is kept for the next request.
  public init(address: ListenAddress, host: String, limits: ClientLimits, keepsAlive: Bool) {
    endpoint = .address(address)
    self.host = host
    self.limits = limits
    self.keepsAlive = keepsAlive
  }

  /// A client of the origin of an `http://host[:port]` address; nil when it is malformed.
  ///
  /// A name is looked up by the system at each connect, the one wait that the deadline can
  /// only notice afterwards.
  public init?(origin: String, limits: ClientLimits, keepsAlive: Bool) {
    let bytes = Array(origin.utf8)
    let isSound = bytes.withUnsafeBytes { raw in
      raw.count > 7 && ByteClass.equal(UnsafeRawBufferPointer(rebasing: raw[..<7]), "http://")
        && HostField.isValid(UnsafeRawBufferPointer(rebasing: raw[7...]))
    }
    if !isSound { return nil }
    let host = String(decoding: bytes[7...], as: UTF8.self)
    self.host = host
    self.limits = limits
    self.keepsAlive = keepsAlive
    let hasPort = host.hasSuffix("]") ? false : host.contains(":")
    if let address = ListenAddress(hasPort ? host : host + ":80"), !host.hasPrefix(":") {
      endpoint = .address(address)
      return
    }
    let parts = host.split(separator: ":", maxSplits: 1)
    guard let port = hasPort && parts.count == 2 ? UInt16(parts[1]) : 80 else { return nil }
    endpoint = .name(String(parts[0]), port: port)
  }

  deinit { disconnect() }

  /// Sends one request and waits for its answer.
  ///
  /// - Throws: `ClientError`, whose case says whether the other side may have acted.
  public func send(
    _ request: ClientRequest, deadlineMilliseconds: Int
  ) throws(ClientError) -> Response {
    let deadline = later(deadlineMilliseconds, than: monotonicNanoseconds())
    guard let bytes = request.bytes(host: host, keepsAlive: keepsAlive)
    else { throw .notSent(.malformedRequest) }
    if descriptor >= 0 && hasStaleInput() { disconnect() }
    if descriptor < 0 { descriptor = try connect(until: deadline) }
    let parser = ResponseParser(limits: limits, isHead: request.method == .head)
    var transfer = ClientTransfer(descriptor, bytes, parser, deadline)
    do {
      let response = try transfer.run()
      if !keepsAlive || !transfer.mayReuse { disconnect() }
      return response
    } catch {
      disconnect()
      throw error
    }
  }

  /// Closes a kept connection.
  public func disconnect() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }

  /// A kept connection that is readable before a request was closed, or is out of step.
  private func hasStaleInput() -> Bool {
    var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&poller, 1, 0) != 0
  }

  private func connect(until deadline: UInt64) throws(ClientError) -> Int32 {
    switch endpoint {
    case .address(.tcp(let address, let port)): return try connect([(address, port)], deadline)
    case .address(.unix(let path)):
      let fd = cs_socket(AF_UNIX, 1)
      if fd < 0 { throw .notSent(.cannotConnect(errno: errno)) }
      guard let place = UnixPath(path) else {
        close(fd)
        throw .notSent(.cannotConnect(errno: ENOENT))
      }
      let code = place.with { Glibc.connect(fd, $0, $1) }
      return try finish(fd, code, deadline)
    case .name(let name, let port):
      let addresses = Client.lookUp(name)
      if addresses.isEmpty { throw .notSent(.nameNotFound(name)) }
      return try connect(addresses.map { ($0, port) }, deadline)
    }
  }

  /// Tries the addresses in order.
  private func connect(
    _ addresses: [(IPAddress, UInt16)], _ deadline: UInt64
  ) throws(ClientError) -> Int32 {
    var failure = ClientError.notSent(.cannotConnect(errno: EADDRNOTAVAIL))
    for (address, port) in addresses {
      let fd = cs_socket(address.isV4 ? AF_INET : AF_INET6, 1)
      if fd < 0 { throw .notSent(.cannotConnect(errno: errno)) }
      var on: Int32 = 1
      setsockopt(
        fd, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
      let code = SocketAddress(address, port: port).with { Glibc.connect(fd, $0, $1) }
      do {
        return try finish(fd, code, deadline)
      } catch {
        failure = error
        if error == .notSent(.timedOut) { throw error }
      }
    }
    throw failure
  }

  /// Waits for a connect that is under way; closes the descriptor when it fails.
  private func finish(
    _ fd: Int32, _ code: Int32, _ deadline: UInt64
  ) throws(ClientError) -> Int32 {
    if code == 0 { return fd }
    var problem = errno
    if problem == EINPROGRESS {
      var poller = pollfd(fd: fd, events: Int16(POLLOUT), revents: 0)
      guard wait(&poller, until: deadline) else {
        close(fd)
        throw .notSent(.timedOut)
      }
      var length = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &length)
      if problem == 0 { return fd }
    }
    close(fd)
    throw .notSent(.cannotConnect(errno: problem))
  }

  private static func lookUp(_ name: String) -> [IPAddress] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(name, nil, &hints, &list) == 0 else { return [] }
    defer { freeaddrinfo(list) }
    var found: [IPAddress] = []
    var next = list
    while let entry = next {
      if let address = entry.pointee.ai_addr {
        var storage = sockaddr_storage()
        let size = min(Int(entry.pointee.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
        memcpy(&storage, address, size)
        if case .ip(let ip, _)? = SocketAddress(storage).peer { found.append(ip) }
      }
      next = entry.pointee.ai_next
    }
    return found
  }
}

/// Waits for the events of one descriptor; false when the moment passes first.
private func wait(_ poller: inout pollfd, until deadline: UInt64) -> Bool {
  while true {
    let now = monotonicNanoseconds()
    if now >= deadline { return false }
    let milliseconds = Int32(min((deadline - now + 999_999) / 1_000_000, 60_000))
    if poll(&poller, 1, milliseconds) > 0 { return true }
  }
}

/// One request on its way out and one answer on its way in.
private struct ClientTransfer {
  private let descriptor: Int32
  private let bytes: [UInt8]
  private var sent = 0
  private var isSending = true
  private var parser: ResponseParser
  private let deadline: UInt64

  init(_ descriptor: Int32, _ bytes: [UInt8], _ parser: ResponseParser, _ deadline: UInt64) {
    self.descriptor = descriptor
    self.bytes = bytes
    self.parser = parser
    self.deadline = deadline
  }

  /// Whether the connection is in step after the answer.
  var mayReuse: Bool { parser.keepsAlive && sent == bytes.count }

  /// Sends and reads at the same time: a server may refuse a body before it has all of it.
  mutating func run() throws(ClientError) -> Response {
    while true {
      let wanted = isSending ? POLLIN | POLLOUT : POLLIN
      var poller = pollfd(fd: descriptor, events: Int16(wanted), revents: 0)
      guard wait(&poller, until: deadline) else { throw failure(.timedOut) }
      if isSending && poller.revents & Int16(POLLOUT) != 0 { sendSome() }
      let readable = Int16(POLLIN | POLLHUP | POLLERR)
      if poller.revents & readable != 0, let response = try readSome() { return response }
    }
  }

  private mutating func sendSome() {
    let count = bytes.withUnsafeBytes { raw in
      let rest = UnsafeRawBufferPointer(rebasing: raw[sent...])
      return Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
    }
    if count > 0 { sent += count }
    // After a broken pipe there may still be an answer to read.
    let isBroken = count < 0 && errno != EAGAIN && errno != EINTR
    if isBroken || sent == bytes.count { isSending = false }
  }

  private mutating func readSome() throws(ClientError) -> Response? {
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    if count < 0 {
      if errno == EAGAIN || errno == EINTR { return nil }
      throw failure(.connectionLost(errno: errno))
    }
    switch count == 0 ? parser.end() : parser.feed(buffer[..<count]) {
    case .needMore: return nil
    case .response(let response): return response
    case .tooLarge: throw failure(.tooLarge)
    case .failed(let text):
      throw failure(count == 0 ? .connectionLost(errno: 0) : .unreadable(text))
    }
  }

  private func failure(_ reason: ClientError.Reason) -> ClientError {
    sent == 0 ? .notSent(reason) : .sentWithoutAnswer(reason)
  }
}
