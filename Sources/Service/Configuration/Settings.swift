/// Every setting that this version reads. A new setting is one entry and its line in `all`.
package enum Settings {
  package static let home = Setting(
    "TOLLBOOK_HOME", .folder, default: ".",
    "The folder that holds data/, logs/ and .env; relative to the current folder.")
  package static let useFake = Setting(
    "PAYMENTS_USE_FAKE", .flag, default: "true",
    "Whether everything goes to the fake book and nothing leaves this machine.")
  package static let verifierMode = Setting(
    "PAYMENT_VERIFIER_MODE", .choice(["strict", "stub", "facilitator"]), default: "strict",
    "How payment headers are checked; stub only with PAYMENTS_USE_FAKE=true.")
  package static let paymentsDisabled = Setting(
    "X402_PAYMENTS_DISABLED", .flag, default: "false",
    "The kill switch: nothing new is offered or taken; what was paid is still answered.")
  package static let price = Setting(
    "X402_PRICE_USD", .usd, default: "0.01", "The price of one POST /agent/task.")
  package static let receiver = Setting(
    "X402_WALLET_ADDRESS", .walletAddress, default: nil,
    "The wallet that is paid, named in every 402 answer.")
  package static let network = Setting(
    "X402_NETWORK", .choice(["base", "base-sepolia"]), default: nil,
    "The chain that is paid on; base when empty.")
  package static let publicURL = Setting(
    "TOLLBOOK_PUBLIC_URL", .url, default: nil,
    "The address that clients know the gateway by, for offers; http://localhost:3000 when empty.")
  package static let facilitatorURL = Setting(
    "X402_FACILITATOR_URL", .url, default: nil,
    "Who checks and settles payments in the mode facilitator; unused while PAYMENTS_USE_FAKE=true.")
  package static let facilitatorToken = Setting(
    "X402_FACILITATOR_TOKEN", .text, default: nil, "The bearer token for it.", isSecret: true)
  package static let facilitatorTokenFile = Setting(
    "X402_FACILITATOR_TOKEN_FILE", .file, default: nil,
    "A file that holds that token; read at each call.")
  package static let facilitatorTokenCommand = Setting(
    "X402_FACILITATOR_TOKEN_COMMAND", .text, default: nil,
    "A shell command that prints a token for TOLLBOOK_TOKEN_METHOD and TOLLBOOK_TOKEN_URL.")
  package static let facilitatorDeadline = Setting(
    "X402_FACILITATOR_DEADLINE_MS", .count(100...120_000), default: "20000",
    "How long one call of it may take before its outcome counts as unknown.")
  package static let maxTimeout = Setting(
    "X402_MAX_TIMEOUT_SECONDS", .count(20...3_600), default: "60",
    "How long a payment is valid after it was signed, as offers ask for.")
  package static let idempotencyStore = Setting(
    "IDEMPOTENCY_STORE", .choice(["sqlite", "memory"]), default: "sqlite",
    "sqlite is kept in the log for ever; memory is for tests with PAYMENTS_USE_FAKE=true.")
  package static let policyID = Setting(
    "WALLET_POLICY_ID", .word, default: "default",
    "Names the spending policy that the session cap is counted for; a new name starts at zero.")
  package static let perRequestCap = Setting(
    "WALLET_POLICY_PER_REQUEST_CAP_USD", .usd, default: nil,
    "The most that one request may pay; empty is no cap.")
  package static let sessionCap = Setting(
    "WALLET_POLICY_SESSION_CAP_USD", .usd, default: nil,
    "The most that one session may pay; empty is no cap.")
  package static let pendingMinutes = Setting(
    "L402_PENDING_MINUTES", .count(1...10_080), default: "15",
    "Payments pending for longer than this are counted as stuck.")
  package static let staleAuthorizationMinutes = Setting(
    "X402_STALE_AUTHORIZATION_MINUTES", .count(1...10_080), default: "15",
    "Authorizations open for longer than this are stale.")
  package static let alertThreshold = Setting(
    "X402_ALERT_THRESHOLD_PCT", .count(1...100), default: "80",
    "The lowest part of a day's budget that is told of, in percent; above it stay 90 and 95.")
  package static let approvalAbove = Setting(
    "TOLLBOOK_APPROVAL_ABOVE_USDC", .usd, default: nil,
    "Payments above this wait until an operator approves; empty leaves all to the budgets.")
  package static let approvalMinutes = Setting(
    "TOLLBOOK_APPROVAL_MINUTES", .count(1...10_080), default: "60",
    "Minutes after which an approval that was not used has lapsed.")
  package static let vendorCacheSeconds = Setting(
    "X402_VENDOR_CACHE_TTL", .count(1...31_536_000), default: "86400",
    "Seconds after which what is known of a vendor no longer counts.")
  package static let paymentsURL = Setting(
    "TOLLBOOK_PAYMENTS_URL", .url, default: nil,
    "The payments API that moves money out; unused while PAYMENTS_USE_FAKE=true.")
  package static let paymentsTokenFile = Setting(
    "TOLLBOOK_PAYMENTS_TOKEN_FILE", .file, default: nil,
    "A file that holds the bearer token for that API; read at each call.")
  package static let paymentsDeadline = Setting(
    "TOLLBOOK_PAYMENTS_DEADLINE_MS", .count(100...120_000), default: "10000",
    "How long one call of that API may take before its outcome counts as unknown.")
  package static let paymentsGrace = Setting(
    "TOLLBOOK_PAYMENTS_GRACE_SECONDS", .count(0...86_400), default: "600",
    "How long an unknown order that the API has never seen may still come in.")
  package static let retryConnect = Setting(
    "TOLLBOOK_RETRY_CONNECT", .retry, default: "3/200",
    "How often, and after what first wait, an unreachable payments API is asked again.")
  package static let retryBusy = Setting(
    "TOLLBOOK_RETRY_429", .retry, default: "3/1000",
    "The same when it says that it was asked too often.")
  package static let retryServerError = Setting(
    "TOLLBOOK_RETRY_5XX", .retry, default: "2/500",
    "The same when it answers with a server error.")
  package static let retryTimeout = Setting(
    "TOLLBOOK_RETRY_TIMEOUT", .retry, default: "0/1000",
    "The same when it does not answer in time; 0 leaves it to reconcile payments.")
  package static let rpcBase = Setting(
    "TOLLBOOK_RPC_URL_BASE", .url, default: nil,
    "The JSON-RPC node of Base that balances are read from; unused while PAYMENTS_USE_FAKE=true.",
    isSecret: true)
  package static let rpcBaseSepolia = Setting(
    "TOLLBOOK_RPC_URL_BASE_SEPOLIA", .url, default: nil, "The same for Base Sepolia.",
    isSecret: true)
  package static let rpcDeadline = Setting(
    "TOLLBOOK_RPC_DEADLINE_MS", .count(100...120_000), default: "10000",
    "How long one reading of a chain may take.")
  package static let gateway = Setting(
    "TOLLBOOK_GATEWAY", .listener, default: "127.0.0.1:3000",
    "Where the gateway listens; port 0 takes a free one.")
  package static let api = Setting(
    "TOLLBOOK_API", .listener, default: "127.0.0.1:8000", "Where the operator API listens.")
  package static let metrics = Setting(
    "TOLLBOOK_METRICS", .listener, default: "127.0.0.1:9100",
    "Where Prometheus finds the metrics.")
  package static let metricsPort = Setting(
    "PAYMENTS_PROMETHEUS_PORT", .count(0...65_535), default: nil,
    "Another port for the metrics; the address stays.")
  package static let rateLimit = Setting(
    "TOLLBOOK_RATE_LIMIT", .rate, default: nil,
    "Requests per client; when empty 600/min, but off on loopback without trusted proxies.")
  package static let trustedProxies = Setting(
    "TOLLBOOK_TRUSTED_PROXIES", .networks, default: nil,
    "Proxies whose X-Forwarded-For is believed.")
  package static let minimumFreeMegabytes = Setting(
    "TOLLBOOK_MIN_FREE_MB", .count(0...1_048_576), default: "64",
    "Below this much free disk new money is refused.")
  package static let logToOutput = Setting(
    "TOLLBOOK_LOG_STDOUT", .flag, default: "true",
    "Whether log lines also go to standard output.")

  package static let outsideHosts = Setting(
    "TOLLBOOK_OUTSIDE_HOSTS", .hosts, default: nil,
    "Hosts that may be called beside those of the configured providers.")

  /// In the order of `docs/env.example`.
  package static let all: [Setting] = [
    home, useFake, verifierMode, paymentsDisabled, price, receiver, network, publicURL,
    facilitatorURL, facilitatorToken, facilitatorTokenFile, facilitatorTokenCommand,
    facilitatorDeadline, maxTimeout, idempotencyStore, policyID,
    perRequestCap,
    sessionCap,
    pendingMinutes, staleAuthorizationMinutes, alertThreshold, approvalAbove, approvalMinutes,
    vendorCacheSeconds, paymentsURL,
    paymentsTokenFile, paymentsDeadline, paymentsGrace, retryConnect, retryBusy,
    retryServerError, retryTimeout, rpcBase, rpcBaseSepolia, rpcDeadline, gateway, api, metrics,
    metricsPort, rateLimit,
    trustedProxies, minimumFreeMegabytes, logToOutput, outsideHosts,
  ]
}
