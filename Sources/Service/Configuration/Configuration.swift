package import HTTP

/// The settings of one run, checked and typed.
package struct Configuration: Equatable, Sendable {
  /// How the gateway checks a payment header.
  package enum VerifierMode: String, Equatable, Sendable {
    case strict
    case stub
    case facilitator
  }

  /// Where idempotency keys are kept.
  package enum IdempotencyStore: Equatable, Sendable {
    /// In the log, for ever.
    case durable
    /// In memory; only in the fake book.
    case memory
  }

  /// One line of `config show`.
  package struct Row: Equatable, Sendable {
    package let name: String
    /// The value as text; never a secret.
    package let value: String
    package let origin: Origin
    /// False for a name of a later version that is set already.
    package let isUsed: Bool
  }

  /// The folder that holds `data/`, `logs/` and `.env`, as it was named.
  package let home: String
  /// Whether everything goes to the fake book and nothing leaves the machine.
  package let isFake: Bool
  package let verifierMode: VerifierMode
  /// The kill switch.
  package let arePaymentsDisabled: Bool
  package let price: USDAmount
  /// `0x` and 40 hexadecimal digits; nil when nobody named a wallet.
  package let receiver: String?
  package let idempotencyStore: IdempotencyStore
  package let perRequestCap: USDAmount?
  package let sessionCap: USDAmount?
  /// Spending limits by the name of their setting.
  package let budgetLimits: [String: USDAmount]
  package let pendingMinutes: Int
  package let staleAuthorizationMinutes: Int
  package let outgoing: OutgoingSettings
  package let x402: X402Settings
  package let wallets: WalletSettings
  package let gateway: Listening
  package let api: Listening
  package let metrics: Listening
  /// Nil means no limit.
  package let rateLimit: RateLimit?
  /// Proxies whose word about a client's address is believed.
  package let trustedProxies: [AddressBlock]
  /// Below this many MiB of free disk new money is refused.
  package let minimumFreeMegabytes: Int
  package let logsToOutput: Bool
  /// Hosts that may be called beside those of the configured providers.
  package let outsideHosts: [String]

  /// What `config show` prints, in the order of `Settings.all`.
  package let rows: [Row]
  /// What start-up and `config check` tell the operator.
  package internal(set) var notices: [ConfigurationNotice]

  /// The same settings with one more notice, before those that are there.
  func adding(_ notice: ConfigurationNotice) -> Configuration {
    var copy = self
    copy.notices.insert(notice, at: 0)
    return copy
  }
}
