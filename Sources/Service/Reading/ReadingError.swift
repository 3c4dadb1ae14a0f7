package import Journal

/// Why a log could not be read, with what an operator needs to act.
package enum ReadingError: Error, Equatable, Sendable {
  case folder(FolderError)
  case journal(JournalError)
  case lock(LockError)

  /// The exit code that a command ends with.
  package var status: ExitStatus {
    switch self {
    case .folder(.missing): .notFound
    case .folder: .usage
    case .journal(.damage), .journal(.newer): .logDamaged
    case .journal(.lost), .journal(.disk): .diskLost
    case .lock(.heldBy): .busy
    case .lock(.unusable): .diskLost
    }
  }

  /// What is wrong, where, and what to do next, in one line.
  package var message: String {
    switch self {
    case .folder(let error): error.description
    case .journal(let error): error.description
    case .lock(let error): error.description
    }
  }
}
