import CSystem
import Glibc
import Synchronization

/// The way from other threads into the event loop, and the exchanges' hold on it.
///
/// It owns the wake-up descriptor, which therefore stays open for as long as anybody could
/// still write to it, even after the server has stopped.
final class LoopLink: Sendable {
  /// What waits for the loop.
  struct Waiting {
    var answers: [Answer] = []
    var work: [@Sendable () -> Void] = []
    var isClosed = false

    var isEmpty: Bool { answers.isEmpty && work.isEmpty }
  }

  let wakeDescriptor: Int32
  private let waiting = Mutex(Waiting())
  /// The loop thread's `pthread_self`, 0 while it does not run.
  private let loopThread = Atomic<UInt>(0)
  /// When a drain must be over, on the loop's clock; 0 while nobody asked for one.
  private let drainLimit = Atomic<UInt64>(0)
  private let endedClean = Atomic<Bool>(false)
  private let connectionGauge = Atomic<Int>(0)
  private let flightGauge = Atomic<Int>(0)
  /// Touched on the loop thread only, which the thread id above proves.
  nonisolated(unsafe) private var loop: EventLoop?

  init() throws(ListenError) {
    let descriptor = cs_eventfd()
    if descriptor < 0 { throw .loop(call: "eventfd", errno: errno) }
    wakeDescriptor = descriptor
  }

  deinit { close(wakeDescriptor) }

  /// Called by the loop on its own thread before and after it runs.
  func attach(_ loop: EventLoop?) {
    self.loop = loop
    loopThread.store(loop == nil ? 0 : UInt(pthread_self()), ordering: .releasing)
  }

  var isOnLoop: Bool { loopThread.load(ordering: .acquiring) == UInt(pthread_self()) }

  /// Hands one answer over, without a lock when already on the loop.
  func deliver(_ answer: Answer) {
    if isOnLoop, let loop, loop.take(answer) { return }
    enqueue([answer])
  }

  /// Queues answers and wakes the loop when nothing waited before.
  func enqueue(_ answers: [Answer]) {
    let mustWake = waiting.withLock { state in
      if state.isClosed { return false }
      let wasEmpty = state.isEmpty
      state.answers.append(contentsOf: answers)
      return wasEmpty
    }
    if mustWake { wake() }
  }

  /// Queues work for the loop thread; false when the loop has ended.
  func post(_ work: @escaping @Sendable () -> Void) -> Bool {
    let (isOpen, mustWake) = waiting.withLock { state in
      if state.isClosed { return (false, false) }
      let wasEmpty = state.isEmpty
      state.work.append(work)
      return (true, wasEmpty)
    }
    if mustWake { wake() }
    return isOpen
  }

  /// Asks the loop to end by the moment; the earliest wish counts.
  func requestDrain(until limit: UInt64) {
    var seen = drainLimit.load(ordering: .relaxed)
    while seen == 0 || limit < seen {
      let (done, now) = drainLimit.compareExchange(
        expected: seen, desired: limit, ordering: .acquiringAndReleasing)
      if done { break }
      seen = now
    }
    wake()
  }

  /// The moment by which the loop must end, 0 for never.
  var drainDeadline: UInt64 { drainLimit.load(ordering: .acquiring) }

  var hasEndedClean: Bool { endedClean.load(ordering: .acquiring) }
  var openConnections: Int { connectionGauge.load(ordering: .relaxed) }
  var requestsInFlight: Int { flightGauge.load(ordering: .relaxed) }

  /// Publishes the loop's gauges.
  func publish(connections: Int, inFlight: Int) {
    connectionGauge.store(connections, ordering: .relaxed)
    flightGauge.store(inFlight, ordering: .relaxed)
  }

  func noteEnd(isClean: Bool) { endedClean.store(isClean, ordering: .releasing) }

  /// Everything that waits; `reuse` becomes the next list so that no storage is made anew.
  func takeAll(reuse: inout [Answer]) -> [@Sendable () -> Void] {
    waiting.withLock { state in
      swap(&state.answers, &reuse)
      let work = state.work
      state.work = []
      return work
    }
  }

  /// Refuses everything from now on.
  func closeForGood() {
    // What waited is released outside the lock: an exchange in it may come back to enqueue.
    let left = waiting.withLock { state in
      let left = state
      state = Waiting()
      state.isClosed = true
      return left
    }
    withExtendedLifetime(left) {}
  }

  private func wake() {
    var one: UInt64 = 1
    // The counter cannot overflow: the loop resets it each time it wakes.
    _ = write(wakeDescriptor, &one, 8)
  }
}
