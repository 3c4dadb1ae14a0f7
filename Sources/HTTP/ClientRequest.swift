/// A request to send; the client adds Host, Content-Length and Connection.
public struct ClientRequest: Sendable, Equatable {
  /// The method; any token.
  public var method: Method
  /// The target as it travels, such as `/agent/task?x=1`.
  public var target: String
  /// Sent in order; framing fields set here are left out.
  public var headers: Headers
  /// The whole body, sent with a Content-Length.
  public var body: [UInt8]

  /// A request with exactly these parts; checked when it is sent.
  public init(method: Method, target: String, headers: Headers, body: [UInt8]) {
    self.method = method
    self.target = target
    self.headers = headers
    self.body = body
  }

  /// A GET without headers of its own.
  public static func get(_ target: String) -> ClientRequest {
    ClientRequest(method: .get, target: target, headers: Headers(), body: [])
  }

  /// The request as bytes; nil when the method or the target could not be a request line.
  func bytes(host: String, keepsAlive: Bool) -> [UInt8]? {
    let isSound =
      !method.name.isEmpty && method.name.utf8.allSatisfy(ByteClass.isToken)
      && !target.isEmpty && target.utf8.allSatisfy(ByteClass.isTarget)
      && !host.isEmpty && host.utf8.allSatisfy(ByteClass.isTarget)
    guard isSound else { return nil }
    var text = "\(method) \(target) HTTP/1.1\r\n"
    if !headers.contains("Host") { text += "Host: \(host)\r\n" }
    for (name, value) in headers.all where !ClientRequest.isFraming(name) {
      text += "\(name): \(value)\r\n"
    }
    if !body.isEmpty || method == .post || method == .put || method == .patch {
      text += "Content-Length: \(body.count)\r\n"
    }
    if !keepsAlive { text += "Connection: close\r\n" }
    text += "\r\n"
    return Array(text.utf8) + body
  }

  private static func isFraming(_ name: String) -> Bool {
    ["content-length", "transfer-encoding", "connection", "expect"].contains(name.lowercased())
  }
}

/// What an answer may cost the client.
public struct ClientLimits: Sendable, Equatable {
  /// Bytes of all header lines of the answer.
  public var headBytes = 64 * 1024
  /// Header fields of the answer.
  public var headerCount = 200
  /// Bytes of the answer's body.
  public var bodyBytes = 16 * 1024 * 1024

  /// The limits above.
  public init() {}
}

/// Why there is no answer; the case says whether the other side may have acted.
public enum ClientError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Not one byte left: nothing can have happened.
  case notSent(Reason)
  /// Bytes were handed to the network and no usable answer came: the outcome is unknown.
  case sentWithoutAnswer(Reason)

  /// What went wrong.
  public enum Reason: Equatable, Sendable {
    case malformedRequest
    case nameNotFound(String)
    case cannotConnect(errno: Int32)
    case timedOut
    /// The connection ended or broke; 0 for an orderly end.
    case connectionLost(errno: Int32)
    case unreadable(String)
    case tooLarge
  }

  /// What went wrong, whichever side of the sending it was.
  public var reason: Reason {
    switch self {
    case .notSent(let reason), .sentWithoutAnswer(let reason): reason
    }
  }

  /// The sentence for an operator.
  public var description: String {
    switch self {
    case .notSent(let reason): "not sent: \(reason)"
    case .sentWithoutAnswer(let reason): "sent, no usable answer: \(reason)"
    }
  }
}

extension ClientError.Reason: CustomStringConvertible {
  /// The sentence for an operator.
  public var description: String {
    switch self {
    case .malformedRequest: "the method, target or host is malformed"
    case .nameNotFound(let name): "no address is known for \(name)"
    case .cannotConnect(let code): "cannot connect: \(systemError(code))"
    case .timedOut: "the deadline passed"
    case .connectionLost(let code):
      code == 0 ? "the connection was closed" : "the connection broke: \(systemError(code))"
    case .unreadable(let text): text
    case .tooLarge: "the answer is larger than the limit"
    }
  }
}
