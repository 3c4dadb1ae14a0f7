import Glibc

/// The machine's own disk, seen from one folder that is held open.
///
/// Every descriptor is close-on-exec. Opening never blocks on a FIFO and never follows a link.
public final class POSIXDisk: Disk {
  /// The folder as it was given, for messages.
  public let folder: String
  private let root: Int32

  /// Opens the folder, which must be there.
  /// - Throws: `DiskError` when it is not there, not a folder, or not permitted.
  public init(folder: String) throws(DiskError) {
    self.folder = folder
    root = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard root >= 0 else { throw DiskError(.open, folder, .system(errno)) }
  }

  deinit { _ = Glibc.close(root) }

  public func open(_ path: String, for purpose: OpenPurpose) throws(DiskError) -> DiskFile {
    let flags: Int32 =
      switch purpose {
      case .reading: O_RDONLY
      case .writing: O_RDWR
      case .creating: O_RDWR | O_CREAT | O_EXCL
      case .keeping: O_RDWR | O_CREAT
      }
    let descriptor = openat(root, path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o640)
    guard descriptor >= 0 else {
      let number = errno
      let isOther = number == ELOOP || number == ENXIO || number == EISDIR
      throw DiskError(.open, path, isOther ? .notAFile : .system(number))
    }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      _ = Glibc.close(descriptor)
      throw DiskError(.open, path, .notAFile)
    }
    return DiskFile(descriptor: descriptor, path: path)
  }

  public func close(_ file: DiskFile) { _ = Glibc.close(file.descriptor) }

  public func size(of file: DiskFile) throws(DiskError) -> Int {
    var facts = stat()
    try check(fstat(file.descriptor, &facts), .size, file.path)
    guard facts.st_nlink > 0 else { throw DiskError(.size, file.path, .system(ENOENT)) }
    return Int(facts.st_size)
  }

  public func read(
    _ file: DiskFile, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(DiskError) -> Int {
    var done = 0
    while done < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = pread(file.descriptor, rest.baseAddress, rest.count, offset + done)
      if count == 0 { break }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw DiskError(.read, file.path, .system(errno)) }
      done += count
    }
    return done
  }

  public func write(
    _ file: DiskFile, _ bytes: UnsafeRawBufferPointer, at offset: Int
  ) throws(DiskError) -> Int {
    let count = pwrite(file.descriptor, bytes.baseAddress, bytes.count, offset)
    guard count >= 0 else { throw DiskError(.write, file.path, .system(errno)) }
    return count
  }

  public func sync(_ file: DiskFile) throws(DiskError) {
    try check(fdatasync(file.descriptor), .sync, file.path)
  }

  public func truncate(_ file: DiskFile, to count: Int) throws(DiskError) {
    try check(ftruncate(file.descriptor, count), .truncate, file.path)
  }

  public func syncFolder(_ path: String) throws(DiskError) {
    let descriptor = try openFolder(path, .syncFolder)
    defer { _ = Glibc.close(descriptor) }
    try check(fsync(descriptor), .syncFolder, path)
  }

  public func makeFolder(_ path: String) throws(DiskError) {
    guard mkdirat(root, path, 0o750) != 0 else { return }
    let number = errno
    guard number == EEXIST, let entry = try status(path), entry.kind == .folder else {
      throw DiskError(.makeFolder, path, .system(number))
    }
  }

  public func rename(_ path: String, to newPath: String) throws(DiskError) {
    try check(renameat(root, path, root, newPath), .rename, path)
  }

  public func remove(_ path: String) throws(DiskError) {
    guard unlinkat(root, path, 0) != 0, errno != ENOENT else { return }
    throw DiskError(.remove, path, .system(errno))
  }

  public func list(_ path: String) throws(DiskError) -> [String] {
    if !path.isEmpty, try status(path) == nil { return [] }
    let descriptor = try openFolder(path, .list)
    guard let stream = fdopendir(descriptor) else {
      let number = errno
      _ = Glibc.close(descriptor)
      throw DiskError(.list, path, .system(number))
    }
    defer { closedir(stream) }
    var names: [String] = []
    errno = 0
    while let entry = Glibc.readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw DiskError(.list, path, .system(errno)) }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  public func status(_ path: String) throws(DiskError) -> DiskEntry? {
    var facts = stat()
    guard fstatat(root, path, &facts, AT_SYMLINK_NOFOLLOW) == 0 else {
      if errno == ENOENT { return nil }
      throw DiskError(.status, path, .system(errno))
    }
    let kind: DiskEntry.Kind =
      switch facts.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      case S_IFLNK: .link
      default: .other
      }
    return DiskEntry(kind: kind, size: Int(facts.st_size), mode: facts.st_mode & 0o7777)
  }

  public func setMode(_ path: String, _ mode: UInt32) throws(DiskError) {
    try check(fchmodat(root, path, mode, 0), .setMode, path)
  }

  public func link(_ path: String, to target: String) throws(DiskError) {
    try check(symlinkat(target, root, path), .link, path)
  }

  public func target(of path: String) throws(DiskError) -> String? {
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let count = bytes.withUnsafeMutableBytes { buffer in
      guard let start = buffer.baseAddress else { return -1 }
      return readlinkat(root, path, start.assumingMemoryBound(to: CChar.self), buffer.count)
    }
    if count >= 0 { return String(decoding: bytes[..<count], as: UTF8.self) }
    if errno == ENOENT || errno == EINVAL { return nil }
    throw DiskError(.target, path, .system(errno))
  }

  private func openFolder(_ path: String, _ call: DiskCall) throws(DiskError) -> Int32 {
    let name = path.isEmpty ? "." : path
    let descriptor = openat(root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw DiskError(call, path, .system(errno)) }
    return descriptor
  }

  private func check(_ result: Int32, _ call: DiskCall, _ path: String) throws(DiskError) {
    guard result == 0 else { throw DiskError(call, path, .system(errno)) }
  }
}
