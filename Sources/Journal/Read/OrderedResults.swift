import Glibc

/// Results that workers produce in any order and one thread takes in order.
///
/// At most `ahead` results wait, so memory stays small however much work there is. All access
/// goes through the mutex.
final class OrderedResults<Element: Sendable>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  /// Signalled when a result has come.
  private let arrived = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  /// Signalled when a result has been taken, or no more are wanted.
  private let room = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  private var waiting: [Int: Element] = [:]
  private let count: Int
  private let ahead: Int
  private var handedOut = 0
  private var taken = 0
  private var isStopped = false

  init(count: Int, ahead: Int) {
    self.count = count
    self.ahead = ahead
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(arrived, nil)
    pthread_cond_init(room, nil)
  }

  deinit {
    pthread_cond_destroy(room)
    pthread_cond_destroy(arrived)
    pthread_mutex_destroy(mutex)
    room.deallocate()
    arrived.deallocate()
    mutex.deallocate()
  }

  /// The next piece of work; nil when there is none, or no more is wanted.
  func claim() -> Int? {
    locked {
      while !isStopped && handedOut < count && handedOut >= taken + ahead {
        pthread_cond_wait(room, mutex)
      }
      guard !isStopped, handedOut < count else { return nil }
      defer { handedOut += 1 }
      return handedOut
    }
  }

  /// Delivers the result of a claimed piece of work.
  func deliver(_ index: Int, _ element: Element) {
    locked {
      waiting[index] = element
      pthread_cond_signal(arrived)
    }
  }

  /// The next result in order; nil after the last.
  func take() -> Element? {
    locked {
      guard taken < count else { return nil }
      while true {
        if let element = waiting.removeValue(forKey: taken) {
          taken += 1
          pthread_cond_broadcast(room)
          return element
        }
        pthread_cond_wait(arrived, mutex)
      }
    }
  }

  /// No more results are wanted; workers end.
  func stop() {
    locked {
      isStopped = true
      pthread_cond_broadcast(room)
    }
  }

  private func locked<R>(_ body: () -> R) -> R {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }
}
