import CSystem
import Glibc

/// The one thread that accepts, reads, dispatches and writes.
///
/// Level-triggered epoll. Everything here is touched by the loop thread only, except while
/// the server is being built; other threads come in through `LoopLink`.
final class EventLoop {
  /// A listener with its open socket.
  struct Door {
    let listener: Listener
    let socket: ListeningSocket
    var isPaused = false
  }

  let limits: ServerLimits
  let configuration: ServerConfiguration
  let link: LoopLink
  private let ended: Turnstile
  let epoll: Int32
  var doors: [Door]
  /// Open connections by descriptor.
  var connections: [Connection?] = []
  var connectionCount = 0
  var inFlight = 0
  var generation: UInt32 = 0
  var deadlines = DeadlineHeap()
  var countedBytes = 0
  /// When paused doors are tried again.
  var acceptAgainAt = UInt64.max
  var isDraining = false
  private var areDoorsShut = false
  private var drainDeadline = UInt64.max
  /// The loop's time, read once per round.
  var now: UInt64
  private var nextTick: UInt64
  var dateLine: [UInt8] = []
  /// Answers of the one connection being worked on; empty between connections.
  var out: [UInt8] = []
  /// The connection whose responder is running.
  var current: Connection?
  private var queued: [Answer] = []
  private let events: UnsafeMutablePointer<epoll_event>
  let readBuffer: UnsafeMutableRawBufferPointer
  private static let eventCapacity = 256
  private static let second: UInt64 = 1_000_000_000
  /// The tag of the wake-up descriptor; generation 0 is never a connection's.
  private static let wakeTag = ConnectionToken(descriptor: -1, generation: 0).tag

  /// Opens the listeners; nothing is left open when it throws.
  init(
    _ listeners: [Listener], _ configuration: ServerConfiguration, link: LoopLink,
    ended: Turnstile
  ) throws(ListenError) {
    limits = configuration.limits
    self.configuration = configuration
    self.link = link
    self.ended = ended
    now = configuration.clock.monotonic()
    nextTick = now + EventLoop.second
    epoll = cs_epoll_create()
    doors = []
    events = .allocate(capacity: EventLoop.eventCapacity)
    readBuffer = .allocate(byteCount: 64 * 1024, alignment: 16)
    if epoll < 0 { throw .loop(call: "epoll_create1", errno: errno) }
    for listener in listeners {
      if doors.contains(where: { $0.listener.name == listener.name }) {
        throw .duplicateName(listener.name)
      }
      doors.append(Door(listener: listener, socket: try ListeningSocket(listener.address)))
    }
    watch(link.wakeDescriptor, tag: EventLoop.wakeTag)
    for (index, door) in doors.enumerated() {
      watch(
        door.socket.descriptor,
        tag: ConnectionToken(descriptor: Int32(index), generation: 0).tag)
    }
  }

  deinit {
    shutDoors()
    if epoll >= 0 { close(epoll) }
    events.deallocate()
    readBuffer.deallocate()
  }

  var addresses: [String: ListenAddress] {
    Dictionary(uniqueKeysWithValues: doors.map { ($0.listener.name, $0.socket.address) })
  }

  /// Runs until it has drained; called on the loop's own thread.
  func run() {
    link.attach(self)
    refreshDate()
    while !isFinished {
      let count = epoll_wait(
        epoll, events, Int32(EventLoop.eventCapacity), waitMilliseconds())
      now = configuration.clock.monotonic()
      if count > 0 {
        for index in 0..<Int(count) {
          dispatch(bits: cs_event_bits(events + index), tag: cs_event_tag(events + index))
        }
      }
      takeQueued()
      expireDeadlines()
      if now >= acceptAgainAt { resumeDoors() }
      if now >= nextTick { tick() }
      if !isDraining && link.drainDeadline != 0 { beginDrain() }
      link.publish(connections: connectionCount, inFlight: inFlight)
    }
    finish()
  }

  private func dispatch(bits: UInt32, tag: UInt64) {
    if tag == EventLoop.wakeTag {
      var count: UInt64 = 0
      _ = read(link.wakeDescriptor, &count, 8)
      return
    }
    let token = ConnectionToken(tag: tag)
    if token.generation == 0 {
      accept(at: Int(token.descriptor))
    } else if let connection = connection(token) {
      handle(connection, bits)
    }
  }

  /// The connection of the token if it is still open.
  func connection(_ token: ConnectionToken) -> Connection? {
    let index = Int(token.descriptor)
    guard index >= 0, index < connections.count, let found = connections[index],
      found.token == token
    else { return nil }
    return found
  }

  /// Answers and work that other threads have left.
  private func takeQueued() {
    let work = link.takeAll(reuse: &queued)
    if !queued.isEmpty {
      for answer in queued { deliver(answer) }
      queued.removeAll(keepingCapacity: true)
    }
    for item in work { item() }
  }

  private func waitMilliseconds() -> Int32 {
    var due = min(nextTick, acceptAgainAt, drainDeadline)
    if let earliest = deadlines.earliest { due = min(due, earliest) }
    let time = configuration.clock.monotonic()
    if due <= time { return 0 }
    return Int32(min((due - time + 999_999) / 1_000_000, 1000))
  }

  private func tick() {
    nextTick = now + EventLoop.second
    refreshDate()
    configuration.onTick()
  }

  private func refreshDate() {
    dateLine = HTTPDate.line(seconds: configuration.clock.wall())
  }

  private func watch(_ descriptor: Int32, tag: UInt64) {
    let code = cs_epoll_control(epoll, EPOLL_CTL_ADD, descriptor, cs_epollin, tag)
    invariant(code == 0, "epoll_ctl: \(systemError(errno))")
  }

  // MARK: The end

  private var isFinished: Bool {
    isDraining && (connectionCount + inFlight == 0 || now >= drainDeadline)
  }

  /// Takes what has already arrived, then closes whatever rests.
  private func beginDrain() {
    for index in doors.indices { accept(at: index) }
    isDraining = true
    drainDeadline = link.drainDeadline
    shutDoors()
    for case .some(let connection) in connections where connection.stage == .reading {
      // A request may have arrived that was not read yet; an empty read closes.
      readable(connection)
      settle(connection)
    }
  }

  /// Closes the listeners once; their responders still serve the open connections.
  private func shutDoors() {
    if areDoorsShut { return }
    areDoorsShut = true
    acceptAgainAt = .max
    for index in doors.indices {
      doors[index].isPaused = true
      doors[index].socket.shut()
    }
  }

  private func finish() {
    link.noteEnd(isClean: inFlight == 0 && connectionCount == 0)
    for case .some(let connection) in connections { abandon(connection) }
    link.attach(nil)
    link.closeForGood()
    link.publish(connections: 0, inFlight: 0)
    ended.open()
  }
}
