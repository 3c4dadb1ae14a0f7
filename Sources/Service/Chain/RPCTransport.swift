internal import HTTP

/// Brings a JSON-RPC request to a node and its answer back.
///
/// Calls block. Whoever answers is not believed: the reader checks every byte.
package protocol RPCTransport: Sendable {
  /// Who is asked, as observations say it.
  var source: String { get }

  /// Posts a body of `application/json`.
  ///
  /// - Parameters:
  ///   - deadlineMilliseconds: for connecting, sending and reading together.
  ///   - maxBytes: of the answer's body.
  /// - Throws: `.noTLS`, `.notReached`, `.noAnswer` or `.badBook`.
  func post(
    _ url: String, _ body: [UInt8], deadlineMilliseconds: Int, maxBytes: Int
  ) throws(ChainFault) -> (status: Int, body: [UInt8])
}

/// Asks a node at an `http://` address through our own client.
package struct HTTPTransport: RPCTransport {
  package var source: String { "rpc" }

  package init() {}

  package func post(
    _ url: String, _ body: [UInt8], deadlineMilliseconds: Int, maxBytes: Int
  ) throws(ChainFault) -> (status: Int, body: [UInt8]) {
    guard url.hasPrefix("http://") else { throw .noTLS }
    let rest = url.dropFirst(7)
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    let path = rest[slash...]
    var limits = ClientLimits()
    limits.bodyBytes = maxBytes
    let origin = "http://\(rest[..<slash])"
    guard let client = Client(origin: origin, limits: limits, keepsAlive: false) else {
      throw .notReached("the host or port in its address is malformed")
    }
    let request = ClientRequest(
      method: .post, target: path.isEmpty ? "/" : String(path),
      headers: ["Content-Type": "application/json", "Accept": "application/json"], body: body)
    do throws(ClientError) {
      let response = try client.send(request, deadlineMilliseconds: deadlineMilliseconds)
      return (response.status, response.body)
    } catch {
      switch error {
      case .notSent(let reason): throw .notReached("\(reason)")
      case .sentWithoutAnswer(let reason): throw .noAnswer("\(reason)")
      }
    }
  }
}
