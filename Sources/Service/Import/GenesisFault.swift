package import JSON

/// Why a line of a Genesis file was refused; nothing of such a line is taken in.
package enum GenesisFault: Error, Equatable, Sendable {
  case lineTooLong(limit: Int)
  case notJSON(JSONError)
  /// The last line has no line feed and is no JSON: perhaps half of it is still to come.
  case lineUnfinished(JSONError)
  case notAnObject(kind: String)
  case missing(field: String)
  case wrongType(field: String, expected: String)
  case idInvalid(String)
  case timestampInvalid(String)
  case nameInvalid(field: String)
  case networkInvalid(String)
  case amountMalformed(String)
  case amountNegative(String)
  case amountTooPrecise(String, allowed: Int)
  case amountTooLarge(String)
  case statusUnknown(String)
  case latencyInvalid(field: String, String)

  /// The stable word that refused lines are counted by.
  package var code: String {
    switch self {
    case .lineTooLong: "LINE_TOO_LONG"
    case .notJSON: "NOT_JSON"
    case .lineUnfinished: "LINE_UNFINISHED"
    case .notAnObject: "NOT_AN_OBJECT"
    case .missing: "FIELD_MISSING"
    case .wrongType: "FIELD_TYPE"
    case .idInvalid: "TRANSACTION_ID_INVALID"
    case .timestampInvalid: "TIMESTAMP_INVALID"
    case .nameInvalid: "NAME_INVALID"
    case .networkInvalid: "NETWORK_INVALID"
    case .amountMalformed: "AMOUNT_MALFORMED"
    case .amountNegative: "AMOUNT_NEGATIVE"
    case .amountTooPrecise: "AMOUNT_TOO_PRECISE"
    case .amountTooLarge: "AMOUNT_TOO_LARGE"
    case .statusUnknown: "STATUS_UNKNOWN"
    case .latencyInvalid: "LATENCY_INVALID"
    }
  }

  /// What is wrong with the line and what to do, safe to print on a terminal.
  package var sentence: String {
    switch self {
    case .lineTooLong(let limit): "the line has more than \(limit) bytes"
    case .notJSON(let error): "the line is not strict JSON: \(error)"
    case .lineUnfinished(let error):
      "the last line has no line feed and is not JSON: \(error); "
        + "if the file is still being written, import it again later"
    case .notAnObject(let kind): "the line is a JSON \(kind); expected an object"
    case .missing(let field): "\(field) is missing"
    case .wrongType(let field, let expected): "\(field) must be \(expected)"
    case .idInvalid(let text):
      "transaction_id \(quoted(text)) must have 1 to 128 characters of A-Z a-z 0-9 . _ : -"
    case .timestampInvalid(let text):
      "timestamp \(quoted(text)) is no time of RFC 3339 such as 2025-11-16T03:00:00Z"
    case .nameInvalid(let field): "\(field) must have 1 to 256 bytes"
    case .networkInvalid(let text):
      "network \(quoted(text)) must have 1 to 64 characters of A-Z a-z 0-9 . _ : -"
    case .amountMalformed(let text): "price_usdc \(quoted(text)) is not a decimal number"
    case .amountNegative(let text): "price_usdc \(quoted(text)) is negative"
    case .amountTooPrecise(let text, let allowed):
      "price_usdc \(quoted(text)) has more than \(allowed) decimals; "
        + "correct it, or import with --round half-even"
    case .amountTooLarge(let text): "price_usdc \(quoted(text)) is too large"
    case .statusUnknown(let text):
      "status \(quoted(text)) says nothing about the money that we know; "
        + "known are \(GenesisStatus.words.joined(separator: ", "))"
    case .latencyInvalid(let field, let text):
      "\(field) \(quoted(text)) is not a span of time from 0 on"
    }
  }

  private func quoted(_ text: String) -> String { "'\(SettingText.quotable(text))'" }
}
