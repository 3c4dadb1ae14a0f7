import Glibc
import HTTP
import JSON
import Ledger
import Service
import Testing

/// Wallets in the running daemon and on the command line.
///
/// Source: WAL-01 to WAL-06, WAL-08, WAL-12, MET-04, T-04, T-05, T-35, EMG-03.
@Suite struct WalletServiceTests {
  private static let first = "0x5d5c99EdF529335160FF180fA141Dd4967fc00D2"
  private static let second = "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"
  private static let settings = [
    "X402_WALLET_ADDRESS": first, "X402_BUILDER_AGENT_WALLET_ADDRESS": second,
  ]

  /// What a command line came to.
  private struct Run {
    let status: Service.ExitStatus
    let answer: String
    let messages: String
  }

  private func run(
    _ line: [String], _ home: GatewayHome, _ settings: [String: String] = settings
  ) throws -> Run {
    let folder = try GatewayHome()
    let descriptors = try ["out", "err"].map { name in
      let number = open("\(folder.path)/\(name)", O_WRONLY | O_CREAT, 0o600)
      guard number >= 0 else { throw GatewayTestFault.noFolder }
      return number
    }
    defer { for number in descriptors { close(number) } }
    let output = Output(
      answers: Output.Stream(descriptor: descriptors[0]),
      messages: Output.Stream(descriptor: descriptors[1]))
    let status = Program.run(
      line + ["--home", home.path, "--quiet"], output: output, environment: settings,
      clocks: .system)
    output.flush()
    return Run(
      status: status, answer: try folder.text("out"), messages: try folder.text("err"))
  }

  private func gauges(_ daemon: GatewayDaemon) throws -> [String] {
    try daemon.get("/metrics", on: "metrics").text.split(separator: "\n").map(String.init)
      .filter { $0.hasPrefix("payment_wallet") }
  }

