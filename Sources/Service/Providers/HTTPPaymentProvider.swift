package import HTTP
package import JSON
internal import Ledger

/// A payments API over HTTP, as docs/payments-api.md specifies it: `POST /payments` with the
/// provider's key, `GET /payments/{key}`.
///
/// Nothing but an answer that is whole, of the right types and about this very order counts as
/// evidence; all else leaves the outcome open.
package final class HTTPPaymentProvider: PaymentProvider {
  private static let limits = JSONLimits(depth: 16, bytes: 65_536, values: 1_000)

  private let url: String
  private let token: BearerToken
  private let deadlineMilliseconds: Int
  private let outside: OutsideClient

  package var name: Text { "http" }

  package init(
    url: String, tokenFile: String?, deadlineMilliseconds: Int, outside: OutsideClient
  ) {
    self.outside = outside
    self.url = url
    token = BearerToken(tokenFile.map { .file($0) } ?? .none, boot: Clocks.system.boot)
    self.deadlineMilliseconds = deadlineMilliseconds
  }

  package func ask(_ order: ProviderOrder) -> ProviderAnswer {
    var out = JSONWriter()
    out.beginObject()
    out.field("provider_key", order.key)
    out.field("amount", order.amount.decimal)
    out.field("asset", order.amount.asset.code)
    out.field("network", order.network.name)
    out.field("agent_id", order.agent)
    out.field("vendor", order.vendor)
    out.optional("service_url", order.serviceURL)
    if case .authorize(let expiresAt?) = order.action { out.moment("expires_at", expiresAt) }
    out.endObject()
    var headers: Headers = ["Content-Type": "application/json"]
    headers.append("Idempotency-Key", order.key.string)
    return send(.post, HTTPPaymentProvider.path(of: order), headers, out.bytes, order)
  }

  package func look(up order: ProviderOrder) -> ProviderAnswer {
    let path =
      switch order.action {
      case .pay, .authorize: "\(HTTPPaymentProvider.path(of: order))/\(order.key)"
      case .capture(let hold), .cancel(let hold): "/authorizations/\(hold)/steps/\(order.key)"
      }
    return send(.get, path, Headers(), [], order)
  }

  private static func path(of order: ProviderOrder) -> String {
    switch order.action {
    case .pay: "/payments"
    case .authorize: "/authorizations"
    case .capture(let hold): "/authorizations/\(hold)/capture"
    case .cancel(let hold): "/authorizations/\(hold)/cancel"
    }
  }

  /// The word that says that an order was carried out.
  private static func success(of order: ProviderOrder) -> Text {
    switch order.action {
    case .pay: "completed"
    case .authorize: "authorized"
    case .capture: "captured"
    case .cancel: "cancelled"
    }
  }

  private func send(
    _ method: Method, _ path: String, _ headers: Headers, _ body: [UInt8],
    _ order: ProviderOrder
  ) -> ProviderAnswer {
    guard let headers = complete(headers, method, url + path) else { return .notTaken(.connect) }
    let request = OutsideRequest(
      method: method, url: url + path, headers: headers, body: body,
      deadlineMilliseconds: deadlineMilliseconds, maxBytes: 65_536)
    let purpose = OutsidePurpose(
      provider: name.string,
      operation: method == .get ? "look_up" : order.action.name.string,
      subject: order.key.string, attempt: 1)
    do throws(OutsideError) {
      let response = try outside.send(request, for: purpose)
      return HTTPPaymentProvider.answer(response, to: order, isLookUp: method == .get)
    } catch {
      switch error {
      case .notSent: return .notTaken(.connect)
      case .sentWithoutAnswer(let reason): return .noAnswer(reason.fault)
      }
    }
  }

  /// The headers with what every call carries; nil when the token cannot be read.
  private func complete(_ some: Headers, _ method: Method, _ url: String) -> Headers? {
    var headers = some
    headers.append("Accept", "application/json")
    return token.authorize(&headers, method: method, url: url) ? headers : nil
  }

  package func capabilities(of vendor: Text) -> VendorReply {
    let address = "\(url)/vendors/\(vendor)"
    guard let headers = complete(Headers(), .get, address) else { return .notReached(.connect) }
    let request = OutsideRequest(
      method: .get, url: address, headers: headers, body: [],
      deadlineMilliseconds: deadlineMilliseconds, maxBytes: 262_144)
    let purpose = OutsidePurpose(
      provider: name.string, operation: "capabilities", subject: vendor.string, attempt: 1)
    do throws(OutsideError) {
      return HTTPPaymentProvider.reply(try outside.send(request, for: purpose), about: vendor)
    } catch {
      switch error {
      case .notSent: return .notReached(.connect)
      case .sentWithoutAnswer(let reason): return .noAnswer(reason.fault)
      }
    }
  }

  /// What an answer says of a vendor; one about another vendor says nothing.
  package static func reply(_ response: Response, about vendor: Text) -> VendorReply {
    switch response.status {
    case 429: return .notReached(.tooManyRequests)
    case 500...599: return .noAnswer(.serverError)
    default: break
    }
    let object: JSONObject?
    do throws(JSONError) {
      object = try JSONParser.parse(response.body, limits: vendorLimits).object
    } catch {
      return .noAnswer(.unreadable)
    }
    guard let object else { return .noAnswer(.unreadable) }
    // A proxy's 404 says nothing of the vendor.
    if response.status == 404, object["code"]?.text == "NOT_FOUND" { return .unknownVendor }
    guard response.status == 200,
      object["vendor"]?.text?.asciiLowercased == vendor.asciiLowercased
    else { return .noAnswer(.unreadable) }
    do throws(VendorOffer.Fault) {
      return .offer(try VendorOffer(reading: object))
    } catch {
      return .noAnswer(.unreadable)
    }
  }

  private static let vendorLimits = JSONLimits(depth: 4, bytes: 262_144, values: 20_000)

  /// What an answer says of the money.
  package static func answer(
    _ response: Response, to order: ProviderOrder, isLookUp: Bool
  ) -> ProviderAnswer {
    switch response.status {
    case 429: return .notTaken(.tooManyRequests)
    case 500...599: return .noAnswer(.serverError)
    default: break
    }
    let object: JSONObject
    do throws(JSONError) {
      guard let read = try JSONParser.parse(response.body, limits: limits).object else {
        return .noAnswer(.unreadable)
      }
      object = read
    } catch {
      return .noAnswer(.unreadable)
    }
    // A proxy's 404 is no evidence: the code must be the API's own.
    if isLookUp, response.status == 404, object["code"]?.text == "NOT_FOUND" {
      return .neverSeen
    }
    guard object["provider_key"]?.text == order.key, let status = object["status"]?.text else {
      return .noAnswer(.unreadable)
    }
    if status == success(of: order), (200...299).contains(response.status) {
      guard object["amount"]?.text == order.amount.decimal,
        object["asset"]?.text == Text("\(order.amount.asset.code)")
      else { return .noAnswer(.unreadable) }
      return .completed(
        chainHash: object["tx_hash"]?.text.map { ChainHash($0) },
        receipt: object["reference"]?.text)
    }
    switch status {
    case "failed":
      guard let code = object["code"]?.text, SettingReader.word(code.string) != nil,
        case .bool(let vendorFault) = object["vendor_fault"]
      else { return .noAnswer(.unreadable) }
      let error = object["error"]?.text ?? code
      return .failed(code: code, error: error, vendorFault: vendorFault)
    case "pending": return .noAnswer(.pending)
    default: return .noAnswer(.unreadable)
    }
  }
}
