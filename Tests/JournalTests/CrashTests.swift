import Journal
import Testing

/// The laws of the log on a disk that loses, tears, reorders and fails.
struct CrashTests {
  @Test(arguments: UInt64(0)..<100)
  func `no acknowledged unit is lost, doubled or torn by twenty crashes in a row`(seed: UInt64) {
    let outcome = CrashSimulation.run(seed: seed, crashes: 20)
    #expect(outcome.broken == nil)
    #expect(outcome.crashes >= 20)
  }

  /// Found by the long run: a cut whose sync had failed came back behind what was appended later.
  @Test(arguments: [UInt64(10_573), 10_604])
  func `a cut that was lost by a failed sync is made again`(seed: UInt64) {
    #expect(CrashSimulation.run(seed: seed, crashes: 20).broken == nil)
  }

  @Test(arguments: UInt64(0)..<6)
  func `a power cut before any call of a life breaks no promise`(seed: UInt64) {
    var call = 1
    while let outcome = CrashSimulation.dieOnce(seed: seed, atCall: call, by: nil) {
      #expect(outcome.broken == nil, "call \(call)")
      guard outcome.broken == nil else { return }
      call += 1
    }
    #expect(call > 50)
  }

  @Test(arguments: [FaultPlan.Fault.inputOutput, .noSpace, .shortWrite])
  func `nothing is acknowledged after any call has failed`(fault: FaultPlan.Fault) {
    for seed in UInt64(0)..<3 {
      var call = 1
      while let outcome = CrashSimulation.dieOnce(seed: seed, atCall: call, by: fault) {
        #expect(outcome.broken == nil, "seed \(seed), call \(call)")
        guard outcome.broken == nil else { return }
        call += 1
      }
      #expect(call > 50)
    }
  }

  @Test func `the crashes are of every kind: in starts, in appends, with torn ends`() {
    var crashes = 0
    var inStart = 0
    var repairs = 0
    var acknowledged = 0
    for seed in UInt64(1_000)..<1_020 {
      let outcome = CrashSimulation.run(seed: seed, crashes: 20)
      crashes += outcome.crashes
      inStart += outcome.crashesInStart
      repairs += outcome.repairs
      acknowledged += outcome.acknowledged
    }
    #expect(inStart > crashes / 10 && inStart < crashes * 9 / 10)
    #expect(repairs > crashes / 20)
    #expect(acknowledged > crashes)
  }
}
