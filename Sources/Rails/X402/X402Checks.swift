public import JSON
import Ledger

/// Why a payment that can be read does not fit our own offer; each is a 402, nobody is asked.
public enum X402Refusal: Error, Hashable, Sendable, CaseIterable {
  case scheme
  case network
  case asset
  case amount
  case recipient
  /// `accepted` differs from each of our offers in something else.
  case terms
  case notYetValid
  case expired

  /// A promise to clients that never changes.
  public var code: Text {
    switch self {
    case .scheme: "UNSUPPORTED_SCHEME"
    case .network: "WRONG_CHAIN"
    case .asset: "WRONG_ASSET"
    case .amount: "WRONG_AMOUNT"
    case .recipient: "WRONG_RECIPIENT"
    case .terms: "WRONG_TERMS"
    case .notYetValid: "PAYMENT_NOT_YET_VALID"
    case .expired: "EXPIRED"
    }
  }

  /// The protocol's word for it.
  public var reason: Text {
    switch self {
    case .scheme: "unsupported_scheme"
    case .network: "invalid_network"
    case .asset: "invalid_payment_requirements"
    case .amount: "invalid_exact_evm_payload_authorization_value_mismatch"
    case .recipient: "invalid_exact_evm_payload_recipient_mismatch"
    case .terms: "No matching payment requirements"
    case .notYetValid: "invalid_exact_evm_payload_authorization_valid_after"
    case .expired: "invalid_exact_evm_payload_authorization_valid_before"
    }
  }
}

extension X402Offer {
  /// How long a payment must still be valid: what facilitators demand.
  public static let marginSeconds: Int64 = 6

  /// The terms of ours that a payment pays, checked against them and never against the payer's
  /// copy.
  ///
  /// The amount is exact: what is signed moves whole. Valid while `validAfter <= now` and
  /// `now + marginSeconds <= validBefore`.
  /// - Parameter now: Unix seconds.
  public func terms(
    for payment: X402Payment, at now: Int64
  ) throws(X402Refusal) -> X402Terms {
    guard payment.scheme == X402Payment.scheme else { throw .scheme }
    let onChain = terms.filter { payment.isOn($0.network) }
    guard !onChain.isEmpty else { throw .network }
    var refusal = X402Refusal.terms
    for terms in onChain {
      do throws(X402Refusal) {
        try terms.check(payment, at: now)
        return terms
      } catch {
        refusal = error
      }
    }
    throw refusal
  }
}

extension X402Terms {
  fileprivate func check(_ payment: X402Payment, at now: Int64) throws(X402Refusal) {
    if let accepted = payment.accepted { try check(accepted) }
    let signed = payment.authorization
    guard signed.value == units else { throw .amount }
    guard signed.to.isEqualIgnoringCase(payTo) else { throw .recipient }
    guard signed.validAfter <= now else { throw .notYetValid }
    guard signed.validBefore - X402Offer.marginSeconds >= now else { throw .expired }
  }

  /// What the payer says that it accepted must be what we offered.
  private func check(_ accepted: JSONObject) throws(X402Refusal) {
    guard accepted["asset"]?.text?.isEqualIgnoringCase(coin.address) == true else { throw .asset }
    guard accepted["amount"]?.text == units else { throw .amount }
    guard accepted["payTo"]?.text?.isEqualIgnoringCase(payTo) == true else { throw .recipient }
    guard case .number(let seconds) = accepted["maxTimeoutSeconds"],
      seconds.integer() == Int64(maxTimeoutSeconds)
    else { throw .terms }
    let extra = accepted["extra"]?.object
    guard extra?["name"]?.text == coin.name, extra?["version"]?.text == coin.version else {
      throw .terms
    }
  }
}

extension Text {
  fileprivate func isEqualIgnoringCase(_ other: Text) -> Bool {
    asciiLowercased == other.asciiLowercased
  }
}
