internal import HTTP
internal import Ledger

/// Passes requests on to the server behind the gateway, and its answers back.
///
/// `http://` by our own client, `https://` by the courier; whole, not streamed. In fake mode only
/// this machine is asked. No redirect is followed, and nothing is tried twice but a kept connection
/// that was closed before a byte was sent.
struct Upstream: Sendable {
  /// Bytes of the longest answer that is passed on.
  static let answerBytes = 2 << 20

  let isFake: Bool
  let outside: OutsideClient
  /// Names this process in `Via`, so that a request that comes back to us is seen.
  let pseudonym: String
  private let connections = UpstreamConnections()

  init(isFake: Bool, outside: OutsideClient, pseudonym: String) {
    self.isFake = isFake
    self.outside = outside
    self.pseudonym = pseudonym
  }

  /// Never passed on: what belongs to one connection (RFC 9110, 7.6.1), what our client writes
  /// itself, and what pays us.
  private static let kept: Set<String> = [
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer",
    "transfer-encoding", "upgrade", "proxy-connection", "host", "content-length", "expect",
    "x-payment", "payment-signature", "x-paid", "payment-required", "payment-response",
    "x-payment-response", "x-request-id", "traceparent", "forwarded", "x-forwarded-for",
    "x-forwarded-host", "x-forwarded-proto", "accept-encoding",
  ]
  private static let keptBack: Set<String> = [
    "payment-required", "payment-response", "x-payment-response", "tollbook-receipt",
    "idempotency-replayed", "x-request-id", "date",
  ]

  /// Closes connections that nobody has used for a while.
  func trim() { connections.trim(now: Monotonic.milliseconds()) }

  /// Asks the server of a route; blocks the calling thread.
  ///
  /// - Parameter client: the address that the request came from.
  /// - Throws: the problem that the client is told.
  func call(
    _ request: Request, _ route: GatewayRoute, client: String, milliseconds: Int64
  ) throws(Problem) -> Response {
    guard let address = OutsideAddress(route.upstream) else { throw .upstreamUnreachable }
    guard !request.headers.values("Via").contains(where: { $0.contains(pseudonym) }) else {
      throw .upstreamLoop
    }
    if isFake, address.isSecure || !address.isLoopback { throw .upstreamNotInFakeMode }
    let path = address.target == "/" ? "" : address.target
    let query = request.query.map { "?\($0)" } ?? ""
    let headers = headers(of: request, client: client)
    let deadline = Int(clamping: max(1, min(milliseconds, 600_000)))
    let answer =
      address.isSecure
      ? try sendOutside(
        OutsideRequest(
          method: request.method, url: "\(address.origin)\(path)\(request.path)\(query)",
          headers: headers, body: request.body, deadlineMilliseconds: deadline,
          maxBytes: Upstream.answerBytes))
      : try sendPlain(
        ClientRequest(
          method: request.method, target: "\(path)\(request.path)\(query)", headers: headers,
          body: request.body), to: address.origin, deadline)
    return Upstream.passedBack(answer)
  }

  private func sendPlain(
    _ request: ClientRequest, to origin: String, _ deadline: Int
  ) throws(Problem) -> Response {
    let start = Monotonic.milliseconds()
    let key = UpstreamConnections.Key(origin: origin, bodyLimit: Upstream.answerBytes)
    guard let connection = connections.take(key, now: start) else { throw .upstreamUnreachable }
    let response: Response
    do throws(ClientError) {
      response = try connection.client.send(request, deadlineMilliseconds: deadline)
    } catch {
      // A kept connection that was closed before a byte was sent: the one thing tried again.
      guard case .notSent(.connectionLost) = error else { throw Problem(upstream: error) }
      let left = Int64(deadline) - (Monotonic.milliseconds() - start)
      guard left > 0 else { throw .upstreamTimeout }
      response = try again(connection, request, Int(left))
    }
    connections.giveBack(connection, now: Monotonic.milliseconds())
    return response
  }

