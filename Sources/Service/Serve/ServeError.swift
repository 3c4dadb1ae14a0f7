package import HTTP
package import Journal

/// Why the daemon could not start, with the exit code that says it to a script.
package enum ServeError: Error, Sendable, CustomStringConvertible {
  /// A file or folder cannot be used.
  case unusable(String, String)
  case folder(FolderError)
  case lock(LockError)
  case journal(JournalError)
  case listen(ListenError)
  case noThread

  package var description: String {
    switch self {
    case .unusable(let path, let reason): "\(path): \(reason)"
    case .folder(let error): "\(error)"
    case .lock(let error): "\(error)"
    case .journal(let error): "\(error)"
    case .listen(let error):
      "\(error). Name another address, or off, with --gateway, --api, --metrics."
    case .noThread: "the system has no thread left"
    }
  }

  package var exitStatus: ExitStatus {
    switch self {
    case .folder: .usage
    case .unusable, .listen, .noThread: .checkFailed
    case .lock(.heldBy): .busy
    case .lock(.unusable): .checkFailed
    case .journal(let error): ExitStatus(rawValue: error.exitCode) ?? .checkFailed
    }
  }
}
