import CSystem
import Glibc

extension EventLoop {
  /// How long doors stay shut after the kernel has run out of something.
  private static let pauseNanoseconds: UInt64 = 100_000_000

  /// Takes waiting connections, a bounded number so that open ones are served too.
  func accept(at index: Int) {
    guard index >= 0, index < doors.count, !doors[index].isPaused else { return }
    let isUnix = doors[index].socket.address.port == nil
    for _ in 0..<64 {
      // The operator's socket stays reachable when strangers use up the connections.
      if !isUnix && connectionCount >= limits.connections {
        pause(index, until: .max)
        return
      }
      var storage = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let fd = cs_accept(doors[index].socket.descriptor, &storage, &length)
      if fd >= 0 {
        admit(fd, index, storage, isUnix: isUnix)
        continue
      }
      switch errno {
      case EAGAIN: return
      case EMFILE, ENFILE, ENOBUFS, ENOMEM:
        // The door stays readable, so waiting for an event would spin: look away a moment.
        pause(index, until: now + EventLoop.pauseNanoseconds)
        return
      default:
        // ECONNABORTED and the network errors of accept(2) belong to that one connection.
        continue
      }
    }
  }

  private func admit(_ fd: Int32, _ index: Int, _ storage: sockaddr_storage, isUnix: Bool) {
    var peer = SocketAddress(storage).peer
    if isUnix {
      let uid = cs_peer_uid(fd)
      if uid == Int64(geteuid()) { peer = .unix(uid: UInt32(uid)) }
    }
    guard let peer else {
      close(fd)
      return
    }
    generation = generation == .max ? 1 : generation + 1
    let token = ConnectionToken(descriptor: fd, generation: generation)
    if cs_epoll_control(epoll, EPOLL_CTL_ADD, fd, cs_epollin, token.tag) != 0 {
      close(fd)
      return
    }
    let parser = RequestParser(
      limits: limits.request, bodyLimit: doors[index].listener.bodyLimit)
    let connection = Connection(
      token: token, peer: peer, listener: index, parser: parser, interest: cs_epollin)
    while connections.count <= Int(fd) { connections.append(nil) }
    connections[Int(fd)] = connection
    connectionCount += 1
    settle(connection)
  }

  private func pause(_ index: Int, until moment: UInt64) {
    doors[index].isPaused = true
    setDoor(index, events: 0)
    acceptAgainAt = min(acceptAgainAt, moment)
  }

  /// Opens the paused doors again.
  func resumeDoors() {
    acceptAgainAt = .max
    for index in doors.indices where doors[index].isPaused {
      doors[index].isPaused = false
      setDoor(index, events: cs_epollin)
    }
  }

  private func setDoor(_ index: Int, events: UInt32) {
    let tag = ConnectionToken(descriptor: Int32(index), generation: 0).tag
    _ = cs_epoll_control(epoll, EPOLL_CTL_MOD, doors[index].socket.descriptor, events, tag)
  }

  // MARK: Closing

  /// Closes in good order; with unread input the peer first gets time to read the answer.
  func finishClosing(_ connection: Connection) {
    if connection.mustLinger {
      shutdown(connection.token.descriptor, Int32(SHUT_WR))
      connection.stage = .lingering
      connection.deadline = later(limits.lingerMilliseconds, than: now)
      return
    }
    abandon(connection)
  }

  /// Closes at once; answers that were not wholly handed over are reported as lost.
  func abandon(_ connection: Connection) {
    if connection.stage == .closed { return }
    let fd = connection.token.descriptor
    connection.stage = .closed
    close(fd)
    connections[Int(fd)] = nil
    connectionCount -= 1
    countedBytes -= connection.countedBytes
    connection.countedBytes = 0
    report(connection, isDelivered: false)
    if !isDraining && doors.contains(where: \.isPaused) && acceptAgainAt == .max {
      // A slot is free; at the end of this round the doors are tried again.
      acceptAgainAt = now
    }
  }
}
