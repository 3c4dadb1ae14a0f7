public import JSON

/// What is known of one vendor: what it lists, and what payments have shown.
///
/// The two are kept apart. A list can be too short for a wish, and then the wish is refused; a
/// payment only proves that something works, and neither renews a list nor forbids anything.
public struct VendorEntry: Equatable, Sendable {
  /// One sighting, the latest of its kind.
  public struct Sighting: Equatable, Sendable {
    public let offer: VendorOffer
    public let source: VendorSource
    public let at: Timestamp
    public let seq: UInt64
    /// Chains in lower case; a list may be long, a question must not take longer for it.
    let chainKeys: Set<Text>
    /// Tokens in lower case.
    let tokenKeys: Set<Text>

    init(_ offer: VendorOffer, _ source: VendorSource, at record: Record) {
      self.offer = offer
      self.source = source
      at = record.at
      seq = record.seq
      chainKeys = Set(offer.chains.map(\.asciiLowercased))
      tokenKeys = Set(offer.tokens.map(\.asciiLowercased))
    }
  }

  /// As written last.
  public internal(set) var vendor: Text
  /// From `fetch` or `operator`.
  public internal(set) var listed: Sighting?
  /// Everything that payments have shown.
  public internal(set) var bought: Sighting?

  /// The sighting that says how old the entry is: the list where there is one.
  public var main: Sighting? { listed ?? bought }

  /// What is known in all: the list first, then what only payments have shown.
  public var offer: VendorOffer {
    let parts = [listed?.offer, bought?.offer].compactMap { $0 }
    func union(_ names: (VendorOffer) -> [Text]) -> [Text] {
      var seen: Set<Text> = []
      return parts.flatMap(names).filter { seen.insert($0.asciiLowercased).inserted }
    }
    var pricing = bought?.offer.pricing ?? [:]
    if let listed { pricing.merge(listed.offer.pricing) { _, listed in listed } }
    return VendorOffer(
      pricing: pricing, tokens: union(\.tokens), chains: union(\.chains),
      capabilities: union(\.capabilities))
  }
}

/// What the vendors of one book offer, as seen last; order-dependent.
///
/// Kept per book, so that what the fake told is never believed about real money, nor the reverse.
public struct Vendors: Equatable, Sendable {
  /// By the vendor in ASCII lower case.
  private var entries: [Text: VendorEntry] = [:]

  public init() {}

  public var count: Int { entries.count }

  /// Takes in what was seen.
  public mutating func apply(_ event: VendorCapabilityObserved, at record: Record) {
    let sighting = VendorEntry.Sighting(event.offer, event.source, at: record)
    let key = event.vendor.asciiLowercased
    var entry = entries[key] ?? VendorEntry(vendor: event.vendor)
    entry.vendor = event.vendor
    switch event.source {
    case .fetch, .operator: entry.listed = sighting
    case .purchase: entry.bought = sighting
    }
    entries[key] = entry
  }

  /// What is known of a vendor, whatever the case of its ASCII letters.
  public subscript(vendor: Text) -> VendorEntry? { entries[vendor.asciiLowercased] }

  /// All of them, by the vendor in lower case.
  public var all: [VendorEntry] {
    entries.sorted { $0.key < $1.key }.map(\.value)
  }

  /// What stands against a wish in the vendor's own list, while that is fresh.
  ///
  /// The price that counts is the one named as the request's component, byte for byte, else the
  /// one named `default`; without either, no price is known.
  func objection(
    to request: SpendRequest, _ policy: VendorCachePolicy, at now: Timestamp
  ) -> VendorObjection? {
    guard let listed = self[request.parties.vendor]?.listed, policy.isFresh(listed.at, at: now)
    else { return nil }
    let chain = request.parties.network.name
    if !listed.chainKeys.isEmpty, !listed.chainKeys.contains(chain.asciiLowercased) {
      return .chain(chain)
    }
    let token = Text("\(request.amount.asset.code)")
    if !listed.tokenKeys.isEmpty, !listed.tokenKeys.contains(token.asciiLowercased) {
      return .token(token)
    }
    let pricing = listed.offer.pricing
    for name in [request.component, "default"].compactMap({ $0 }) {
      guard let price = pricing[name] else { continue }
      return request.amount.units > price.units
        ? .price(name: name, listed: price, asked: request.amount) : nil
    }
    return nil
  }

  /// What a payment that went through adds to what is known; nil when that is nothing new.
  func purchase(
    _ parties: PaymentParties, paid: Money, component: Text?, _ policy: VendorCachePolicy,
    at now: Timestamp
  ) -> VendorCapabilityObserved? {
    // Names of imported payments are wider; what we paid ourselves has a checked one.
    guard paid.asset == .usdc, paid.units >= 0 else { return nil }
    let entry = self[parties.vendor]
    let known = entry?.bought?.offer
    var pricing = known?.pricing ?? [:]
    if let component { pricing[component] = paid }
    let offer = VendorOffer(
      pricing: pricing,
      tokens: Vendors.adding(Text("\(paid.asset.code)"), to: known?.tokens),
      chains: Vendors.adding(parties.network.name, to: known?.chains),
      capabilities: component.map { Vendors.adding($0, to: known?.capabilities) }
        ?? known?.capabilities ?? []
    ).keptInEvent
    if offer == known, let bought = entry?.bought, policy.isFresh(bought.at, at: now) {
      return nil
    }
    return VendorCapabilityObserved(
      vendor: parties.vendor, offer: offer, source: .purchase, reason: nil)
  }

  private static func adding(_ name: Text, to known: [Text]?) -> [Text] {
    guard let known else { return [name] }
    let key = name.asciiLowercased
    return known.contains { $0.asciiLowercased == key } ? known : known + [name]
  }

  func feed(into sink: inout StateSink) {
    sink.word(entries.count)
    for entry in all {
      sink.text(entry.vendor)
      for sighting in [entry.listed, entry.bought] {
        sink.word(sighting == nil ? 0 : 1)
        if let sighting { Vendors.feed(sighting, into: &sink) }
      }
    }
  }

  private static func feed(_ sighting: VendorEntry.Sighting, into sink: inout StateSink) {
    sink.word(Int(sighting.source.rawValue))
    sink.moment(sighting.at)
    sink.word(sighting.seq)
    sink.word(sighting.offer.pricing.count)
    for (name, price) in sighting.offer.pricing.sorted(by: { $0.key < $1.key }) {
      sink.text(name)
      sink.wide(price.units)
    }
    for list in [sighting.offer.tokens, sighting.offer.chains, sighting.offer.capabilities] {
      sink.word(list.count)
      for text in list { sink.text(text) }
    }
  }
}

extension State {
  /// What money that has just moved shows of a vendor; nothing when that is known.
  func purchase(
    of parties: PaymentParties, for paid: Money, _ component: Text?, _ book: Book,
    at now: Timestamp
  ) -> [Event] {
    let seen = self[book].vendors.purchase(
      parties, paid: paid, component: component, controls.vendorCache, at: now)
    return seen.map { [.vendorCapabilityObserved($0)] } ?? []
  }
}
