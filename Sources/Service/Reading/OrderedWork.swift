import Glibc

/// Pieces of work done by several threads in any order, their results taken in order by one.
///
/// The taking thread works too while nothing is there to take, so that N threads use N cores. At
/// most `ahead` results wait, so memory stays small however much work there is. What was taken goes
/// back to the thread that made it, to be freed there: memory that one thread allocates and another
/// frees makes both wait for the allocator.
final class OrderedWork<Element: Sendable>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  /// Signalled when a result has come, or one was taken, or no more are wanted.
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var waiting: [Int: Result] = [:]
  /// By thread, what was taken of its results and may be freed.
  private var spent: [[Element]]
  private let count: Int
  private let ahead: Int
  private var handedOut = 0
  private var taken = 0
  private var isStopped = false

  /// A result and the thread that made it.
  private struct Result {
    let element: Element
    let thread: Int
  }

  private init(count: Int, threads: Int, ahead: Int) {
    self.count = count
    spent = Array(repeating: [], count: threads)
    self.ahead = ahead
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(mutex)
    changed.deallocate()
    mutex.deallocate()
  }

  /// Does `count` pieces of work on so many threads, the caller's among them.
  ///
  /// `worker` is called once on each thread and gives what does the work there. `consume` gets all
  /// results in order on the caller's thread; it ends everything by returning false.
  static func run<Failure: Error>(
    count: Int, threads: Int, worker: @escaping @Sendable () -> (Int) -> Element,
    consume: (Element) throws(Failure) -> Bool
  ) throws(Failure) {
    let work = OrderedWork(count: count, threads: threads, ahead: 2 * threads + 1)
    let others = WorkerThreads(min(threads, count) - 1) { thread in
      let perform = worker()
      while let index = work.claim(thread) { work.deliver(index, perform(index), by: thread) }
    }
    defer {
      work.stop()
      others.join()
    }
    let perform = worker()
    while true {
      switch work.next() {
      case .take(let result):
        let goesOn = try consume(result.element)
        work.giveBack(result)
        guard goesOn else { return }
      case .perform(let index): work.deliver(index, perform(index), by: 0)
      case .finished: return
      }
    }
  }

  /// What a worker does next.
  private enum Step {
    case take(Result)
    case perform(Int)
    case finished
  }

  /// What the taking thread does next.
  private func next() -> Step {
    locked {
      while true {
        guard taken < count else { return .finished }
        if let result = waiting.removeValue(forKey: taken) {
          taken += 1
          pthread_cond_broadcast(changed)
          return .take(result)
        }
        if handedOut < count, handedOut < taken + ahead {
          handedOut += 1
          return .perform(handedOut - 1)
        }
        pthread_cond_wait(changed, mutex)
      }
    }
  }

  /// Keeps what was taken until its thread comes by.
  private func giveBack(_ result: Result) {
    guard result.thread > 0 else { return }
    locked { spent[result.thread].append(result.element) }
  }

  /// Frees what was taken of a thread's results.
  private func free(_ thread: Int) {
    var elements: [Element] = []
    locked { swap(&elements, &spent[thread]) }
    elements.removeAll()
  }

  /// The next piece of work; nil when there is none, or no more is wanted.
  private func claim(_ thread: Int) -> Int? {
    free(thread)
    return locked {
      while !isStopped, handedOut < count, handedOut >= taken + ahead {
        pthread_cond_wait(changed, mutex)
      }
      guard !isStopped, handedOut < count else { return nil }
      handedOut += 1
      return handedOut - 1
    }
  }

  private func deliver(_ index: Int, _ element: Element, by thread: Int) {
    locked {
      waiting[index] = Result(element: element, thread: thread)
      pthread_cond_broadcast(changed)
    }
  }

  private func stop() {
    locked {
      isStopped = true
      pthread_cond_broadcast(changed)
    }
  }

  private func locked<R>(_ body: () -> R) -> R {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }
}

/// A few threads that run the same work until it is done.
private struct WorkerThreads {
  /// Carries the work to a thread.
  private final class Job: Sendable {
    let work: @Sendable (Int) -> Void
    let thread: Int
    init(_ work: @escaping @Sendable (Int) -> Void, _ thread: Int) {
      self.work = work
      self.thread = thread
    }
  }

  private var threads: [pthread_t] = []

  /// Starts as many threads as the system gives, at most `count`; they are numbered from 1.
  init(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) {
    for number in 0..<max(0, count) {
      var thread = pthread_t()
      let argument = Unmanaged.passRetained(Job(work, number + 1)).toOpaque()
      let result = pthread_create(
        &thread, nil,
        { argument in
          guard let argument else { return nil }
          let job = Unmanaged<Job>.fromOpaque(argument).takeRetainedValue()
          job.work(job.thread)
          return nil
        }, argument)
      guard result == 0 else {
        Unmanaged<Job>.fromOpaque(argument).release()
        break
      }
      threads.append(thread)
    }
  }

  /// Waits until all are done.
  func join() {
    for thread in threads { pthread_join(thread, nil) }
  }
}
