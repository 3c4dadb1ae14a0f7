internal import Glibc
internal import HTTP

/// One running courier and the calls that it has under way.
///
/// A thread of its own reads the answers and, at the end of the socket, collects the process. A
/// link that has ended stays ended; `CourierDesk` then makes another.
final class CourierLink: @unchecked Sendable {
  /// Where one call stands.
  private enum Call {
    case underWay
    case answered(Result<Response, OutsideError>)
  }

  private let process: CourierProcess
  private let changed = MonitorLock()
  /// Held while a frame is written, so that frames do not mix.
  private let writing = MonitorLock()

  // Touched only inside `changed`.
  private var calls: [Int64: Call] = [:]
  private var isReady = false
  private var hasEnded = false
  /// The moment at which a call ran out and nothing has come from the courier since.
  private var silentSince: Int64?

  /// Milliseconds of silence past a deadline after which the courier counts as stuck: it answers
  /// each call by its deadline, if only with `TIMED_OUT`.
  private static let patience: Int64 = 5_000

  /// Starts the reading thread; nil, and the process ended, when the system has none left.
  init?(_ process: CourierProcess) {
    self.process = process
    if !Threads.start({ [self] in read() }) {
      kill()
      collect()
      return nil
    }
  }

  deinit { close(process.socket) }

  /// Whether the next call may be given to it.
  var isOfUse: Bool {
    changed.locked {
      guard let silentSince else { return !hasEnded }
      return !hasEnded && Monotonic.milliseconds() - silentSince < Self.patience
    }
  }

  var processID: pid_t { process.pid }

  /// Returns once the courier has said that it runs.
  func awaitReady(until deadline: Int64) throws(OutsideError) {
    let (isReady, hasEnded) = changed.locked {
      while !self.isReady && !self.hasEnded && changed.wait(until: deadline) {}
      if !self.isReady && !self.hasEnded { silentSince = silentSince ?? Monotonic.milliseconds() }
      return (self.isReady, self.hasEnded)
    }
    if hasEnded { throw .notSent(.courierUnavailable) }
    if !isReady { throw .notSent(.deadlineBeforeSending) }
  }

  /// Hands over one frame and waits for what becomes of it.
  func send(_ frame: [UInt8], id: Int64, until deadline: Int64) throws(OutsideError) -> Response {
    changed.locked { calls[id] = .underWay }
    defer { changed.locked { calls[id] = nil } }
    try write(frame, until: deadline)
    let result: Result<Response, OutsideError> = changed.locked {
      while true {
        if case .answered(let result)? = calls[id] { return result }
        if hasEnded { return .failure(.sentWithoutAnswer(.courierDied)) }
        if changed.wait(until: deadline) { continue }
        // The answer may have come while this thread took the lock again.
        if case .underWay? = calls[id], !hasEnded {
          silentSince = silentSince ?? Monotonic.milliseconds()
          return .failure(.sentWithoutAnswer(.timedOut))
        }
      }
    }
    return try result.get()
  }

  /// Lets the courier see the end of its socket, at which it ends.
  func hangUp() { shutdown(process.socket, Int32(SHUT_RDWR)) }

  /// Ends the courier by force.
  func kill() {
    // Not after it was collected: its number may be another process's by then.
    changed.locked { if !hasEnded { Glibc.kill(process.pid, SIGKILL) } }
    hangUp()
  }

  /// Writes the whole frame. If it cannot, the courier has not got a whole one, acts on nothing,
  /// and is of no more use.
  private func write(_ frame: [UInt8], until deadline: Int64) throws(OutsideError) {
    let failure: OutsideError.NotSent? = writing.locked {
      var sent = 0
      // Others may have written until now.
      if Monotonic.milliseconds() >= deadline { return .deadlineBeforeSending }
      while sent < frame.count {
        let step = frame[sent...].withUnsafeBytes {
          Glibc.send(
            process.socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
        if step > 0 {
          sent += step
        } else if errno == EAGAIN {
          let rest = deadline - Monotonic.milliseconds()
          var poller = pollfd(fd: process.socket, events: Int16(POLLOUT), revents: 0)
          if rest > 0 { poll(&poller, 1, Int32(min(rest, 60_000))) }
          if rest <= 0 { return sent == 0 ? .deadlineBeforeSending : .courierUnavailable }
        } else if errno != EINTR {
          return .courierUnavailable
        }
      }
      return nil
    }
    guard let failure else { return }
    if failure == .courierUnavailable { kill() }
    throw .notSent(failure)
  }
}

extension CourierLink {
  /// The reading thread.
  private func read() {
    while let frame = readFrame(), let word = CourierFrame.word(frame) {
      changed.locked {
        silentSince = nil
        switch word {
        case .ready: isReady = true
        // An answer to a call that has run out is dropped: its caller has been told.
        case .answer(let id, let response):
          if calls[id] != nil { calls[id] = .answered(.success(response)) }
        case .failed(let id, let error):
          if calls[id] != nil { calls[id] = .answered(.failure(error)) }
        }
        changed.wakeAll()
      }
    }
    // The end of the socket, or no courier that speaks like ours.
    kill()
    collect()
  }

  private func collect() {
    // Nobody signals it after this; until the wait below its number stays its own.
    changed.locked {
      hasEnded = true
      changed.wakeAll()
    }
    var status: Int32 = 0
    while waitpid(process.pid, &status, 0) < 0 && errno == EINTR {}
  }

  private func readFrame() -> [UInt8]? {
    guard let head = readBytes(4) else { return nil }
    let count = head.reduce(0) { $0 << 8 | Int($1) }
    guard (1...CourierFrame.limit).contains(count) else { return nil }
    return readBytes(count)
  }

  private func readBytes(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let step = bytes[filled...].withUnsafeMutableBytes {
        recv(process.socket, $0.baseAddress, $0.count, 0)
      }
      if step < 0, errno == EINTR { continue }
      guard step > 0 else { return nil }
      filled += step
    }
    return bytes
  }
}
