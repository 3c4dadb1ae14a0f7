/// A whole request as bytes gave it.
public struct ParsedRequest: Sendable, Equatable {
  /// Everything before the body.
  public let head: RequestHead
  /// The whole body, unchunked.
  public let body: [UInt8]
  /// The caller's `X-Request-Id`, nil when absent or not well-formed.
  let requestID: String?
  let traceParent: TraceParent?
}

/// An incremental reader of HTTP/1.1 requests: bytes in, requests out, nothing else.
///
/// The verdicts do not depend on how the bytes are cut. It never traps, holds at most one
/// request and one read's worth of bytes after it, and says nothing more after a failure.
public struct RequestParser: Sendable {
  /// What is known after some bytes.
  public enum Step: Sendable, Equatable {
    case needMore
    /// A whole request; call `next` for one that may already wait behind it.
    case request(ParsedRequest)
    case failed(ParseFailure)
  }

  /// As much of a refused request as could be read before its fault.
  struct FailedRequest: Sendable {
    var method = ""
    var target = ""
    var requestID: String?
  }

  /// Where in a request the next byte belongs.
  enum Phase: Sendable {
    case head
    case body(PendingBody)
    case failed(ParseFailure)
  }

  /// A request whose head is known.
  struct PendingBody: Sendable {
    var head: RequestHead
    var requestID: String?
    var traceParent: TraceParent?
    var expectsContinue: Bool
    var limit: Int
    /// nil while the coding is chunked.
    var length: Int?
  }

  let limits: RequestLimits
  let bodyLimit: @Sendable (RequestHead) -> Int?
  var phase = Phase.head
  var scanner = HeadScanner()
  var requestLine: RequestLine?
  /// What is known of a request that failed.
  var failed = FailedRequest()
  var decoder = ChunkedDecoder()
  var body: [UInt8] = []
  /// Whether an empty line before the request line was already let pass (RFC 9112 2.2).
  var hasSkippedLine = false
  private var pending: [UInt8] = []
  private var pendingStart = 0

  /// A parser whose body limit is `limits.bodyBytes` or what `bodyLimit` says for a head.
  public init(
    limits: RequestLimits, bodyLimit: @escaping @Sendable (RequestHead) -> Int? = { _ in nil }
  ) {
    self.limits = limits
    self.bodyLimit = bodyLimit
  }

  /// Takes in bytes and says what they complete.
  public mutating func feed(_ bytes: [UInt8]) -> Step {
    bytes.withUnsafeBytes { feed($0) }
  }

  /// What the bytes held back already complete.
  public mutating func next() -> Step { feed(UnsafeRawBufferPointer(start: nil, count: 0)) }

  /// Whether no byte of a next request has been taken in.
  public var isBetweenRequests: Bool {
    if case .head = phase { return pending.isEmpty && scanner.isFresh && !hasSkippedLine }
    return false
  }

  /// Whether the head is known and the body is awaited.
  var isInBody: Bool {
    if case .body = phase { return true }
    return false
  }

  /// Whether the client waits for `100 Continue` before it sends its body.
  var awaitsContinue: Bool {
    guard case .body(let pendingBody) = phase else { return false }
    return pendingBody.expectsContinue && body.isEmpty && pending.isEmpty
  }

  /// Bytes held for a request that is not complete, and for those behind it.
  var heldBytes: Int { body.count + pending.count }

  /// What an answer can say about the request that failed, or whose body is given up.
  var unfinished: FailedRequest {
    guard case .body(let pendingBody) = phase else { return failed }
    return FailedRequest(
      method: pendingBody.head.method.name, target: pendingBody.head.target,
      requestID: pendingBody.requestID)
  }

  mutating func feed(_ bytes: UnsafeRawBufferPointer) -> Step {
    if case .failed(let failure) = phase { return .failed(failure) }
    // The usual read holds whole requests: they are taken from the caller's buffer in place.
    if pending.isEmpty {
      let (used, step) = advance(bytes)
      if case .failed = step { return step }
      if used < bytes.count { pending = Array(bytes[used...]) }
      return step
    }
    pending.append(contentsOf: bytes)
    let (used, step) = advancePending()
    if case .failed = step {
      pending = []
      return step
    }
    pendingStart += used
    if pendingStart == pending.count {
      pending = []
      pendingStart = 0
    } else if pendingStart > 32 * 1024 {
      pending.removeFirst(pendingStart)
      pendingStart = 0
    }
    return step
  }

  private mutating func advancePending() -> (used: Int, Step) {
    // A second reference keeps the bytes still while self changes; it dies before they do.
    let bytes = pending
    let start = pendingStart
    return bytes.withUnsafeBytes { advance(UnsafeRawBufferPointer(rebasing: $0[start...])) }
  }

  private mutating func advance(_ bytes: UnsafeRawBufferPointer) -> (used: Int, Step) {
    do {
      return try step(bytes)
    } catch {
      failed = unfinished
      phase = .failed(error)
      body = []
      return (bytes.count, .failed(error))
    }
  }
}
