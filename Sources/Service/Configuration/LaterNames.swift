/// Names that the guides use and that a later version will read.
///
/// They draw no unknown-name warning; `config show` lists those that are set as not used yet.
package enum LaterNames {
  /// Names as they stand.
  package static let exact: [String] = [
    "X402_ALERT_THRESHOLD_PCT", "X402_FACILITATOR_URL",
    "X402_TX_REUSE", "X402_MASK_TX_HASH", "X402_PROVIDER_ERROR_STATUS",
    "PAYMENT_WEBHOOK_SECRET", "PAYMENT_WEBHOOK_SECRET_PREVIOUS",
    "L402_SECRET", "L402_SECRET_PREVIOUS", "L402_MAX_OPEN_INVOICES",
    "L402_PENDING_OVER_15M_THRESHOLD",
  ]

  /// `X402_{AGENT}` before one of these is the setting of one agent.
  package static let agentEndings: [String] = ["_WALLET_ADDRESS"]

  /// Whether a later version reads this name.
  package static func contains(_ name: String) -> Bool {
    exact.contains(name) || isOfAgent(name)
  }

  /// Whether the value of this name must never be shown.
  package static func isSecret(_ name: String) -> Bool {
    name.utf8.count > 6 && (name.hasSuffix("_SECRET") || name.hasSuffix("_SECRET_PREVIOUS"))
  }

  /// Whether the name is `X402_{AGENT}{ending}` with an agent of `A-Z 0-9 _`.
  private static func isOfAgent(_ name: String) -> Bool {
    guard name.hasPrefix("X402_"),
      let ending = agentEndings.first(where: { name.hasSuffix($0) })
    else { return false }
    let agent = name.utf8.dropFirst(5).dropLast(ending.utf8.count)
    return name.utf8.count > 5 + ending.utf8.count
      && agent.allSatisfy { (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
  }
}
