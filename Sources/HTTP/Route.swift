/// One line of a router's list: a method, a path pattern, and who answers.
public struct Route: Sendable {
  /// The method that it answers.
  public let method: Method
  /// The paths that it answers.
  public let pattern: PathPattern
  /// Bytes that a body may have here; nil takes the server's limit.
  public let bodyLimit: Int?
  let respond: @Sendable (Exchange, PathParameters) -> Void

  /// Traps on a malformed pattern: patterns are ours.
  public init(
    _ method: Method, _ pattern: String, bodyLimit: Int? = nil,
    respond: @escaping @Sendable (Exchange, PathParameters) -> Void
  ) {
    self.method = method
    self.pattern = PathPattern(pattern)
    self.bodyLimit = bodyLimit
    self.respond = respond
  }
}

/// What the `{name}` segments of a pattern stood for in one path.
public struct PathParameters: Sendable, Equatable {
  let values: [(name: String, value: String)]

  /// The percent-decoded text; `*` is the decoded rest of the path joined by slashes.
  ///
  /// Traps on a name that the route's pattern does not have: the names are ours.
  public subscript(_ name: String) -> String {
    for entry in values where entry.name == name { return entry.value }
    fatalError("HTTP invariant broken: no path parameter \(name)")
  }

  /// Same names and values in the same order.
  public static func == (left: PathParameters, right: PathParameters) -> Bool {
    left.values.elementsEqual(right.values) { $0.name == $1.name && $0.value == $1.value }
  }
}

/// A path with `{name}` for one segment and a trailing `*` for the rest.
public struct PathPattern: Sendable, CustomStringConvertible {
  /// What one segment of a pattern accepts.
  private enum Segment: Sendable {
    case literal(String)
    case parameter(String)
  }

  /// The pattern as written, the name of the route in logs and metrics.
  public let description: String
  /// The bytes before the first part that varies.
  let prefix: [UInt8]
  /// Whether nothing varies, so that the prefix is the whole path.
  let isLiteral: Bool
  private let segments: [Segment]
  private let takesRest: Bool

  /// Traps on a pattern that does not begin with `/` or has `*` before its end.
  public init(_ text: String) {
    invariant(text.hasPrefix("/"), "pattern \(text) must begin with /")
    description = text
    var parts = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    takesRest = parts.last == "*"
    if takesRest { parts.removeLast() }
    segments = parts.map { part in
      invariant(!part.contains("*"), "pattern \(text) has * before its end")
      if part.hasPrefix("{") && part.hasSuffix("}") {
        return .parameter(String(part.dropFirst().dropLast()))
      }
      return .literal(String(part))
    }
    prefix = Array(text.utf8.prefix { $0 != 0x7B && $0 != 0x2A })
    isLiteral = prefix.count == text.utf8.count
  }

  /// The parameters of a path that was split at its slashes and needs no decoding; nil when it
  /// does not fit.
  public func parameters(of segments: [String]) -> PathParameters? { match(segments) }

  /// The parameters when the segments fit, else nil. A parameter is never empty.
  func match(_ path: [String]) -> PathParameters? {
    guard takesRest ? path.count > segments.count : path.count == segments.count
    else { return nil }
    var values: [(name: String, value: String)] = []
    for (segment, text) in zip(segments, path) {
      switch segment {
      case .literal(let wanted): if !wanted.utf8.elementsEqual(text.utf8) { return nil }
      case .parameter(let name):
        if text.isEmpty { return nil }
        values.append((name, text))
      }
    }
    if takesRest {
      values.append(("*", path[segments.count...].joined(separator: "/")))
    }
    return PathParameters(values: values)
  }
}
