internal import HTTP
internal import JSON
internal import Ledger

/// A JSON object that came in, read field by field; each complaint names field and rule.
struct RequestBody {
  private static let limits = JSONLimits(depth: 8, bytes: 65_536, values: 1_000)
  private let object: JSONObject

  /// Reads a body; an empty one is an object without members.
  init(_ bytes: [UInt8]) throws(Problem) {
    let text = bytes.isEmpty ? Array("{}".utf8) : bytes
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONParser.parse(text, limits: RequestBody.limits)
    } catch {
      throw Problem(
        status: 400, code: "VALIDATION_ERROR",
        detail: "The body is not JSON: \(error.reason.sentence) at byte \(error.offset).")
    }
    guard let members = value.object else {
      throw Problem(
        status: 400, code: "VALIDATION_ERROR",
        detail: "The body must be a JSON object, not a \(value.kind).")
    }
    object = members
  }

  /// Refuses members that nobody reads: a misspelt limit must not count as left out.
  func allow(_ names: [Text]) throws(Problem) {
    for member in object.members where !names.contains(member.name) {
      let known = names.map(\.string).joined(separator: ", ")
      throw .invalid(
        SettingText.quotable(member.name.string), "is not a member here; there are \(known)")
    }
  }

  func text(_ name: Text) throws(Problem) -> Text {
    guard let text = try optionalText(name) else { throw .invalid(name.string, "is missing") }
    return text
  }

  func optionalText(_ name: Text) throws(Problem) -> Text? {
    switch object[name] {
    case .none, .null: return nil
    case .string(let text): return text
    case .some(let other):
      throw .invalid(name.string, "must be a string, not a \(other.kind)")
    }
  }

  /// `amount` and `asset`; an amount is a string, as a JSON number may be rounded on its way.
  func money() throws(Problem) -> Money {
    let code = try optionalText("asset") ?? "USDC"
    guard let asset = Asset(code: code), asset == .usdc else {
      throw .invalid("asset", "must be USDC")
    }
    let decimal = try text("amount")
    do throws(MoneyError) {
      return try Money(decimal: decimal, asset: asset, rounding: .refuse)
    } catch {
      throw .invalid("amount", MoneyRule.sentence(error))
    }
  }

  func moment(_ name: Text) throws(Problem) -> Timestamp? {
    guard let text = try optionalText(name) else { return nil }
    guard let moment = Timestamp(rfc3339: text, offsetRequired: true) else {
      throw .invalid(name.string, "must be a time such as 2026-11-16T03:00:00Z")
    }
    return moment
  }

  func network(_ name: Text) throws(Problem) -> Network? {
    guard let text = try optionalText(name) else { return nil }
    guard let network = Network(text) else {
      throw .invalid(name.string, "must have 1 to 64 bytes of [A-Za-z0-9._:-] and _")
    }
    return network
  }

  func identifier<Kind>(_ name: Text) throws(Problem) -> Identifier<Kind>? {
    guard let text = try optionalText(name) else { return nil }
    guard let identifier = Identifier<Kind>(text) else {
      throw .invalid(name.string, "must have 1 to 128 bytes of [A-Za-z0-9._:-] and _")
    }
    return identifier
  }
}

/// How an amount must be written, by what is wrong with it.
enum MoneyRule {
  static func sentence(_ error: MoneyError) -> String {
    switch error {
    case .malformed, .assetMismatch:
      "must be a decimal such as 1.25: digits and one point, no sign, exponent or blank"
    case .tooManyDecimals(let allowed): "must have at most \(allowed) decimals"
    case .overflow: "is larger than anything that can be counted"
    }
  }
}

extension Problem {
  /// 400: one field of a request is not as it should be.
  static func invalid(_ field: String, _ rule: String) -> Problem {
    Problem(status: 400, code: "FIELD_INVALID", detail: "\(field) \(rule).")
  }

  static let noSuchPayment = Problem(
    status: 404, code: "PAYMENT_NOT_FOUND",
    detail: "There is no payment of this id in the book of this mode.")
  static let noSuchIntent = Problem(
    status: 404, code: "INTENT_NOT_FOUND",
    detail: "There is no intent of this id in the book of this mode.")
  static let ending = Problem(
    status: 503, code: "NOT_READY", detail: "The daemon is ending. Try again in a moment.",
    retryAfterSeconds: 1)
}
