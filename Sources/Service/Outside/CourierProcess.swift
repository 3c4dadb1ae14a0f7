internal import CSystem
internal import Glibc

/// A started courier: the process, and our end of its socket.
struct CourierProcess {
  let pid: pid_t
  let socket: Int32

  /// Starts the program with one end of a socket pair as its standard input.
  ///
  /// It gets nothing else of ours: no other descriptor, no variable of the environment, no blocked
  /// signal; its folder is `/`. It has a process group of its own, so Ctrl-C at the terminal lets
  /// the daemon finish its calls first. What it says of itself goes to our standard error.
  /// - Returns: nil when it cannot be started.
  static func start(_ program: String?, hosts: [String]) -> CourierProcess? {
    guard let program = program ?? beside() else { return nil }
    var ends: [Int32] = [-1, -1]
    guard cs_socketpair(&ends) == 0 else { return nil }
    defer { Glibc.close(ends[1]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    // Ours are close-on-exec; this closes what the daemon itself has inherited.
    cs_spawn_close_from(&actions, 3)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETPGROUP))
    var pid: pid_t = 0
    let code = withStrings([program] + hosts) { arguments in
      withStrings(["SWIFT_BACKTRACE=enable=no"]) { environment in
        posix_spawn(&pid, program, &actions, &attributes, arguments, environment)
      }
    }
    guard code == 0 else {
      Glibc.close(ends[0])
      return nil
    }
    return CourierProcess(pid: pid, socket: ends[0])
  }

  /// `tollbook-courier` in the folder of the running program.
  private static func beside() -> String? {
    var path = [CChar](repeating: 0, count: 4_096)
    let count = readlink("/proc/self/exe", &path, path.count)
    guard count > 0, count < path.count else { return nil }
    let own = String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard let slash = own.lastIndex(of: "/") else { return nil }
    return own[...slash] + "tollbook-courier"
  }

  /// Lends the texts as a null-terminated list of C strings.
  private static func withStrings<Result>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let words = texts.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    return body(words)
  }
}

/// The clock that deadlines of calls are kept by.
enum Monotonic {
  static func milliseconds() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
  }
}
