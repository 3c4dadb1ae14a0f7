internal import JSON
internal import Ledger

/// `x402_stale_payments`: what was begun and is open for too long, so that somebody looks.
struct StaleCheck {
  static let job = Job(
    name: "x402_stale_payments", command: .monitorStale, schedule: .hourly, scope: .present,
    cron: "0 * * * *", patience: 15 * 60_000, report: nil,
    start: { (scene) throws(JobFault) in
      let result = StaleCheck.result(scene)
      return { _ in result }
    })

  private static func result(_ scene: JobScene) -> JobResult {
    let minutes = limit(scene)
    let book = scene.state[scene.book]
    let stale = book.staleOpenPayments(olderThan: Int64(minutes) * 60_000, asOf: scene.asOf)
    let findings = stale.map { item in
      JobFinding(
        kind: Text("stale_\(item.kind.string)"), severity: .high, subject: item.id,
        expected: Text("closed within \(minutes) minutes"),
        got: Text(
          "open since \(item.since), \(item.agent.string) -> \(item.vendor.string), "
            + "\(item.amount)"))
    }
    return JobResult(
      counts: [
        "findings": findings.count, "open": book.payments.openCount, "stale": stale.count,
      ],
      findings: findings)
  }

  /// Minutes after which something open is stale: as recorded in the log, else as configured.
  private static func limit(_ scene: JobScene) -> Int {
    let recorded = scene.state.controls.settings[Text(Settings.staleAuthorizationMinutes.name)]
    return recorded.flatMap { SettingText.integer($0.string, in: 1...10_080) }
      ?? scene.configuration.staleAuthorizationMinutes
  }
}
