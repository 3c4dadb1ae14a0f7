/// The other end of a connection as the kernel names it.
public enum PeerAddress: Hashable, Sendable, CustomStringConvertible {
  case ip(IPAddress, port: UInt16)
  /// A process of the same user on this machine.
  case unix(uid: UInt32)

  /// The address without its port, nil for a unix socket.
  public var address: IPAddress? {
    switch self {
    case .ip(let address, _): address
    case .unix: nil
    }
  }

  /// Whether the other end is on this machine.
  public var isLoopback: Bool {
    switch self {
    case .ip(let address, _): address.isLoopback
    case .unix: true
    }
  }

  /// Address and port as a log line shows them.
  public var description: String {
    switch self {
    case .ip(let address, let port):
      address.isV4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    case .unix(let uid): "unix:\(uid)"
    }
  }
}
