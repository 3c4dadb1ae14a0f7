import CSystem
import Glibc

extension EventLoop {
  /// Takes an answer that was given on the loop thread.
  ///
  /// - Returns: false when it belongs to another connection than the one whose responder is
  ///   running: the gathering buffer is in use then, so the answer has to queue.
  func take(_ answer: Answer) -> Bool {
    guard let current else {
      deliver(answer)
      return true
    }
    guard current.token == answer.token else { return false }
    write(answer, on: current)
    return true
  }

  /// Writes an answer that was not given inside its responder, and goes on reading.
  func deliver(_ answer: Answer) {
    guard let connection = connection(answer.token) else {
      inFlight -= 1
      let lost = completion(answer, bodyBytes: answer.response.body.count)
      configuration.onComplete(lost.finished(at: now, isDelivered: false))
      return
    }
    write(answer, on: connection)
    if connection.parser.isBetweenRequests || connection.stage != .reading {
      flush(connection)
    } else {
      resume(connection)
    }
    settle(connection)
  }

  private func write(_ answer: Answer, on connection: Connection) {
    inFlight -= 1
    guard connection.stage == .answering else { return }
    let request = answer.request
    let keepsAlive = request.head.keepsAlive && !isDraining
    let writer = ResponseWriter(
      response: answer.response, requestID: request.requestID, keepsAlive: keepsAlive,
      isHead: request.method == .head, minorVersion: request.head.minorVersion)
    let bodyBytes = writer.append(to: &out, dateLine: dateLine)
    connection.completions.append(completion(answer, bodyBytes: bodyBytes))
    if connection.countedBytes > 0 { count(connection, connection.parser.heldBytes) }
    connection.requestStart = 0
    connection.stage = keepsAlive ? .reading : .closing
    if !keepsAlive {
      connection.mustLinger =
        connection.parser.heldBytes > 0 || connection.interest & cs_epollin == 0
    }
  }

  /// Answers a request that could not be read, and ends the connection.
  func refuse(_ connection: Connection, _ failure: ParseFailure) {
    let known = connection.parser.unfinished
    let requestID = known.requestID ?? configuration.makeRequestID()
    let problem = Problem(
      status: failure.status, code: failure.code, detail: failure.reason,
      retryAfterSeconds: failure.status == 503 ? 1 : nil)
    let writer = ResponseWriter(
      response: problem.response(requestID: requestID), requestID: requestID,
      keepsAlive: false, isHead: known.method == Method.head.name,
      minorVersion: 1)
    let bodyBytes = writer.append(to: &out, dateLine: dateLine)
    connection.completions.append(
      CompletedRequest(
        request: nil, refusedMethod: known.method, refusedTarget: known.target,
        requestID: requestID, peer: connection.peer,
        listener: doors[connection.listener].listener.name, route: nil,
        status: failure.status, annotation: failure.code,
        latencyMicroseconds: connection.requestStart,
        bodyBytes: bodyBytes, isDelivered: true))
    count(connection, 0)
    connection.stage = .closing
    connection.mustLinger = true
  }

  /// A report whose latency is still the moment of the first byte, until it is finished.
  private func completion(_ answer: Answer, bodyBytes: Int) -> CompletedRequest {
    let request = answer.request
    return CompletedRequest(
      request: request.withoutBody, refusedMethod: "", refusedTarget: "",
      requestID: request.requestID, peer: request.peer, listener: request.listener,
      route: answer.route, status: answer.response.status,
      annotation: answer.response.annotation,
      latencyMicroseconds: request.receivedAt, bodyBytes: bodyBytes, isDelivered: true)
  }

  // MARK: Sending

  /// Hands everything gathered to the socket, in one call where it fits.
  func flush(_ connection: Connection) {
    if out.isEmpty { return }
    if connection.stage == .closed {
      out.removeAll(keepingCapacity: true)
      return
    }
    if connection.hasUnsent {
      connection.unsent.append(contentsOf: out)
      out.removeAll(keepingCapacity: true)
      return
    }
    let sent = out.withUnsafeBytes {
      send(connection.token.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    if sent < 0 && errno != EAGAIN && errno != EINTR {
      out.removeAll(keepingCapacity: true)
      abandon(connection)
      return
    }
    let taken = max(sent, 0)
    if taken < out.count {
      connection.unsent = Array(out[taken...])
      connection.unsentStart = 0
      connection.deadline = later(limits.writeMilliseconds, than: now)
    }
    // One large answer must not keep its memory for ever.
    out.removeAll(keepingCapacity: out.capacity <= 256 * 1024)
    if !connection.hasUnsent { sentAll(connection) }
  }

  /// The socket takes bytes again.
  func writable(_ connection: Connection) {
    guard connection.hasUnsent else { return }
    let sent = connection.unsent.withUnsafeBytes { bytes in
      let rest = bytes[connection.unsentStart...]
      return send(
        connection.token.descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress,
        rest.count, Int32(MSG_NOSIGNAL))
    }
    if sent < 0 {
      if errno != EAGAIN && errno != EINTR { abandon(connection) }
      return
    }
    connection.unsentStart += sent
    if connection.hasUnsent { return }
    connection.unsent = []
    connection.unsentStart = 0
    sentAll(connection)
    resume(connection)
  }

  private func sentAll(_ connection: Connection) {
    report(connection, isDelivered: true)
    if connection.stage == .closing { finishClosing(connection) }
  }

  /// Tells the service about the answers whose fate is known now.
  func report(_ connection: Connection, isDelivered: Bool) {
    if connection.completions.isEmpty { return }
    let time = configuration.clock.monotonic()
    for completed in connection.completions {
      configuration.onComplete(completed.finished(at: time, isDelivered: isDelivered))
    }
    connection.completions.removeAll(keepingCapacity: connection.completions.count <= 1)
  }
}

extension CompletedRequest {
  /// The same with the latency counted from the moment that its field held until now.
  func finished(at now: UInt64, isDelivered: Bool) -> CompletedRequest {
    let start = latencyMicroseconds
    return CompletedRequest(
      request: request, refusedMethod: refusedMethod, refusedTarget: refusedTarget,
      requestID: requestID, peer: peer, listener: listener, route: route, status: status,
      annotation: annotation,
      latencyMicroseconds: start == 0 || start > now ? 0 : (now - start) / 1000,
      bodyBytes: bodyBytes, isDelivered: isDelivered)
  }
}
