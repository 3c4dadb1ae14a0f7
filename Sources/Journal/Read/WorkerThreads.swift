import Glibc

/// A few threads that run the same work until it is done.
struct WorkerThreads {
  /// Carries the work to a thread.
  private final class Job: Sendable {
    let work: @Sendable () -> Void
    init(_ work: @escaping @Sendable () -> Void) { self.work = work }
  }

  private var threads: [pthread_t] = []

  /// Starts as many threads as the system gives, at most `count`; each runs `work` once.
  init(_ count: Int, _ work: @escaping @Sendable () -> Void) {
    for _ in 0..<count {
      var thread = pthread_t()
      let argument = Unmanaged.passRetained(Job(work)).toOpaque()
      let result = pthread_create(
        &thread, nil,
        { argument in
          guard let argument else { return nil }
          Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().work()
          return nil
        }, argument)
      guard result == 0 else {
        Unmanaged<Job>.fromOpaque(argument).release()
        break
      }
      threads.append(thread)
    }
  }

  /// Whether not a single thread could be started.
  var isEmpty: Bool { threads.isEmpty }

  /// Waits until all are done.
  func join() {
    for thread in threads { pthread_join(thread, nil) }
  }
}
