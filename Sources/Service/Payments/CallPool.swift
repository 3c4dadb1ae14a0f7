internal import Glibc
internal import Synchronization

/// Threads that wait for providers, so that nobody else has to; jobs may be due later.
package final class CallPool: Sendable {
  /// A job and when it may begin, in milliseconds since boot.
  private struct Job: Sendable {
    let due: Int64
    let run: @Sendable () -> Void
  }

  /// What waits to be done.
  private struct Work: Sendable {
    var ready: [@Sendable () -> Void] = []
    /// In the order of their time.
    var later: [Job] = []
    var isClosed = false
  }

  private let work = Mutex(Work())
  private let wake = Semaphore()
  /// Wakes the thread that looks after jobs for later.
  private let alarm = Semaphore()
  private let ended = Semaphore()
  private let count: Int
  private let boot: @Sendable () -> Int64

  /// Starts the threads; nil when the system has none left.
  package init?(threads count: Int, boot: @escaping @Sendable () -> Int64) {
    self.count = count
    self.boot = boot
    guard Threads.start({ [self] in watch() }) else { return nil }
    for _ in 0..<count {
      guard Threads.start({ [self] in run() }) else { return nil }
    }
  }

  /// Does the job as soon as a thread is free; false after `close()`, and then never.
  package func add(_ job: @escaping @Sendable () -> Void) -> Bool {
    let isOpen = work.withLock { work in
      guard !work.isClosed else { return false }
      work.ready.append(job)
      return true
    }
    if isOpen { wake.signal() }
    return isOpen
  }

  /// Does the job no sooner than after so many milliseconds, unless the pool is closed first,
  /// which hurries it; false after that, and then never.
  package func add(
    afterMilliseconds wait: Int, _ job: @escaping @Sendable () -> Void
  ) -> Bool {
    let due = boot() + Int64(wait)
    let isOpen = work.withLock { work in
      guard !work.isClosed else { return false }
      let place = work.later.firstIndex { $0.due > due } ?? work.later.count
      work.later.insert(Job(due: due, run: job), at: place)
      return true
    }
    if isOpen { alarm.signal() }
    return isOpen
  }

  /// Finishes what was added, at once, and ends the threads.
  package func close() {
    work.withLock { work in
      work.isClosed = true
      work.ready += work.later.map(\.run)
      work.later.removeAll()
    }
    alarm.signal()
    for _ in 0..<count { wake.signal() }
    for _ in 0...count { ended.wait() }
  }

  private func run() {
    while true {
      wake.wait()
      // One signal is one job, but for those that `close()` gave for the end.
      while let job = next() { job() }
      if work.withLock({ $0.isClosed && $0.ready.isEmpty }) { break }
    }
    ended.signal()
  }

  private func next() -> (@Sendable () -> Void)? {
    work.withLock { $0.ready.isEmpty ? nil : $0.ready.removeFirst() }
  }

  /// Makes jobs ready as they come due; sleeps by the boot clock, which no setting moves.
  private func watch() {
    while true {
      alarm.wait()
      while let wait = release() { usleep(UInt32(min(wait, 20) * 1_000)) }
      if work.withLock({ $0.isClosed }) { break }
    }
    ended.signal()
  }

  /// Makes ready what is due; the milliseconds to the next one, nil when none is left.
  private func release() -> Int64? {
    let now = boot()
    let (released, rest): (Int, Int64?) = work.withLock { work in
      let due = work.later.prefix { $0.due <= now }
      work.ready += due.map(\.run)
      work.later.removeFirst(due.count)
      return (due.count, work.later.first.map { max(1, $0.due - now) })
    }
    for _ in 0..<released { wake.signal() }
    return rest
  }
}
