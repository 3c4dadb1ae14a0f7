package import HTTP
package import JSON
package import Journal
package import Ledger
internal import Synchronization

/// What came of a submission, and the seq that must be durable before anybody is told.
package struct Outcome: Sendable {
  /// What was decided.
  package enum Kind: Sendable {
    /// These records were collected for the log.
    case accepted([Record])
    /// The answer is that of the unit that begins here.
    case repeated(first: UInt64)
    case unchanged
    case rejected(Rejection)
  }
  package let kind: Kind
  /// The last seq that the decision was made on, or made.
  package let decidedSeq: UInt64
}

/// Why nothing could be decided at all.
package enum Unavailable: Error, Equatable, Sendable {
  /// A write or sync failed; the process is about to end.
  case diskLost
  /// The lines are too large for the log; nothing changed.
  case tooLarge
}

/// The one writer: decides and applies in one critical section, and lets nothing out before it is
/// durable.
///
/// The decided state runs ahead of the disk by what is being synced; every answer that depends on
/// it carries the decided seq and waits for the durable one.
package final class Bookkeeper: Sendable {
  /// What the critical section holds.
  private struct Desk: ~Copyable {
    var state: State
    var clock: LedgerClock
    var lines = JSONWriter(reserving: 65_536)
  }

  private let desk: Mutex<Desk>
  private let writer: Journal.LogWriter
  private let releases: ReleaseQueue
  private let clocks: Clocks
  /// Called in the critical section with each record as it is decided.
  private let observe: @Sendable (Record) -> Void
  /// Called in the critical section when a new file was begun, with the finished one.
  private let onRotation: @Sendable (SegmentName) -> Void

  /// Takes over a ledger that recovery has read.
  ///
  /// - Parameters:
  ///   - observe: sees each record as it is decided, in order; what it lets out must wait for the
  ///     durable seq.
  ///   - onLost: runs once, on the writer's thread, when the disk is lost; it must end the
  ///     process.
  ///   - onRotation: the name of a segment that can be sealed now.
  package init(
    state: consuming State, appender: consuming Appender, clocks: Clocks, segmentLimit: Int,
    observe: @escaping @Sendable (Record) -> Void,
    onRotation: @escaping @Sendable (SegmentName) -> Void,
    onLost: @escaping @Sendable (DiskLost) -> Void
  ) {
    let releases = ReleaseQueue(durable: state.seq)
    self.releases = releases
    self.clocks = clocks
    self.observe = observe
    self.onRotation = onRotation
    let clock = LedgerClock(
      last: state.seq == 0 ? nil : state.at, wall: clocks.wall(), boot: clocks.boot())
    desk = Mutex(Desk(state: state, clock: clock))
    writer = Journal.LogWriter(
      appender: appender, segmentLimit: segmentLimit,
      onDurable: { releases.release(upTo: $0) },
      onLost: { lost in
        releases.abandon()
        onLost(lost)
      })
  }

  // MARK: deciding

  /// Decides a submission, applies it, and hands its lines to the writer.
  package func submit<Wish: Ledger.Command>(
    _ submission: Submission<Wish>
  ) throws(Unavailable) -> Outcome {
    try waitForRoom()
    let result: Result<Outcome, Unavailable> = desk.withLock { desk in
      do throws(Unavailable) {
        return .success(try decide(submission, &desk))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private func decide<Wish: Ledger.Command>(
    _ submission: Submission<Wish>, _ desk: inout Desk
  ) throws(Unavailable) -> Outcome {
    let now = desk.clock.now(wall: clocks.wall(), boot: clocks.boot())
    let decision: Decision
    do throws(Rejection) {
      decision = try submission.decide(given: desk.state, at: now)
    } catch {
      return Outcome(kind: .rejected(error), decidedSeq: desk.state.seq)
    }
    switch decision {
    case .repeated(let first):
      return Outcome(kind: .repeated(first: first), decidedSeq: desk.state.seq)
    case .unchanged:
      return Outcome(kind: .unchanged, decidedSeq: desk.state.seq)
    case .refused(let rejection, let events):
      _ = try append(events, of: submission, at: now, keyed: false, to: &desk)
      return Outcome(kind: .rejected(rejection), decidedSeq: desk.state.seq)
    case .accepted(let events):
      let records = try append(events, of: submission, at: now, keyed: true, to: &desk)
      return Outcome(kind: .accepted(records), decidedSeq: desk.state.seq)
    }
  }

  /// Declares the wall clock right: the one decision whose time may lie before the last.
  ///
  /// It opens a segment, and `at` follows the wall clock from there.
  package func acceptClock(reason: Text, by: Text) throws(Unavailable) -> Outcome {
    try waitForRoom()
    let result: Result<Outcome, Unavailable> = desk.withLock { desk in
      do throws(Unavailable) {
        return .success(try adjustClock(reason, by, &desk))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private func adjustClock(
    _ reason: Text, _ by: Text, _ desk: inout Desk
  ) throws(Unavailable) -> Outcome {
    let wall = clocks.wall()
    guard desk.clock.isSuspect else {
      return Outcome(kind: .rejected(.clockNotSuspect), decidedSeq: desk.state.seq)
    }
    let submission = Submission(
      AcceptClock(wall: wall, reason: reason, by: by), actor: by, book: .real, cause: nil,
      binding: nil)
    let events: [Event]
    do throws(Rejection) {
      guard case .accepted(let accepted) = try submission.decide(given: desk.state, at: wall)
      else { return Outcome(kind: .unchanged, decidedSeq: desk.state.seq) }
      events = accepted
    } catch {
      return Outcome(kind: .rejected(error), decidedSeq: desk.state.seq)
    }
    // A file is named by the day of its first line, and that line may not go back in time.
    try rotate(at: desk.state.at, named: desk.state.at.day, &desk)
    let records = submission.records(of: events, from: desk.state.seq + 1, at: wall, keyed: true)
    try encode(records, &desk)
    writer.collect(desk.lines.bytes, records: records.count, opening: nil)
    take(records, &desk)
    desk.clock.accept(wall: wall, boot: clocks.boot())
    return Outcome(kind: .accepted(records), decidedSeq: desk.state.seq)
  }

  private func append<Wish: Ledger.Command>(
    _ events: [Event], of submission: Submission<Wish>, at now: Timestamp, keyed: Bool,
    to desk: inout Desk
  ) throws(Unavailable) -> [Record] {
    var records = submission.records(
      of: events, from: desk.state.seq + 1, at: now, keyed: keyed)
    try encode(records, &desk)
    // An earlier day than the file's: the clock was accepted back, and names follow it again.
    if now.day < writer.openSegment.day
      || writer.rotationNeeded(at: now, adding: desk.lines.bytes.count)
    {
      try rotate(at: now, named: now.day, &desk)
      // The new file's first line took a seq: the unit moves up by one.
      records = submission.records(of: events, from: desk.state.seq + 1, at: now, keyed: keyed)
      try encode(records, &desk)
    }
    writer.collect(desk.lines.bytes, records: records.count, opening: nil)
    take(records, &desk)
    return records
  }

  /// Begins the next file with a unit of its own, and tells who seals the last one.
  private func rotate(
    at now: Timestamp, named day: Day, _ desk: inout Desk
  ) throws(Unavailable) {
    let finished = writer.openSegment
    let unit = desk.lines.bytes
    let submission = Submission(
      OpenSegment(predecessor: Text(finished.text)), actor: "tollbook", book: .real,
      cause: nil, binding: nil)
    let events: [Event]
    do throws(Rejection) {
      guard case .accepted(let accepted) = try submission.decide(given: desk.state, at: now)
      else { return }
      events = accepted
    } catch {
      fatalError("the core refused to open a segment: \(error)")
    }
    let records = submission.records(
      of: events, from: desk.state.seq + 1, at: now, keyed: false)
    try encode(records, &desk)
    let name = SegmentName(firstSeq: desk.state.seq + 1, day: day)
    writer.collect(desk.lines.bytes, records: records.count, opening: name)
    take(records, &desk)
    desk.lines.bytes = unit
    onRotation(finished)
  }

  private func take(_ records: [Record], _ desk: inout Desk) {
    for record in records {
      desk.state.apply(record)
      observe(record)
    }
  }

  private func encode(_ records: [Record], _ desk: inout Desk) throws(Unavailable) {
    desk.lines.removeAll()
    var start = 0
    for record in records {
      RecordCodec.encode(record, into: &desk.lines)
      guard desk.lines.bytes.count - start <= RecordCodec.longestLine else { throw .tooLarge }
      start = desk.lines.bytes.count
    }
    guard desk.lines.bytes.count <= Layout.batchLimit else { throw .tooLarge }
  }

  private func waitForRoom() throws(Unavailable) {
    do throws(DiskLost) {
      try writer.waitForRoom()
    } catch {
      throw .diskLost
    }
  }

  // MARK: reading

  /// Asks the decided state; the answer must wait for the seq that comes with it.
  package func read<Value: Sendable>(
    _ question: (borrowing State, Timestamp) -> Value
  ) -> (value: Value, seq: UInt64) {
    desk.withLock { desk in
      let now = desk.clock.now(wall: clocks.wall(), boot: clocks.boot())
      return (question(desk.state, now), desk.state.seq)
    }
  }

  // MARK: letting out

  /// Sends an answer once everything that it depends on is durable.
  package func release(_ exchange: Exchange, _ response: Response, after seq: UInt64) {
    releases.add(.answer(exchange, response), after: seq)
  }

  /// Runs once everything up to the seq is durable; with false when the disk is lost before.
  package func whenDurable(_ seq: UInt64, _ action: @escaping @Sendable (Bool) -> Void) {
    releases.add(.call(action), after: seq)
  }

  /// Blocks until all that was decided so far is durable; false when the disk is lost before.
  ///
  /// For threads of tools and workers, never for the event loop.
  package func waitUntilDurable() -> Bool {
    let answer = AwaitedAnswer()
    whenDurable(desk.withLock { $0.state.seq }) { answer.give($0) }
    return answer.wait()
  }

  /// The last durable seq.
  package var durableSeq: UInt64 { writer.durableSeq }

  /// What the writer has done since the start.
  package var counts: WriterCounts { writer.counts }

  /// Whether the wall clock is not believed at present.
  package var isClockSuspect: Bool { desk.withLock { $0.clock.isSuspect } }

  /// Writes what is left and ends the writer.
  package func close() { writer.close() }
}
