import Glibc
import HTTP
import JSON
import Journal
import Ledger
import Service
import Synchronization
import Testing

/// A built program beside the test bundle; nil when it was not built.
func builtProgram(_ name: String) -> String? {
  var path = [CChar](repeating: 0, count: 4_096)
  let count = readlink("/proc/self/exe", &path, path.count - 1)
  let own = path.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
  let files = CommandLine.arguments.prefix(4) + [String(decoding: own, as: UTF8.self)]
  let folders = files.map { file in
    file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
  }
  return (folders + [".build/release"]).map { $0 + "/" + name }
    .first { access($0, X_OK) == 0 }
}

/// The program itself; nil when it was not built.
let tollbookProgram: String? = builtProgram("tollbook")

/// The real program, killed at random under load: the short form of `make fault`.
struct CrashKillTests {
  /// A daemon in a process of its own.
  private struct Process {
    let pid: pid_t
    let port: UInt16
  }

  private func start(_ program: String, _ home: String) throws -> Process {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw GatewayTestFault.silence }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    let options: [String] = [
      program, "serve", "--home", home, "--gateway", "127.0.0.1:0", "--api", "off", "--metrics",
      "off",
    ]
    var words = options.map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    let settings: [String] = [
      "TOLLBOOK_LOG_STDOUT=false", "PAYMENTS_USE_FAKE=true", "TOLLBOOK_MIN_FREE_MB=0",
    ]
    var variables = settings.map { strdup($0) }
    variables.append(nil)
    defer { for variable in variables { free(variable) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, program, &actions, nil, words, variables)
    close(ends[1])
    defer { close(ends[0]) }
    guard code == 0 else { throw GatewayTestFault.notConnected }
    var text = ""
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while !text.contains("\n") {
      let count = read(ends[0], &buffer, buffer.count)
      guard count > 0 else { throw GatewayTestFault.silence }
      text += String(decoding: buffer[..<count], as: UTF8.self)
    }
    let match = try #require(text.firstMatch(of: /gateway=127\.0\.0\.1:(\d+)/))
    return Process(pid: pid, port: try #require(UInt16(match.1)))
  }

  /// Sends a signal, waits for the end and gives the wait status.
  private func end(_ process: Process, by number: Int32) -> Int32 {
    kill(process.pid, number)
    var status: Int32 = 0
    while waitpid(process.pid, &status, 0) < 0 && errno == EINTR {}
    return status
  }

  private func pay(_ client: Client, _ key: String) throws(ClientError) -> Response {
    let request = GatewayDaemon.taskRequest(
      pay: "v1:0.01:proof-\(key)", key: key, body: "{\"task\":\"\(key)\"}", with: Headers())
    return try client.send(request, deadlineMilliseconds: 20_000)
  }

  private func connect(_ process: Process) throws -> Client {
    let address = ListenAddress.tcp(try #require(IPAddress("127.0.0.1")), port: process.port)
    return Client(address: address, host: "a", limits: ClientLimits(), keepsAlive: true)
  }

  @Test(.enabled(if: tollbookProgram != nil, "tollbook is not built beside the tests"))
  func `five times killed under load, every acknowledged key is there once with its answer`()
    throws
  {
    let program = try #require(tollbookProgram)
    let home = try GatewayHome()
    var chance = SplitMix64(seed: 5)
    var promised: [String: [UInt8]] = [:]
    for round in 0..<5 {
      let process = try start(program, home.path)
      let stop = Threads.start { [delay = UInt32(5_000 + chance.below(60_000))] in
        usleep(delay)
        kill(process.pid, SIGKILL)
      }
      #expect(stop)
      let answers = try simultaneously(4) { thread -> [String: [UInt8]] in
        let client = try connect(process)
        var answers: [String: [UInt8]] = [:]
        for number in 0..<100_000 {
          let key = "k-\(round)-\(thread)-\(number)"
          do throws(ClientError) {
            let response = try pay(client, key)
            if response.status == 200 { answers[key] = response.body }
          } catch {
            break
          }
        }
        return answers
      }
      for answer in answers { promised.merge(answer) { old, _ in old } }
      #expect(end(process, by: SIGKILL) & 0x7F == SIGKILL)
    }
    #expect(!promised.isEmpty)
    let last = try start(program, home.path)
    let client = try connect(last)
    for (key, body) in promised {
      let again = try pay(client, key)
      #expect(again.body == body, "\(key)")
      #expect(again.headers["Idempotency-Replayed"] == "true", "\(key)")
    }
    #expect(end(last, by: SIGTERM) == 0)
    let keys = try home.records().compactMap { $0.binding?.key.string }
    #expect(Set(keys).count == keys.count)
    #expect(Set(promised.keys).isSubset(of: keys))
  }
}
