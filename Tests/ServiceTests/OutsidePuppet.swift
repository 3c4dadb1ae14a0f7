import Glibc
import Service
import Synchronization
import Testing

/// A server on loopback that answers every connection in one way, whatever it is asked.
final class OutsidePuppet: Sendable {
  /// What becomes of a request once its head has come.
  enum Manner: Sendable {
    /// Sends the bytes, then ends the connection.
    case answer(String)
    /// Sends the bytes on and on until the other side has enough of them.
    case endless(String)
    /// Breaks the connection with a reset.
    case reset
    /// Never answers.
    case silent
    /// Answers 200 to all when so many have asked.
    case together(Int)
  }

  let port: UInt16
  private let descriptor: Int32
  private let heard = Heard()

  /// What the threads of one server have heard together.
  private final class Heard: Sendable {
    private let texts = Mutex<[String]>([])

    var all: [String] { texts.withLock { $0 } }

    func add(_ text: String) { texts.withLock { $0.append(text) } }
  }

  init(_ manner: Manner) throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) | listen(descriptor, 64) | getsockname(descriptor, $0, &size)
      }
    }
    guard code == 0 else { throw GatewayTestFault.noPort }
    self.descriptor = descriptor
    port = UInt16(bigEndian: place.sin_port)
    let isStarted = Threads.start { [heard, descriptor] in
      while true {
        let peer = accept(descriptor, nil, nil)
        if peer < 0 { break }
        _ = fcntl(peer, F_SETFD, FD_CLOEXEC)
        let isServed = Threads.start { OutsidePuppet.serve(peer, manner, heard) }
        if !isServed { close(peer) }
      }
      // Here and not in deinit: until now this thread has used the number.
      close(descriptor)
    }
    guard isStarted else { throw GatewayTestFault.silence }
  }

  deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// What every connection has said until it was answered, in order of arrival.
  var requests: [String] { heard.all }

  /// Lends its address; it listens for as long as the body runs, used in it or not.
  func during<Result>(_ body: (String) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(self) { try body("http://127.0.0.1:\(port)/") }
  }

  /// A port that was free a moment ago and on which nobody listens.
  static func unusedPort() throws -> UInt16 {
    let puppet = try OutsidePuppet(.silent)
    return puppet.port
  }

  private static func serve(_ peer: Int32, _ manner: Manner, _ heard: Heard) {
    defer { close(peer) }
    var text = ""
    var buffer = [UInt8](repeating: 0, count: 65_536)
    // The head, and the body where its length is named.
    while !isWhole(text) {
      let count = recv(peer, &buffer, buffer.count, 0)
      if count <= 0 { break }
      text += String(decoding: buffer[..<count], as: UTF8.self)
      // A TLS greeting has no head.
      if buffer[0] == 0x16 { break }
    }
    heard.add(text)
    switch manner {
    case .answer(let answer):
      say(answer, to: peer)
    case .endless(let beginning):
      say(beginning, to: peer)
      let block = String(repeating: "x", count: 65_536)
      while say(block, to: peer) {}
    case .reset:
      var hard = linger(l_onoff: 1, l_linger: 0)
      setsockopt(peer, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
      return
    case .silent:
      while recv(peer, &buffer, buffer.count, 0) > 0 {}
      return
    case .together(let count):
      for _ in 0..<2_000 where heard.all.count < count { usleep(5_000) }
      let all = heard.all.count
      say("HTTP/1.1 200 OK\r\nContent-Length: \(all.description.count)\r\n\r\n\(all)", to: peer)
    }
    shutdown(peer, Int32(SHUT_WR))
    while recv(peer, &buffer, buffer.count, 0) > 0 {}
  }

  private static func isWhole(_ text: String) -> Bool {
    guard let end = text.firstRange(of: "\r\n\r\n") else { return false }
    guard let length = text.firstMatch(of: /Content-Length: (\d+)/), let count = Int(length.1)
    else { return true }
    return text[end.upperBound...].utf8.count >= count
  }

  @discardableResult
  private static func say(_ text: String, to peer: Int32) -> Bool {
    let bytes = Array(text.utf8)
    return send(peer, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
  }
}
