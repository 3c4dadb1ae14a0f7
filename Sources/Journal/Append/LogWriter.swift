import Glibc
public import Ledger
import Synchronization

/// The one writer of a log: collects units, and makes them durable on a thread of its own.
///
/// The collecting calls (`nextSeq`, `rotationNeeded`, `openSegment`, `collect`) are made under the
/// caller's own lock, so that seq, size and rotation are decided there. While one batch is being
/// synced, the next is collected.
public final class LogWriter: Sendable {
  private let queue: WriterQueue
  private let progress: WriterProgress
  private let segmentLimit: Int
  private let thread: Mutex<pthread_t?>

  /// Starts the thread.
  ///
  /// Both closures run on it, holding no lock: `onDurable` after each sync with the last durable
  /// seq, `onLost` once, after which nothing is ever written or reported durable.
  public init(
    appender: consuming Appender, segmentLimit: Int,
    onDurable: @escaping @Sendable (UInt64) -> Void,
    onLost: @escaping @Sendable (DiskLost) -> Void
  ) {
    let appender = appender
    queue = WriterQueue(after: appender.position)
    progress = WriterProgress(durableSeq: appender.position.seq)
    self.segmentLimit = segmentLimit
    let work = WriterThread(
      appender: appender, queue: queue, progress: progress, onDurable: onDurable, onLost: onLost)
    thread = Mutex(work.start())
  }

  /// The seq that the next collected record must carry.
  public var nextSeq: UInt64 { queue.nextSeq }

  /// The last seq that is on the disk for good. May be asked from any thread.
  public var durableSeq: UInt64 { progress.durableSeq.load(ordering: .acquiring) }

  /// What has been written so far. May be asked from any thread.
  public var counts: WriterCounts { progress.counts }

  /// The segment that the next unit would join.
  public var openSegment: SegmentName { queue.openSegment.name }

  /// Whether a unit of so many bytes must open a segment: it begins a later UTC day, or the file
  /// would pass the limit.
  public func rotationNeeded(at moment: Timestamp, adding bytes: Int) -> Bool {
    let open = queue.openSegment
    return Layout.rotationNeeded(
      open: open.name, bytes: open.bytes, at: moment, adding: bytes, limit: segmentLimit)
  }

  /// Takes a unit: whole lines as `RecordCodec.encode` writes them.
  ///
  /// `opening` names the segment that the unit's first line opens; such a unit begins a batch.
  public func collect(_ unit: [UInt8], records: Int, opening segment: SegmentName?) {
    queue.collect(unit, records: records, opening: segment)
  }

  /// Waits, before a decision, until the collected batch may take more.
  /// - Throws: `DiskLost` when the disk is lost.
  public func waitForRoom() throws(DiskLost) { try queue.waitForRoom() }

  /// Writes and syncs what is left, and ends the thread. Later calls do nothing.
  public func close() {
    queue.close()
    let running = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    if let running { pthread_join(running, nil) }
  }
}

/// What a writer has done since it started.
public struct WriterCounts: Equatable, Sendable {
  /// Records that are durable.
  public var records = 0
  /// Batches, each with one write.
  public var batches = 0
  /// Syncs of files and folders.
  public var syncs = 0
  /// Bytes of log.
  public var bytes = 0
}

/// How far the writer thread has come, for everybody to see.
final class WriterProgress: Sendable {
  let durableSeq: Atomic<UInt64>
  private let current = Mutex(WriterCounts())

  init(durableSeq: UInt64) { self.durableSeq = Atomic(durableSeq) }

  var counts: WriterCounts { current.withLock { $0 } }

  func note(_ batch: Batch, syncs: Int) {
    current.withLock { counts in
      counts.records += batch.records
      counts.batches += 1
      counts.syncs = syncs
      counts.bytes += batch.bytes.count
    }
  }
}
