import Glibc
import HTTP
import Service
import Testing

struct ConfigurationTests {
  private func load(
    _ file: String = "", environment: [String: String] = [:],
    flags: [ConfigurationSources.Flag] = []
  ) throws(ConfigurationError) -> Configuration {
    try Configuration(
      home: "/srv/book",
      sources: ConfigurationSources(
        flags: flags, environment: environment, file: DotEnv(parsing: Array(file.utf8))))
  }

  private func problems(_ file: String, environment: [String: String] = [:]) -> [String] {
    do {
      _ = try load(file, environment: environment)
      return []
    } catch {
      return error.problems.map(\.message)
    }
  }

  @Test func `without any setting the defaults are strict, fake and on loopback`() throws {
    let configuration = try load()
    #expect(configuration.isFake)
    #expect(configuration.verifierMode == .strict)
    #expect(configuration.price == USDAmount("0.01"))
    #expect(configuration.receiver == nil)
    #expect(configuration.idempotencyStore == .durable)
    #expect(configuration.perRequestCap == nil)
    #expect(configuration.sessionCap == nil)
    #expect(configuration.gateway == Listening("127.0.0.1:3000"))
    #expect(configuration.api == Listening("127.0.0.1:8000"))
    #expect(configuration.metrics == Listening("127.0.0.1:9100"))
    #expect(configuration.rateLimit == nil)
    #expect(configuration.minimumFreeMegabytes == 64)
    #expect(configuration.pendingMinutes == 15)
    #expect(configuration.notices == [])
    #expect(configuration.rows.map(\.name) == Settings.all.map(\.name))
    #expect(configuration.rows.allSatisfy { $0.origin == .builtIn && $0.isUsed })
  }

  @Test func `a flag beats the environment, which beats the file, and empty counts as not set`()
    throws
  {
    let name = "TOLLBOOK_GATEWAY"
    let file = "# c\n\(name)=127.0.0.1:1\n"
    let flag = ConfigurationSources.Flag(
      option: "--gateway", setting: name, value: "127.0.0.1:3")
    func row(_ configuration: Configuration) -> Configuration.Row? {
      configuration.rows.first { $0.name == name }
    }
    let all = try load(file, environment: [name: "127.0.0.1:2"], flags: [flag])
    #expect(all.gateway == Listening("127.0.0.1:3"))
    #expect(row(all)?.origin.description == "--gateway")
    let two = try load(file, environment: [name: "127.0.0.1:2"])
    #expect(row(two)?.value == "127.0.0.1:2")
    #expect(row(two)?.origin == .environment)
    let one = try load(file, environment: [name: ""])
    #expect(row(one)?.origin.description == ".env line 2")
    #expect(try row(load("\(name)=\n"))?.origin == .builtIn)
  }

  @Test(arguments: ["strict", "STRICT", "Strict"])
  func `strict ignores case`(text: String) throws {
    #expect(try load("PAYMENT_VERIFIER_MODE=\(text)").verifierMode == .strict)
  }

