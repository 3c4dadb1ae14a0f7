import Glibc
import JSON
import Ledger
import Service
import Testing

/// What cron starts: the files in `cron/`, with nothing but what cron gives them.
struct CronTests {
  private static let folder: String =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    .joined(separator: "/") + "/cron"

  /// Runs a line of shell with an empty environment, in `/`.
  private static func shell(
    _ line: String
  ) throws -> (code: Int32, answer: String, messages: String) {
    let files = try ReadingLedger.emptyHome()
    defer { ReadingLedger.remove(files) }
    let words: [String] = ["/bin/sh", "-c", "cd / && { \(line); } >\(files)/out 2>\(files)/err"]
    var arguments = words.map { strdup($0) }
    arguments.append(nil)
    defer { for word in arguments { free(word) } }
    var variables: [UnsafeMutablePointer<CChar>?] = [nil]
    var pid: pid_t = 0
    try #require(posix_spawn(&pid, "/bin/sh", nil, nil, arguments, &variables) == 0)
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    try #require(status & 0x7F == 0)
    func text(_ name: String) throws -> String {
      String(decoding: try ReadingLedger.bytes(of: "\(files)/\(name)"), as: UTF8.self)
    }
    return (status >> 8 & 0xFF, try text("out"), try text("err"))
  }

  @Test func `the crontab starts each job once, at the hour that the list says`() throws {
    let jobs = try JobsHome().run("job list -o json").documents()
    let text = String(
      decoding: try ReadingLedger.bytes(of: CronTests.folder + "/crontab.x402"), as: UTF8.self)
    let lines = text.split(separator: "\n").filter { $0.contains("/cron/") }
    let expected = jobs.map { job in
      "\(job["schedule"]?.text?.string ?? "") $TOLLBOOK_HOME/cron/\(job["job"]?.text?.string ?? "")"
    }
    #expect(!jobs.isEmpty)
    #expect(Set(lines.map(String.init)) == Set(expected))
    #expect(lines.count == expected.count)
    // cron takes a percent sign for a line feed.
    #expect(!text.contains("%"))
    for job in jobs {
      let name = try #require(job["job"]?.text?.string)
      #expect(access("\(CronTests.folder)/\(name)", X_OK) == 0)
      for ending in ["service", "timer"] {
        #expect(access("\(CronTests.folder)/systemd/\(name).\(ending)", R_OK) == 0)
      }
    }
  }

  @Test(
    .enabled(if: tollbookProgram != nil, "tollbook is not built beside the tests"),
    arguments: ["x402_daily_ledger_sync", "x402_stale_payments"])
  func `a script finds its home and its settings with nothing given`(name: String) throws {
    let program = try #require(tollbookProgram)
    let home = try JobsHome()
    try home.pay([
      .init("tx-1", "1.25"), .init("tx-2", "2") { $0.phase = .pending },
    ])
    try home.finance([])
    try ReadingLedger.write(Array("PAYMENTS_USE_FAKE=false\n".utf8), to: "\(home.path)/.env")
    mkdir("\(home.path)/cron", 0o750)
    let script = "\(home.path)/cron/\(name)"
    try ReadingLedger.write(try ReadingLedger.bytes(of: "\(CronTests.folder)/\(name)"), to: script)
    chmod(script, 0o750)
    for call in [
      "TOLLBOOK=\(program) \(script)", "PATH=\(folder(of: program)):/bin \(script)",
      "TOLLBOOK=\(program) TOLLBOOK_HOME=\(home.path) \(CronTests.folder)/\(name)",
    ] {
      let run = try CronTests.shell("\(call) --at 2025-11-17T03:00:00Z -o json")
      #expect(run.code == 1, "\(run.messages)")
      #expect(run.answer.contains(name == "x402_daily_ledger_sync" ? "tx-1" : "tx-2"))
      #expect(!run.messages.contains("FAKE"))
    }
    // What the job exits with is what cron sees.
    let wrong = try CronTests.shell("TOLLBOOK=\(program) \(script) --nonsense")
    #expect(wrong.code == 2)
  }

  @Test(.enabled(if: tollbookProgram != nil, "tollbook is not built beside the tests"))
  func `nothing in .env is run by the script`() throws {
    let program = try #require(tollbookProgram)
    let home = try JobsHome()
    try ReadingLedger.write(
      Array("WALLET_POLICY_ID=$(touch \(home.path)/caught)\n".utf8), to: "\(home.path)/.env")
    let run = try CronTests.shell(
      "TOLLBOOK=\(program) TOLLBOOK_HOME=\(home.path) \(CronTests.folder)/x402_stale_payments")
    #expect(run.code == 2)
    #expect(try !home.treeHolds("caught"))
  }

  @Test(
    .enabled(if: tollbookProgram != nil, "tollbook is not built beside the tests"),
    arguments: ["UTC0", "EAST-14", "WEST12", "Europe/Berlin"])
  func `the zone of the machine changes no window`(zone: String) throws {
    let program = try #require(tollbookProgram)
    let home = try JobsHome()
    try home.pay([
      .init("tx-1", "1") { $0.at = "2025-11-16T00:00:00Z" },
      .init("tx-2", "2") { $0.at = "2025-11-16T23:59:59.999Z" },
      .init("tx-3", "3") { $0.at = "2025-11-17T00:00:00Z" },
    ])
    try home.finance([])
    let run = try CronTests.shell(
      "TZ=\(zone) PAYMENTS_USE_FAKE=false \(program) sync daily --date 2025-11-16 --home \(home.path)"
    )
    #expect(run.code == 1)
    #expect(
      run.answer.contains("2025-11-16T00:00:00.000Z to 2025-11-17T00:00:00.000Z: compared 2, "))
    for (id, isThere) in [("tx-1,", true), ("tx-2,", true), ("tx-3,", false)] {
      #expect(run.answer.contains(id) == isThere, "\(id)")
    }
  }

  private func folder(of program: String) -> String {
    program.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/")
  }
}
