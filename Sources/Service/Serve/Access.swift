internal import Digest
internal import Glibc
package import HTTP

/// Who may see and do what: public paths, loopback, and the operator's token.
package struct Access: Sendable {
  private let token: [UInt8]
  private let proxies: [AddressBlock]

  package init(token: String, trustedProxies: [AddressBlock]) {
    self.token = Array(token.utf8)
    proxies = trustedProxies
  }

  /// The client behind a request: its peer, or the last address before a trusted proxy.
  package func client(_ request: Request) -> ClientAddress {
    ClientAddress(peer: request.peer, headers: request.headers, trustedProxies: proxies)
  }

  /// Whether the request may read what is not public: from loopback, or with the token.
  package func mayRead(_ request: Request) -> Bool {
    client(request).isLoopback || hasToken(request)
  }

  /// Whether the request may write as the operator: with the token, or over the socket.
  package func mayWrite(_ request: Request) -> Bool {
    request.listener == DaemonListener.socket || hasToken(request)
  }

  private func hasToken(_ request: Request) -> Bool {
    guard let header = request.headers["Authorization"] else { return false }
    let bytes = Array(header.utf8)
    let scheme = Array("bearer ".utf8)
    guard bytes.count > scheme.count,
      zip(bytes, scheme).allSatisfy({ $0 | 0x20 == $1 | 0x20 })
    else { return false }
    return constantTimeEqual(Array(bytes[scheme.count...]), token)
  }
}

/// The names of the daemon's listeners.
package enum DaemonListener {
  package static let gateway = "gateway"
  package static let api = "api"
  package static let metrics = "metrics"
  package static let socket = "socket"
}

/// The operator's token: made at the first start, read from there by the command line.
package enum OperatorToken {
  /// Reads `data/secrets/operator-token`, or makes it: 64 hex digits, mode 0600.
  package static func load(home: String) throws(ServeError) -> String {
    let folder = home + "/data/secrets"
    let path = folder + "/operator-token"
    do throws(FileError) {
      if let known = try Files.read(path, limit: 4_096) {
        let token = String(decoding: known.filter { $0 > 0x20 }, as: UTF8.self)
        if token.utf8.count >= 32 {
          try Files.keepPrivate(path)
          return token
        }
        throw FileError(path, reason: "is not a token; remove it to get a new one")
      }
      var generator = SystemRandomNumberGenerator()
      let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let token = Hex.encode(bytes)
      try Files.makeFolder(folder, mode: 0o700)
      try Files.replace(path, with: Array((token + "\n").utf8), mode: 0o600)
      return token
    } catch {
      throw ServeError.unusable(error.path, error.reason)
    }
  }
}