  @Test func `an unknown verifier mode never falls back to a laxer one`() {
    #expect(
      problems("PAYMENT_VERIFIER_MODE=stubb") == [
        "PAYMENT_VERIFIER_MODE (.env line 1) is 'stubb'; expected strict or stub or facilitator"
      ])
    #expect(
      problems("", environment: ["PAYMENT_VERIFIER_MODE": "facilitator"]) == [
        "PAYMENT_VERIFIER_MODE (environment) is 'facilitator', which needs X402_WALLET_ADDRESS; "
          + "set it, or use strict"
      ])
  }

  @Test func `stub is accepted only with fake money`() throws {
    #expect(try load("PAYMENT_VERIFIER_MODE=Stub").verifierMode == .stub)
    #expect(
      problems("PAYMENT_VERIFIER_MODE=stub\nPAYMENTS_USE_FAKE=FALSE") == [
        "PAYMENT_VERIFIER_MODE (.env line 1) is 'stub', which takes any header for a payment; "
          + "use strict, or set PAYMENTS_USE_FAKE=true"
      ])
  }

  @Test func `memory is honoured only with fake money, and each choice says what it means`()
    throws
  {
    let fake = try load("IDEMPOTENCY_STORE=memory")
    #expect(fake.idempotencyStore == .memory)
    #expect(fake.notices == [.memoryStoreUsed])
    let real = try load("IDEMPOTENCY_STORE=memory\nPAYMENTS_USE_FAKE=false")
    #expect(real.idempotencyStore == .durable)
    #expect(real.notices == [.memoryStoreRefused])
    #expect(ConfigurationNotice.memoryStoreRefused.isWarning)
    let sqlite = try load("IDEMPOTENCY_STORE=SQLite")
    #expect(sqlite.idempotencyStore == .durable)
    #expect(sqlite.notices == [.storeIsTheLog])
  }

  @Test func `the port of metrics can be set alone, but a flag says all`() throws {
    let name = "PAYMENTS_PROMETHEUS_PORT"
    #expect(try load("\(name)=9200").metrics == Listening("127.0.0.1:9200"))
    #expect(try load("\(name)=9200\nTOLLBOOK_METRICS=off").metrics == .off)
    let flag = ConfigurationSources.Flag(
      option: "--metrics", setting: "TOLLBOOK_METRICS", value: "127.0.0.1:0")
    #expect(try load("\(name)=9200", flags: [flag]).metrics == Listening("127.0.0.1:0"))
    #expect(
      problems("\(name)=65536") == [
        "PAYMENTS_PROMETHEUS_PORT (.env line 1) is '65536'; "
          + "expected a whole number from 0 to 65535"
      ])
  }

  @Test(arguments: [
    ("", nil), ("TOLLBOOK_GATEWAY=0.0.0.0:3000", RateLimit(count: 600, seconds: 60)),
    ("TOLLBOOK_TRUSTED_PROXIES=127.0.0.1", RateLimit(count: 600, seconds: 60)),
    ("TOLLBOOK_GATEWAY=0.0.0.0:3000\nTOLLBOOK_RATE_LIMIT=off", nil),
    ("TOLLBOOK_RATE_LIMIT=10/s", RateLimit(count: 10, seconds: 1)),
    ("TOLLBOOK_GATEWAY=[::1]:3000", nil), ("TOLLBOOK_GATEWAY=off", nil),
  ])
  func `strangers are limited, and loopback without proxies is not`(
    file: String, expected: RateLimit?
  ) throws {
    #expect(try load(file).rateLimit == expected)
  }

  @Test func `trusted proxies are addresses and networks between commas`() throws {
    let name = "TOLLBOOK_TRUSTED_PROXIES"
    let proxies = try load("\(name)='10.0.0.1, 192.168.0.0/16 ,::1'").trustedProxies
    #expect(proxies == ["10.0.0.1", "192.168.0.0/16", "::1"].compactMap { AddressBlock($0) })
    #expect(proxies.count == 3)
    for text in ["10.0.0.1,", ",", "10.0.0.1,,::1", "10.0.0.0/33", "host", "' '"] {
      #expect(problems("\(name)=\(text)").count == 1, "\(text)")
    }
  }

  @Test func `two servers cannot share an address, unless the kernel chooses the ports`() throws {
    #expect(
      problems("TOLLBOOK_API=127.0.0.1:3000") == [
        "TOLLBOOK_GATEWAY and TOLLBOOK_API are both 127.0.0.1:3000; give one of them another port"
      ])
    _ = try load(
      "TOLLBOOK_API=127.0.0.1:0\nTOLLBOOK_GATEWAY=127.0.0.1:0\nTOLLBOOK_METRICS=127.0.0.1:0")
  }

  @Test func `all problems come at once, those of the file first`() {
    #expect(
      problems(
        "PAYMENTS_USE_FAKE=yes\nX402_PRICE_USD=0\nA=1\nA=2\noops\nTOLLBOOK_MIN_FREE_MB=-1"
      ) == [
        ".env line 4: A is already set on line 3; keep one of them",
        ".env line 5: there is no '='; write NAME=value, or begin a comment with '#'",
        "PAYMENTS_USE_FAKE (.env line 1) is 'yes'; expected true or false",
        "X402_PRICE_USD (.env line 2) is '0'; "
          + "expected dollars above 0 with at most six decimals, such as 0.01",
        "TOLLBOOK_MIN_FREE_MB (.env line 6) is '-1'; "
          + "expected a whole number from 0 to 1048576",
      ])
  }

  @Test func `an unknown name of ours is a warning with the nearest known one`() throws {
    let configuration = try load(
      "X402_PRICE_USDC=1\nIDEMPOTENCY_STOR=memory\nOTHER=1\nTOLLBOOK_XYZ=1",
      environment: ["PAYMENTS_USE_FAK": "true", "PATH": "/bin", "payment_verifier_mod": "x"])
    #expect(
      configuration.notices.map(\.message) == [
        "unknown setting X402_PRICE_USDC (.env line 1); did you mean X402_PRICE_USD?",
        "unknown setting IDEMPOTENCY_STOR (.env line 2); did you mean IDEMPOTENCY_STORE?",
        "unknown setting TOLLBOOK_XYZ (.env line 4); did you mean TOLLBOOK_API?",
        "unknown setting PAYMENTS_USE_FAK (environment); did you mean PAYMENTS_USE_FAKE?",
        "unknown setting payment_verifier_mod (environment); "
          + "did you mean PAYMENT_VERIFIER_MODE?",
      ])
  }

  @Test func `names of later versions are known, listed as not used, and never shown`() throws {
    let configuration = try load(
      "X402_TX_REUSE=reject\nL402_SECRET=canary\n",
      environment: ["X402_RESEARCH_AGENT_PER_TRANSACTION_MAX_USDC": "5.0"])
    #expect(
      configuration.notices.map(\.message) == [
        "L402_SECRET (.env line 2) changes nothing: this version does not have it yet",
        "X402_TX_REUSE (.env line 1) changes nothing: "
          + "this version does not have it yet",
      ])
    #expect(!configuration.notices.contains { !$0.isWarning })
    let later = configuration.rows.filter { !$0.isUsed }
    #expect(
      later.map(\.name) == [
        "L402_SECRET", "X402_TX_REUSE",
      ])
    #expect(
      configuration.budgetLimits
        == ["X402_RESEARCH_AGENT_PER_TRANSACTION_MAX_USDC": try #require(USDAmount("5.0"))])
    #expect(!configuration.rows.contains { $0.value.contains("canary") })
    #expect(!LaterNames.contains("X402__DAILY_LIMIT_USD"))
    #expect(!LaterNames.contains("X402_a-b_DAILY_LIMIT_USDC"))
  }

  @Test func `a limit of one payment has an alias, and one above the hard limit is told`() throws {
    let configuration = try load(
      "X402_A_PER_TRANSACTION_LIMIT_USDC=12\nX402_B_PER_TRANSACTION_LIMIT_USDC=9\n",
      environment: [
        "X402_B_PER_TRANSACTION_MAX_USDC": "10", "X402_C_PER_TRANSACTION_MAX_USDC": "10.000001",
      ])
    #expect(
      configuration.budgetLimits.mapValues(\.text) == [
        "X402_A_PER_TRANSACTION_MAX_USDC": "12", "X402_B_PER_TRANSACTION_MAX_USDC": "10",
        "X402_C_PER_TRANSACTION_MAX_USDC": "10.000001",
      ])
    #expect(
      configuration.notices == [
        .aboveHardLimit("X402_A_PER_TRANSACTION_MAX_USDC", limit: "12", hardLimit: "10"),
        .aboveHardLimit("X402_C_PER_TRANSACTION_MAX_USDC", limit: "10.000001", hardLimit: "10"),
      ])
    let raised = try load("X402_A_PER_TRANSACTION_MAX_USDC=12\nX402_HARD_LIMIT_USDC=12\n")
    #expect(raised.notices == [])
  }

  @Test func `the example file sets nothing but defaults and names every setting`() throws {
    let text = try #require(contents(of: "docs/env.example"))
    let file = DotEnv(parsing: Array(text.utf8))
    #expect(file.problems == [])
    #expect(file.notices == [])
    for setting in Settings.all where setting != Settings.home {
      let entry = try #require(file.entries.first { $0.name == setting.name })
      #expect(entry.value == setting.defaultText ?? "")
    }
    #expect(file.entries.count == Settings.all.count - 1)
    #expect(text.contains("# TOLLBOOK_HOME="))
    // cat .env | grep -v '#' | grep -v '^$'
    let shown = text.split(separator: "\n").filter { !$0.contains("#") }
    #expect(shown.map(String.init) == file.entries.map { "\($0.name)=\($0.value)" })
  }

  @Test func `the manual has every setting with its default`() throws {
    let text = try #require(contents(of: "docs/CONFIGURATION.md"))
    for setting in Settings.all {
      let row = text.split(separator: "\n").first { $0.hasPrefix("| `\(setting.name)` |") }
      let found = try #require(row, "\(setting.name)")
      guard setting != Settings.home, let defaultText = setting.defaultText else { continue }
      #expect(found.contains("| `\(defaultText)` |"), "\(setting.name)")
    }
  }

  @Test func `a folder, a fifo or a foreign home in the place of the file is an error`() throws {
    let home = try #require(makeFolder())
    let path = home + "/.env"
    defer {
      unlink(path)
      rmdir(home)
    }
    let none: [ConfigurationSources.Flag] = []
    let environment = ["TOLLBOOK_HOME": home]
    #expect(try ConfigurationFile.load(flags: none, environment: environment).home == home)
    mkdir(path, 0o700)
    let refused = ConfigurationProblem.fileUnreadable(
      path: path, reason: "it is not a regular file")
    #expect(throws: ConfigurationError(problems: [refused])) {
      try ConfigurationFile.load(flags: none, environment: environment)
    }
    rmdir(path)
    mkfifo(path, 0o600)
    #expect(throws: ConfigurationError(problems: [refused])) {
      try ConfigurationFile.load(flags: none, environment: environment)
    }
    unlink(path)
    write("TOLLBOOK_HOME=/\n", to: path)
    #expect(throws: ConfigurationError(problems: [.homeElsewhere(line: 1, home: home)])) {
      try ConfigurationFile.load(flags: none, environment: environment)
    }
    write("TOLLBOOK_HOME=\(home)/.\nL402_SECRET=x\n", to: path)
    chmod(path, 0o644)
    let open = try ConfigurationFile.load(flags: none, environment: environment)
    #expect(open.notices.contains(.readableByOthers(path: path)))
    chmod(path, 0o600)
    let closed = try ConfigurationFile.load(flags: none, environment: environment)
    #expect(!closed.notices.contains(.readableByOthers(path: path)))
  }

  private func makeFolder() -> String? {
    var template = Array("/tmp/tollbook-XXXXXX".utf8CString)
    return mkdtemp(&template).map { String(cString: $0) }
  }

  private func write(_ text: String, to path: String) {
    guard let file = fopen(path, "w") else { return }
    fputs(text, file)
    fclose(file)
  }

  private func contents(of path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(validating: bytes[..<count], as: UTF8.self)
  }
}
