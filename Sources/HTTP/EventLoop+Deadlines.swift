import CSystem

/// A moment some milliseconds after another; the end of time at most.
func later(_ milliseconds: Int, than start: UInt64) -> UInt64 {
  let (span, isHuge) = UInt64(max(milliseconds, 0)).multipliedReportingOverflow(by: 1_000_000)
  let (moment, isLate) = start.addingReportingOverflow(span)
  return isHuge || isLate ? .max : moment
}

extension EventLoop {
  /// Brings a connection's deadline and event bits in line with what it waits for.
  func settle(_ connection: Connection) {
    switch connection.stage {
    case .closed: return
    case .lingering: setInterest(connection, cs_epollin)
    case .closing: setInterest(connection, connection.interest | cs_epollout)
    case .answering:
      if !connection.hasUnsent {
        connection.deadline = .max
        return
      }
      setInterest(connection, connection.interest | cs_epollout)
    case .reading:
      if connection.hasUnsent {
        setInterest(connection, connection.interest | cs_epollout)
      } else {
        if isDraining && connection.parser.isBetweenRequests {
          abandon(connection)
          return
        }
        connection.deadline = readDeadline(connection)
        setInterest(connection, cs_epollin)
      }
    }
    if connection.deadline < connection.watchedAt { watch(connection) }
  }

  /// Promises to look at a connection at its deadline, or a few seconds from now.
  ///
  /// The entries of closed connections stay until their time: with a short horizon a storm of
  /// short connections cannot pile them up.
  private func watch(_ connection: Connection) {
    let horizon = later(5_000, than: now)
    connection.watchedAt = min(connection.deadline, horizon)
    deadlines.insert(.init(time: connection.watchedAt, token: connection.token))
  }

  /// Total deadlines: they count from the start of a part, not from its last byte.
  private func readDeadline(_ connection: Connection) -> UInt64 {
    if connection.headEnd != 0 {
      return later(limits.bodyMilliseconds, than: connection.headEnd)
    }
    if connection.requestStart != 0 {
      return later(limits.headerMilliseconds, than: connection.requestStart)
    }
    return later(limits.idleMilliseconds, than: now)
  }

  func setInterest(_ connection: Connection, _ bits: UInt32) {
    if connection.interest == bits { return }
    connection.interest = bits
    _ = cs_epoll_control(
      epoll, EPOLL_CTL_MOD, connection.token.descriptor, bits, connection.token.tag)
  }

  /// Gives up what has taken too long.
  func expireDeadlines() {
    while let entry = deadlines.popDue(at: now) {
      guard let connection = connection(entry.token), connection.watchedAt == entry.time
      else { continue }
      connection.watchedAt = .max
      if connection.deadline <= now {
        expire(connection)
        settle(connection)
      } else if connection.deadline != .max {
        watch(connection)
      }
    }
  }

  private func expire(_ connection: Connection) {
    if connection.stage != .reading || connection.hasUnsent
      || connection.parser.isBetweenRequests
    {
      abandon(connection)
      return
    }
    refuse(connection, connection.parser.isInBody ? .bodyTimeout : .headTimeout)
    flush(connection)
  }
}
