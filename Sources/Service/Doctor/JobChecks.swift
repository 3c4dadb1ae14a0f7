internal import JSON
internal import Journal
internal import Ledger

/// Whether scheduled jobs ran when they should have: a cron that stopped says nothing by itself.
struct JobChecks {
  private let home: String
  private let settings: DoctorSettings

  init(home: String, settings: DoctorSettings) {
    self.home = home
    self.settings = settings
  }

  /// One finding for each job.
  func findings() -> [Finding] {
    guard case .usable(let configuration) = settings else { return [.skipped("jobs")] }
    let book: Book = configuration.isFake ? .fake : .real
    do {
      let extent = try LogExtent.find(in: home + "/data/ledger")
      let reading = LogReading(extent, until: .end, checksHashes: false, threads: 2)
      let state = try Replay.run(reading).state
      let now = max(state.at, Clocks.system.wall())
      return JobList.all.map { job in
        finding(
          JobStanding(
            job, state[book].jobs[job.name], at: now, since: JobStanding.origin(of: extent)))
      }
    } catch {
      return [.skipped("jobs", "not tried: the log cannot be read")]
    }
  }

  private func finding(_ standing: JobStanding) -> Finding {
    let name = "job \(standing.job.name.string)"
    guard standing.warnings.isEmpty else {
      return .warned(
        name, standing.warnings.joined(separator: "; "), next: "tollbook job list says more")
    }
    guard let run = standing.health.lastRun else {
      return .passed(name, "never ran; cron/crontab.x402 starts it")
    }
    return .passed(name, "\(run.status.name) at \(run.at), no run was missed")
  }
}
