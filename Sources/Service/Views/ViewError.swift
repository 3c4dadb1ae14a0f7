import Glibc

/// A call on a view's file that failed; the log does not depend on it.
package struct ViewError: Error, Equatable, Sendable {
  /// From the home folder.
  package let path: String
  /// What was tried, e.g. `write`.
  package let call: String
  package let errno: Int32

  /// What is wrong, where, and what to do next, in one line.
  package var message: String {
    "\(call) \(path): \(String(cString: strerror(errno))); "
      + "make room or mend the folder, then: tollbook view rebuild"
  }

  init(_ path: String, _ call: String) {
    self.path = path
    self.call = call
    errno = Glibc.errno
  }

  init(_ path: String, _ call: String, errno: Int32) {
    self.path = path
    self.call = call
    self.errno = errno
  }
}
