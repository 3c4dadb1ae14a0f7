extension RequestParser {
  /// One step over bytes that begin where the current part of the request begins.
  mutating func step(
    _ bytes: UnsafeRawBufferPointer
  ) throws(ParseFailure) -> (used: Int, Step) {
    if case .body = phase { return try bodyStep(bytes, from: 0) }
    var start = 0
    if !hasSkippedLine && scanner.isFresh && bytes.count > 0
      && bytes[0] == ByteClass.carriageReturn
    {
      if bytes.count < 2 { return (0, .needMore) }
      if bytes[1] != ByteClass.lineFeed { throw .bad("A bare CR begins the request.") }
      hasSkippedLine = true
      start = 2
    }
    let head = UnsafeRawBufferPointer(rebasing: bytes[start...])
    let bounds = HeadScanner.Bounds(
      startLineBytes: limits.requestLineBytes, fieldBytes: limits.headerBytes,
      fieldCount: limits.headerCount)
    do {
      guard case .complete(let end) = try scanHead(head, bounds) else {
        return (start, .needMore)
      }
      let request = try begin(UnsafeRawBufferPointer(rebasing: head[..<end]))
      start += end
      if request.length == 0 { return (start, finish(request)) }
      phase = .body(request)
    } catch {
      noteFailure(head)
      throw error
    }
    return try bodyStep(bytes, from: start)
  }

  /// Scans on, and judges the request line as soon as it is known, before any field.
  private mutating func scanHead(
    _ bytes: UnsafeRawBufferPointer, _ bounds: HeadScanner.Bounds
  ) throws(ParseFailure) -> HeadScanner.Outcome {
    while true {
      let outcome = try scanner.scan(bytes, bounds: bounds)
      guard case .startLine(let line) = outcome else { return outcome }
      requestLine = try RequestLine(bytes, line)
    }
  }

  /// Keeps what an answer and a log line can still say about a request with a faulty head.
  private mutating func noteFailure(_ bytes: UnsafeRawBufferPointer) {
    guard let requestLine else { return }
    let whole = requestLine.target.whole
    let target = bytes[Int(whole.lowerBound)..<Int(whole.upperBound)]
    let field = scanner.fields.first { field in
      let name = bytes[Int(field.nameStart)..<Int(field.nameStart + field.nameCount)]
      return ByteClass.equal(UnsafeRawBufferPointer(rebasing: name), "x-request-id")
    }
    failed = FailedRequest(
      method: requestLine.method.name, target: String(decoding: target, as: UTF8.self),
      requestID: field.flatMap { requestID($0, bytes) })
  }

  /// Turns a whole head into a pending request.
  private mutating func begin(
    _ bytes: UnsafeRawBufferPointer
  ) throws(ParseFailure) -> PendingBody {
    guard let line = requestLine else { throw .bad("There is no request line.") }
    let framing = try Framing(scanner.fields, bytes, minorVersion: line.minorVersion)
    let head = RequestHead(
      method: line.method, headers: Headers(head: Array(bytes), fields: scanner.fields),
      minorVersion: line.minorVersion, keepsAlive: framing.keepsAlive,
      targetParts: line.target)
    let hasBody = framing.length != .bytes(0)
    let limit = hasBody ? bodyLimit(head) ?? limits.bodyBytes : 0
    var length: Int?
    if case .bytes(let count) = framing.length {
      if count > limit { throw .bodyTooLarge }
      length = count
    }
    scanner = HeadScanner()
    requestLine = nil
    hasSkippedLine = false
    return PendingBody(
      head: head, requestID: framing.requestID.flatMap { requestID($0, bytes) },
      traceParent: framing.traceParent.flatMap { traceParent($0, bytes) },
      expectsContinue: framing.expectsContinue, limit: limit, length: length)
  }

  private mutating func bodyStep(
    _ bytes: UnsafeRawBufferPointer, from start: Int
  ) throws(ParseFailure) -> (used: Int, Step) {
    guard case .body(let request) = phase else { return (start, .needMore) }
    let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
    if let length = request.length {
      let count = min(length - body.count, rest.count)
      body.append(contentsOf: UnsafeRawBufferPointer(rebasing: rest[..<count]))
      if body.count < length { return (start + count, .needMore) }
      return (start + count, finish(request))
    }
    let (used, isComplete) = try decoder.decode(
      rest, into: &body,
      bounds: ChunkedDecoder.Bounds(
        bodyBytes: request.limit, lineBytes: limits.chunkLineBytes,
        extensionBytes: limits.chunkExtensionBytes, trailerBytes: limits.headerBytes,
        trailerCount: limits.headerCount))
    return (start + used, isComplete ? finish(request) : .needMore)
  }

  private mutating func finish(_ request: PendingBody) -> Step {
    let whole = ParsedRequest(
      head: request.head, body: body, requestID: request.requestID,
      traceParent: request.traceParent)
    body = []
    decoder = ChunkedDecoder()
    phase = .head
    return .request(whole)
  }

  private func requestID(_ field: Headers.Field, _ bytes: UnsafeRawBufferPointer) -> String? {
    let value = bytes[Int(field.valueStart)..<Int(field.valueStart + field.valueCount)]
    return Request.isWellFormedID(value) ? String(decoding: value, as: UTF8.self) : nil
  }

  private func traceParent(
    _ field: Headers.Field, _ bytes: UnsafeRawBufferPointer
  ) -> TraceParent? {
    let value = bytes[Int(field.valueStart)..<Int(field.valueStart + field.valueCount)]
    return TraceParent(String(decoding: value, as: UTF8.self))
  }
}

