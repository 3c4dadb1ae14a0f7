package import HTTP

/// Calls a gateway by plain HTTP, as its clients do.
package struct GatewayClient {
  /// Where the calls go, as a person writes it: `http://localhost:3000`.
  package let origin: String
  private let send: (ClientRequest) -> Result<Response, ClientError>

  /// Milliseconds for one call.
  private static let deadlineMilliseconds = 10_000

  /// A client of a real gateway.
  /// - Throws: when the address cannot be used at all; nothing is sent yet.
  package init(url: String) throws(GatewayURLError) {
    guard !url.hasPrefix("https://") else { throw .needsTLS }
    var origin = url.contains("://") ? url : "http://" + url
    if origin.hasSuffix("/") { origin.removeLast() }
    guard let client = Client(origin: origin, limits: ClientLimits(), keepsAlive: true) else {
      throw .malformed
    }
    self.init(origin: origin) { request in
      do throws(ClientError) {
        return .success(
          try client.send(request, deadlineMilliseconds: GatewayClient.deadlineMilliseconds))
      } catch {
        return .failure(error)
      }
    }
  }

  /// A client that sends by a function of the caller's, for tests.
  package init(
    origin: String, send: @escaping (ClientRequest) -> Result<Response, ClientError>
  ) {
    self.origin = origin
    self.send = send
  }

  /// Gets a path.
  func get(_ path: String) -> Result<Response, ClientError> { send(.get(path)) }

  /// Posts a task, with further headers.
  func postTask(_ body: String, _ headers: [(String, String)]) -> Result<Response, ClientError> {
    var all: Headers = ["Content-Type": "application/json"]
    for (name, value) in headers { all.append(name, value) }
    return send(
      ClientRequest(method: .post, target: "/agent/task", headers: all, body: Array(body.utf8)))
  }
}

/// Why a URL names no gateway that we can call.
package enum GatewayURLError: Error, Equatable, Sendable {
  case malformed
  case needsTLS

  /// What to do instead; to stand after the URL.
  package var sentence: String {
    switch self {
    case .malformed: "is not an address such as http://localhost:3000"
    case .needsTLS:
      "needs TLS, which this check does not speak; run it on the gateway's machine against http://"
    }
  }
}
