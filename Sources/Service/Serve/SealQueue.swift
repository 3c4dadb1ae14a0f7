internal import JSON
internal import Journal
internal import Ledger
internal import Synchronization

/// Seals finished segments beside the writer: hashes the file, records the seal, and when that is
/// durable makes the file read-only and writes `SHA256SUMS`.
final class SealQueue: Sendable {
  /// Where finished segments go; those that came too early wait.
  private struct Place: Sendable {
    var work: (@Sendable (SegmentName) -> Void)?
    var early: [SegmentName] = []
  }

  private let place = Mutex(Place())

  /// Takes a finished segment; it may come before `start`.
  func add(_ segment: SegmentName) {
    let work = place.withLock { place in
      if place.work == nil { place.early.append(segment) }
      return place.work
    }
    work?(segment)
  }

  /// Begins to seal, first what an earlier run left unsealed.
  func start(
    on worker: Worker, _ bookkeeper: Bookkeeper, _ disk: any Disk, finished: [SegmentName]
  ) {
    let seal: @Sendable (SegmentName) -> Void = { segment in
      worker.add { SealQueue.seal(segment, bookkeeper, disk) }
    }
    let early = place.withLock { place in
      place.work = seal
      return place.early
    }
    for segment in finished + early { seal(segment) }
    worker.add { SealQueue.publish(bookkeeper, disk) }
  }

  private static func seal(
    _ segment: SegmentName, _ bookkeeper: Bookkeeper, _ disk: any Disk
  ) {
    // The finished file's last bytes may still be with the writer.
    guard bookkeeper.waitUntilDurable() else { return }
    do {
      let command = try Sealing.seal(segment, on: disk)
      let submission = Submission(
        command, actor: "tollbook", book: .real, cause: nil, binding: nil)
      _ = try bookkeeper.submit(submission)
      if bookkeeper.waitUntilDurable() { publish(bookkeeper, disk) }
    } catch {
      // A seal is made again at the next start; a lost disk ends the process by itself.
      return
    }
  }

  private static func publish(_ bookkeeper: Bookkeeper, _ disk: any Disk) {
    let seals = bookkeeper.read { state, _ in
      state.controls.seals.map {
        SealedSegment(name: $0.segment.string, sha256: $0.sha256)
      }
    }.value
    do {
      try Sealing.publish(seals, on: disk)
    } catch {
      // A view: the next seal or start writes it.
      return
    }
  }
}
