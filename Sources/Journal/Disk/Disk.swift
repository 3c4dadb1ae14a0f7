/// The few calls that the journal makes on the folder that holds the log.
///
/// Paths are relative to that folder; `""` is the folder itself. There are two conformers: the
/// machine's own (`POSIXDisk`) and one in memory that loses, tears and fails on demand
/// (`SimulatedDisk`). Every call may be made from any thread.
public protocol Disk: AnyObject, Sendable {
  /// Opens a regular file; anything else in its place (FIFO, folder, link) is `notAFile`.
  func open(_ path: String, for purpose: OpenPurpose) throws(DiskError) -> DiskFile
  /// Gives the descriptor back; what a close might report has been asked by `sync` before.
  func close(_ file: DiskFile)
  /// Bytes in the file.
  func size(of file: DiskFile) throws(DiskError) -> Int
  /// Reads at an offset, once; fewer bytes than asked only at the end of the file.
  func read(
    _ file: DiskFile, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(DiskError) -> Int
  /// Writes at an offset by one system call; the count may be short.
  func write(
    _ file: DiskFile, _ bytes: UnsafeRawBufferPointer, at offset: Int
  ) throws(DiskError) -> Int
  /// Returns when the file's bytes and size are durable (`fdatasync`).
  func sync(_ file: DiskFile) throws(DiskError)
  /// Cuts the file to so many bytes.
  func truncate(_ file: DiskFile, to count: Int) throws(DiskError)
  /// Returns when the entries of a folder are durable.
  func syncFolder(_ path: String) throws(DiskError)
  /// Makes a folder, 0750; one that is there already is fine.
  func makeFolder(_ path: String) throws(DiskError)
  /// Renames, replacing what has the new name.
  func rename(_ path: String, to newPath: String) throws(DiskError)
  /// Removes a file or link; one that is not there is fine.
  func remove(_ path: String) throws(DiskError)
  /// The names in a folder, ordered by bytes; a folder that is not there has none.
  func list(_ path: String) throws(DiskError) -> [String]
  /// What stands at a path, links not followed; nil for nothing.
  func status(_ path: String) throws(DiskError) -> DiskEntry?
  /// Sets a file's permission bits.
  func setMode(_ path: String, _ mode: UInt32) throws(DiskError)
  /// Makes a symbolic link.
  func link(_ path: String, to target: String) throws(DiskError)
  /// Where a symbolic link points; nil when there is no link at the path.
  func target(of path: String) throws(DiskError) -> String?
}

/// An open file of a `Disk`.
public struct DiskFile: Hashable, Sendable {
  /// The descriptor, or the simulated disk's own number.
  let descriptor: Int32
  /// The path that it was opened by, for messages.
  let path: String
}

/// What a file is opened for.
public enum OpenPurpose: Sendable {
  /// It must exist; reads only.
  case reading
  /// It must exist; reads and writes.
  case writing
  /// It must not exist; made with 0640.
  case creating
  /// Made with 0640 if it is not there; its bytes stay.
  case keeping
}

/// What stands at a path.
public struct DiskEntry: Equatable, Sendable {
  /// The kinds of things that a folder can hold.
  public enum Kind: Equatable, Sendable { case file, folder, link, other }
  public let kind: Kind
  /// Bytes; only meaningful for files.
  public let size: Int
  /// The permission bits.
  public let mode: UInt32
}

/// The calls of a disk, as errors and fault plans name them.
public enum DiskCall: String, CaseIterable, Sendable {
  case open, size, read, write, sync, truncate, syncFolder, makeFolder, rename, remove, list
  case status, setMode, link, target
}

/// A call on the disk that failed.
public struct DiskError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Why a call failed, as far as the journal treats it differently.
  public enum Reason: Equatable, Sendable {
    /// The system's error number.
    case system(Int32)
    /// A FIFO, folder, link or device stands where a regular file should.
    case notAFile
    /// A write stored fewer bytes than it was given.
    case shortWrite
    /// A file ended before the bytes that it was found to have.
    case shortRead
    /// The simulated power is off.
    case powerCut
  }
  public let call: DiskCall
  public let path: String
  public let reason: Reason

  init(_ call: DiskCall, _ path: String, _ reason: Reason) {
    self.call = call
    self.path = path
    self.reason = reason
  }

  public var description: String {
    let place = path.isEmpty ? "the ledger folder" : path
    return switch reason {
    case .system(let number): "\(call.rawValue) \(place): \(SystemError.sentence(for: number))"
    case .notAFile: "\(call.rawValue) \(place): not a regular file"
    case .shortWrite: "\(call.rawValue) \(place): stored only a part"
    case .shortRead: "\(call.rawValue) \(place): ended early; something else changes it"
    case .powerCut: "\(call.rawValue) \(place): power cut"
    }
  }
}
