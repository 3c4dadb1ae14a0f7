package import HTTP
internal import Synchronization

/// Keeps one courier running: starts it at the first call and again after it has died.
package final class CourierDesk: Sendable {
  /// What changes from call to call.
  private struct State: Sendable {
    var link: CourierLink?
    var lastID: Int64 = 0
    var isClosed = false
  }

  private let program: String?
  private let hosts: [String]
  private let state = Mutex(State())

  /// - Parameter program: nil is `tollbook-courier` beside the running program.
  package init(program: String?, hosts: [String]) {
    self.program = program
    self.hosts = hosts
  }

  deinit { close() }

  /// Sends one request and waits for its answer.
  ///
  /// - Throws: `OutsideError`, whose case says whether the other side may have acted.
  package func send(
    _ request: OutsideRequest, to address: OutsideAddress
  ) throws(OutsideError) -> Response {
    let deadline = Monotonic.milliseconds() + Int64(request.deadlineMilliseconds)
    do {
      return try send(request, to: address, until: deadline)
    } catch {
      // The courier may have died since the last call, which shows only at writing. Nothing was
      // sent then, so a fresh one may be asked; a second failure is the answer.
      guard error == .notSent(.courierUnavailable) else { throw error }
      return try send(request, to: address, until: deadline)
    }
  }

  /// Ends the courier for good.
  package func close() {
    let link = state.withLock { state in
      state.isClosed = true
      defer { state.link = nil }
      return state.link
    }
    link?.hangUp()
  }

  /// The process id of the courier that runs; nil when none does.
  package var processID: Int32? {
    state.withLock { $0.link.flatMap { $0.isOfUse ? $0.processID : nil } }
  }

  private func send(
    _ request: OutsideRequest, to address: OutsideAddress, until deadline: Int64
  ) throws(OutsideError) -> Response {
    let (link, id) = try open()
    try link.awaitReady(until: deadline)
    let rest = deadline - Monotonic.milliseconds()
    guard rest > 0 else { throw .notSent(.deadlineBeforeSending) }
    let frame = CourierFrame.request(
      request, to: address, id: id, deadlineMilliseconds: Int(rest))
    guard frame.count - 4 <= CourierFrame.limit else { throw .notSent(.requestMalformed) }
    return try link.send(frame, id: id, until: deadline)
  }

  /// The running courier, or a new one, and the number of this call.
  private func open() throws(OutsideError) -> (CourierLink, Int64) {
    let found = state.withLock { state -> (CourierLink, Int64)? in
      if state.isClosed { return nil }
      state.lastID += 1
      if let link = state.link, link.isOfUse { return (link, state.lastID) }
      state.link?.kill()
      state.link = CourierProcess.start(program, hosts: hosts).flatMap(CourierLink.init)
      return state.link.map { ($0, state.lastID) }
    }
    guard let found else { throw .notSent(.courierUnavailable) }
    return found
  }
}
