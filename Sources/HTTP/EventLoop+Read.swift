import CSystem
import Glibc

extension EventLoop {
  /// One event of one connection.
  func handle(_ connection: Connection, _ bits: UInt32) {
    if bits & cs_epollerr != 0 {
      abandon(connection)
      return
    }
    let isIdle = connection.stage == .answering || connection.stage == .lingering
    if bits & cs_epollhup != 0 && (isIdle || bits & cs_epollin == 0) {
      // Both directions are gone and epoll cannot be told to stop saying so.
      abandon(connection)
      return
    }
    if bits & cs_epollout != 0 { writable(connection) }
    if bits & cs_epollin != 0 { readable(connection) }
    settle(connection)
  }

  /// Reads once; level-triggered epoll comes back for the rest.
  func readable(_ connection: Connection) {
    switch connection.stage {
    case .closed: return
    case .lingering:
      let count = recv(connection.token.descriptor, readBuffer.baseAddress, readBuffer.count, 0)
      if count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) { abandon(connection) }
      return
    case .answering, .closing:
      // One request at a time: the rest waits in the kernel, which slows its sender down.
      setInterest(connection, connection.interest & ~cs_epollin)
      return
    case .reading: break
    }
    if connection.hasUnsent {
      setInterest(connection, connection.interest & ~cs_epollin)
      return
    }
    let count = recv(connection.token.descriptor, readBuffer.baseAddress, readBuffer.count, 0)
    if count > 0 {
      let bytes = UnsafeRawBufferPointer(rebasing: readBuffer[..<count])
      if connection.requestStart == 0 { connection.requestStart = now }
      advance(connection, connection.parser.feed(bytes))
    } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
      abandon(connection)
    }
  }

  /// Goes on with bytes that were held back while an answer was on its way.
  func resume(_ connection: Connection) {
    guard connection.stage == .reading, !connection.parser.isBetweenRequests else { return }
    if connection.requestStart == 0 { connection.requestStart = now }
    advance(connection, connection.parser.next())
  }

  /// Acts on what the parser found until it needs bytes, an answer is awaited, or the socket
  /// is full; then sends what has gathered.
  private func advance(_ connection: Connection, _ first: RequestParser.Step) {
    var step = first
    working: while true {
      switch step {
      case .needMore:
        awaitMore(connection)
        break working
      case .failed(let failure):
        refuse(connection, failure)
        break working
      case .request(let parsed): dispatch(parsed, on: connection)
      }
      if connection.stage != .reading { break }
      if out.count >= limits.pipelineBytes {
        flush(connection)
        if connection.hasUnsent || connection.stage != .reading { break }
      }
      if connection.parser.isBetweenRequests { break }
      if connection.requestStart == 0 { connection.requestStart = now }
      step = connection.parser.next()
    }
    flush(connection)
  }

  private func awaitMore(_ connection: Connection) {
    count(connection, connection.parser.heldBytes)
    if countedBytes > limits.bodyBytesInFlight {
      refuse(connection, .overloaded)
      return
    }
    if connection.parser.isInBody && connection.headEnd == 0 { connection.headEnd = now }
    if connection.parser.awaitsContinue && !connection.hasSentContinue {
      connection.hasSentContinue = true
      out.append(contentsOf: "HTTP/1.1 100 Continue\r\n\r\n".utf8)
    }
  }

  /// Sets what a connection counts for in the body memory.
  func count(_ connection: Connection, _ bytes: Int) {
    countedBytes += bytes - connection.countedBytes
    connection.countedBytes = bytes
  }

  private func dispatch(_ parsed: ParsedRequest, on connection: Connection) {
    connection.stage = .answering
    connection.hasSentContinue = false
    connection.headEnd = 0
    if !parsed.body.isEmpty || connection.countedBytes > 0 {
      count(connection, parsed.body.count + connection.parser.heldBytes)
    }
    inFlight += 1
    let request = Request(
      head: parsed.head, body: parsed.body, peer: connection.peer,
      listener: doors[connection.listener].listener.name,
      requestID: parsed.requestID ?? configuration.makeRequestID(),
      traceParent: parsed.traceParent, receivedAt: connection.requestStart)
    let exchange = Exchange(request: request, destination: .connection(link, connection.token))
    let outer = current
    current = connection
    doors[connection.listener].listener.respond(exchange)
    current = outer
  }
}
