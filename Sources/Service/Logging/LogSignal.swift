import Glibc

/// Wakes the log thread, and lets others wait until it has worked.
///
/// `Synchronization.Mutex` has no condition variable; this is the pthread pair behind one type.
final class LogSignal: @unchecked Sendable {
  // Touched only between lock and unlock of `mutex`.
  private var isRung = false
  private var asked: UInt64 = 0
  private var done: UInt64 = 0

  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let rung: UnsafeMutablePointer<pthread_cond_t>
  private let worked: UnsafeMutablePointer<pthread_cond_t>

  init() {
    mutex = .allocate(capacity: 1)
    rung = .allocate(capacity: 1)
    worked = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    rung.initialize(to: pthread_cond_t())
    worked.initialize(to: pthread_cond_t())
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    // A wall clock that is set back must not make a wait of 200 ms one of an hour.
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(rung, &attributes)
    pthread_cond_init(worked, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(rung)
    pthread_cond_destroy(worked)
    pthread_mutex_destroy(mutex)
    rung.deallocate()
    worked.deallocate()
    mutex.deallocate()
  }

  /// Ends the present or next `waitForRing` at once.
  func ring() {
    pthread_mutex_lock(mutex)
    isRung = true
    pthread_cond_signal(rung)
    pthread_mutex_unlock(mutex)
  }

  /// Returns after a ring or after the time, with the number of rounds that were asked for.
  func waitForRing(milliseconds: Int) -> UInt64 {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    var deadline = Self.deadline(milliseconds: milliseconds)
    while !isRung, pthread_cond_timedwait(rung, mutex, &deadline) != ETIMEDOUT {}
    isRung = false
    return asked
  }

  /// Tells those who wait that every round up to this number is done.
  func finish(_ round: UInt64) {
    pthread_mutex_lock(mutex)
    done = round
    pthread_cond_broadcast(worked)
    pthread_mutex_unlock(mutex)
  }

  /// Asks for one more round and waits for its end; false when the time ran out first.
  func askAndWait(milliseconds: Int) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    asked += 1
    let round = asked
    isRung = true
    pthread_cond_signal(rung)
    var deadline = Self.deadline(milliseconds: milliseconds)
    while done < round {
      if pthread_cond_timedwait(worked, mutex, &deadline) == ETIMEDOUT { return done >= round }
    }
    return true
  }

  private static func deadline(milliseconds: Int) -> timespec {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let nanoseconds = now.tv_nsec + milliseconds % 1_000 * 1_000_000
    return timespec(
      tv_sec: now.tv_sec + milliseconds / 1_000 + nanoseconds / 1_000_000_000,
      tv_nsec: nanoseconds % 1_000_000_000)
  }
}
