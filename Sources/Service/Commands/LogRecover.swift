import JSON
import Journal
import Ledger

/// `tollbook log recover`: the operator's way out of damage.
enum LogRecover {
  static func run(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    guard let folder = try LogFolder(context.ledgerFolder) else {
      throw LogFolder.missing(context.ledgerFolder)
    }
    let lock = try take(context.ledgerFolder)
    defer { lock.release() }
    do throws(JournalError) {
      let plan = try LossAcceptance(folder.disk, threads: context.threads)
      guard let fault = plan.fault else {
        context.output.print("the log is whole up to seq \(plan.lastGoodSeq): nothing to recover")
        return .ok
      }
      tell(plan, fault, context)
      guard !context.parsed.has("dry-run") else { return .ok }
      try accept(plan, context)
    } catch {
      throw CommandStop(error)
    }
    return .ok
  }

  private static func take(_ path: String) throws(CommandStop) -> LedgerLock {
    do throws(LockError) {
      return try LedgerLock.take(in: path, as: "tollbook log recover", waitingMilliseconds: 0)
    } catch {
      throw CommandStop(ReadingError.lock(error))
    }
  }

  /// Says first what a good copy must hash to: it would be better than any recovery.
  private static func tell(_ plan: LossAcceptance, _ fault: LogFault, _ context: CommandContext) {
    for seal in plan.wanted {
      context.output.print("a good copy of \(seal.name) has sha256 \(seal.sha256.hex)")
    }
    context.output.print("first fault: \(fault)")
    context.output.print(
      "kept: up to seq \(plan.lastGoodSeq); into quarantine: "
        + "\(HumanNumber.count(plan.bytesLost)) bytes")
    context.output.flush()
  }

  private static func accept(
    _ plan: LossAcceptance, _ context: CommandContext
  ) throws(JournalError) {
    let now = context.clocks.wall()
    let options = StartOptions(
      now: now, newLedgerID: Text("\(Mint.ulid(at: now))"), software: Version.software,
      segmentLimit: Layout.segmentLimit, threads: context.threads)
    let started = try plan.accept(
      reason: Text(context.parsed.value("reason") ?? ""), by: "operator", options, fold: { _ in })
    started.appender.close()
    context.output.print(
      "recovered: the log goes on at seq \(started.appender.position.seq + 1); "
        + "nothing was deleted, see data/ledger/\(Layout.quarantine)")
  }
}
