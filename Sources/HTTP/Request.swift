/// One request as a responder sees it.
public struct Request: Sendable {
  /// Method, target and header fields.
  public let head: RequestHead
  /// The whole body, unchunked.
  public let body: [UInt8]
  /// The other end of the connection, before any forwarding header.
  public let peer: PeerAddress
  /// The name of the listener that it came in by.
  public let listener: String
  /// The caller's `X-Request-Id` where it is well-formed, else a fresh one.
  public let requestID: String
  /// The caller's trace, nil when absent or malformed.
  public let traceParent: TraceParent?
  /// The loop's clock when the first byte was read, in nanoseconds.
  public let receivedAt: UInt64

  /// A request from its parts, as the server or a test of a route makes it.
  public init(
    head: RequestHead, body: [UInt8], peer: PeerAddress, listener: String, requestID: String,
    traceParent: TraceParent?, receivedAt: UInt64
  ) {
    self.head = head
    self.body = body
    self.peer = peer
    self.listener = listener
    self.requestID = requestID
    self.traceParent = traceParent
    self.receivedAt = receivedAt
  }

  /// The method of the head.
  public var method: Method { head.method }
  /// The header fields of the head.
  public var headers: Headers { head.headers }
  /// The request target as sent.
  public var target: String { head.target }
  /// The raw path, still percent-encoded.
  public var path: String { head.path }
  /// The raw query without its `?`, nil when there is none.
  public var query: String? { head.query }

  /// The same request without its body, for those who only log it.
  var withoutBody: Request {
    Request(
      head: head, body: [], peer: peer, listener: listener, requestID: requestID,
      traceParent: traceParent, receivedAt: receivedAt)
  }

  /// Whether a caller's request id may be taken over: 1 to 128 bytes of `[A-Za-z0-9._:-]`.
  public static func isWellFormedID(_ text: some Collection<UInt8>) -> Bool {
    guard text.count >= 1, text.count <= 128 else { return false }
    return text.allSatisfy { byte in
      switch byte {
      case 0x30...0x3A, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
      default: false
      }
    }
  }
}
