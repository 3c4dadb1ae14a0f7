public import JSON

/// What a new token may be used for; written as its first caveats.
///
/// Every token names its service: one without would open them all.
public struct L402Terms: Equatable, Sendable {
  /// The caveats in the order in which they are added.
  let caveats: [[UInt8]]

  /// - Parameters:
  ///   - service: 1 to 64 bytes of visible ASCII without `,`, `:` and `=`; so is each capability.
  ///   - capabilities: nil for all of them; else at least one.
  ///   - validUntil: Unix seconds, not negative, the first second that is too late; nil for never.
  /// - Throws: `L402TermsFault`.
  public init(
    service: Text, tier: UInt8, capabilities: [Text]?, validUntil: Int64?
  ) throws(L402TermsFault) {
    guard L402Terms.isName(service) else { throw .service }
    var caveats = [L402Caveat.services + "=\(service):\(tier)"]
    if let capabilities {
      guard !capabilities.isEmpty, capabilities.allSatisfy(L402Terms.isName) else {
        throw .capability
      }
      let list = capabilities.map(\.string).joined(separator: ",")
      caveats.append(service.string + L402Caveat.capabilitiesSuffix + "=\(list)")
    }
    if let validUntil {
      guard validUntil >= 0 else { throw .validUntil }
      caveats.append(service.string + L402Caveat.validUntilSuffix + "=\(validUntil)")
    }
    self.caveats = caveats.map { Array($0.utf8) }
  }

  private static func isName(_ name: Text) -> Bool {
    (1...64).contains(name.utf8Count)
      && name.string.utf8.allSatisfy {
        (0x21...0x7E).contains($0) && $0 != 0x2C && $0 != 0x3A && $0 != 0x3D
      }
  }
}

/// Why terms cannot be written as caveats.
public enum L402TermsFault: Error, Hashable, Sendable, CaseIterable {
  case service
  case capability
  case validUntil

  /// A promise to operators that never changes.
  public var code: Text {
    switch self {
    case .service: "L402_SERVICE_NAME"
    case .capability: "L402_CAPABILITY_NAME"
    case .validUntil: "L402_VALID_UNTIL"
    }
  }
}
