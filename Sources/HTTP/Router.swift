/// A visible list of routes; the first that fits answers.
///
/// An unknown path is 404, a known path with another method 405 with Allow; HEAD goes to GET
/// where no route of its own exists; OPTIONS is answered with Allow.
public struct Router: Sendable {
  /// The list, in the order of asking.
  public let routes: [Route]
  private let keys: [Key]
  private let otherwise: (@Sendable (Exchange) -> Void)?

  /// A router over the list.
  ///
  /// - Parameter otherwise: takes what no path of the list fits, in place of the 404.
  public init(_ routes: [Route], otherwise: (@Sendable (Exchange) -> Void)? = nil) {
    self.routes = routes
    self.otherwise = otherwise
    keys = routes.map { route in
      Key(isLiteral: route.pattern.isLiteral, hash: route.pattern.prefix.withUnsafeBytes(Key.hash))
    }
  }

  /// Answers the exchange or hands it to the route that will.
  public func respond(_ exchange: Exchange) {
    let head = exchange.request.head
    switch find(head.method, head) {
    case .found(let route, let parameters):
      exchange.route = route.pattern.description
      route.respond(exchange, parameters)
    case .otherMethods(let allowed): refuse(exchange, allowed)
    case .none:
      if head.method == .options && head.target == "*" {
        exchange.respond(Response(status: 204, headers: ["Allow": allMethods()], body: []))
        return
      }
      if let otherwise { return otherwise(exchange) }
      let detail = "Nothing is served at \(head.path)."
      exchange.respond(Problem(status: 404, code: "NOT_FOUND", detail: detail))
    }
  }

  /// The body limit of the route that a head leads to; nil when it has none of its own.
  public func bodyLimit(for head: RequestHead) -> Int? {
    guard case .found(let route, _) = find(head.method, head) else { return nil }
    return route.bodyLimit
  }

  /// What the list says about a method and a path.
  private enum Finding {
    case found(Route, PathParameters)
    case otherMethods([Method])
    case none
  }

  /// What rules a route out at a glance, without touching the route.
  private struct Key: Sendable {
    let isLiteral: Bool
    let hash: UInt64

    /// FNV-1a; equal hashes are still compared byte by byte.
    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
      return hash
    }
  }

  private func find(_ method: Method, _ head: RequestHead) -> Finding {
    let (hash, isPlain) = head.withPath { (Key.hash($0), !$0.contains(ByteClass.percent)) }
    var segments: [String]?
    var others: [Method] = []
    var fallback: (Route, PathParameters)?
    for index in keys.indices {
      // Encoded bytes may spell any literal, so they are compared after decoding only.
      if isPlain && keys[index].isLiteral && keys[index].hash != hash { continue }
      guard let parameters = match(routes[index].pattern, head, isPlain, &segments)
      else { continue }
      let route = routes[index]
      if route.method == method { return .found(route, parameters) }
      if method == .head && route.method == .get && fallback == nil {
        fallback = (route, parameters)
      }
      others.append(route.method)
    }
    if let fallback { return .found(fallback.0, fallback.1) }
    return others.isEmpty ? .none : .otherMethods(others)
  }

  /// Segments are decoded once per request, and only when the raw bytes did not decide.
  private func match(
    _ pattern: PathPattern, _ head: RequestHead, _ isPlain: Bool, _ segments: inout [String]?
  ) -> PathParameters? {
    if isPlain {
      let fits = head.withPath { path in
        pattern.isLiteral ? path.elementsEqual(pattern.prefix) : path.starts(with: pattern.prefix)
      }
      if !fits { return nil }
      if pattern.isLiteral { return PathParameters(values: []) }
    }
    let path = segments ?? head.pathSegments
    segments = path
    return pattern.match(path)
  }

  private func refuse(_ exchange: Exchange, _ methods: [Method]) {
    let request = exchange.request
    let allow = allowed(methods)
    if request.method == .options {
      exchange.respond(Response(status: 204, headers: ["Allow": allow], body: []))
      return
    }
    let detail = "\(request.path) does not take \(request.method); it takes \(allow)."
    let problem = Problem(status: 405, code: "METHOD_NOT_ALLOWED", detail: detail)
    var response = problem.response(requestID: request.requestID)
    response.headers.append("Allow", allow)
    exchange.respond(response)
  }

  private func allMethods() -> String { allowed(routes.map(\.method)) }

  /// Sorted and without repetitions, so the field is the same in every run.
  private func allowed(_ methods: [Method]) -> String {
    var names = Set(methods.map(\.name))
    names.insert("OPTIONS")
    if names.contains("GET") { names.insert("HEAD") }
    return names.sorted().joined(separator: ", ")
  }
}
