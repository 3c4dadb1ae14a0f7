import JSON
import Ledger
import Seeded
import Testing

/// Where `at` comes from, and when nobody believes the wall clock.
@Suite struct LedgerClockTests {
  private let noon: Timestamp

  init() throws { noon = try .of("2026-11-16T12:00:00Z") }

  private func at(_ milliseconds: Int64) -> Timestamp {
    noon.advanced(byMilliseconds: milliseconds)
  }

  @Test func `a trusted clock gives the wall clock, and never goes back`() {
    var clock = LedgerClock(last: noon, wall: noon, boot: 1_000)
    #expect(clock.now(wall: at(5), boot: 1_005) == at(5))
    #expect(clock.now(wall: at(3), boot: 1_006) == at(5))
    #expect(clock.now(wall: at(-3_600_000), boot: 1_007) == at(5))
    #expect(clock.now(wall: at(6), boot: 1_008) == at(6))
    #expect(!clock.isSuspect)
  }

  @Test func `a new ledger believes the wall clock`() {
    var clock = LedgerClock(last: nil, wall: noon, boot: 0)
    #expect(!clock.isSuspect)
    #expect(clock.now(wall: noon, boot: 0) == noon)
  }

  @Test(arguments: [(299_999, false), (300_000, false), (300_001, true)] as [(Int64, Bool)])
  func `a wall clock is suspect more than five minutes ahead of the time that passed`(
    ahead: Int64, isSuspect: Bool
  ) {
    var clock = LedgerClock(last: noon, wall: noon, boot: 0)
    // An hour really passed; the wall clock says that much, and more.
    let now = clock.now(wall: at(3_600_000 + ahead), boot: 3_600_000)
    #expect(clock.isSuspect == isSuspect)
    #expect(now == (isSuspect ? at(3_600_000) : at(3_600_000 + ahead)))
  }

  @Test(arguments: [(299_999, false), (300_000, false), (300_001, true)] as [(Int64, Bool)])
  func `at start the log may be five minutes ahead of the wall clock and no more`(
    ahead: Int64, isSuspect: Bool
  ) {
    var clock = LedgerClock(last: at(ahead), wall: noon, boot: 0)
    #expect(clock.isSuspect == isSuspect)
    #expect(clock.now(wall: noon, boot: 0) == at(ahead))
    // A suspect clock counts the time that really passes from there; a trusted one waits.
    #expect(clock.now(wall: at(10), boot: 10) == at(isSuspect ? ahead + 10 : ahead))
  }

  @Test func `a long stop is no reason for suspicion`() {
    var clock = LedgerClock(last: at(-86_400_000), wall: noon, boot: 0)
    #expect(!clock.isSuspect)
    #expect(clock.now(wall: noon, boot: 0) == noon)
  }

  @Test func `a suspect clock stays suspect and counts boot time until it is accepted`() {
    var clock = LedgerClock(last: noon, wall: noon, boot: 0)
    #expect(clock.now(wall: at(400_000), boot: 10) == at(10))
    // Also when the wall clock is right again: nobody said so.
    #expect(clock.now(wall: at(20), boot: 20) == at(20))
    #expect(clock.now(wall: at(-5_000_000), boot: 35) == at(35))
    #expect(clock.isSuspect)
    clock.accept(wall: at(-60_000), boot: 40)
    #expect(!clock.isSuspect)
    #expect(clock.now(wall: at(-59_990), boot: 50) == at(-59_990))
  }

  @Test func `boot time that goes back counts as none`() {
    var clock = LedgerClock(last: noon, wall: noon, boot: 1_000)
    #expect(clock.now(wall: at(400_000), boot: 500) == noon)
    #expect(clock.now(wall: at(400_000), boot: 1_001) == at(1))
  }

  @Test(arguments: UInt64(0)..<200)
  func `whatever the clocks do, time goes back only when a clock is accepted`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var clock = LedgerClock(last: noon, wall: noon, boot: 0)
    var boot: Int64 = 0
    var last = noon
    for _ in 0..<200 {
      boot += Int64(random.below(100_000)) - 1_000
      let wall = at(boot + Int64(random.below(1_000_000)) - 500_000)
      if random.below(20) == 0 {
        clock.accept(wall: wall, boot: boot)
        last = wall
      }
      let now = clock.now(wall: wall, boot: boot)
      #expect(now >= last)
      // Nothing ever dates a decision further ahead than the clocks explain.
      #expect(clock.isSuspect || now <= max(last, wall))
      last = now
    }
  }
}
