import JSON
import Ledger

/// Writes, rotates, seals, crashes and starts a ledger on a simulated disk, and checks after each
/// start that no promise was broken.
///
/// The promises: no acknowledged unit is lost or there twice, none is torn, what a start served
/// stays, and every start that the disk lets run succeeds. All chance comes from the seed.
public struct CrashSimulation {
  /// What a run did; `broken` is the promise that did not hold, nil when all did.
  public struct Outcome: Equatable, Sendable {
    /// Lives that ended by a power cut, a kill or a failed call.
    public var crashes = 0
    /// Of those, the ones that ended during a start.
    public var crashesInStart = 0
    /// Starts that cut a torn end.
    public var repairs = 0
    /// Units acknowledged.
    public var acknowledged = 0
    /// Calls on the disk.
    public var calls = 0
    public var broken: String?
  }

  private let disk: SimulatedDisk
  private var random: SplitMix64
  private var load = SimulatedLoad()
  private var witness = LogWitness()
  private var outcome = Outcome()
  /// Small, so that rotation is common.
  private let segmentLimit: Int
  private let batchesPerLife: Int
  /// What goes wrong once the next start has succeeded.
  private var planAfterStart: FaultPlan?

  private init(seed: UInt64, batchesPerLife: Int) {
    disk = SimulatedDisk(seed: seed, plan: .none)
    random = SplitMix64(seed: ~seed)
    segmentLimit = 2_000 + random.below(6_000)
    self.batchesPerLife = batchesPerLife
  }

  /// Lives and dies at random places until so many crashes have happened.
  public static func run(seed: UInt64, crashes: Int) -> Outcome {
    var simulation = CrashSimulation(seed: seed, batchesPerLife: 12)
    while simulation.outcome.crashes < crashes, simulation.witness.broken == nil {
      simulation.liveAndDie()
    }
    return simulation.finish()
  }

  /// Dies at exactly one call of the second life, by power cut (`nil`) or by that fault.
  ///
  /// - Returns: nil when the life has fewer calls than that: every place has been visited.
  public static func dieOnce(
    seed: UInt64, atCall call: Int, by fault: FaultPlan.Fault?
  ) -> Outcome? {
    var simulation = CrashSimulation(seed: seed, batchesPerLife: 6)
    _ = simulation.live()
    simulation.disk.restart(
      powerCut: true,
      plan: FaultPlan(
        powerCutAtCall: fault == nil ? call : nil, failAtCall: fault == nil ? nil : call,
        fault: fault ?? .inputOutput, counted: nil))
    guard simulation.live() else { return nil }
    simulation.disk.restart(powerCut: true, plan: .none)
    return simulation.finish()
  }

  private mutating func finish() -> Outcome {
    disk.restart(powerCut: random.once(in: 2), plan: .none)
    if witness.broken == nil, live() { witness.note("a disk without faults failed") }
    outcome.broken = witness.broken
    return outcome
  }

  private mutating func liveAndDie() {
    var plan = FaultPlan.none
    plan.counted = random.once(in: 2) ? .sync : nil
    let call = 1 + random.below(plan.counted == nil ? 60 : 8)
    if random.once(in: 2) {
      plan.powerCutAtCall = call
    } else {
      plan.failAtCall = call
      plan.fault = [.inputOutput, .noSpace, .shortWrite][random.below(3)]
    }
    let isInStart = random.once(in: 3)
    disk.restart(powerCut: !random.once(in: 3), plan: isInStart ? plan : .none)
    if !isInStart { planAfterStart = plan }
    while !live(), witness.broken == nil {}
  }

  /// One process: start, seal, append. True when it died.
  private mutating func live() -> Bool {
    load.pass(&random)
    var isStarted = false
    defer { outcome.calls += disk.calls }
    do {
      let started = try start()
      isStarted = true
      var appender = started.appender
      var last = started.last
      if let plan = planAfterStart { disk.plan(plan) }
      planAfterStart = nil
      try seal(started.facts, &appender, &last)
      for _ in 0..<batchesPerLife { try append(&appender, &last) }
      appender.close()
      return false
    } catch {
      outcome.crashes += 1
      if !isStarted { outcome.crashesInStart += 1 }
      return true
    }
  }

  /// A started ledger and the last record in it.
  private struct Life {
    let appender: Appender
    let facts: StartFacts
    let last: Record?
  }

  /// The end of a process by what the disk did.
  private struct Died: Error {}

  private mutating func start() throws(Died) -> Life {
    witness.begin()
    var witness = witness
    var last: Record?
    let options = StartOptions(
      now: load.now, newLedgerID: "led_simulation", software: "simulation",
      segmentLimit: segmentLimit, threads: 1)
    defer { self.witness = witness }
    do {
      let started = try LedgerStart.open(disk, options) { record in
        witness.take(record)
        last = record
      }
      witness.end()
      if started.facts.torn != nil { outcome.repairs += 1 }
      return Life(appender: started.appender, facts: started.facts, last: last)
    } catch {
      switch error {
      case .damage, .newer: witness.note("a start was refused: \(error)")
      case .lost, .disk: break
      }
      throw Died()
    }
  }

  private mutating func seal(
    _ facts: StartFacts, _ appender: inout Appender, _ last: inout Record?
  ) throws(Died) {
    var seals = facts.seals
    for name in facts.unsealed {
      do {
        let command = try Sealing.seal(name, on: disk)
        var units = ControlUnits(after: last, at: load.now)
        var trial = units
        var batch = Batch()
        SimulatedLoad.rotate(
          &batch, &units, appender.position, adding: trial.lines(of: command).count,
          limit: segmentLimit)
        batch.add(units.lines(of: command), records: 1, opening: nil)
        try write(&batch, by: &appender)
        last = units.last
        if case .segmentSealed(let event) = units.records.last?.event {
          seals.append(SealedSegment(name: event.segment.string, sha256: event.sha256))
        }
        try Sealing.publish(seals, on: disk)
      } catch { throw Died() }
    }
  }

  /// Appends a batch of one to three units and acknowledges them when it is durable.
  private mutating func append(
    _ appender: inout Appender, _ last: inout Record?
  ) throws(Died) {
    var made = load.batch(
      after: last, at: appender.position, limit: segmentLimit, &random)
    last = made.last
    try write(&made.batch, by: &appender)
    outcome.acknowledged += made.numbers.count
    witness.promise(made.numbers)
  }

  /// Makes a batch durable, or checks that the writer is silent for ever.
  private mutating func write(_ batch: inout Batch, by appender: inout Appender) throws(Died) {
    do {
      try appender.append(&batch)
      if disk.hasFailed { witness.note("an acknowledgement came after the first failed call") }
    } catch {
      do {
        try appender.append(&batch)
        witness.note("a writer went on after a failure")
      } catch { throw Died() }
    }
  }
}
