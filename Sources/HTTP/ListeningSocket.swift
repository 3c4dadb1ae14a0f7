import CSystem
import Glibc

/// One bound, listening, non-blocking descriptor.
struct ListeningSocket {
  let descriptor: Int32
  /// The address with the port that the kernel chose.
  let address: ListenAddress
  /// Device and inode of a unix socket's file, so that only our own file is removed.
  private let file: (device: UInt64, inode: UInt64)?

  /// - Throws: what stands in the way; nothing is left open then.
  init(_ address: ListenAddress) throws(ListenError) {
    switch address {
    case .tcp(let host, let port): try self.init(host, port)
    case .unix(let path): try self.init(path: path)
    }
  }

  private init(_ host: IPAddress, _ port: UInt16) throws(ListenError) {
    let wanted = ListenAddress.tcp(host, port: port)
    let fd = cs_socket(host.isV4 ? AF_INET : AF_INET6, 1)
    if fd < 0 { throw .failed(wanted, call: "socket", errno: errno) }
    var on: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, size)
    // Accepted sockets inherit it: an answer is one write and must not wait for an ACK.
    setsockopt(fd, Int32(IPPROTO_TCP), TCP_NODELAY, &on, size)
    if !host.isV4 { setsockopt(fd, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &on, size) }
    let endpoint = SocketAddress(host, port: port)
    if endpoint.with({ bind(fd, $0, $1) }) != 0 {
      let code = errno
      close(fd)
      throw code == EADDRINUSE
        ? .addressInUse(wanted) : .failed(wanted, call: "bind", errno: code)
    }
    guard listen(fd, SOMAXCONN) == 0, let bound = SocketAddress.local(of: fd),
      case .ip(_, let chosen)? = bound.peer
    else {
      let code = errno
      close(fd)
      throw .failed(wanted, call: "listen", errno: code)
    }
    self.init(descriptor: fd, address: .tcp(host, port: chosen), file: nil)
  }

  private init(path: String) throws(ListenError) {
    let wanted = ListenAddress.unix(path: path)
    try ListeningSocket.removeStale(path)
    let fd = cs_socket(AF_UNIX, 1)
    if fd < 0 { throw .failed(wanted, call: "socket", errno: errno) }
    // On Linux the mode set before bind is the mode of the file that bind makes.
    var status = stat()
    let place = UnixPath(path)
    guard let place, fchmod(fd, 0o600) == 0, place.with({ bind(fd, $0, $1) }) == 0,
      listen(fd, SOMAXCONN) == 0, lstat(path, &status) == 0
    else {
      let code = place == nil ? ENOENT : errno
      close(fd)
      throw code == EADDRINUSE
        ? .addressInUse(wanted) : .failed(wanted, call: "bind", errno: code)
    }
    self.init(
      descriptor: fd, address: wanted, file: (UInt64(status.st_dev), UInt64(status.st_ino)))
  }

  private init(
    descriptor: Int32, address: ListenAddress, file: (device: UInt64, inode: UInt64)?
  ) {
    self.descriptor = descriptor
    self.address = address
    self.file = file
  }

  /// Closes the descriptor and removes the socket's file if it is still the one made here.
  func shut() {
    if case .unix(let path) = address, let file {
      var status = stat()
      if lstat(path, &status) == 0, UInt64(status.st_dev) == file.device,
        UInt64(status.st_ino) == file.inode
      {
        unlink(path)
      }
    }
    close(descriptor)
  }

  /// Removes a socket file that a dead process left; refuses anything else.
  private static func removeStale(_ path: String) throws(ListenError) {
    var status = stat()
    if lstat(path, &status) != 0 { return }
    if status.st_mode & S_IFMT != S_IFSOCK { throw .notASocket(path: path) }
    let probe = cs_socket(AF_UNIX, 1)
    defer { close(probe) }
    guard let place = UnixPath(path) else { return }
    if place.with({ connect(probe, $0, $1) }) != 0 && errno == ECONNREFUSED {
      unlink(path)
      return
    }
    throw .addressInUse(.unix(path: path))
  }
}
