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
  /// - Throws: `.notReached`, `.noAnswer` or `.badBook`.
  func post(
    _ url: String, _ body: [UInt8], deadlineMilliseconds: Int, maxBytes: Int
  ) throws(ChainFault) -> (status: Int, body: [UInt8])
}

/// Asks a node on the way that all calls to the outside take.
package struct OutsideTransport: RPCTransport {
  private let client: OutsideClient

  package var source: String { "rpc" }

  package init(_ client: OutsideClient) { self.client = client }

  package func post(
    _ url: String, _ body: [UInt8], deadlineMilliseconds: Int, maxBytes: Int
  ) throws(ChainFault) -> (status: Int, body: [UInt8]) {
    let request = OutsideRequest(
      method: .post, url: url,
      headers: ["Content-Type": "application/json", "Accept": "application/json"], body: body,
      deadlineMilliseconds: deadlineMilliseconds, maxBytes: maxBytes)
    let purpose = OutsidePurpose(
      provider: source, operation: "read", subject: "chain", attempt: 1)
    do throws(OutsideError) {
      let response = try client.send(request, for: purpose)
      return (response.status, response.body)
    } catch {
      switch error {
      case .notSent: throw .notReached("\(error)")
      // Its sentence warns of paying twice, which a reading cannot do.
      case .sentWithoutAnswer: throw .noAnswer(error.code)
      }
    }
  }
}
