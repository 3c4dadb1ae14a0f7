import Glibc

/// An open file of a view: a thin owner of its descriptor.
///
/// Closed with its last owner. Used by one thread.
final class ViewDescriptor {
  private let number: Int32
  private let path: String

  /// What tells one file from another, and how long it is.
  struct Identity: Equatable {
    let device: UInt
    let inode: UInt
  }

  private init(number: Int32, path: String) {
    self.number = number
    self.path = path
  }

  deinit { _ = close(number) }

  /// Opens a regular file that is there; nil when there is none.
  static func open(_ path: String, in home: String) throws(ViewError) -> ViewDescriptor? {
    // Without O_NONBLOCK a FIFO in the file's place would hang the start.
    let flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
    let number = Glibc.open("\(home)/\(path)", flags)
    guard number >= 0 else {
      if errno == ENOENT { return nil }
      throw ViewError(path, "open")
    }
    let file = ViewDescriptor(number: number, path: path)
    var facts = stat()
    guard fstat(number, &facts) == 0 else { throw ViewError(path, "stat") }
    guard facts.st_mode & S_IFMT == S_IFREG else { throw ViewError(path, "open", errno: EINVAL) }
    return file
  }

  /// Makes a file that is not there yet, 0640, and the folders above it, 0750.
  static func create(_ path: String, in home: String) throws(ViewError) -> ViewDescriptor {
    try makeFolders(above: path, in: home)
    _ = unlink("\(home)/\(path)")
    let flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
    let number = Glibc.open("\(home)/\(path)", flags, 0o640)
    guard number >= 0 else { throw ViewError(path, "create") }
    return ViewDescriptor(number: number, path: path)
  }

  private static func makeFolders(above path: String, in home: String) throws(ViewError) {
    var folder = ""
    for part in path.split(separator: "/").dropLast() {
      folder += folder.isEmpty ? String(part) : "/\(part)"
      guard mkdir("\(home)/\(folder)", 0o750) != 0, errno != EEXIST else { continue }
      throw ViewError(folder, "mkdir")
    }
  }

  /// Which file this is; its path may by now lead to another.
  func identity() throws(ViewError) -> Identity {
    var facts = stat()
    guard fstat(number, &facts) == 0 else { throw ViewError(path, "stat") }
    return Identity(device: UInt(facts.st_dev), inode: UInt(facts.st_ino))
  }

  /// The file that a path leads to; nil when there is none.
  static func identity(of path: String, in home: String) -> Identity? {
    var facts = stat()
    guard lstat("\(home)/\(path)", &facts) == 0 else { return nil }
    return Identity(device: UInt(facts.st_dev), inode: UInt(facts.st_ino))
  }

  func size() throws(ViewError) -> Int {
    var facts = stat()
    guard fstat(number, &facts) == 0 else { throw ViewError(path, "stat") }
    return Int(facts.st_size)
  }

  /// Reads up to `count` bytes; fewer only at the end of the file.
  func read(_ count: Int, at offset: Int) throws(ViewError) -> [UInt8] {
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = 0
      while filled < count, let base = buffer.baseAddress {
        let got = pread(number, base + filled, count - filled, off_t(offset + filled))
        if got > 0 {
          filled += got
        } else if got == 0 || errno != EINTR {
          failed = got < 0
          break
        }
      }
    }
    guard !failed else { throw ViewError(path, "read") }
    return bytes
  }

  /// Writes all bytes at an offset.
  func write(_ bytes: ArraySlice<UInt8>, at offset: Int) throws(ViewError) {
    var done = 0
    let failed = bytes.withUnsafeBytes { all in
      while done < all.count, let base = all.baseAddress {
        let count = pwrite(number, base + done, all.count - done, off_t(offset + done))
        if count > 0 { done += count } else if count == 0 || errno != EINTR { return true }
      }
      return false
    }
    guard !failed else { throw ViewError(path, "write") }
  }

  /// Copies the bytes of a range to the same place of another file.
  func copy(_ range: Range<Int>, to other: ViewDescriptor) throws(ViewError) {
    var start = range.lowerBound
    while start < range.upperBound {
      let bytes = try read(min(65_536, range.upperBound - start), at: start)
      guard !bytes.isEmpty else { throw ViewError(path, "read", errno: EIO) }
      try other.write(bytes[...], at: start)
      start += bytes.count
    }
  }

  func sync() throws(ViewError) {
    guard fsync(number) == 0 else { throw ViewError(path, "sync") }
  }

  /// Gives a file its final name, replacing what has it, and makes that durable.
  static func rename(_ path: String, to target: String, in home: String) throws(ViewError) {
    guard Glibc.rename("\(home)/\(path)", "\(home)/\(target)") == 0 else {
      throw ViewError(target, "rename")
    }
    let folder = "\(home)/\(target)".split(separator: "/", omittingEmptySubsequences: false)
      .dropLast().joined(separator: "/")
    let number = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard number >= 0 else { throw ViewError(target, "open folder of") }
    defer { _ = close(number) }
    guard fsync(number) == 0 else { throw ViewError(target, "sync folder of") }
  }
}
