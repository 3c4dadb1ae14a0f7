/// Who a request counts as: its peer, or the last address that a trusted proxy vouches for.
public struct ClientAddress: Hashable, Sendable {
  /// The client's address, nil when it came by a unix socket or a proxy named none.
  public let address: IPAddress?
  /// Whether the client is on this machine; never true once a forwarding field was seen.
  public let isLoopback: Bool
  /// What limits are counted by: an IPv4 address, an IPv6 /64, or `unix`.
  public let key: String

  /// Decides about one request.
  ///
  /// Addresses are read from the right, as each proxy appends the peer that it saw: the first
  /// one that is not a trusted proxy is the client. `X-Forwarded-For` is read when present,
  /// else `Forwarded` (RFC 7239); an entry that does not parse ends the walk at the proxy
  /// before it, so a client cannot choose its own name.
  public init(peer: PeerAddress, headers: Headers, trustedProxies: [AddressBlock]) {
    let isForwarded = headers.contains("X-Forwarded-For") || headers.contains("Forwarded")
    guard isForwarded, let peerAddress = peer.address,
      trustedProxies.contains(where: { $0.contains(peerAddress) })
    else {
      self.init(peer.address, isLoopback: peer.isLoopback && !isForwarded)
      return
    }
    var client = peerAddress
    for entry in ClientAddress.chain(headers).reversed() {
      guard let address = ClientAddress.parse(entry) else { break }
      client = address
      if !trustedProxies.contains(where: { $0.contains(address) }) { break }
    }
    self.init(client, isLoopback: false)
  }

  private init(_ address: IPAddress?, isLoopback: Bool) {
    self.address = address
    self.isLoopback = isLoopback
    guard let address else {
      key = "unix"
      return
    }
    key =
      address.isV4
      ? address.description : "\(IPAddress(high: address.high, low: 0))/64"
  }

  /// The addresses that proxies have written, in order of writing.
  private static func chain(_ headers: Headers) -> [String] {
    let listed = headers.values("X-Forwarded-For")
    if !listed.isEmpty {
      return listed.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        .map { trimmed(String($0)) }
    }
    return headers.values("Forwarded")
      .flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
      .map { element in
        for pair in element.split(separator: ";") {
          let parts = pair.split(separator: "=", maxSplits: 1)
          if parts.count == 2, trimmed(String(parts[0])).lowercased() == "for" {
            return trimmed(String(parts[1]))
          }
        }
        return ""
      }
  }

  /// An address with or without port, brackets and quotes; nil for `unknown` and names.
  private static func parse(_ entry: String) -> IPAddress? {
    var text = entry[...]
    if text.utf8.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") {
      text = text.dropFirst().dropLast()
    }
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { return nil }
      return IPAddress(String(text[text.index(after: text.startIndex)..<end]))
    }
    if let address = IPAddress(String(text)) { return address }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 ? IPAddress(String(parts[0])) : nil
  }

  private static func trimmed(_ text: String) -> String {
    var slice = text[...]
    while let first = slice.first, first == " " || first == "\t" { slice.removeFirst() }
    while let last = slice.last, last == " " || last == "\t" { slice.removeLast() }
    return String(slice)
  }
}
