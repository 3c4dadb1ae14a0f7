import Glibc
import HTTP
import Service
import Testing

/// A program of the machine, or nil.
private let openssl: String? = ["/usr/bin/openssl", "/usr/local/bin/openssl"]
  .first { access($0, X_OK) == 0 }
private let program: String? = builtProgram("tollbook-courier")

/// The courier against a TLS server whose certificate nobody has signed.
struct CourierTLSTests {
  /// Starts a program; it ends its talk when its input ends, so it gets one that stays open.
  private func start(_ words: [String], input: Int32, in folder: String) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    posix_spawn_file_actions_addopen(&actions, 1, folder + "/said", O_WRONLY | O_CREAT, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var arguments = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, words[0], &actions, nil, &arguments, environ)
    guard code == 0 else { throw GatewayTestFault.notConnected }
    return pid
  }

  private func wait(for pid: pid_t) {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
  }

  @Test(.enabled(if: openssl != nil && program != nil, "openssl or the courier is missing"))
  func `a certificate that is not trusted is not sent, and no secret reaches its server`() throws {
    let openssl = try #require(openssl)
    let home = try GatewayHome()
    var input: [Int32] = [-1, -1]
    #expect(pipe(&input) == 0)
    for end in input { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { for end in input { close(end) } }
    let (key, certificate) = (home.path + "/key.pem", home.path + "/certificate.pem")
    wait(
      for: try start(
        [
          openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
          "/CN=localhost", "-keyout", key, "-out", certificate,
        ], input: input[0], in: home.path))
    let server = try start(
      [
        openssl, "s_server", "-accept", "127.0.0.1:0", "-key", key, "-cert", certificate,
      ], input: input[0], in: home.path)
    defer {
      kill(server, SIGKILL)
      wait(for: server)
    }
    var port: Substring?
    for _ in 0..<4_000 where port == nil {
      port = try home.text("said").firstMatch(of: /ACCEPT 127\.0\.0\.1:(\d+)/)?.1
      usleep(5_000)
    }
    let url = "https://localhost:\(try #require(port))/"
    let desk = CourierDesk(program: program, hosts: ["localhost"])
    defer { desk.close() }
    let request = OutsideRequest(
      method: .post, url: url, headers: ["Authorization": "Bearer s3cret"],
      body: Array("s3cret".utf8), deadlineMilliseconds: 30_000, maxBytes: 100)
    let address = try #require(OutsideAddress(url))
    #expect(throws: OutsideError.notSent(.tlsFailed)) { try desk.send(request, to: address) }
    #expect(try !home.text("said").contains("s3cret"))
  }
}