/// The first line of a request, taken apart (RFC 9112 section 3).
struct RequestLine {
  let method: Method
  let target: Target
  let minorVersion: Int

  /// - Throws: 400 for grammar, 505 for a version that is neither 1.0 nor 1.1.
  init(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) throws(ParseFailure) {
    let text = UnsafeRawBufferPointer(rebasing: bytes[line])
    var methodEnd = 0
    while methodEnd < text.count && ByteClass.isToken(text[methodEnd]) { methodEnd += 1 }
    guard methodEnd > 0, methodEnd < text.count, text[methodEnd] == ByteClass.space
    else { throw .bad("The request line does not begin with a method and a blank.") }
    var targetEnd = methodEnd + 1
    while targetEnd < text.count && text[targetEnd] != ByteClass.space { targetEnd += 1 }
    let version = UnsafeRawBufferPointer(rebasing: text[min(targetEnd + 1, text.count)...])
    minorVersion = try RequestLine.minorVersion(version)
    let name = UnsafeRawBufferPointer(rebasing: text[..<methodEnd])
    method = RequestLine.method(name)
    let part = UnsafeRawBufferPointer(rebasing: text[(methodEnd + 1)..<targetEnd])
    let start = line.lowerBound + methodEnd + 1
    guard let target = Target(part, at: start, isOptions: method == .options)
    else { throw .bad("The request target is malformed.") }
    self.target = target
  }

  private static func method(_ name: UnsafeRawBufferPointer) -> Method {
    if name.count == 3 && name[0] == 0x47 && name[1] == 0x45 && name[2] == 0x54 { return .get }
    return Method(String(decoding: name, as: UTF8.self))
  }

  private static func minorVersion(
    _ version: UnsafeRawBufferPointer
  ) throws(ParseFailure) -> Int {
    guard version.count == 8, version.starts(with: "HTTP/".utf8), version[6] == 0x2E,
      ByteClass.isDigit(version[5]), ByteClass.isDigit(version[7])
    else { throw .bad("The request line does not end in an HTTP version.") }
    if version[5] != 0x31 || version[7] > 0x31 { throw .version }
    return Int(version[7] - 0x30)
  }
}
