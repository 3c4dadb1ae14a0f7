/// Everything that a request says before its body.
public struct RequestHead: Sendable, Equatable {
  /// The method as sent.
  public let method: Method
  /// All header fields in order.
  public let headers: Headers
  /// 1 for HTTP/1.1, 0 for HTTP/1.0.
  public let minorVersion: Int
  /// Whether the connection may carry another request after this one.
  public let keepsAlive: Bool
  let targetParts: Target

  /// The request target as sent.
  public var target: String { text(targetParts.whole) }

  /// The raw path, still percent-encoded; `/` when an absolute target has none.
  public var path: String { targetParts.path.isEmpty ? "/" : text(targetParts.path) }

  /// The raw query without its `?`; nil when there is none, empty for a lone `?`.
  public var query: String? {
    guard let query = targetParts.query else { return nil }
    return text(query)
  }

  /// The percent-decoded segments between the slashes of the path.
  ///
  /// `/` is one empty segment; an encoded slash stays inside its segment.
  public var pathSegments: [String] {
    path.utf8.dropFirst().split(separator: 0x2F, omittingEmptySubsequences: false).map {
      // The parser has refused what does not decode.
      String(decoding: Percent.decode($0, plusIsSpace: false) ?? Array($0), as: UTF8.self)
    }
  }

  /// The decoded `name=value` pairs of the query, in order; `+` is a space.
  public var queryItems: [(name: String, value: String)] {
    guard let query else { return [] }
    return query.utf8.split(separator: 0x26).map { pair in
      let parts = pair.split(separator: 0x3D, maxSplits: 1, omittingEmptySubsequences: false)
      let texts = parts.map {
        String(decoding: Percent.decode($0, plusIsSpace: true) ?? Array($0), as: UTF8.self)
      }
      return (texts[0], texts.count > 1 ? texts[1] : "")
    }
  }

  /// The decoded value of the first query pair with the name, or nil.
  public func queryValue(_ name: String) -> String? {
    queryItems.first { $0.name == name }?.value
  }

  /// Calls the body with the bytes of the raw path.
  func withPath<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    let place = targetParts.path
    if place.isEmpty { return [UInt8(0x2F)].withUnsafeBytes(body) }
    return headers.bytes.withUnsafeBytes {
      body(
        UnsafeRawBufferPointer(rebasing: $0[Int(place.lowerBound)..<Int(place.upperBound)]))
    }
  }

  private func text(_ place: Range<Int32>) -> String {
    String(decoding: headers.bytes[Int(place.lowerBound)..<Int(place.upperBound)], as: UTF8.self)
  }
}
