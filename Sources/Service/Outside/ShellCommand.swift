internal import CSystem
internal import Glibc

/// Runs one command of the operator's and reads what it prints.
enum ShellCommand {
  /// What the command printed, when it ended well, in time and within the limit; else nil.
  ///
  /// Nothing of it goes anywhere else; its standard error is dropped.
  static func output(
    of command: String, environment: [String: String], limit: Int, milliseconds: Int64,
    boot: () -> Int64
  ) -> [UInt8]? {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    guard let process = start(command, environment, output: ends[1]) else {
      close(ends[1])
      return nil
    }
    close(ends[1])
    let bytes = read(ends[0], limit: limit, until: boot() + milliseconds, boot: boot)
    if bytes == nil { kill(-process, SIGKILL) }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    return status == 0 ? bytes : nil
  }

  private static func start(
    _ command: String, _ environment: [String: String], output: Int32
  ) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    cs_spawn_close_from(&actions, 3)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    // A group of its own, so that all of it can be ended at once.
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETPGROUP))
    var variables: [UnsafeMutablePointer<CChar>?] = []
    var next = environ
    while let variable = next.pointee {
      variables.append(strdup(variable))
      next += 1
    }
    for (name, value) in environment { variables.append(strdup("\(name)=\(value)")) }
    variables.append(nil)
    var arguments = ["sh", "-c", command].map { (word: String) in strdup(word) } + [nil]
    defer { for pointer in variables + arguments { free(pointer) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, "/bin/sh", &actions, &attributes, &arguments, variables)
    return code == 0 ? process : nil
  }

  private static func read(
    _ descriptor: Int32, limit: Int, until end: Int64, boot: () -> Int64
  ) -> [UInt8]? {
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 4_096)
    while true {
      let left = end - boot()
      var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard left > 0, poll(&poller, 1, Int32(clamping: left)) > 0 else { return nil }
      let count = Glibc.read(descriptor, &block, block.count)
      if count == 0 { return bytes }
      guard count > 0 else { return nil }
      bytes += block[..<count]
      guard bytes.count <= limit else { return nil }
    }
  }
}
