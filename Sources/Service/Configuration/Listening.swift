package import HTTP

/// Whether a server of ours listens, and where.
package enum Listening: Equatable, Sendable {
  case off
  case on(ListenAddress)

  /// Reads `off` or an address with a port; nil for anything else.
  ///
  /// `:3000` means loopback, so that a missing word never opens a gateway to the world.
  package init?(_ text: String) {
    if SettingText.sameIgnoringCase(text, "off") {
      self = .off
      return
    }
    guard let address = ListenAddress(text), address.port != nil else { return nil }
    self = .on(address)
  }

  /// The same address with another port; `off` stays off.
  func withPort(_ port: UInt16) -> Listening {
    guard case .on(.tcp(let address, _)) = self else { return self }
    return .on(.tcp(address, port: port))
  }
}
