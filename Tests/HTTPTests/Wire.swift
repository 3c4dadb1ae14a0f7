import Glibc
import HTTP
import Synchronization

/// A raw connection to a test server: bytes out, bytes in, nothing understood.
final class Wire {
  private var descriptor: Int32
  /// Whether the last read found an orderly end, not a reset.
  private(set) var endedInOrder = false
  /// No test waits longer than this for bytes that never come.
  private static let patienceMilliseconds: Int32 = 10_000

  init(_ address: ListenAddress?, receiveBuffer: Int32 = 0) throws {
    guard let port = address?.port else { throw WireFault.notConnected }
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var on: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
    if receiveBuffer > 0 {
      var size = receiveBuffer
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4)
    }
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = port.bigEndian
    place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let code = withUnsafePointer(to: place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if code != 0 { throw WireFault.notConnected }
  }

  deinit { shut() }

  func send(_ text: String) { send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return }
      sent += count
    }
  }

  /// Closes the sending direction only.
  func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Closes; with `resetting` the peer sees a reset instead of an end.
  func shut(resetting: Bool = false) {
    if descriptor < 0 { return }
    if resetting {
      var how = linger(l_onoff: 1, l_linger: 0)
      setsockopt(
        descriptor, SOL_SOCKET, SO_LINGER, &how, socklen_t(MemoryLayout<linger>.size))
    }
    close(descriptor)
    descriptor = -1
  }

  /// The next bytes; nil at the end of the stream or after a reset.
  func some() throws -> [UInt8]? {
    var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    if poll(&poller, 1, Wire.patienceMilliseconds) <= 0 { throw WireFault.silence }
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    endedInOrder = count == 0
    return count > 0 ? Array(buffer[..<count]) : nil
  }

  /// Everything until the peer closes.
  func untilEnd() throws -> String {
    var all: [UInt8] = []
    while let bytes = try some() { all += bytes }
    return String(decoding: all, as: UTF8.self)
  }

  /// Everything until the text has been seen the given number of times.
  func until(_ mark: String, times: Int = 1) throws -> String {
    var all = ""
    while all.split(separator: mark, omittingEmptySubsequences: false).count <= times {
      guard let bytes = try some() else { throw WireFault.ended(all) }
      all += String(decoding: bytes, as: UTF8.self)
    }
    return all
  }

  /// Whether the peer has closed, waiting for it.
  func isClosedByPeer() throws -> Bool { try some() == nil }
}

enum WireFault: Error {
  case notConnected
  case silence
  case ended(String)
}

/// A clock that moves only when it is told to.
final class HandClock: Sendable {
  private let nanoseconds = Atomic<UInt64>(1_000_000_000_000)

  var clock: ServerClock {
    ServerClock(
      monotonic: { self.nanoseconds.load(ordering: .sequentiallyConsistent) },
      wall: { 784_111_777 })
  }

  func advance(milliseconds: UInt64) {
    nanoseconds.add(milliseconds * 1_000_000, ordering: .sequentiallyConsistent)
  }
}

/// A place where threads leave values for a test.
final class Box<Value: Sendable>: Sendable {
  private let values = Mutex<[Value]>([])

  func put(_ value: Value) { values.withLock { $0.append(value) } }
  var all: [Value] { values.withLock { $0 } }

  /// The values once there are enough of them.
  func wait(for count: Int) throws -> [Value] {
    for _ in 0..<10_000 {
      let now = all
      if now.count >= count { return now }
      usleep(1000)
    }
    throw WireFault.silence
  }
}
