import JSON

/// One kind of fact: what stands in the `data` of its line, and what it is about.
///
/// Each event writes and reads its own `data` side by side, in canonical key order. A field may be
/// added later only as an optional one; a changed meaning is a new type.
protocol EventData: Equatable, Sendable {
  /// What the record is about: an id, or the name of a part of the ledger.
  var subject: Text { get }

  /// Writes the members of `data`.
  func write(to out: inout JSONWriter)

  /// Reads what `write` wrote.
  /// - Throws: `FieldError` on the first member that is missing or not as it should be.
  init(subject: Subject, from fields: inout FieldReader) throws(FieldError)
}

extension JSONWriter {
  /// `"amount":"1.250000","asset":"USDC"`, the amount under a name of the event's choice.
  mutating func field(_ key: StaticString, _ money: Money) {
    self.key(key)
    quotedASCII { money.writeDecimal(into: &$0) }
    field("asset", money.asset.code)
  }

  mutating func field(_ key: StaticString, _ moment: Timestamp) {
    self.key(key)
    quotedASCII { moment.write(into: &$0) }
  }

  mutating func optional(_ key: StaticString, _ moment: Timestamp?) {
    if let moment { field(key, moment) }
  }

  mutating func field(_ key: StaticString, _ print: Fingerprint) {
    self.key(key)
    quotedASCII { print.writeHex(into: &$0) }
  }

  mutating func optional(_ key: StaticString, _ hash: ChainHash?) {
    switch hash {
    case .none: break
    case .evm(let print):
      self.key(key)
      quotedASCII {
        $0.append(0x30)
        $0.append(0x78)
        print.writeHex(into: &$0)
      }
    case .other(let text): field(key, text)
    }
  }

  /// An amount that shares its asset with one written before.
  mutating func amount(_ key: StaticString, _ money: Money) {
    self.key(key)
    quotedASCII { money.writeDecimal(into: &$0) }
  }

  mutating func field(_ key: StaticString, map: [Text: Int]) {
    self.key(key)
    beginObject()
    for (name, value) in map.sorted(by: { $0.key < $1.key }) {
      self.key(name)
      integer(value)
    }
    endObject()
  }

  mutating func field(_ key: StaticString, map: [Text: Text]) {
    self.key(key)
    beginObject()
    for (name, value) in map.sorted(by: { $0.key < $1.key }) {
      self.key(name)
      string(value)
    }
    endObject()
  }
}

extension FieldReader {
  /// An amount at its asset's full scale, and the asset behind it.
  mutating func money(_ key: StaticString) throws(FieldError) -> Money {
    let decimal = try unsafe withString(key) { bytes throws(FieldError) in
      unsafe CanonicalDecimal(bytes.span)
    }
    let asset = try unsafe withString("asset") { bytes throws(FieldError) in
      guard let asset = unsafe Asset(exactly: bytes.span) else {
        throw .invalid("asset", "is not an asset that this binary knows")
      }
      return asset
    }
    return try FieldReader.money(decimal, asset, key)
  }

  /// An amount whose asset stands elsewhere.
  mutating func amount(_ key: StaticString, _ asset: Asset) throws(FieldError) -> Money {
    let decimal = try unsafe withString(key) { bytes throws(FieldError) in
      unsafe CanonicalDecimal(bytes.span)
    }
    return try FieldReader.money(decimal, asset, key)
  }

  /// An amount whose asset stands elsewhere, when it is there.
  mutating func optionalAmount(
    _ key: StaticString, _ asset: Asset
  ) throws(FieldError) -> Money? {
    try unsafe withOptionalString(key) { bytes throws(FieldError) in
      try unsafe FieldReader.money(CanonicalDecimal(bytes.span), asset, key)
    }
  }

  mutating func optionalIdentifier<Kind>(
    _ key: StaticString
  ) throws(FieldError) -> Identifier<Kind>? {
    guard let text = try optionalText(key) else { return nil }
    guard let identifier = Identifier<Kind>(text) else {
      throw .invalid("\(key)", "is not an identifier: 1 to 128 bytes of [A-Za-z0-9._:-]")
    }
    return identifier
  }

  private static func money(
    _ decimal: CanonicalDecimal?, _ asset: Asset, _ key: StaticString
  ) throws(FieldError) -> Money {
    guard let money = decimal?.money(asset) else {
      throw .invalid("\(key)", "is not a decimal at the asset's full scale")
    }
    return money
  }

  mutating func moment(_ key: StaticString) throws(FieldError) -> Timestamp {
    try unsafe withString(key) { bytes throws(FieldError) in
      try unsafe FieldReader.moment(bytes.span, key)
    }
  }

  mutating func optionalMoment(_ key: StaticString) throws(FieldError) -> Timestamp? {
    try unsafe withOptionalString(key) { bytes throws(FieldError) in
      try unsafe FieldReader.moment(bytes.span, key)
    }
  }

  private static func moment(
    _ bytes: Span<UInt8>, _ key: StaticString
  ) throws(FieldError) -> Timestamp {
    guard let moment = Timestamp(canonical: bytes) else {
      throw .invalid("\(key)", "is not a time of the form 2026-11-16T03:00:00.123Z")
    }
    return moment
  }

  mutating func fingerprint(_ key: StaticString) throws(FieldError) -> Fingerprint {
    try unsafe withString(key) { bytes throws(FieldError) in
      guard let print = unsafe Fingerprint(hex: bytes.span) else {
        throw .invalid("\(key)", "is not 64 lower-case hex digits")
      }
      return print
    }
  }

  mutating func chainHash(_ key: StaticString) throws(FieldError) -> ChainHash {
    try unsafe withString(key) { bytes throws(FieldError) in unsafe ChainHash(bytes: bytes.span) }
  }

  mutating func optionalHash(_ key: StaticString) throws(FieldError) -> ChainHash? {
    try unsafe withOptionalString(key) { bytes throws(FieldError) in
      unsafe ChainHash(bytes: bytes.span)
    }
  }

  mutating func network(_ key: StaticString) throws(FieldError) -> Network {
    guard let network = Network(try cachedText(key)) else {
      throw .invalid("\(key)", "is not a network name")
    }
    return network
  }

  static func named<Kind>(
    _ identifier: Identifier<Kind>?
  ) throws(FieldError) -> Identifier<Kind> {
    guard let identifier else {
      throw .invalid("subject", "is not an identifier: 1 to 128 bytes of [A-Za-z0-9._:-]")
    }
    return identifier
  }

  mutating func counts(_ key: StaticString) throws(FieldError) -> [Text: Int] {
    var map: [Text: Int] = [:]
    for (name, value) in try integerMap(key) { map[name] = Int(value) }
    return map
  }

  mutating func textDictionary(
    _ key: StaticString
  ) throws(FieldError) -> [Text: Text] {
    var map: [Text: Text] = [:]
    for (name, value) in try textMap(key) { map[name] = value }
    return map
  }
}
