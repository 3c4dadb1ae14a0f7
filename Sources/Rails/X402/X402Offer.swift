import Digest
public import JSON
public import Ledger

/// What is sold, as offers name it.
public struct X402Resource: Equatable, Sendable {
  /// Absolute.
  public let url: Text
  public let description: Text
  public let mimeType: Text

  public init(url: Text, description: Text, mimeType: Text) {
    self.url = url
    self.description = description
    self.mimeType = mimeType
  }
}

/// One way to pay that we offer: the scheme `exact` in one token on one chain.
public struct X402Terms: Equatable, Sendable {
  public let network: X402Network
  /// The token; its address as the operator spells it.
  public let coin: X402Coin
  /// More than zero, of a token with six decimals.
  public let amount: Money
  /// Who is paid, as the operator spells it: facilitators may demand EIP-55.
  public let payTo: Text
  /// How long a payment may be valid from when it is signed.
  public let maxTimeoutSeconds: Int
  public let flow: PaymentFlow

  public init(
    network: X402Network, coin: X402Coin, amount: Money, payTo: Text, maxTimeoutSeconds: Int,
    flow: PaymentFlow
  ) {
    self.network = network
    self.coin = coin
    self.amount = amount
    self.payTo = payTo
    self.maxTimeoutSeconds = maxTimeoutSeconds
    self.flow = flow
  }

  /// Atomic units, as the wire has them.
  var units: Text { Text(String(amount.units)) }

  /// The requirement as a facilitator is told it, and as it stands in an offer.
  ///
  /// - Parameter version: 1 or 2.
  public func requirements(version: Int, of resource: X402Resource) -> Text {
    var out = JSONWriter()
    write(version: version, of: resource, to: &out)
    return Text(String(decoding: out.bytes, as: UTF8.self))
  }

  func write(version: Int, of resource: X402Resource, to out: inout JSONWriter) {
    out.beginObject()
    out.field("scheme", X402Payment.scheme)
    if version == 1 {
      out.field("network", network.legacy)
      out.field("maxAmountRequired", units)
      out.field("resource", resource.url)
      out.field("description", resource.description)
      out.field("mimeType", resource.mimeType)
      out.field("payTo", payTo)
      out.field("maxTimeoutSeconds", maxTimeoutSeconds)
      out.field("asset", coin.address)
    } else {
      out.field("network", network.caip2)
      out.field("asset", coin.address)
      out.field("amount", units)
      out.field("payTo", payTo)
      out.field("maxTimeoutSeconds", maxTimeoutSeconds)
    }
    out.key("extra")
    out.beginObject()
    out.field("name", coin.name)
    out.field("version", coin.version)
    if flow == .upfront, version != 1 { out.field("paymentFlow", flow.name) }
    out.endObject()
    out.endObject()
  }
}

/// A 402 in both versions at once: version 2 in a header, version 1 in the body.
///
/// Source: x402 specification, versions 1 and 2; the official client takes the header when it is
/// there, else the body.
public struct X402Offer: Equatable, Sendable {
  public let terms: [X402Terms]
  public let resource: X402Resource
  /// Why there is an offer and no answer, in one line.
  public let error: Text

  public init(terms: [X402Terms], resource: X402Resource, error: Text) {
    self.terms = terms
    self.resource = resource
    self.error = error
  }

  /// The value of `PAYMENT-REQUIRED`.
  public var headerValue: Text {
    var out = JSONWriter(reserving: 1_024)
    out.beginObject()
    out.field("x402Version", 2)
    out.field("error", error)
    out.key("resource")
    out.beginObject()
    out.field("url", resource.url)
    out.field("description", resource.description)
    out.field("mimeType", resource.mimeType)
    out.endObject()
    writeTerms(version: 2, to: &out)
    out.key("extensions")
    out.beginObject()
    X402PaymentIdentifier.write(to: &out)
    out.endObject()
    out.endObject()
    return Text(Base64.encode(out.bytes))
  }

  /// The body, with members of ours behind those of version 1.
  ///
  /// - Parameters:
  ///   - code: the stable word for the reason.
  ///   - requestID: for whoever asks about it.
  public func body(code: Text, requestID: Text) -> [UInt8] {
    var out = JSONWriter(reserving: 1_024)
    out.beginObject()
    out.field("x402Version", 1)
    out.field("error", error)
    writeTerms(version: 1, to: &out)
    out.field("code", code)
    out.field("requestId", requestID)
    out.endObject()
    return out.bytes
  }

  private func writeTerms(version: Int, to out: inout JSONWriter) {
    out.key("accepts")
    out.beginArray()
    for terms in terms { terms.write(version: version, of: resource, to: &out) }
    out.endArray()
  }
}

/// The extension `payment-identifier`: a payer's own name for a payment, for retries.
public enum X402PaymentIdentifier {
  static let name: StaticString = "payment-identifier"

  /// 16 to 128 of `[A-Za-z0-9_-]`.
  public static func isWellFormed(_ id: Text) -> Bool {
    (16...128).contains(id.utf8Count)
      && id.string.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
        default: false
        }
      }
  }

  static func write(to out: inout JSONWriter) {
    out.key(name)
    out.beginObject()
    out.key("info")
    out.beginObject()
    out.field("required", false)
    out.endObject()
    out.key("schema")
    out.beginObject()
    out.field("$schema", "https://json-schema.org/draft/2020-12/schema")
    out.field("type", "object")
    out.key("properties")
    out.beginObject()
    out.key("required")
    out.beginObject()
    out.field("type", "boolean")
    out.endObject()
    out.key("id")
    out.beginObject()
    out.field("type", "string")
    out.field("minLength", 16)
    out.field("maxLength", 128)
    out.field("pattern", "^[a-zA-Z0-9_-]+$")
    out.endObject()
    out.endObject()
    out.key("required")
    out.beginArray()
    out.string("required" as StaticString)
    out.endArray()
    out.endObject()
    out.endObject()
  }
}
