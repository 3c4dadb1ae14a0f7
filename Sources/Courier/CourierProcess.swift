import Foundation

/// What this process is to the rest of the machine: nearly nothing.
enum CourierProcess {
  /// Leaves the folder and the environment of the daemon behind, and its signals.
  ///
  /// Proxies and debug switches of the libraries below are read from the environment: with an
  /// empty one there are none. A signal to stop reaches the daemon too, which first ends its
  /// calls; the end of the socket then ends this process, so no call is cut in its middle.
  static func settle() {
    for name in ProcessInfo.processInfo.environment.keys { unsetenv(name) }
    chdir("/")
    umask(0o077)
    // No memory image of this process is ever written: requests hold secrets.
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    for number in [SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGQUIT] { signal(number, SIG_IGN) }
  }

  /// Ends at once; calls under way end with their connections.
  static func end(status: Int32, saying sentence: String?) -> Never {
    if let sentence {
      FileHandle.standardError.write(Data("tollbook-courier: \(sentence)\n".utf8))
    }
    _exit(status)
  }
}
