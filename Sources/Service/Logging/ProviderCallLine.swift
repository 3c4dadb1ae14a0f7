internal import JSON
package import Ledger

/// One call to a provider, written to `logs/genesis.log` and to `logs/a2a_x402.log`.
package struct ProviderCallLine: Sendable {
  package var at: Timestamp
  /// The provider's name, e.g. `facilitator`.
  package var provider: String
  /// What was asked, e.g. `settle`.
  package var operation: String
  /// The payment or invoice that the call is about.
  package var subject: String
  /// `completed`, `failed` or `unknown`.
  package var outcome: String
  package var latencyMilliseconds: Int
  /// 1 for the first attempt.
  package var attempt: Int
  /// The stable code of an error.
  package var code: String?

  package init(
    at: Timestamp, provider: String, operation: String, subject: String, outcome: String,
    latencyMilliseconds: Int, attempt: Int, code: String?
  ) {
    self.at = at
    self.provider = provider
    self.operation = operation
    self.subject = subject
    self.outcome = outcome
    self.latencyMilliseconds = latencyMilliseconds
    self.attempt = attempt
    self.code = code
  }
}

extension ProviderCallLine: LogFileLine {
  func write(into writer: inout JSONWriter) {
    writer.time(at)
    writer.field("event", "payment.provider.called")
    writer.text("provider", provider, limit: 64)
    writer.text("operation", operation, limit: 64)
    writer.text("subject", subject, limit: 128)
    writer.text("outcome", outcome, limit: 32)
    writer.field("latencyMs", latencyMilliseconds)
    writer.field("attempt", attempt)
    // The guide greps these files for "error", so the member has that name.
    if let code { writer.text("error", code, limit: 64) }
  }
}
