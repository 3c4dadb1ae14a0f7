/// A place to listen and who answers there.
public struct Listener: Sendable {
  /// Unique in a server; requests carry it.
  public let name: String
  /// Where to listen.
  public let address: ListenAddress
  let respond: @Sendable (Exchange) -> Void
  let bodyLimit: @Sendable (RequestHead) -> Int?

  /// A listener whose requests a router answers.
  public init(name: String, address: ListenAddress, router: Router) {
    self.name = name
    self.address = address
    respond = { router.respond($0) }
    bodyLimit = { router.bodyLimit(for: $0) }
  }

  /// A listener whose requests one closure answers, on the loop thread.
  public init(
    name: String, address: ListenAddress, respond: @escaping @Sendable (Exchange) -> Void
  ) {
    self.name = name
    self.address = address
    self.respond = respond
    bodyLimit = { _ in nil }
  }
}

/// The clocks that a server reads, so that tests can hold time in their hands.
public struct ServerClock: Sendable {
  /// Nanoseconds that never run backwards; every deadline is counted on them.
  public var monotonic: @Sendable () -> UInt64
  /// Seconds since 1970, for the Date field.
  public var wall: @Sendable () -> Int64

  /// Clocks of the caller's own.
  public init(
    monotonic: @escaping @Sendable () -> UInt64, wall: @escaping @Sendable () -> Int64
  ) {
    self.monotonic = monotonic
    self.wall = wall
  }

  /// The machine's clocks.
  public static let system = ServerClock(
    monotonic: { monotonicNanoseconds() }, wall: { wallSeconds() })
}

/// What a server does besides listening; the closures are called on the loop thread.
public struct ServerConfiguration: Sendable {
  /// The bounds of everything that strangers could grow.
  public var limits = ServerLimits()
  /// The clocks that deadlines and Date are read from.
  public var clock = ServerClock.system
  /// Makes a fresh request id: `req-` and a ULID.
  public var makeRequestID: @Sendable () -> String
  /// Called after an answer was handed to the socket, or could not be.
  public var onComplete: @Sendable (CompletedRequest) -> Void = { _ in }
  /// Called about once a second.
  public var onTick: @Sendable () -> Void = {}

  /// The defaults above with a source of request ids.
  public init(makeRequestID: @escaping @Sendable () -> String) {
    self.makeRequestID = makeRequestID
  }
}

/// One answer that left, or that nobody could be given: what an access log line is made of.
public struct CompletedRequest: Sendable {
  /// The request without its body; nil when no request could be read (400, 408, 431 …).
  public let request: Request?
  let refusedMethod: String
  let refusedTarget: String
  /// The id that the answer carried.
  public let requestID: String
  /// The other end of the connection.
  public let peer: PeerAddress
  /// The name of the listener.
  public let listener: String
  /// The pattern of the route that answered, nil when none did.
  public let route: String?
  /// The status of the answer.
  public let status: Int
  /// The answer's annotation, such as its error code.
  public let annotation: String?
  /// Microseconds from the first byte read to the last byte handed to the socket.
  public let latencyMicroseconds: UInt64
  /// Bytes of the answer's body that were sent or should have been.
  public let bodyBytes: Int
  /// False when the connection was lost before the whole answer was handed to the socket.
  public let isDelivered: Bool

  /// The method, empty when the request line did not read.
  public var method: String { request?.method.name ?? refusedMethod }
  /// The target as sent, empty when the request line did not read.
  public var target: String { request?.target ?? refusedTarget }
}
