import JSON

/// A caveat as L402 reads it: `condition=value`, cut at the first `=`.
///
/// Source: lightninglabs/L402 `caveat.go` and `satisfier.go`. Conditions are compared byte for
/// byte and come from the constants here: a misspelled one would be skipped, and bind nobody.
struct L402Caveat {
  static let services = "services"
  static let preimage = "preimage"
  static let capabilitiesSuffix = "_capabilities"
  static let validUntilSuffix = "_valid_until"

  let condition: ArraySlice<UInt8>
  let value: ArraySlice<UInt8>

  /// Nil without a `=`; such a caveat is skipped like one of an unknown condition.
  init?(_ bytes: [UInt8]) {
    guard let equals = bytes.firstIndex(of: 0x3D) else { return nil }
    condition = bytes[..<equals]
    value = bytes[(equals + 1)...]
  }

  func isAbout(_ name: String) -> Bool { condition.elementsEqual(name.utf8) }

  /// `name:tier[,name:tier]`, the lowest tier of each name; nil for anything else.
  var tiers: [Text: UInt8]? {
    var tiers: [Text: UInt8] = [:]
    for item in value.split(separator: 0x2C, omittingEmptySubsequences: false) {
      let parts = item.split(separator: 0x3A, omittingEmptySubsequences: false)
      guard parts.count == 2, let name = L402Caveat.name(parts[0]),
        let number = L402Caveat.number(parts[1]), let tier = UInt8(exactly: number)
      else { return nil }
      tiers[name] = min(tier, tiers[name] ?? tier)
    }
    return tiers
  }

  /// `a,b`; nil for anything else.
  var names: Set<Text>? {
    var names: Set<Text> = []
    for item in value.split(separator: 0x2C, omittingEmptySubsequences: false) {
      guard let name = L402Caveat.name(item) else { return nil }
      names.insert(name)
    }
    return names
  }

  /// Plain decimal seconds; nil for anything else.
  var seconds: Int64? { L402Caveat.number(value) }

  private static func name(_ bytes: ArraySlice<UInt8>) -> Text? {
    bytes.isEmpty ? nil : Text(utf8: Array(bytes))
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Int64? { PlainNumber.read(bytes) }
}
