import CSystem
import Glibc

/// An internet address in the form that the kernel takes.
struct SocketAddress {
  private var storage = sockaddr_storage()
  private var length: socklen_t = 0

  init(_ address: IPAddress, port: UInt16) {
    if address.isV4 {
      var four = sockaddr_in()
      four.sin_family = sa_family_t(AF_INET)
      four.sin_port = port.bigEndian
      four.sin_addr.s_addr = address.v4Bits.bigEndian
      withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: four, as: sockaddr_in.self) }
      length = socklen_t(MemoryLayout<sockaddr_in>.size)
    } else {
      var six = sockaddr_in6()
      six.sin6_family = sa_family_t(AF_INET6)
      six.sin6_port = port.bigEndian
      six.sin6_addr = address.v6
      withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: six, as: sockaddr_in6.self) }
      length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    }
  }

  init(_ storage: sockaddr_storage) { self.storage = storage }

  /// The address that a socket is bound to.
  static func local(of descriptor: Int32) -> SocketAddress? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let code = withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(descriptor, $0, &length)
      }
    }
    return code == 0 ? SocketAddress(storage) : nil
  }

  /// Calls the body with the pointer and length that bind and connect want.
  func with<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }

  /// The address and port; nil when it is not an internet address.
  var peer: PeerAddress? {
    withUnsafeBytes(of: storage) { bytes in
      switch Int32(storage.ss_family) {
      case AF_INET:
        let four = bytes.load(as: sockaddr_in.self)
        let address = IPAddress(v4: UInt32(bigEndian: four.sin_addr.s_addr))
        return .ip(address, port: UInt16(bigEndian: four.sin_port))
      case AF_INET6:
        let six = bytes.load(as: sockaddr_in6.self)
        return .ip(IPAddress(six.sin6_addr), port: UInt16(bigEndian: six.sin6_port))
      default: return nil
      }
    }
  }
}

/// The path of a unix socket, of any length.
///
/// The kernel takes 107 bytes; a longer path is named through its open folder as
/// `/proc/self/fd/<n>/<name>`. The folder stays open for as long as this value lives.
final class UnixPath {
  private let folder: Int32
  private let short: [UInt8]

  /// nil when the folder cannot be opened or the last component alone is too long.
  init?(_ path: String) {
    let bytes = Array(path.utf8)
    if bytes.count <= 107 {
      folder = -1
      short = bytes
      return
    }
    guard let slash = bytes.lastIndex(of: 0x2F) else { return nil }
    let parent = slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
    let descriptor = open(parent, cs_o_path | O_DIRECTORY | cs_o_cloexec)
    if descriptor < 0 { return nil }
    folder = descriptor
    short = Array("/proc/self/fd/\(descriptor)/".utf8) + bytes[(slash + 1)...]
    if short.count > 107 { return nil }
  }

  deinit { if folder >= 0 { close(folder) } }

  func with<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: short) }
    return withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
