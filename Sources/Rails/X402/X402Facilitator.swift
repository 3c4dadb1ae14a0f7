import Digest
public import JSON
public import Ledger

/// What a facilitator is asked, the same for verify and settle.
public enum X402Request {
  /// `{"x402Version":…,"paymentPayload":…,"paymentRequirements":…}`: the payer's object as it
  /// came, and our own requirement.
  ///
  /// The same texts give the same bytes: what is sent again is identical.
  public static func body(version: Int, payment: Text, requirements: Text) -> [UInt8] {
    Array(
      #"{"x402Version":\#(version),"paymentPayload":\#(payment),"#.utf8
    ) + Array(#""paymentRequirements":\#(requirements)}"#.utf8)
  }
}

/// What a facilitator says to verify.
public enum X402VerifyAnswer: Equatable, Sendable {
  case valid(payer: Text?)
  case invalid(reason: Text, payer: Text?)
  /// Nothing that can be relied on; no money moves by verify.
  case noAnswer

  /// Reads an answer; a JSON boolean is demanded, and a yes only counts with status 200.
  public static func read(status: Int, body: [UInt8]) -> X402VerifyAnswer {
    guard let object = X402Answer.object(body), case .bool(let isValid) = object["isValid"] else {
      return .noAnswer
    }
    let payer = object["payer"]?.text
    if isValid { return status == 200 ? .valid(payer: payer) : .noAnswer }
    guard !(300...399).contains(status) else { return .noAnswer }
    return .invalid(
      reason: object["invalidReason"]?.text ?? "unexpected_verify_error", payer: payer)
  }
}

/// What a facilitator says to settle.
public enum X402SettleAnswer: Equatable, Sendable {
  /// The money moved.
  case settled(transaction: ChainHash, payer: Text, anomalies: [X402Anomaly])
  /// For certain it did not and will not by this call.
  case refused(reason: Text)
  /// The transaction was sent to the chain and not seen in a block.
  case pending(ChainHash?)
  /// It may have moved.
  case unknown(errorClass: Text, anomalies: [X402Anomaly])

  /// Reads an answer to the settlement of a payment.
  ///
  /// `settlement_pending` counts with any status. A refusal is only one when its reason is among
  /// those that facilitators give before they send anything to the chain and no transaction is
  /// named; every other refusal may come after the money moved.
  public static func read(
    status: Int, body: [UInt8], payment: X402Payment, terms: X402Terms
  ) -> X402SettleAnswer {
    guard let object = X402Answer.object(body), case .bool(let isSuccess) = object["success"] else {
      return .unknown(errorClass: status >= 500 ? "5xx" : "unreadable", anomalies: [])
    }
    let transaction = X402Answer.transaction(object["transaction"])
    if isSuccess {
      return success(status, object, transaction, payment, terms)
    }
    let reason = object["errorReason"]?.text ?? "unexpected_settle_error"
    if reason == "settlement_pending" { return .pending(transaction) }
    let isUnnamed = (object["transaction"]?.text ?? "").isEmpty
    guard isUnnamed, X402Reason.isBeforeBroadcast(reason), !(300...399).contains(status) else {
      return .unknown(errorClass: reason.cut(toUTF8Bytes: 128), anomalies: [])
    }
    return .refused(reason: reason)
  }

  private static func success(
    _ status: Int, _ object: JSONObject, _ transaction: ChainHash?, _ payment: X402Payment,
    _ terms: X402Terms
  ) -> X402SettleAnswer {
    var anomalies: [X402Anomaly] = []
    let from = payment.authorization.from
    if let payer = object["payer"]?.text {
      if payer.asciiLowercased != from.asciiLowercased {
        anomalies.append(X402Anomaly(kind: "other_payer", expected: from, got: payer))
      }
    } else {
      anomalies.append(X402Anomaly(kind: "no_payer", expected: from, got: nil))
    }
    let network = payment.version == 1 ? terms.network.legacy : terms.network.caip2
    let told = object["network"]?.text
    if told != network {
      anomalies.append(X402Anomaly(kind: "other_network", expected: network, got: told))
    }
    guard status == 200, let transaction else {
      anomalies.append(
        X402Anomaly(kind: "no_transaction", expected: nil, got: object["transaction"]?.text))
      return .unknown(errorClass: "no_transaction", anomalies: anomalies)
    }
    guard told == network else {
      return .unknown(errorClass: "other_network", anomalies: anomalies)
    }
    return .settled(transaction: transaction, payer: from, anomalies: anomalies)
  }
}

/// Something in an answer that does not fit what was asked.
public struct X402Anomaly: Equatable, Sendable {
  public let kind: Text
  public let expected: Text?
  public let got: Text?
}

/// What a facilitator can do, of `GET /supported`.
public struct X402Supported: Equatable, Sendable {
  /// One pair of version and network, of the scheme `exact`.
  struct Kind: Hashable, Sendable {
    let version: Int64
    let network: Text
  }

  private let kinds: Set<Kind>

  /// Nil when the answer cannot be used.
  public init?(status: Int, body: [UInt8]) {
    guard status == 200, let list = X402Answer.object(body)?["kinds"]?.elements else { return nil }
    kinds = Set(
      list.compactMap { kind in
        guard let kind = kind.object, kind["scheme"]?.text == X402Payment.scheme,
          case .number(let number) = kind["x402Version"], let version = number.integer(),
          let network = kind["network"]?.text
        else { return nil }
        return Kind(version: version, network: network)
      })
  }

