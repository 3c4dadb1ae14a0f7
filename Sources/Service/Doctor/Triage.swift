internal import Glibc

/// Goes through the steps in order and stops at the first one that fails.
package struct Triage {
  /// A step and what was found.
  package struct Result: Equatable, Sendable {
    package let step: TriageStep
    package let findings: [Finding]

    /// Whether something in it failed.
    package var isFailed: Bool { findings.contains { $0.verdict == .failed } }
  }

  private let home: String
  private let settings: DoctorSettings
  private let client: GatewayClient
  private var trial: PaymentTrial
  /// Whether the log files of this home are those of the gateway that is called.
  private let isOwnGateway: Bool

  package init(
    home: String, settings: DoctorSettings, client: GatewayClient, names: PaymentTrial.Names,
    isOwnGateway: Bool
  ) {
    self.home = home
    self.settings = settings
    self.client = client
    trial = PaymentTrial(client, names: names)
    self.isOwnGateway = isOwnGateway
  }

  /// What was found, up to and with the first step that fails.
  package mutating func run() -> [Result] {
    var results: [Result] = []
    for step in TriageStep.allCases {
      let result = Result(step: step, findings: findings(step))
      results.append(result)
      if result.isFailed { break }
    }
    return results
  }

  /// One step alone, with what it needs of those before it.
  package mutating func run(only step: TriageStep) -> [Result] {
    if step == .idempotency {
      // There is nothing to replay without a paid answer.
      let before = findings(.payment)
      if before.contains(where: { $0.verdict == .failed }) {
        return [Result(step: .payment, findings: before)]
      }
    }
    return [Result(step: step, findings: findings(step))]
  }

  private mutating func findings(_ step: TriageStep) -> [Finding] {
    switch step {
    case .start:
      return StartChecks(home: home, settings: settings).findings() + [trial.health()]
    case .payment:
      return [verifierMode(), trial.unpaid(), mayPay ? trial.paid() : unpaidFor("paid 200")]
    case .idempotency:
      return mayPay ? [trial.replay(), trial.conflict()] : [unpaidFor("replay")]
    case .metrics: return [trial.metrics()] + (isOwnGateway ? [logLines()] : [])
    case .other: return others()
    }
  }

  /// A diagnosis must not leave payments in the real book, or use up a spending cap.
  private var mayPay: Bool {
    if case .usable(let configuration) = settings { configuration.isFake } else { false }
  }

  private func unpaidFor(_ name: String) -> Finding {
    .skipped(name, "not tried: it would pay into the real book; tollbook quickstart verify does")
  }

  private func verifierMode() -> Finding {
    let name = "verifier mode"
    switch settings {
    case .usable(let configuration):
      let mode = configuration.verifierMode
      let form =
        switch mode {
        case .strict: "X-Payment: v1:<amount-usd>:<proof-id>"
        case .stub: "any payment header"
        case .facilitator: "signed payments (x402)"
        }
      return .passed(
        name,
        "PAYMENT_VERIFIER_MODE=\(mode.rawValue) takes \(form), price \(configuration.price.text)")
    case .unusable: return .skipped(name)
    }
  }

  /// The daemon writes its log files up to a moment later than its answers.
  private func logLines() -> Finding {
    let name = "log lines"
    for _ in 0..<20 {
      let lines = FileTail.lines(of: home + "/logs/genesis.log", atMost: 1_000)
      let requests = lines.count { $0.contains("http.request.completed") }
      if requests > 0 {
        return .passed(name, "logs/genesis.log has event=http.request.completed lines")
      }
      usleep(100_000)
    }
    return .failed(
      name, "logs/genesis.log has no event=http.request.completed line",
      next: "is logs/ writable, and is this the home folder of the running daemon?")
  }

  private func others() -> [Finding] {
    let warnings = settings.warnings
    let jobs = JobChecks(home: home, settings: settings).findings()
    guard !warnings.isEmpty else { return [.passed("configuration", "no warnings")] + jobs }
    return jobs
      + warnings.map {
        .warned("configuration", $0, next: "P3 unless it explains what was reported, then P2")
      }
  }
}
