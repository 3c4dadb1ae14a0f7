import Digest
public import JSON
import Ledger

/// The two `WWW-Authenticate` values of a 402: the same token and invoice in both forms.
///
/// Source: lightninglabs/L402 `protocol-specification.md`. The older form goes first: Aperture's
/// client and L402sdk cannot read the specification's own.
public struct L402Challenge: Sendable {
  /// Bytes of the longest invoice that lnd reads (`zpay32`).
  public static let maximumInvoiceBytes = 7_089

  /// One header line each, in this order.
  public let headerValues: [Text]

  /// - Parameter invoice: BOLT11: `ln` and ASCII letters and digits; nothing else goes into a
  ///   header.
  /// - Throws: `L402ChallengeFault`.
  public init(macaroon: Macaroon, invoice: Text) throws(L402ChallengeFault) {
    guard L402Challenge.isInvoice(invoice) else { throw .invoice }
    let token = Base64.encode(macaroon.binary)
    headerValues = [
      Text("L402 macaroon=\"\(token)\", invoice=\"\(invoice)\""),
      Text("L402 version=\"0\", token=\"\(token)\", invoice=\"\(invoice)\""),
    ]
  }

  private static func isInvoice(_ invoice: Text) -> Bool {
    guard (3...maximumInvoiceBytes).contains(invoice.utf8Count),
      invoice.asciiLowercased.hasPrefix("ln")
    else { return false }
    return invoice.string.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      default: false
      }
    }
  }
}

/// Why there is no challenge.
public enum L402ChallengeFault: Error, Hashable, Sendable, CaseIterable {
  /// The provider's invoice has a byte that no BOLT11 invoice has, or a wrong length.
  case invoice

  /// A promise to operators that never changes.
  public var code: Text { "L402_INVOICE_FORM" }
}
