import Glibc
import Synchronization

/// An HTTP/1.1 server: any number of listeners on one event loop thread.
///
/// Responders are called on the loop thread and must not block it; they answer at once or
/// keep the exchange and answer later from any thread.
public final class Server: Sendable {
  /// The address of each listener by name, with the port that the kernel chose.
  public let addresses: [String: ListenAddress]
  private let link: LoopLink
  private let ended: Turnstile
  private let clock: ServerClock
  private let startLoop: @Sendable () -> Int32
  private let isStarted = Atomic<Bool>(false)

  /// Opens the listeners; connections wait in the kernel's queue until `start`.
  public init(
    listeners: [Listener], configuration: ServerConfiguration
  ) throws(ListenError) {
    let link = try LoopLink()
    let ended = Turnstile()
    let loop = try EventLoop(listeners, configuration, link: link, ended: ended)
    addresses = loop.addresses
    self.link = link
    self.ended = ended
    clock = configuration.clock
    let starter = LoopStarter(loop)
    startLoop = { starter.start() }
  }

  deinit { link.requestDrain(until: 1) }

  /// Starts the loop thread. Call it once.
  public func start() throws(ListenError) {
    let code = startLoop()
    isStarted.store(code == 0, ordering: .releasing)
    if code != 0 { throw .loop(call: "pthread_create", errno: code) }
  }

  /// Runs work on the loop thread, in the order of the calls; false once the loop has ended.
  @discardableResult
  public func post(_ work: @escaping @Sendable () -> Void) -> Bool { link.post(work) }

  /// Stops accepting, lets requests in flight finish, closes idle connections, and ends.
  ///
  /// Blocks the caller, which must not be the loop thread. At the deadline the connections
  /// that are left are closed.
  /// - Returns: whether every request in flight was answered in time.
  @discardableResult
  public func drain(deadlineMilliseconds: Int) -> Bool {
    guard isStarted.load(ordering: .acquiring) else { return true }
    link.requestDrain(until: max(later(deadlineMilliseconds, than: clock.monotonic()), 1))
    ended.pass()
    return link.hasEndedClean
  }

  /// Closes everything at once and ends the loop. Blocks the caller until it has ended.
  public func stop() {
    guard isStarted.load(ordering: .acquiring) else { return }
    link.requestDrain(until: 1)
    ended.pass()
  }

  /// Connections open now.
  public var openConnections: Int { link.openConnections }
  /// Requests handed to a responder and not answered yet.
  public var requestsInFlight: Int { link.requestsInFlight }
}

/// Blocks callers until it is opened, then lets everybody pass for ever.
final class Turnstile: Sendable {
  nonisolated(unsafe) private let semaphore: UnsafeMutablePointer<sem_t>

  init() {
    semaphore = .allocate(capacity: 1)
    sem_init(semaphore, 0, 0)
  }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  func open() { sem_post(semaphore) }

  func pass() {
    while sem_wait(semaphore) != 0 && errno == EINTR {}
    sem_post(semaphore)
  }
}

/// Gives the loop to its thread; after that nobody else touches it.
private final class LoopStarter: Sendable {
  nonisolated(unsafe) private let loop: EventLoop

  init(_ loop: EventLoop) { self.loop = loop }

  /// Zero, or the error of `pthread_create`.
  func start() -> Int32 {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(loop)
    let code = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<EventLoop>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context.toOpaque())
    if code != 0 {
      context.release()
      return code
    }
    pthread_detach(thread)
    return 0
  }
}
