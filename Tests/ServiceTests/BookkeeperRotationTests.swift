import JSON
import Journal
import Ledger
import Service
import Testing

/// When a file ends, what the next one begins with, and which time stands in it.
struct BookkeeperRotationTests {
  private static let day: Int64 = 86_400_000

  @Test func `the first unit of a later day opens the next file`() throws {
    // 2026-09-21, one millisecond before midnight.
    let clock = GatewayClock(Timestamp(milliseconds: 20_717 * Self.day - 1))
    let desk = try BookkeeperDesk(clock: clock)
    try desk.setPrice()
    _ = try desk.submit(BookkeeperDesk.payment(1), key: nil)
    #expect(desk.rotations.all.isEmpty)
    clock.advance(milliseconds: 1)
    // Nothing happens by the clock alone.
    #expect(desk.rotations.all.isEmpty)
    _ = try desk.submit(BookkeeperDesk.payment(2), key: nil)
    _ = try desk.submit(BookkeeperDesk.payment(3), key: nil)
    desk.bookkeeper.close()
    #expect(desk.rotations.all == ["000000000001-2026-09-20.jsonl"])
    let (state, records) = try desk.replayed()
    #expect(state == desk.live)
    let types = records.map(\.event.type)
    #expect(
      types == [
        .ledgerOpened, .configApplied, .gatewayPaymentAccepted, .gatewayResponseRecorded,
        .segmentOpened, .gatewayPaymentAccepted, .gatewayResponseRecorded,
        .gatewayPaymentAccepted, .gatewayResponseRecorded,
      ])
    // A unit of its own, same time as what it was opened for.
    #expect(!records[4].more)
    #expect(records[4].at == records[5].at)
    #expect(records[4].book == nil)
    guard case .segmentOpened(let opened) = records[4].event else { return }
    #expect(opened.predecessor == "000000000001-2026-09-20.jsonl")
    #expect(opened.lastSeq == 4)
    let names = try desk.disk.list("").filter { $0.hasSuffix(".jsonl") }
    #expect(names == ["000000000001-2026-09-20.jsonl", "000000000005-2026-09-21.jsonl"])
    #expect(try desk.disk.target(of: "current") == "000000000005-2026-09-21.jsonl")
    #expect(try desk.verify() == .clean)
  }

  @Test func `no file passes the limit, and one that is exactly full is not passed`() throws {
    let trial = try BookkeeperDesk()
    try trial.setPrice()
    _ = try trial.submit(BookkeeperDesk.payment(1), key: nil)
    trial.bookkeeper.close()
    let name = "000000000001-2026-09-21.jsonl"
    let exact = try #require(trial.disk.inner.contents(of: name)).count
    for (limit, rotations) in [(exact, 0), (exact - 1, 1), (exact + 1, 0)] {
      let desk = try BookkeeperDesk(segmentLimit: limit)
      try desk.setPrice()
      _ = try desk.submit(BookkeeperDesk.payment(1), key: nil)
      desk.bookkeeper.close()
      #expect(desk.rotations.all.count == rotations, "limit \(limit)")
      #expect(try desk.replayed().state == desk.live)
    }
  }

  @Test func `many small files chain on, and the start after them reads the same state`() throws {
    let desk = try BookkeeperDesk(segmentLimit: 3_000)
    try desk.setPrice()
    for number in UInt64(1)...60 {
      _ = try desk.submit(BookkeeperDesk.payment(number), key: Text("k\(number)"))
    }
    desk.bookkeeper.close()
    #expect(desk.rotations.all.count > 20)
    #expect(try desk.verify() == .clean)
    for name in try desk.disk.list("") where name.hasSuffix(".jsonl") {
      #expect(try #require(desk.disk.inner.contents(of: name)).count <= 3_000)
    }
    let again = try BookkeeperDesk(on: desk.disk, clock: desk.clock, segmentLimit: 3_000)
    #expect(again.live == desk.live)
    let repeated = try again.submit(BookkeeperDesk.payment(999), key: "k1")
    guard case .repeated = repeated.kind else {
      Issue.record("\(repeated.kind)")
      return
    }
    again.bookkeeper.close()
  }

  @Test func `a wall clock that leaps is not believed until an operator accepts it`() throws {
    let desk = try BookkeeperDesk()
    try desk.setPrice()
    desk.clock.advance(milliseconds: 1_000)
    let early = try desk.bookkeeper.acceptClock(reason: "none", by: "operator")
    guard case .rejected(.clockNotSuspect) = early.kind else {
      Issue.record("\(early.kind)")
      return
    }
    // Exactly five minutes are believed, one millisecond more is not.
    desk.clock.jump(milliseconds: 300_000)
    _ = try desk.submit(BookkeeperDesk.payment(1), key: nil)
    #expect(!desk.bookkeeper.isClockSuspect)
    desk.clock.jump(milliseconds: 300_001)
    _ = try desk.submit(BookkeeperDesk.payment(2), key: nil)
    #expect(desk.bookkeeper.isClockSuspect)
    desk.clock.advance(milliseconds: 5)
    _ = try desk.submit(BookkeeperDesk.payment(3), key: nil)
    let outcome = try desk.bookkeeper.acceptClock(reason: "the clock was set", by: "operator")
    guard case .accepted = outcome.kind else {
      Issue.record("\(outcome.kind)")
      return
    }
    #expect(!desk.bookkeeper.isClockSuspect)
    _ = try desk.submit(BookkeeperDesk.payment(4), key: nil)
    desk.bookkeeper.close()
    let start = BookkeeperDesk.start
    let (state, records) = try desk.replayed()
    #expect(state == desk.live)
    #expect(state.violations.count == 0)
    #expect(
      records.map { $0.at.milliseconds(since: start) } == [
        0, 0, 301_000, 301_000, 301_000, 301_000, 301_005, 301_005, 301_005, 601_006, 601_006,
        601_006,
      ])
    #expect(records[8].event.type == .segmentOpened)
    #expect(records[9].event.type == .clockAdjusted)
    #expect(try desk.verify() == .clean)
  }

  @Test func `a leap of days that is accepted gets files of the right days`() throws {
    let desk = try BookkeeperDesk()
    try desk.setPrice()
    desk.clock.jump(milliseconds: 3 * Self.day)
    _ = try desk.submit(BookkeeperDesk.payment(1), key: nil)
    _ = try desk.bookkeeper.acceptClock(reason: "it stood still", by: "operator")
    _ = try desk.submit(BookkeeperDesk.payment(2), key: nil)
    desk.bookkeeper.close()
    let (state, records) = try desk.replayed()
    #expect(state == desk.live)
    #expect(state.violations.count == 0)
    #expect(records.last?.at == BookkeeperDesk.start.advanced(byMilliseconds: 3 * Self.day))
    #expect(try desk.verify() == .clean)
    let names = try desk.disk.list("").filter { $0.hasSuffix(".jsonl") }
    #expect(
      names == [
        "000000000001-2026-09-21.jsonl", "000000000005-2026-09-21.jsonl",
        "000000000007-2026-09-24.jsonl",
      ])
  }

  @Test func `a start far ahead of the wall clock is suspect; accepting may go back in time`()
    throws
  {
    let disk = GatedDisk(SimulatedDisk(seed: 2, plan: .none))
    let first = try BookkeeperDesk(
      on: disk, clock: GatewayClock(BookkeeperDesk.start.advanced(byMilliseconds: 2 * Self.day)))
    try first.setPrice()
    first.bookkeeper.close()
    let second = try BookkeeperDesk(on: disk, clock: GatewayClock(BookkeeperDesk.start))
    #expect(second.bookkeeper.isClockSuspect)
    _ = try second.submit(BookkeeperDesk.payment(1), key: nil)
    _ = try second.bookkeeper.acceptClock(reason: "it was a day ahead", by: "operator")
    _ = try second.submit(BookkeeperDesk.payment(2), key: nil)
    second.bookkeeper.close()
    let (state, records) = try second.replayed()
    #expect(state == second.live)
    #expect(state.violations.count == 0)
    #expect(try second.verify() == .clean)
    let last = try #require(records.last)
    #expect(last.at == BookkeeperDesk.start)
    let adjusted = try #require(records.first { $0.event.type == .clockAdjusted })
    #expect(adjusted.at == BookkeeperDesk.start)
    // The adjustment opens a file, whose first line still has the old day; the next unit opens
    // one of the day that is right.
    let names = try disk.list("").filter { $0.hasSuffix(".jsonl") }
    #expect(
      names == [
        "000000000001-2026-09-23.jsonl", "000000000005-2026-09-23.jsonl",
        "000000000007-2026-09-21.jsonl",
      ])
    #expect(
      records.map(\.event.type).suffix(5).prefix(3) == [
        .segmentOpened, .clockAdjusted, .segmentOpened,
      ])
    let third = try BookkeeperDesk(on: disk, clock: GatewayClock(BookkeeperDesk.start))
    #expect(third.live == second.live)
    #expect(!third.bookkeeper.isClockSuspect)
    third.bookkeeper.close()
  }
}
