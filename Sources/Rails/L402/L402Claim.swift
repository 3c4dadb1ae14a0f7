public import JSON

/// What the `Authorization` headers of a request carry for L402.
public enum L402Claim: Sendable {
  /// The most tokens of one request that are looked at.
  public static let maximumTokens = 8

  /// No `L402` and no `LSAT` among them.
  case missing
  /// Some, but none can be read: why the first cannot.
  case malformed(L402CredentialFault)
  /// Those that can be read, each once, in their order; never empty.
  case presented([L402Credential])

  /// Reads `L402 <token>[,<token>…]:<preimage>`.
  ///
  /// The scheme is `L402` or `LSAT` in any case. Aperture's client sends both in two lines, and
  /// something on the way may join lines by a comma: every line and every part counts. Parts of
  /// other schemes are skipped.
  /// - Parameter authorization: values of all `Authorization` headers.
  public init(authorization: [Text]) {
    var reader = L402ClaimReader()
    for value in authorization { reader.read(Array(value.string.utf8)) }
    self = reader.claim
  }
}

/// Collects the credentials of one request.
struct L402ClaimReader {
  private var credentials: [L402Credential] = []
  private var fault: L402CredentialFault?
  private var seen = 0

  var claim: L402Claim {
    // Cut off in silence, a good token behind eight bad ones would depend on their order.
    if seen > L402Claim.maximumTokens { return .malformed(.tooManyTokens) }
    if !credentials.isEmpty { return .presented(credentials) }
    return fault.map { .malformed($0) } ?? .missing
  }

  mutating func read(_ value: [UInt8]) {
    var parts: [ArraySlice<UInt8>] = []
    var isOurs = false
    for piece in value.split(separator: 0x2C) {
      let piece = L402ClaimReader.trimmed(piece)
      // Lists may have empty elements: RFC 9110 section 5.6.1.
      guard !piece.isEmpty else { continue }
      guard let scheme = L402ClaimReader.scheme(of: piece) else {
        parts.append(piece)
        continue
      }
      if isOurs { take(parts) }
      isOurs = scheme.isOurs
      parts = [L402ClaimReader.trimmed(piece[scheme.end...])]
    }
    if isOurs { take(parts) }
  }

  /// The tokens of one credential; the last part ends in a colon and the preimage.
  private mutating func take(_ parts: [ArraySlice<UInt8>]) {
    seen += parts.count
    guard seen <= L402Claim.maximumTokens else { return }
    guard let last = parts.last, let colon = last.lastIndex(of: 0x3A) else {
      return note(.noPreimage)
    }
    guard let preimage = Preimage(hex: last[(colon + 1)...]) else { return note(.preimageText) }
    for token in parts.dropLast() + [last[..<colon]] {
      do throws(L402CredentialFault) {
        let credential = try L402Credential(token: token, preimage: preimage)
        if !credentials.contains(where: { $0.isSame(as: credential) }) {
          credentials.append(credential)
        }
      } catch {
        note(error)
      }
    }
  }

  private mutating func note(_ found: L402CredentialFault) {
    if fault == nil { fault = found }
  }

  /// The scheme that a part begins with; nil when it goes on with the one before.
  ///
  /// A scheme is a word that ends with a space, or ours alone.
  private static func scheme(
    of piece: ArraySlice<UInt8>
  ) -> (isOurs: Bool, end: Int)? {
    let end = piece.firstIndex { $0 == 0x20 || $0 == 0x09 }
    let word = piece[..<(end ?? piece.endIndex)].map { (0x41...0x5A).contains($0) ? $0 | 32 : $0 }
    let isOurs = word.elementsEqual("l402".utf8) || word.elementsEqual("lsat".utf8)
    guard end != nil || isOurs else { return nil }
    return (isOurs, end ?? piece.endIndex)
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let head = bytes.drop { $0 == 0x20 || $0 == 0x09 }
    guard let last = head.lastIndex(where: { $0 != 0x20 && $0 != 0x09 }) else { return [] }
    return head[...last]
  }
}

extension L402KeyRing {
  /// Checks presented credentials: the first that opens, else why the first does not.
  ///
  /// None at all is `notSigned`: nobody vouches for nothing.
  public func check(
    _ credentials: [L402Credential], for access: L402Access, at now: Int64
  ) -> L402Verdict {
    var refusal: L402Verdict?
    for credential in credentials {
      let verdict = check(credential, for: access, at: now)
      if case .granted = verdict { return verdict }
      if refusal == nil { refusal = verdict }
    }
    return refusal ?? .refused(.notSigned)
  }
}
