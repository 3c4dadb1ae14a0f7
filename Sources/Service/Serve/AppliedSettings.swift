internal import JSON
internal import Ledger

/// Which settings are recorded in the log: those that decisions and reports depend on.
enum AppliedSettings {
  private static let names: Set<String> = [
    "IDEMPOTENCY_STORE", "TOLLBOOK_APPROVAL_ABOVE_USDC", "TOLLBOOK_APPROVAL_MINUTES",
    "L402_PENDING_MINUTES", "PAYMENTS_USE_FAKE", "PAYMENT_VERIFIER_MODE",
    "WALLET_POLICY_ID", "X402_ALERT_THRESHOLD_PCT", "WALLET_POLICY_PER_REQUEST_CAP_USD",
    "WALLET_POLICY_SESSION_CAP_USD",
    "X402_NETWORK", "X402_PRICE_USD", "X402_STALE_AUTHORIZATION_MINUTES", "X402_VENDOR_CACHE_TTL",
    "X402_WALLET_ADDRESS",
  ]

  /// The effective values of those, the unset ones left out; the kill switch only when it is on.
  static func from(_ configuration: Configuration) -> [Text: Text] {
    var settings: [Text: Text] = [:]
    for row in configuration.rows where names.contains(row.name) && !row.value.isEmpty {
      settings[Text(row.name)] = Text(row.value)
    }
    for (name, limit) in configuration.budgetLimits { settings[Text(name)] = Text(limit.text) }
    if configuration.arePaymentsDisabled { settings[KillSwitch.setting] = "true" }
    return settings
  }
}
