import Glibc
import HTTP
import JSON
import Ledger
import Service
import Testing

/// The triage: order, severities, and a bundle that gives nothing away.
@Suite struct DoctorTests {
  private static func triage(
    _ home: ScratchFolder, _ fault: QuickstartTests.Gateway.Fault?, own: Bool = false
  ) -> Triage {
    let gateway = QuickstartTests.Gateway(fault)
    return Triage(
      home: home.path,
      settings: DoctorSettings.load(
        flags: [], environment: ["TOLLBOOK_HOME": home.path, "TOLLBOOK_MIN_FREE_MB": "0"]),
      client: GatewayClient(origin: "http://test", send: gateway.answer),
      names: PaymentTrial.Names(unique: "abcdef"), isOwnGateway: own)
  }

  @Test func `a sound gateway passes all five steps in their order`() throws {
    let home = try #require(ScratchFolder())
    defer { home.remove() }
    var triage = Self.triage(home, nil)
    let results = triage.run()
    #expect(results.map(\.step) == TriageStep.allCases)
    #expect(!results.contains { $0.isFailed })
  }

  @Test(arguments: [
    (QuickstartTests.Gateway.Fault.down, TriageStep.start, Severity.p0),
    (.sick, .start, .p0), (.free, .payment, .p1), (.refusesPayment, .payment, .p1),
    (.otherBytes, .idempotency, .p1), (.takesConflict, .idempotency, .p1),
    (.badMetrics, .metrics, .p2),
  ])
  func `the first failing step ends the triage with its severity`(
    fault: QuickstartTests.Gateway.Fault, step: TriageStep, severity: Severity
  ) throws {
    let home = try #require(ScratchFolder())
    defer { home.remove() }
    var triage = Self.triage(home, fault)
    let results = triage.run()
    #expect(results.last?.step == step)
    #expect(results.filter(\.isFailed).map(\.step) == [step])
    #expect(step.severity == severity)
  }

  @Test func `one step alone brings what it needs`() throws {
    let home = try #require(ScratchFolder())
    defer { home.remove() }
    var triage = Self.triage(home, nil)
    let results = triage.run(only: .idempotency)
    #expect(results.map(\.step) == [.idempotency])
    #expect(results.first?.findings.map(\.verdict) == [.passed, .passed])
    var broken = Self.triage(home, .refusesPayment)
    #expect(broken.run(only: .idempotency).map(\.step) == [.payment])
  }

  @Test func `an environment that cannot be used fails the start and names the line`() throws {
    let home = try #require(ScratchFolder())
    defer { home.remove() }
    try home.write(".env", Array("X402_PRICE_USD=hush-hush\n".utf8))
    let settings = DoctorSettings.load(flags: [], environment: ["TOLLBOOK_HOME": home.path])
    var triage = Triage(
      home: home.path, settings: settings,
      client: GatewayClient(origin: "http://test", send: QuickstartTests.Gateway(nil).answer),
      names: PaymentTrial.Names(unique: "abcdef"), isOwnGateway: false)
    let results = triage.run()
    #expect(results.map(\.step) == [.start])
    let finding = try #require(results.first?.findings.first { $0.name == "environment" })
    #expect(finding.verdict == .failed)
    #expect(finding.detail.contains("X402_PRICE_USD (.env line 1)"))
    // The value may be a secret that was typed into the wrong place.
    #expect(!finding.detail.contains("hush-hush"))
  }

  @Test func `a damaged end of the log is found, and a lost mark is told`() throws {
    let home = try #require(ScratchFolder())
    defer { home.remove() }
    let opened = try OpenedLedger(
      OpenedLedger.Options(home: home.path, holder: "test", onLost: { _ in }))
    let sink = BookkeeperSink(
      bookkeeper: opened.bookkeeper, book: .real, onClose: { opened.close() })
    let terms = GenesisLine.Terms(asset: .usdc, network: .base, rounding: .refuse)
    let line =
      #"{"transaction_id":"t1","timestamp":"2025-11-16T03:00:00Z","agent_id":"a","vendor":"v","#
      + #""price_usdc":1,"status":"completed"}"#
    #expect(
      try sink.submit([try GenesisLine(Array(line.utf8), terms: terms).payment]) == [.recorded])
    sink.close()
    var sound = Self.triage(home, nil)
    let start = try #require(sound.run(only: .start).first)
    #expect(start.findings.first { $0.name == "log tail" }?.detail.contains("last 3 lines") == true)
    #expect(start.findings.first { $0.name == "mark" }?.verdict == .passed)