  /// Whether payments of a version on a network can be settled.
  public func covers(version: Int, _ network: X402Network) -> Bool {
    kinds.contains(
      Kind(version: Int64(version), network: version == 1 ? network.legacy : network.caip2))
  }
}

/// How answers of facilitators are read: tolerant of names, strict about types.
enum X402Answer {
  private static let limits = JSONLimits(depth: 16, bytes: 65_536, values: 5_000)

  static func object(_ body: [UInt8]) -> JSONObject? {
    do throws(JSONError) {
      return try JSONParser.parse(body, limits: limits).object
    } catch {
      return nil
    }
  }

  /// `0x` and 64 hexadecimal digits; nil for anything else.
  static func transaction(_ value: JSONValue?) -> ChainHash? {
    guard let text = value?.text, case .evm(let hash) = ChainHash(text) else { return nil }
    return .evm(hash)
  }
}

/// What facilitators give as reasons: open texts, the known ones mapped to our codes.
public enum X402Reason {
  /// Our code for a reason.
  public static func code(of reason: Text) -> Text {
    let text = reason.string
    if text == "settlement_pending" { return "PAYMENT_PENDING" }
    if text.hasSuffix("nonce_already_used") { return "REPLAY" }
    if text.hasPrefix("insufficient_") || text.hasSuffix("insufficient_balance") {
      return "INSUFFICIENT_FUNDS"
    }
    if text == "network_mismatch" || text == "invalid_network" { return "WRONG_CHAIN" }
    if text.hasSuffix("valid_before") { return "EXPIRED" }
    if text.hasSuffix("valid_after") { return "PAYMENT_NOT_YET_VALID" }
    if text.hasSuffix("recipient_mismatch") { return "WRONG_RECIPIENT" }
    if text.hasSuffix("value_mismatch") || text.hasSuffix("authorization_value")
      || text.hasSuffix("value_too_low")
    {
      return "WRONG_AMOUNT"
    }
    if text.contains("_token_") || text.hasPrefix("asset_") { return "WRONG_ASSET" }
    if text.hasSuffix("payload_signature") || text.hasSuffix("verify_signature") {
      return "INVALID_SIGNATURE"
    }
    return "PAYMENT_REFUSED"
  }

  /// Whether facilitators give the reason only while they check, before they send anything.
  ///
  /// A closed list, byte for byte: an unheard reason proves nothing, whatever words are in it.
  /// Left out on purpose, although checks give them too: `nonce_already_used`, which may be our
  /// own earlier call; `transaction_simulation_failed`, as the simulation of a used nonce fails
  /// as well; `transaction_failed`, which one of version 1 says of a transfer that was mined.
  static func isBeforeBroadcast(_ reason: Text) -> Bool { beforeBroadcast.contains(reason) }

  private static let beforeBroadcast: Set<Text> = [
    "asset_not_deployed_contract", "eip6492_factory_not_allowed", "insufficient_funds",
    "invalid_exact_evm_eip3009_not_supported", "invalid_exact_evm_failed_to_get_network_config",
    "invalid_exact_evm_failed_to_verify_signature", "invalid_exact_evm_insufficient_balance",
    "invalid_exact_evm_payload_authorization_from_address_kyt",
    "invalid_exact_evm_payload_authorization_to_address_kyt",
    "invalid_exact_evm_payload_authorization_typed_data_message",
    "invalid_exact_evm_payload_authorization_valid_after",
    "invalid_exact_evm_payload_authorization_valid_before",
    "invalid_exact_evm_payload_authorization_value",
    "invalid_exact_evm_payload_authorization_value_mismatch",
    "invalid_exact_evm_payload_authorization_value_too_low",
    "invalid_exact_evm_payload_recipient_mismatch", "invalid_exact_evm_payload_signature",
    "invalid_exact_evm_payload_signature_address",
    "invalid_exact_evm_payload_undeployed_smart_wallet", "invalid_exact_evm_token_name_mismatch",
    "invalid_exact_evm_token_version_mismatch", "invalid_network", "invalid_payload",
    "invalid_payment_requirements", "invalid_scheme", "invalid_x402_version",
    "missing_eip712_domain", "network_mismatch", "unsupported_scheme",
  ]
}

/// What a payer is told beside the answer.
public enum X402Receipt {
  /// The value of `PAYMENT-RESPONSE` or `X-PAYMENT-RESPONSE` for money that moved.
  public static func settled(
    version: Int, transaction: Text, network: X402Network, payer: Text
  ) -> Text {
    var out = JSONWriter()
    out.beginObject()
    out.field("success", true)
    out.field("payer", payer)
    out.field("transaction", transaction)
    out.field("network", version == 1 ? network.legacy : network.caip2)
    out.endObject()
    return Text(Base64.encode(out.bytes))
  }

  /// The same for money that did not move.
  public static func refused(version: Int, reason: Text, network: X402Network) -> Text {
    var out = JSONWriter()
    out.beginObject()
    out.field("success", false)
    out.field("errorReason", reason)
    out.field("transaction", "" as Text)
    out.field("network", version == 1 ? network.legacy : network.caip2)
    out.endObject()
    return Text(Base64.encode(out.bytes))
  }
}
