public import JSON

/// How we came to know what a vendor offers.
public enum VendorSource: UInt8, CaseIterable, Sendable {
  /// The provider told when it was asked.
  case fetch
  /// A payment went through: it proves what it used, and says nothing of the rest.
  case purchase
  /// An operator says so.
  case `operator`

  public var name: StaticString {
    switch self {
    case .fetch: "fetch"
    case .purchase: "purchase"
    case .operator: "operator"
    }
  }

  /// Looks a source up by its name; nil when there is none of it.
  public init?(_ name: Text) {
    guard let source = VendorSource.allCases.first(where: { Text("\($0.name)") == name }) else {
      return nil
    }
    self = source
  }
}

/// What a vendor sells, for how much, and how it can be paid.
public struct VendorOffer: Equatable, Sendable {
  /// Prices by name, in USDC; from a purchase, what was paid for the component.
  public let pricing: [Text: Money]
  /// Assets that it takes; none named is nothing known.
  public let tokens: [Text]
  /// Networks that it takes them on; none named is nothing known.
  public let chains: [Text]
  public let capabilities: [Text]

  public init(pricing: [Text: Money], tokens: [Text], chains: [Text], capabilities: [Text]) {
    self.pricing = pricing
    self.tokens = tokens
    self.chains = chains
    self.capabilities = capabilities
  }

  /// Cut to what an event may carry: of each list the first 1,000 that fit 48 KiB, so that all
  /// four together stay below 256 KiB; prices by name.
  var keptInEvent: VendorOffer {
    let names = VendorOffer.kept(pricing.keys.sorted())
    return VendorOffer(
      pricing: pricing.filter { Set(names).contains($0.key) }, tokens: VendorOffer.kept(tokens),
      chains: VendorOffer.kept(chains), capabilities: VendorOffer.kept(capabilities))
  }

  private static func kept(_ texts: [Text]) -> [Text] {
    var bytes = 0
    return Array(
      texts.prefix(1_000).prefix { text in
        bytes += text.utf8Count
        return bytes <= 49_152
      })
  }

  func write(to out: inout JSONWriter) {
    out.field("pricing", map: pricing.mapValues(\.decimal))
    out.field("tokens", list: tokens)
    out.field("chains", list: chains)
    out.field("capabilities", list: capabilities)
  }

  init(from fields: inout FieldReader) throws(FieldError) {
    var pricing: [Text: Money] = [:]
    for (name, decimal) in try fields.textMap("pricing") {
      let bytes = Array(decimal.string.utf8)
      guard let price = Money(canonical: bytes.span, asset: .usdc) else {
        throw .invalid("pricing", "holds what is not a decimal at the scale of USDC")
      }
      pricing[name] = price
    }
    self.pricing = pricing
    tokens = try fields.texts("tokens")
    chains = try fields.texts("chains")
    capabilities = try fields.texts("capabilities")
  }
}

/// What a vendor offers was seen: it takes the place of what was known from such a source.
///
/// Wire: `vendor.capability_observed`. Subject: the vendor.
public struct VendorCapabilityObserved: EventData {
  public let vendor: Text
  public let offer: VendorOffer
  public let source: VendorSource
  /// Why an operator says so.
  public let reason: Text?

  var subject: Text { vendor }

  func write(to out: inout JSONWriter) {
    offer.write(to: &out)
    out.field("source", source.name)
    out.optional("reason", reason)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    vendor = subject.text
    offer = try VendorOffer(from: &fields)
    guard let source = VendorSource(try fields.cachedText("source")) else {
      throw .invalid("source", "is not a source that this binary knows")
    }
    self.source = source
    reason = try fields.optionalText("reason")
  }

  init(vendor: Text, offer: VendorOffer, source: VendorSource, reason: Text?) {
    self.vendor = vendor
    self.offer = offer
    self.source = source
    self.reason = reason
  }
}

extension JSONWriter {
  fileprivate mutating func field(_ key: StaticString, list: [Text]) {
    self.key(key)
    beginArray()
    for text in list { string(text) }
    endArray()
  }
}
