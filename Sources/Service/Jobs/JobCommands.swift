internal import JSON
internal import Journal
internal import Ledger

/// `tollbook job list`: each job's last run, and whether runs are missing.
enum JobCommands {
  static func list(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let book = try context.book()
    let state = try context.state()
    let since = JobStanding.origin(of: try context.reading(until: .end, checksHashes: false).extent)
    let standings = JobList.all.map { job in
      JobStanding(job, state[book].jobs[job.name], at: context.moment(state), since: since)
    }
    if let format = context.parsed.format, format != .table {
      context.printJSON(list: standings) { standing, out in standing.write(to: &out) }
    } else {
      var table = Table([
        .init("JOB", .left), .init("SCHEDULE", .left), .init("LAST RUN", .left),
        .init("WINDOW", .left), .init("STATUS", .left), .init("MISSED", .right),
      ])
      for standing in standings { table.add(standing.cells) }
      table.print(to: context.output, context.palette)
      for standing in standings {
        for warning in standing.warnings { context.output.message(warning) }
      }
    }
    return standings.contains { $0.missed > 0 } ? .checkFailed : .ok
  }
}

/// How one job stands at a moment.
struct JobStanding {
  let job: Job
  let health: JobHealth
  /// Windows that ought to have been completed by now and were not.
  let missed: Int

  init(_ job: Job, _ health: JobHealth?, at moment: Timestamp, since origin: Timestamp?) {
    self.job = job
    self.health = health ?? JobHealth()
    missed =
      origin.map {
        job.schedule.missed(
          at: moment, patience: job.patience, after: health?.windows ?? CompletedWindows(),
          since: $0)
      } ?? 0
  }

  /// From when on a job that never ran could have: the day after the log's first; nil without one.
  static func origin(of extent: LogExtent) -> Timestamp? {
    extent.pieces.first.map { $0.name.day.advanced(by: 1).start }
  }

  var cells: [String] {
    let run = health.lastRun
    return [
      job.name.string, "\(job.cron) UTC", run.map { "\($0.at)" } ?? "never",
      run.map { "\($0.window.start) to \($0.window.end)" } ?? "",
      health.hasFailedSince ? "failed" : run.map { "\($0.status.name)" } ?? "", "\(missed)",
    ]
  }

  /// What somebody should know, and do.
  var warnings: [String] {
    var texts: [String] = []
    if missed > 0 {
      let runs = missed == 1 ? "1 run was" : "\(HumanNumber.count(missed)) runs were"
      texts.append(
        "\(job.name.string): \(runs) missed; crontab -l | grep x402 shows whether cron "
          + "starts it, tollbook \(job.command.rawValue) makes up for it")
    }
    if health.hasFailedSince, let failure = health.lastFailure {
      texts.append(
        "\(job.name.string): failed at \(failure.at): \(DisplayText.safe(failure.error.string))")
    }
    return texts
  }

  func write(to out: inout JSONWriter) {
    out.beginObject()
    out.field("job", job.name)
    out.field("schedule", job.cron)
    out.field("missed", missed)
    out.orNull("run_id", health.lastRun?.id.text)
    out.orNull("at", health.lastRun?.at.rfc3339)
    out.orNull("window_from", health.lastRun?.window.start.rfc3339)
    out.orNull("window_to", health.lastRun?.window.end.rfc3339)
    out.orNull("status", health.lastRun.map { Text("\($0.status.name)") })
    out.orNull("failed_at", health.lastFailure?.at.rfc3339)
    out.orNull("error", health.lastFailure?.error)
    out.endObject()
  }
}
