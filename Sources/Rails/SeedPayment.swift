public import JSON
public import Ledger

/// What a request carried as payment.
public enum PaymentClaim: Equatable, Sendable {
  /// No payment header at all.
  case missing
  /// A header that is not of the form that the mode accepts.
  case malformed
  /// A proof, and what it says was paid; nil when it says nothing.
  case proof(Text, paid: Money?)
}

/// The seed's payment header, `X-Payment: v1:<amount-usd>:<proof-id>`.
///
/// Grammar: `^v1:(0|[1-9][0-9]*)(\.[0-9]{1,6})?:[A-Za-z0-9_-]{6,128}$`. The amount is a plain
/// decimal: no sign, exponent, `inf`, `nan` or leading zero can pay.
public enum SeedPayment {
  /// What clients are told to send.
  public static let expectedForm = "v1:<amount-usd>:<proof-id>"

  /// Reads the payment of a request.
  ///
  /// - Parameters:
  ///   - payment: values of all `X-Payment` headers; more than one is malformed.
  ///   - paidFlag: the value of `X-Paid`, which counts in `stub` only.
  public static func claim(payment: [Text], paidFlag: Text?, mode: VerifierMode) -> PaymentClaim {
    guard payment.count <= 1 else { return .malformed }
    switch mode {
    case .strict:
      guard let header = payment.first, !header.isEmpty else { return .missing }
      return strict(header)
    case .stub:
      if let header = payment.first, !header.isEmpty { return stub(header) }
      guard let paidFlag, paidFlag.asciiLowercased == "true" else { return .missing }
      return .proof("x-paid", paid: nil)
    case .facilitator:
      // A form that says what was paid is worth nothing where money is really moved.
      return payment.first?.isEmpty ?? true ? .missing : .malformed
    }
  }

  /// Any header pays, except one that speaks the protocol proper: that needs a real verifier.
  private static func stub(_ header: Text) -> PaymentClaim {
    let claim = strict(header)
    if case .proof = claim { return claim }
    guard header.utf8Count <= 128, !looksLikeProtocol(header) else { return .malformed }
    return .proof(header, paid: nil)
  }

  private static func strict(_ header: Text) -> PaymentClaim {
    let bytes = Array(header.string.utf8)
    guard bytes.starts(with: Array("v1:".utf8)), bytes.count <= 256,
      let colon = bytes.dropFirst(3).firstIndex(of: 0x3A)
    else { return .malformed }
    let proof = bytes[(colon + 1)...]
    guard (6...128).contains(proof.count), proof.allSatisfy(isProofByte) else { return .malformed }
    do {
      let paid = try Money(
        decimal: bytes.span.extracting(3..<colon), asset: .usdc, rounding: .refuse)
      guard decimals(bytes[3..<colon]) <= 6 else { return .malformed }
      return .proof(Text(String(decoding: proof, as: UTF8.self)), paid: paid)
    } catch {
      return .malformed
    }
  }

  /// Digits after the point; also zeros past the sixth are one too many for the grammar.
  private static func decimals(_ amount: ArraySlice<UInt8>) -> Int {
    amount.firstIndex(of: 0x2E).map { amount.endIndex - $0 - 1 } ?? 0
  }

  private static func isProofByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
    default: false
    }
  }

  /// Base64 of a JSON object begins with `ey` or `ew`: the official header.
  private static func looksLikeProtocol(_ header: Text) -> Bool {
    header.hasPrefix("ey") || header.hasPrefix("ew") || header.hasPrefix("{")
  }
}
