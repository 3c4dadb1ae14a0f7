internal import Glibc
internal import Synchronization

/// One thread that does what must not hold up the event loop or the writer, in order.
package final class Worker: Sendable {
  /// What waits to be done.
  private struct Work: Sendable {
    var jobs: [@Sendable () -> Void] = []
    var isClosed = false
  }

  private let work = Mutex(Work())
  private let wake: Semaphore
  private let done: Semaphore

  /// Starts the thread; nil when the system has none left.
  package init?() {
    wake = Semaphore()
    done = Semaphore()
    guard Threads.start({ [self] in run() }) else { return nil }
  }

  /// Does the job after those before it; after `close()` nothing.
  package func add(_ job: @escaping @Sendable () -> Void) {
    let isFirst = work.withLock { work in
      guard !work.isClosed else { return false }
      work.jobs.append(job)
      return work.jobs.count == 1
    }
    if isFirst { wake.signal() }
  }

  /// Finishes what was added and ends the thread.
  package func close() {
    work.withLock { $0.isClosed = true }
    wake.signal()
    done.wait()
  }

  private func run() {
    while true {
      wake.wait()
      let (jobs, isClosed) = work.withLock { work in
        defer { work.jobs.removeAll(keepingCapacity: true) }
        return (work.jobs, work.isClosed)
      }
      for job in jobs { job() }
      if isClosed, work.withLock({ $0.jobs.isEmpty }) { break }
    }
    done.signal()
  }
}

/// A counting semaphore.
package final class Semaphore: Sendable {
  nonisolated(unsafe) private let handle: UnsafeMutablePointer<sem_t>

  package init() {
    handle = .allocate(capacity: 1)
    sem_init(handle, 0, 0)
  }

  deinit {
    sem_destroy(handle)
    handle.deallocate()
  }

  package func signal() { sem_post(handle) }

  package func wait() {
    while sem_wait(handle) != 0 && errno == EINTR {}
  }
}

/// A yes or no that one thread waits for and another gives.
package final class AwaitedAnswer: Sendable {
  private let given = Semaphore()
  private let isYes = Atomic<Bool>(false)

  package init() {}

  package func give(_ answer: Bool) {
    isYes.store(answer, ordering: .releasing)
    given.signal()
  }

  /// Blocks until `give` was called.
  package func wait() -> Bool {
    given.wait()
    return isYes.load(ordering: .acquiring)
  }
}

/// Starts plain threads.
package enum Threads {
  /// Carries the closure across the C call.
  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Runs the body on a detached thread of its own; false when the system has none left.
  package static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(Body(body)).toOpaque()
    let code = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, argument)
    guard code == 0 else {
      Unmanaged<Body>.fromOpaque(argument).release()
      return false
    }
    pthread_detach(thread)
    return true
  }
}
