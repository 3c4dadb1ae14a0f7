internal import HTTP
package import JSON

/// A facilitator over HTTP: `POST /verify`, `POST /settle`, `GET /supported` below one address.
///
/// Source: x402 specification, section 7 of version 2. Redirects are not followed.
package final class HTTPFacilitator: Facilitator {
  private let url: String
  private let token: BearerToken
  private let deadlineMilliseconds: Int
  private let outside: OutsideClient

  package var name: Text { "facilitator" }

  /// - Parameter url: without a slash at the end.
  package init(
    url: String, token: BearerToken, deadlineMilliseconds: Int, outside: OutsideClient
  ) {
    self.url = url
    self.token = token
    self.deadlineMilliseconds = deadlineMilliseconds
    self.outside = outside
  }

  package func ask(
    _ operation: FacilitatorOperation, _ body: [UInt8], about subject: Text
  ) -> FacilitatorReply {
    let method: Method = operation == .supported ? .get : .post
    let address = "\(url)/\(operation.rawValue)"
    var headers: Headers = ["Accept": "application/json"]
    if method == .post { headers.append("Content-Type", "application/json") }
    guard token.authorize(&headers, method: method, url: address) else {
      return .notSent("FACILITATOR_TOKEN_UNREADABLE")
    }
    let request = OutsideRequest(
      method: method, url: address, headers: headers, body: body,
      deadlineMilliseconds: deadlineMilliseconds, maxBytes: 65_536)
    let purpose = OutsidePurpose(
      provider: name.string, operation: operation.rawValue, subject: subject.string, attempt: 1)
    do throws(OutsideError) {
      let response = try outside.send(request, for: purpose)
      return .answered(status: response.status, body: response.body)
    } catch {
      switch error {
      case .notSent: return .notSent(error.code)
      case .sentWithoutAnswer(let reason): return .noAnswer(reason.fault.rawValue)
      }
    }
  }
}
