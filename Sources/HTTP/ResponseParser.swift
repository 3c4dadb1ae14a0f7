/// An incremental, strict reader of one HTTP/1.1 answer.
///
/// Interim answers (1xx) are passed over. It never traps on any bytes.
public struct ResponseParser: Sendable {
  /// What is known after some bytes.
  public enum Step: Sendable, Equatable {
    case needMore
    case response(Response)
    /// A sentence that says what is wrong, without any of the sender's bytes.
    case failed(String)
    case tooLarge
  }

  /// How the body ends.
  private enum Framing {
    case length(Int)
    case chunked
    case untilClose
  }

  /// The answer whose body is being read.
  private struct PendingBody {
    let status: Int
    let headers: Headers
    let framing: Framing
  }

  private let limits: ClientLimits
  private let isHead: Bool
  private var scanner = HeadScanner()
  private var decoder = ChunkedDecoder()
  private var pending: [UInt8] = []
  private var answer: PendingBody?
  private var body: [UInt8] = []
  /// Whether the connection can carry another request after this answer.
  public private(set) var keepsAlive = false

  /// A reader of the answer to one request; an answer to HEAD has no body.
  public init(limits: ClientLimits, isHead: Bool) {
    self.limits = limits
    self.isHead = isHead
  }

  /// Takes in bytes; call it no more after anything but `needMore`.
  public mutating func feed(_ bytes: some Sequence<UInt8>) -> Step {
    pending.append(contentsOf: bytes)
    do {
      return try step()
    } catch {
      let isSize = error == .headersTooLarge || error == .requestLineTooLong
      return isSize || error == .bodyTooLarge ? .tooLarge : .failed(error.reason)
    }
  }

  /// The peer has closed: complete only where that is how the body ends.
  public mutating func end() -> Step {
    guard let answer, case .untilClose = answer.framing else {
      return .failed("The connection closed before the answer was complete.")
    }
    return .response(Response(status: answer.status, headers: answer.headers, body: body))
  }

  private mutating func step() throws(ParseFailure) -> Step {
    while answer == nil {
      guard try readHead() else { return .needMore }
    }
    guard let answer else { return .needMore }
    var used = pending.count
    var isComplete = false
    let bytes = pending
    switch answer.framing {
    case .length(let length):
      used = min(length - body.count, bytes.count)
      body.append(contentsOf: bytes[..<used])
      isComplete = body.count == length
    case .untilClose:
      if bytes.count > limits.bodyBytes - body.count { throw .bodyTooLarge }
      body.append(contentsOf: bytes)
    case .chunked:
      var decoded = body
      body = []
      let bounds = ChunkedDecoder.Bounds(
        bodyBytes: limits.bodyBytes, lineBytes: 256, extensionBytes: 4096,
        trailerBytes: limits.headBytes, trailerCount: limits.headerCount)
      (used, isComplete) = try decode(bytes, into: &decoded, bounds)
      body = decoded
    }
    pending.removeFirst(used)
    if !isComplete { return .needMore }
    // Bytes behind the answer belong to nothing that was asked.
    if !pending.isEmpty { keepsAlive = false }
    return .response(Response(status: answer.status, headers: answer.headers, body: body))
  }

  private mutating func decode(
    _ bytes: [UInt8], into decoded: inout [UInt8], _ bounds: ChunkedDecoder.Bounds
  ) throws(ParseFailure) -> (Int, Bool) {
    var decoder = decoder
    let result = bytes.withUnsafeBytes { raw in
      Result { () throws(ParseFailure) in
        try decoder.decode(raw, into: &decoded, bounds: bounds)
      }
    }
    self.decoder = decoder
    let (used, isComplete) = try result.get()
    return (used, isComplete)
  }

  /// - Returns: whether a head was complete; a final one is in `answer` then.
  private mutating func readHead() throws(ParseFailure) -> Bool {
    let bounds = HeadScanner.Bounds(
      startLineBytes: 8 * 1024, fieldBytes: limits.headBytes, fieldCount: limits.headerCount)
    let bytes = pending
    var scanner = scanner
    let result = bytes.withUnsafeBytes { raw in
      Result { () throws(ParseFailure) -> Int? in
        while true {
          switch try scanner.scan(raw, bounds: bounds) {
          case .incomplete: return nil
          case .startLine: continue
          case .complete(let end): return end
          }
        }
      }
    }
    self.scanner = scanner
    guard let end = try result.get(), let line = scanner.startLine else { return false }
    let head = Array(bytes[..<end])
    let (status, minorVersion) = try ResponseParser.statusLine(head[line])
    let fields = scanner.fields
    self.scanner = HeadScanner()
    pending.removeFirst(end)
    if status < 200 {
      if status == 101 { throw .bad("The answer switches protocols.") }
      return true
    }
    try begin(status, Headers(head: head, fields: fields), minorVersion)
    return true
  }

  private mutating func begin(
    _ status: Int, _ headers: Headers, _ minorVersion: Int
  ) throws(ParseFailure) {
    let codings = headers.values("Transfer-Encoding")
    let lengths = headers.values("Content-Length")
    let options: [String] = headers.values("Connection").joined(separator: ",")
      .lowercased().filter { $0 != " " && $0 != "\t" }.split(separator: ",").map(String.init)
    keepsAlive =
      !options.contains("close") && (minorVersion == 1 || options.contains("keep-alive"))
    if !codings.isEmpty && !lengths.isEmpty { throw .bad("The answer is framed twice.") }
    if lengths.count > 1 || codings.count > 1 { throw .bad("The framing is repeated.") }
    var framing = Framing.untilClose
    if let coding = codings.first {
      if coding.lowercased() != "chunked" { throw .bad("The transfer coding is not chunked.") }
      framing = .chunked
    } else if let length = lengths.first {
      guard let count = Array(length.utf8).withUnsafeBytes(HTTP.Framing.number)
      else { throw .bad("Content-Length is not a plain number.") }
      framing = .length(count)
    }
    if isHead || status == 204 || status == 304 { framing = .length(0) }
    if case .length(let count) = framing, count > limits.bodyBytes { throw .bodyTooLarge }
    if case .untilClose = framing { keepsAlive = false }
    answer = PendingBody(status: status, headers: headers, framing: framing)
  }

  /// `HTTP/1.x SP 3DIGIT SP reason`; the last blank may be missing with the reason.
  private static func statusLine(
    _ line: ArraySlice<UInt8>
  ) throws(ParseFailure) -> (status: Int, minorVersion: Int) {
    let bytes = Array(line)
    guard bytes.count >= 12, bytes.starts(with: "HTTP/1.".utf8), bytes[8] == ByteClass.space,
      bytes[7] == 0x30 || bytes[7] == 0x31,
      bytes[9...11].allSatisfy(ByteClass.isDigit), bytes[9] >= 0x31, bytes[9] <= 0x35,
      bytes.count == 12 || bytes[12] == ByteClass.space,
      bytes[12...].allSatisfy(ByteClass.isFieldValue)
    else { throw .bad("The status line is malformed.") }
    let status = bytes[9...11].reduce(0) { $0 * 10 + Int($1 - 0x30) }
    return (status, Int(bytes[7] - 0x30))
  }
}
