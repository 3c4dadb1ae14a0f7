/// One accepted connection; only the loop thread touches it.
final class Connection {
  /// What the connection is waiting for.
  enum Stage {
    /// For bytes of a request.
    case reading
    /// For the answer to the one request in flight.
    case answering
    /// For the last answer to leave; then it is closed.
    case closing
    /// For the peer to read an error answer and close; what it still sends is dropped.
    case lingering
    case closed
  }

  let token: ConnectionToken
  let peer: PeerAddress
  let listener: Int
  var stage = Stage.reading
  var parser: RequestParser
  /// Bytes of answers that the socket would not take yet, from `unsentStart` on.
  var unsent: [UInt8] = []
  var unsentStart = 0
  /// Answers whose last byte has not been handed to the socket.
  var completions: [CompletedRequest] = []
  /// When the first byte of the current request was read, 0 between requests.
  var requestStart: UInt64 = 0
  /// When the head of the current request was complete, 0 before.
  var headEnd: UInt64 = 0
  /// When the connection is given up; the far end of time for never.
  var deadline = UInt64.max
  /// The earliest heap entry that will look at this connection.
  var watchedAt = UInt64.max
  /// The event bits asked of epoll.
  var interest: UInt32
  /// Bytes that this connection counts for in the loop's body memory.
  var countedBytes = 0
  var hasSentContinue = false
  /// Whether unread input may still come, so that closing at once could destroy an answer.
  var mustLinger = false

  init(
    token: ConnectionToken, peer: PeerAddress, listener: Int, parser: RequestParser,
    interest: UInt32
  ) {
    self.token = token
    self.peer = peer
    self.listener = listener
    self.parser = parser
    self.interest = interest
  }

  var hasUnsent: Bool { unsentStart < unsent.count }
}
