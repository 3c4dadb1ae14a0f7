import Glibc

/// What passes between the critical section and the writer thread: one batch being collected, and
/// those that wait behind the one being written.
///
/// Usually none waits; a second one does when a unit opens a segment or does not fit.
/// All access goes through the mutex, which is held for the time of a copy at most.
final class WriterQueue: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  /// Signalled when there is work, or none will come any more.
  private let work = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  /// Signalled when a batch has been taken, or all is lost.
  private let room = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  private var collecting = Batch()
  private var waiting: [Batch] = []
  private var spare: Batch?
  private var isClosing = false
  private var lost: DiskLost?
  private var open: SegmentName
  private var openBytes: Int
  private var lastSeq: UInt64

  init(after position: LogPosition) {
    open = position.segment
    openBytes = position.bytes
    lastSeq = position.seq
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(work, nil)
    pthread_cond_init(room, nil)
  }

  deinit {
    pthread_cond_destroy(room)
    pthread_cond_destroy(work)
    pthread_mutex_destroy(mutex)
    room.deallocate()
    work.deallocate()
    mutex.deallocate()
  }

  /// The seq of the next record to be collected.
  var nextSeq: UInt64 { locked { lastSeq + 1 } }

  /// The segment that the next unit joins, and its length with everything collected.
  var openSegment: (name: SegmentName, bytes: Int) { locked { (open, openBytes) } }

  func collect(_ lines: [UInt8], records: Int, opening segment: SegmentName?) {
    locked {
      guard lost == nil else { return }
      if !collecting.hasRoom(for: lines.count, opening: segment) {
        waiting.append(collecting)
        collecting = spare ?? Batch()
        spare = nil
      }
      collecting.add(lines, records: records, opening: segment)
      lastSeq += UInt64(records)
      if let segment {
        open = segment
        openBytes = 0
      }
      openBytes += lines.count
      pthread_cond_signal(work)
    }
  }

  /// Returns when the collected batch may take more, at once in almost every case.
  /// - Throws: `DiskLost` when nothing will ever be written again.
  func waitForRoom() throws(DiskLost) {
    let failure: DiskLost? = locked {
      while lost == nil && (!waiting.isEmpty || collecting.bytes.count >= Layout.batchLimit) {
        pthread_cond_wait(room, mutex)
      }
      return lost
    }
    if let failure { throw failure }
  }

  /// Hands out the next batch, waiting for one; nil when the queue is closed and empty.
  func take() -> Batch? {
    locked {
      while waiting.isEmpty && collecting.isEmpty {
        if isClosing || lost != nil { return nil }
        pthread_cond_wait(work, mutex)
      }
      guard lost == nil else { return nil }
      defer { pthread_cond_broadcast(room) }
      if !waiting.isEmpty { return waiting.removeFirst() }
      let batch = collecting
      collecting = spare ?? Batch()
      spare = nil
      return batch
    }
  }

  /// Takes an emptied batch back for its memory.
  func giveBack(_ batch: consuming Batch) {
    batch.removeAll()
    let empty = batch
    locked { spare = empty }
  }

  /// Nothing will be written any more.
  func fail(_ failure: DiskLost) {
    locked {
      lost = failure
      pthread_cond_broadcast(room)
      pthread_cond_broadcast(work)
    }
  }

  /// No more will be collected; `take` hands out what is left.
  func close() {
    locked {
      isClosing = true
      pthread_cond_broadcast(work)
    }
  }

  private func locked<R>(_ body: () -> R) -> R {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }
}