    let current = try #require(realpath(home.path + "/data/ledger/current", nil))
    defer { free(current) }
    let descriptor = open(current, O_WRONLY)
    try #require(descriptor >= 0 && pwrite(descriptor, "X", 1, 30) == 1)
    close(descriptor)
    try #require(unlink(home.path + "/data/ledger/HEAD") == 0)
    var damaged = Self.triage(home, nil)
    let result = try #require(damaged.run().last)
    #expect(result.step == .start)
    #expect(result.findings.first { $0.name == "mark" }?.verdict == .warned)
  }

  @Test func `a ledger folder that others may write fails the start`() throws {
    let home = try #require(ScratchFolder())
    defer { home.remove() }
    try home.makeFolder("data")
    try home.makeFolder("data/ledger")
    try #require(chmod(home.path + "/data/ledger", 0o777) == 0)
    var triage = Self.triage(home, nil)
    #expect(triage.run().map(\.step) == [.start])
  }

  @Test func `the server's log must have lines of requests`() throws {
    let home = try #require(ScratchFolder())
    defer { home.remove() }
    try home.makeFolder("logs")
    try home.write("logs/genesis.log", Array("{\"event\":\"http.request.completed\"}\n".utf8))
    var triage = Self.triage(home, nil, own: true)
    #expect(triage.run(only: .metrics).first?.findings.map(\.verdict) == [.passed, .passed])
    try home.write("logs/genesis.log", Array("{\"event\":\"other\"}\n".utf8))
    var silent = Self.triage(home, nil, own: true)
    #expect(silent.run(only: .metrics).first?.isFailed == true)
  }

  // MARK: the bundle

  @Test func `the bundle holds the six diagnostics and no secret`() throws {
    let home = try #require(ScratchFolder())
    defer { home.remove() }
    let canaries = ["canary-env-1f", "canary-file\"2", "canary-old-3", "canary-token-4", "cana"]
    try home.write(
      ".env",
      Array("L402_SECRET='canary-file\"2'\nX402_PRICE_USD=0.02\nDISCORD_URL=canary-old-3\n".utf8))
    try home.makeFolder("data")
    try home.makeFolder("data/secrets")
    try home.write("data/secrets/operator-token", Array("canary-token-4\n".utf8))
    try home.makeFolder("logs")
    let leaks = canaries.map { "{\"event\":\"x\",\"leak\":\"\($0)\"}\n" }.joined()
    let escaped = "{\"leak\":\"canary-file\\\"2\",\"home\":\"\(home.path)/x\"}\n"
    try home.write("logs/genesis.log", Array((leaks + escaped).utf8))
    let environment = [
      "TOLLBOOK_HOME": home.path, "PAYMENT_WEBHOOK_SECRET": "canary-env-1f,cana",
    ]
    let settings = DoctorSettings.load(flags: [], environment: environment)
    let client = GatewayClient(
      origin: "http://test", send: QuickstartTests.Gateway(nil).answer)
    var bundle = DoctorBundle(
      redaction: Doctor.redaction(home.path, environment), moment: "2026-11-20T00:00:00.000Z")
    bundle.collect(home: home.path, settings: settings, client: client, results: [])
    let text = bundle.redacted
    for canary in canaries { #expect(!text.contains(canary)) }
    #expect(!text.contains(home.path))
    #expect(text.contains("{\"event\":\"x\",\"leak\":\"[redacted]\"}"))
    for title in [
      "1. Version", "2. Configuration", "3. GET /health", "4. POST /agent/task",
      "5. GET /metrics/summary", "6. Last lines of logs/genesis.log",
    ] {
      #expect(text.contains("\n== \(title)"))
    }
    #expect(text.contains("X402_PRICE_USD=0.02"))
    #expect(text.contains("HTTP 402"))
  }

  @Test func `a secret that holds another one leaves nothing behind`() {
    let redaction = Redaction(
      environment: ["A_SECRET": "abcd", "B_SECRET": "abcdefgh", "USER": "tollbook"], file: nil,
      files: [], home: "/var/genesis")
    #expect(
      redaction.apply("x abcdefgh abcd tollbook /var/genesis/data")
        == "x [redacted] [redacted] tollbook <home>/data")
  }
}
