public import JSON

/// Records what a vendor offers, as its provider or an operator says.
public struct ObserveVendor: Command {
  public static var name: StaticString { "vendor.observe" }

  public let vendor: Text
  public let offer: VendorOffer
  public let source: VendorSource
  public let reason: Text?

  public init(vendor: Text, offer: VendorOffer, source: VendorSource, reason: Text?) {
    self.vendor = vendor
    self.offer = offer
    self.source = source
    self.reason = reason
  }

  public func writePrint(to out: inout JSONWriter) {
    out.field("vendor", vendor)
    offer.write(to: &out)
    out.field("source", source.name)
    out.optional("reason", reason)
  }

  /// The same again is recorded again: it renews the entry.
  /// - Throws: `Rejection.fieldInvalid`. Purchases are recorded by the payment itself.
  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    try ObserveVendor.check(vendor: vendor)
    switch source {
    case .fetch: break
    case .operator:
      guard let reason, !reason.isEmpty else {
        throw .fieldInvalid(field: "reason", reason: "must say why")
      }
    case .purchase:
      throw .fieldInvalid(field: "source", reason: "must be fetch or operator")
    }
    for (_, price) in offer.pricing {
      guard price.asset == .usdc, (0...1_000_000_000_000_000_000).contains(price.units) else {
        throw .fieldInvalid(
          field: "pricing", reason: "must hold amounts of 0 to 1000000000000 USDC")
      }
    }
    let lists: [(Text, [Text])] = [
      ("pricing", Array(offer.pricing.keys)), ("tokens", offer.tokens),
      ("chains", offer.chains), ("capabilities", offer.capabilities),
    ]
    for (field, names) in lists {
      guard names.allSatisfy({ (1...128).contains($0.utf8Count) }) else {
        throw .fieldInvalid(field: field, reason: "must hold names of 1 to 128 bytes")
      }
    }
    return .accepted([
      .vendorCapabilityObserved(
        VendorCapabilityObserved(
          vendor: vendor, offer: offer.keptInEvent, source: source, reason: reason?.cutForEvent))
    ])
  }

  /// A vendor's name also becomes part of a path at the provider, so dots alone are none.
  /// - Throws: `Rejection.fieldInvalid`.
  public static func check(vendor: Text) throws(Rejection) {
    try SpendRequest.checkName("vendor", vendor)
    guard vendor.string.utf8.contains(where: { $0 != 0x2E }) else {
      throw .fieldInvalid(field: "vendor", reason: "must not be dots alone")
    }
  }
}
