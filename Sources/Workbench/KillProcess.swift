import Glibc

/// A process that a tool starts, watches and ends.
final class ChildProcess {
  /// How a process ended.
  enum End: Equatable, CustomStringConvertible {
    case exited(Int32)
    case killed(Int32)
    case running

    var description: String {
      switch self {
      case .exited(let status): "exit status \(status)"
      case .killed(let number): "signal \(number)"
      case .running: "still running"
      }
    }
  }

  private let pid: pid_t
  /// The reading end of its standard output; -1 when the output is ours.
  private let output: Int32
  private var end: End = .running

  /// Starts a program, its output going where ours goes.
  convenience init(_ program: String, _ words: [String]) throws(ToolError) {
    try self.init(program, words, capturing: false)
  }

  init(_ program: String, _ words: [String], capturing: Bool) throws(ToolError) {
    var ends: [Int32] = [-1, -1]
    if capturing {
      guard pipe(&ends) == 0 else { throw ToolError("no pipe is left") }
      _ = fcntl(ends[0], F_SETFD, FD_CLOEXEC)
      _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
    }
    output = ends[0]
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if capturing { posix_spawn_file_actions_adddup2(&actions, ends[1], 1) }
    var arguments = ([program] + words).map { strdup($0) }
    arguments.append(nil)
    defer { for argument in arguments { free(argument) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, program, &actions, nil, arguments, environ)
    if capturing { close(ends[1]) }
    guard code == 0 else {
      throw ToolError("\(program) cannot be started: \(String(cString: strerror(code)))")
    }
    self.pid = pid
  }

  deinit {
    if output >= 0 { close(output) }
    if end == .running { kill() }
  }

  /// The first line of its output that begins so, within ten seconds.
  func line(beginning prefix: String) -> String? {
    var text: [UInt8] = []
    var byte: UInt8 = 0
    while true {
      var poller = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      guard poll(&poller, 1, 10_000) > 0, read(output, &byte, 1) == 1 else { return nil }
      guard byte == 0x0A else {
        text.append(byte)
        continue
      }
      let line = String(decoding: text, as: UTF8.self)
      if line.hasPrefix(prefix) { return line }
      text.removeAll()
    }
  }

  /// Ends it as a power cut of the process alone: no handler runs.
  func kill() {
    Glibc.kill(pid, SIGKILL)
    _ = wait(seconds: 10)
  }

  /// Asks it to end.
  func terminate() { Glibc.kill(pid, SIGTERM) }

  /// Waits for its end.
  func wait(seconds: Int) -> End {
    for _ in 0..<seconds * 100 where end == .running {
      var status: Int32 = 0
      if waitpid(pid, &status, WNOHANG) == pid {
        end = status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .killed(status & 0x7F)
      } else {
        usleep(10_000)
      }
    }
    return end
  }
}
