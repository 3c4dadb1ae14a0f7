import Glibc
import Journal

/// What ends a command early: its exit code, and what is wrong, where, and what to do next.
package struct CommandStop: Error, Equatable, Sendable {
  package let status: ExitStatus
  package let message: String

  init(_ status: ExitStatus, _ message: String) {
    self.status = status
    self.message = message
  }

  init(_ error: ReadingError) { self.init(error.status, error.message) }

  init(_ error: JournalError) { self.init(ReadingError.journal(error)) }

  init(_ error: ViewError) { self.init(.diskLost, error.message) }

  /// Standard output does not take the answer.
  static func unwritable(errno: Int32) -> CommandStop {
    CommandStop(
      .checkFailed,
      "the answer could not be written: \(String(cString: strerror(errno))); it is not complete")
  }
}