  @Test func `settings register once, observations outlive a restart and a rebuild`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon(WalletServiceTests.settings, home: home)
    #expect(try run(["wallet", "observe"], home).status == .ok)
    let wanted = [
      #"payment_wallet_balance{agent="default"} 1000.000000"#,
      #"payment_wallet_balance{agent="builder_agent"} 1000.000000"#,
      #"payment_wallet_rotation_overdue{agent="default"} 0"#,
      #"payment_wallet_rotation_overdue{agent="builder_agent"} 0"#,
    ]
    let seen = try gauges(daemon)
    #expect(Array(seen.prefix(4)) == wanted)
    #expect(seen.dropFirst(4).allSatisfy { $0.hasSuffix(" 0.000000") })
    daemon.stop()
    let again = try GatewayDaemon(WalletServiceTests.settings, home: home)
    defer { again.stop() }
    #expect(try gauges(again) == seen)
    try again.settle()
    #expect(try home.count(of: .walletRegistered) == 2)
    #expect(try home.count(of: .walletBalanceObserved) == 2)
  }

  @Test func `the balance API gives what was recorded last, to readers only`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon(WalletServiceTests.settings, home: home)
    defer { daemon.stop() }
    let path = "/api/payments/wallet-balance"
    let none = try daemon.get(path, on: "api")
    #expect(none.status == 200)
    #expect(try none.member("balance") == "null")
    #expect(none.headers["Cache-Control"] == "no-store")
    _ = try run(["wallet", "observe"], home)
    let object = try JSONParser.parse(try daemon.get(path, on: "api").body, limits: .standard)
      .object
    #expect(object?["balance"]?.text == "1000.000000")
    let wallets = object?["wallets"]?.elements ?? []
    #expect(
      wallets.map { $0.object?["address"]?.text?.string } == [
        WalletServiceTests.first, WalletServiceTests.second,
      ])
    let agents = object?["agents"]?.elements ?? []
    #expect(agents.map { $0.object?["agent_id"]?.text } == ["builder_agent"])
    #expect(agents.map { $0.object?["balance"]?.text } == ["1000.000000"])
    let proxied: Headers = ["X-Forwarded-For": "203.0.113.9"]
    #expect(try daemon.get(path, on: "api", proxied).status == 401)
  }

  @Test func `what left without a payment is found, told, and is exit 1`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon(WalletServiceTests.settings, home: home)
    defer { daemon.stop() }
    _ = try run(["wallet", "observe"], home)
    let paid = try run(["pay", "2", "USDC", "shop", "--agent", "builder_agent"], home)
    #expect(paid.status == .ok)
    func set(_ default: String, _ agent: String) throws {
      let book =
        #"{"base":{"block":2000000,"balances":{"\#(WalletServiceTests.first)":"\#(`default`)","\#(WalletServiceTests.second)":"\#(agent)"}}}"#
      try Files.replace(
        home.path + "/data/fake/chain.json", with: Array(book.utf8), mode: 0o600)
    }
    try set("1000", "998")
    #expect(try run(["wallet", "observe"], home).status == .ok)
    try set("1000", "997.999999")
    let found = try run(["wallet", "observe"], home)
    #expect(found.status == .checkFailed)
    #expect(
      found.messages.contains("0.000001 USDC left \(WalletServiceTests.second) and no payment"))
    #expect(
      try gauges(daemon).contains {
        $0.hasPrefix("payment_wallet_unexplained_outflow") && $0.hasSuffix(" 0.000001")
      })
  }

  @Test func `the address is printed of the settings, then of the record, per agent`() throws {
    let home = try GatewayHome()
    func address(_ more: [String] = []) throws -> String {
      try run(["wallet", "address"] + more, home).answer
    }
    #expect(try run(["wallet", "address"], home, [:]).status == .notFound)
    #expect(try address() == WalletServiceTests.first + "\n")
    #expect(try address(["--agent", "builder-agent"]) == WalletServiceTests.second + "\n")
    let daemon = try GatewayDaemon(WalletServiceTests.settings, home: home)
    let other = "0x" + String(repeating: "1", count: 40)
    let rotate = ["wallet", "rotate", "--address", other, "--reason", "key leaked"]
    #expect(try run(rotate, home).status == .ok)
    #expect(try address() == other + "\n")
    #expect(try address(["--agent", "builder-agent"]) == WalletServiceTests.second + "\n")
    daemon.stop()
    // The settings still name the old one: they do not bring it back.
    let again = try GatewayDaemon(WalletServiceTests.settings, home: home)
    #expect(try address() == other + "\n")
    again.stop()
    #expect(try home.text("logs/genesis.log").contains("wallet.setting_outdated"))
    let list = try run(["wallet", "list", "-o", "json"], home).answer
    let rows = try JSONParser.parse(Array(list.utf8), limits: .standard).elements ?? []
    #expect(rows.map { $0.object?["owner"]?.text } == ["default", "default", "builder_agent"])
    #expect(rows.map { $0.object?["until"]?.text == nil } == [false, true, true])
    #expect(
      try run(["wallet", "rotate", "--address", "0x1", "--reason", "r"], home).status == .usage)
  }

  @Test func `the balance is asked of the chain, and recorded nowhere`() throws {
    let home = try GatewayHome()
    let run = try run(["wallet", "balance"], home)
    #expect(run.status == .ok)
    #expect(
      run.answer
        == "Wallet balance: $1000.00\n\(WalletServiceTests.first) on base, block 1000001, source fake\n"
    )
    #expect(try home.bytes("data/ledger/current") == [])
    var real = WalletServiceTests.settings
    // Fake mode asks nobody outside, whatever is configured.
    real["TOLLBOOK_RPC_URL_BASE"] = "http://127.0.0.1:1"
    #expect(try self.run(["wallet", "balance"], home, real).status == .ok)
    real["TOLLBOOK_RPC_URL_BASE"] = nil
    real["PAYMENTS_USE_FAKE"] = "false"
    #expect(try self.run(["wallet", "balance"], home, real).status == .refused)
    real["TOLLBOOK_RPC_URL_BASE"] = "http://127.0.0.1:1/secret-key"
    let unreached = try self.run(["wallet", "balance"], home, real)
    #expect(unreached.status == .notReached)
    #expect(!unreached.messages.contains("secret-key"))
    real["TOLLBOOK_RPC_URL_BASE"] = "https://node.example/secret-key"
    #expect(try self.run(["wallet", "balance"], home, real).status == .notReached)
  }

  @Test func `commands of wallets as lines are read strictly`() throws {
    let home = try GatewayHome()
    let daemon = try GatewayDaemon([:], home: home)
    defer { daemon.stop() }
    let first = WalletServiceTests.first
    let lines: [(String, String?)] = [
      (#"{"command":"wallet.register","address":"\#(first)","reason":"r"}"#, "recorded"),
      (#"{"command":"wallet.register","address":"\#(first)","reason":"r"}"#, "unchanged"),
      (#"{"command":"wallet.register","owner":5,"address":"\#(first)","reason":"r"}"#, "refused"),
      (
        #"{"command":"wallet.register","network":"a b","address":"\#(first)","reason":"r"}"#,
        "refused"
      ),
      (#"{"command":"wallet.rotate","address":"\#(first)"}"#, "refused"),
      (#"{"command":"wallet.observe","wallet_id":"wal_1","balance":"1"}"#, "refused"),
      (#"{"command":"wallet.observe","wallet_id":"a b","balance":"1"}"#, "refused"),
      (#"{"command":"wallet.observe","wallet_id":"wal_1","balance":1}"#, "refused"),
      (#"{"command":"wallet.observe","wallet_id":"wal_1","balance":"-1"}"#, "refused"),
      (#"{"command":"wallet.observe","wallet_id":"wal_1","balance":"1","block":"7"}"#, "refused"),
      (#"{"command":"wallet.observe","wallet_id":"wal_1","balance":"1","block":1.5}"#, "refused"),
    ]
    for (line, status) in lines { #expect(try daemon.command(line) == status, "\(line)") }
  }

  // MARK: private keys

  @Test(arguments: ["serve", "config check"])
  func `a private key in the environment or in the file stops everything`(line: String) throws {
    let hex = String(repeating: "aB", count: 32)
    let home = try GatewayHome()
    let words = line.split(separator: " ").map(String.init)
    for (name, value) in [
      ("ANY_NAME", "0x" + hex), ("ANY_NAME", hex), ("X402_PRIVATE_KEY_REF", "vault:1"),
      ("my_mnemonic", "test"), ("SEED_PHRASE", "a b c"),
      ("PEM", "-----BEGIN EC PRIVATE KEY-----"),
    ] {
      // `serve` itself reads the environment of its process, so it is tried by the file.
      try Files.replace(
        home.path + "/.env", with: Array("\n\(name)='\(value)'\n".utf8), mode: 0o600)
      let byFile = try run(words, home, [:])
      #expect(byFile.status == .usage, "\(name)")
      let told = byFile.answer + byFile.messages
      #expect(told.contains(".env line 2: \(name) looks like a private key"))
      #expect(!told.contains(hex) && !told.contains("vault"))
      try Files.replace(home.path + "/.env", with: [], mode: 0o600)
      guard line != "serve" else { continue }
      let byVariable = try run(words, home, [name: value])
      #expect(byVariable.status == .usage, "\(name)")
      #expect((byVariable.answer + byVariable.messages).contains("the environment: \(name) looks"))
    }
    #expect(try home.bytes("data/ledger/HEAD") == [])
  }

  @Test func `secrets that are no keys pass by their names, and what is not 64 digits`() throws {
    let hex = String(repeating: "aB", count: 32)
    let home = try GatewayHome()
    for (name, value) in [
      ("L402_SECRET", hex), ("L402_SECRET_PREVIOUS", hex), ("PAYMENT_WEBHOOK_SECRET", hex),
      ("PAYMENT_WEBHOOK_SECRET_PREVIOUS", hex), ("ANY", hex + "0"), ("ANY", "0x" + hex.dropLast()),
      ("ANY", "g" + hex.dropFirst()), ("PRIVATE_KEY", ""),
      ("PEM", "-----BEGIN CERTIFICATE-----"),
    ] {
      #expect(try run(["config", "check"], home, [name: value]).status == .ok, "\(name)")
    }
  }

  @Test func `agents' wallets are settings, checked and shown`() throws {
    let home = try GatewayHome()
    let shown = try run(["config", "show"], home).answer
    #expect(shown.contains("X402_BUILDER_AGENT_WALLET_ADDRESS"))
    #expect(shown.contains(WalletServiceTests.second))
    for (name, value) in [
      ("X402_BUILDER_AGENT_WALLET_ADDRESS", "0x1"),
      ("X402_WALLET_ADDRESS", "0X" + WalletServiceTests.first.dropFirst(2)),
      ("TOLLBOOK_RPC_URL_BASE", "ftp://secret-key"),
    ] {
      let refused = try run(["config", "check"], home, [name: value])
      #expect(refused.status == .usage)
      #expect(!refused.answer.contains("secret-key"))
    }
    let named = try run(
      ["config", "show"], home, ["TOLLBOOK_RPC_URL_BASE": "http://node/secret-key"])
    #expect(named.status == .ok && !named.answer.contains("secret-key"))
    #expect(WalletSettings.agent(of: "X402_WALLET_ADDRESS") == nil)
    #expect(WalletSettings.agent(of: "X402__WALLET_ADDRESS") == nil)
    #expect(WalletSettings.agent(of: "X402_DEFAULT_WALLET_ADDRESS") == nil)
    #expect(WalletSettings.agent(of: "X402_a_WALLET_ADDRESS") == nil)
    #expect(WalletSettings.agent(of: "X402_A_1_WALLET_ADDRESS") == "a_1")
  }
}
