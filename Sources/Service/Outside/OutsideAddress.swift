internal import HTTP

/// An absolute address, `http://` or `https://`, read so strictly that no two parsers differ
/// about its host.
///
/// No user, no fragment, visible ASCII without `"<>\^`{|}`; a port from 1 to 65535; IPv6 only
/// with `http://`.
package struct OutsideAddress: Equatable, Sendable {
  /// Whether it is `https://`.
  package let isSecure: Bool
  /// A name in small letters, or an IP address in its usual form, without brackets.
  package let host: String
  /// Scheme, host and port, as `HTTP.Client` takes them.
  package let origin: String
  /// Path and query as they travel; at least `/`.
  package let target: String

  /// Nil when the text is anything else.
  package init?(_ text: String) {
    let scheme = SettingText.lowercased(String(text.prefix { $0 != ":" }))
    isSecure = scheme == "https"
    let rest = text.dropFirst(scheme.utf8.count)
    guard isSecure || scheme == "http", rest.hasPrefix("://"), text.utf8.count <= 8_192,
      text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"\"<>\\^`{|}#".utf8.contains($0) })
    else { return nil }
    let place = rest.dropFirst(3)
    let authority = place.prefix { $0 != "/" && $0 != "?" }
    let path = place.dropFirst(authority.count)
    target = path.hasPrefix("/") ? String(path) : "/" + path
    let end = authority.hasPrefix("[") ? authority.firstIndex(of: "]") : nil
    let name = end.map { authority[...$0] } ?? authority.prefix { $0 != ":" }
    let port = authority.dropFirst(name.count)
    guard let host = Self.host(String(name)), port.isEmpty || Self.isPort(port) else { return nil }
    if isSecure && end != nil { return nil }
    self.host = host
    origin = "\(scheme)://\(host.contains(":") ? "[\(host)]" : host)\(port)"
  }

  /// The address as it is handed on.
  package var text: String { origin + target }

  /// Whether nothing that goes there can leave this machine.
  package var isLoopback: Bool {
    host == "localhost" || IPAddress(host)?.isLoopback == true
  }

  /// A name of letters, digits, `-` and `.`, or an IP address, in its one form; nil otherwise.
  package static func host(_ text: String) -> String? {
    if text.hasPrefix("["), text.hasSuffix("]") {
      let inner = String(text.dropFirst().dropLast())
      guard inner.contains(":") else { return nil }
      return IPAddress(inner)?.description
    }
    let name = SettingText.lowercased(text)
    let isName = name.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D || byte == 0x2E
    }
    guard isName, (1...253).contains(name.utf8.count), !name.hasPrefix("."), !name.hasSuffix(".")
    else { return nil }
    return name
  }

  private static func isPort(_ text: Substring) -> Bool {
    text.hasPrefix(":") && SettingText.integer(String(text.dropFirst()), in: 1...65_535) != nil
  }
}
