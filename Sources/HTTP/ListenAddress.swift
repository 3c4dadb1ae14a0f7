/// Where a server listens or a client connects.
public enum ListenAddress: Hashable, Sendable, CustomStringConvertible {
  /// An address and a port; port 0 lets the kernel choose one.
  case tcp(IPAddress, port: UInt16)
  /// The path of a unix-domain stream socket, of any length.
  case unix(path: String)

  /// Reads `127.0.0.1:3000`, `[::1]:3000`, `localhost:3000`, `:3000` (loopback), `*:3000`
  /// (every IPv4 address) or `unix:/path`; nil when malformed.
  public init?(_ text: String) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst(5))
      if path.isEmpty || path.utf8.contains(0) { return nil }
      self = .unix(path: path)
      return
    }
    guard let colon = text.lastIndex(of: ":") else { return nil }
    let digits = text[text.index(after: colon)...]
    guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy(ByteClass.isDigit),
      let port = UInt16(digits)
    else { return nil }
    let host = text[..<colon]
    switch host {
    case "", "localhost": self = .tcp(IPAddress(v4: 0x7F00_0001), port: port)
    case "*": self = .tcp(IPAddress(v4: 0), port: port)
    default:
      let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
      let bare = isBracketed ? String(host.dropFirst().dropLast()) : String(host)
      guard let address = IPAddress(bare), isBracketed == bare.utf8.contains(ByteClass.colon)
      else { return nil }
      self = .tcp(address, port: port)
    }
  }

  /// Whether only this machine can reach it.
  public var isLoopback: Bool {
    switch self {
    case .tcp(let address, _): address.isLoopback
    case .unix: true
    }
  }

  /// The port, nil for a unix socket.
  public var port: UInt16? {
    switch self {
    case .tcp(_, let port): port
    case .unix: nil
    }
  }

  /// The address as `init` reads it.
  public var description: String {
    switch self {
    case .tcp(let address, let port):
      address.isV4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }
}

/// Why a listener could not be opened.
public enum ListenError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Another process listens there.
  case addressInUse(ListenAddress)
  /// A file that is not a socket stands at the path.
  case notASocket(path: String)
  /// A system call failed; `errno` says why.
  case failed(ListenAddress, call: String, errno: Int32)
  /// Two listeners share a name.
  case duplicateName(String)
  /// The event loop itself could not be set up.
  case loop(call: String, errno: Int32)

  /// The sentence for an operator.
  public var description: String {
    switch self {
    case .addressInUse(let address): "\(address) is in use by another process"
    case .notASocket(let path): "\(path) exists and is not a socket; it is left alone"
    case .failed(let address, let call, let code):
      "cannot listen on \(address): \(call): \(systemError(code))"
    case .duplicateName(let name): "two listeners are named \(name)"
    case .loop(let call, let code): "cannot start the event loop: \(call): \(systemError(code))"
    }
  }
}
