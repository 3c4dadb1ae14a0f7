/// What one request may cost; the parser's share of the server's limits.
public struct RequestLimits: Sendable, Equatable {
  /// Bytes of the request line without its CRLF; one more is 414.
  public var requestLineBytes = 8 * 1024
  /// Bytes of all header lines with their CRLFs; one more is 431.
  public var headerBytes = 32 * 1024
  /// Header fields; one more is 431.
  public var headerCount = 100
  /// Bytes of a body after unchunking; one more is 413. A route may set its own.
  public var bodyBytes = 1024 * 1024
  /// Bytes of one chunk-size line without its CRLF; one more is 400.
  public var chunkLineBytes = 256
  /// Bytes of all chunk extensions of one body; one more is 400.
  public var chunkExtensionBytes = 4096

  /// The limits above.
  public init() {}
}

/// Everything that a stranger could grow or hold open, with its bound.
public struct ServerLimits: Sendable, Equatable {
  /// The bounds of one request.
  public var request = RequestLimits()
  /// Milliseconds from the first byte of a request to the end of its head; then 408.
  public var headerMilliseconds = 10_000
  /// Milliseconds from the end of the head to the end of the body; then 408.
  public var bodyMilliseconds = 30_000
  /// Milliseconds a connection may rest between requests; then it is closed.
  public var idleMilliseconds = 75_000
  /// Milliseconds for a reader to take a whole answer; then the connection is reset.
  public var writeMilliseconds = 30_000
  /// Milliseconds that unread input is discarded after an error answer, so that it arrives.
  public var lingerMilliseconds = 2_000
  /// Open TCP connections; more wait in the kernel's queue. Unix sockets are let in.
  public var connections = 10_000
  /// Bytes of request bodies in memory over all connections; a body past it is 503.
  public var bodyBytesInFlight = 64 * 1024 * 1024
  /// Bytes of finished answers to gather before they are sent, while requests are pipelined.
  public var pipelineBytes = 64 * 1024

  /// The limits above.
  public init() {}
}
