/// Names that the guides use and that a later version will read.
///
/// They draw no unknown-name warning; `config show` lists those that are set as not used yet.
package enum LaterNames {
  /// Names as they stand.
  package static let exact: [String] = [
    "X402_TX_REUSE", "X402_MASK_TX_HASH", "X402_PROVIDER_ERROR_STATUS",
    "PAYMENT_WEBHOOK_SECRET", "PAYMENT_WEBHOOK_SECRET_PREVIOUS",
    "L402_SECRET", "L402_SECRET_PREVIOUS", "L402_MAX_OPEN_INVOICES",
    "L402_PENDING_OVER_15M_THRESHOLD",
  ]

  /// Whether a later version reads this name.
  package static func contains(_ name: String) -> Bool {
    exact.contains(name)
  }

  /// Whether the value of this name must never be shown.
  package static func isSecret(_ name: String) -> Bool {
    name.utf8.count > 6 && (name.hasSuffix("_SECRET") || name.hasSuffix("_SECRET_PREVIOUS"))
  }
}