  private func again(
    _ connection: UpstreamConnections.Connection, _ request: ClientRequest, _ deadline: Int
  ) throws(Problem) -> Response {
    do throws(ClientError) {
      return try connection.client.send(request, deadlineMilliseconds: deadline)
    } catch {
      throw Problem(upstream: error)
    }
  }

  private func sendOutside(_ request: OutsideRequest) throws(Problem) -> Response {
    let purpose = OutsidePurpose(
      provider: "upstream", operation: request.method.name, subject: "-", attempt: 1)
    do throws(OutsideError) {
      return try outside.send(request, for: purpose)
    } catch {
      switch error {
      case .notSent(.deadlineBeforeSending), .sentWithoutAnswer(.timedOut): throw .upstreamTimeout
      case .notSent: throw .upstreamUnreachable
      case .sentWithoutAnswer(.answerTooLarge): throw .upstreamTooLarge
      case .sentWithoutAnswer: throw .upstreamUnreadable
      }
    }
  }

  private func headers(of request: Request, client: String) -> Headers {
    let named = Upstream.named(in: request.headers)
    var headers = Headers()
    for (name, value) in request.headers.all {
      let folded = SettingText.lowercased(name)
      if !Upstream.kept.contains(folded), !named.contains(folded) { headers.append(name, value) }
    }
    headers.append("X-Request-Id", request.requestID)
    if let trace = request.headers["traceparent"], request.traceParent != nil {
      headers.append("traceparent", trace)
    }
    headers.append("Via", "1.1 \(pseudonym)")
    headers.append("X-Forwarded-For", client)
    headers.append("X-Forwarded-Proto", "http")
    if let host = request.headers["Host"] { headers.append("X-Forwarded-Host", host) }
    return headers
  }

  /// The answer without what belongs to the connection that it came by, or is ours to say.
  private static func passedBack(_ answer: Response) -> Response {
    let named = named(in: answer.headers)
    var headers = Headers()
    for (name, value) in answer.headers.all {
      let folded = SettingText.lowercased(name)
      if !kept.contains(folded), !keptBack.contains(folded), !named.contains(folded) {
        headers.append(name, value)
      }
    }
    return Response(status: max(200, answer.status), headers: headers, body: answer.body)
  }

  /// The fields that `Connection` names.
  private static func named(in headers: Headers) -> Set<String> {
    Set(
      headers.values("Connection").flatMap { $0.split(separator: ",") }
        .map { SettingText.lowercased($0.filter { $0 != " " && $0 != "\t" }) })
  }
}

extension Problem {
  fileprivate init(upstream error: ClientError) {
    switch error {
    case .notSent(.timedOut), .sentWithoutAnswer(.timedOut): self = .upstreamTimeout
    case .notSent: self = .upstreamUnreachable
    case .sentWithoutAnswer(.tooLarge): self = .upstreamTooLarge
    case .sentWithoutAnswer: self = .upstreamUnreadable
    }
  }

  static let upstreamUnreachable = Problem(
    status: 502, code: "UPSTREAM_UNREACHABLE",
    detail: "The server behind the gateway takes no connection.",
    retryAfterSeconds: 5)
  static let upstreamTimeout = Problem(
    status: 504, code: "UPSTREAM_TIMEOUT",
    detail: "The server behind the gateway did not answer in time.",
    retryAfterSeconds: 5)
  static let upstreamUnreadable = Problem(
    status: 502, code: "UPSTREAM_UNREADABLE",
    detail: "The answer of the server behind the gateway cannot be read.")
  static let upstreamLoop = Problem(
    status: 508, code: "UPSTREAM_LOOP",
    detail: "The route leads back to this gateway.")
  static let upstreamTooLarge = Problem(
    status: 502, code: "UPSTREAM_TOO_LARGE",
    detail: "The answer of the server behind the gateway is too large.")
  static let upstreamNotInFakeMode = Problem(
    status: 502, code: "UPSTREAM_NOT_IN_FAKE_MODE",
    detail: "PAYMENTS_USE_FAKE=true keeps everything on this machine: the upstream must be "
      + "http:// on loopback.")
}
