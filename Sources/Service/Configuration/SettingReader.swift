internal import HTTP
internal import JSON
internal import Ledger

/// Takes settings out of their layers one by one and collects what is wrong.
struct SettingReader {
  /// A rate as written: a limit, or the word `off`.
  enum WrittenRate: Equatable {
    case off
    case limit(RateLimit)
  }

  let sources: ConfigurationSources
  private(set) var problems: [ConfigurationProblem]

  init(sources: ConfigurationSources) {
    self.sources = sources
    problems = (sources.file?.problems ?? []) + sources.keysInEnvironment()
  }

  /// The text in force and where it came from; nil when the setting is off.
  private func text(of setting: Setting) -> (value: String, origin: Origin)? {
    sources.find(setting.name) ?? setting.defaultText.map { ($0, .builtIn) }
  }

  /// The typed value; nil when the setting is off, or after noting that its text is wrong.
  mutating func value<Value>(of setting: Setting, _ parse: (String) -> Value?) -> Value? {
    guard let found = text(of: setting) else { return nil }
    if let value = parse(found.value) { return value }
    problems.append(
      .invalidValue(
        name: setting.name, origin: found.origin,
        value: setting.isSecret || KeyWatch.mayHoldKey(found.value) ? nil : found.value,
        expected: setting.kind.expected))
    return nil
  }

  /// A value of `Kind.choice`, in lower case.
  mutating func choice(of setting: Setting) -> String? {
    guard case .choice(let names) = setting.kind else { return nil }
    return value(of: setting) { text in
      names.first { SettingText.sameIgnoringCase($0, text) }
    }
  }

  /// A value of `Kind.count`.
  mutating func count(of setting: Setting) -> Int? {
    guard case .count(let range) = setting.kind else { return nil }
    return value(of: setting) { SettingText.integer($0, in: range) }
  }

  mutating func note(_ problem: ConfigurationProblem) { problems.append(problem) }

  /// Budget limits by name.
  mutating func budgetLimits() -> [String: USDAmount] {
    var limits: [String: USDAmount] = [:]
    for (name, value, origin) in sources.budgetLimits() {
      limits[name] = USDAmount(value)
      guard limits[name] == nil else { continue }
      problems.append(
        .invalidValue(
          name: name, origin: origin, value: KeyWatch.mayHoldKey(value) ? nil : value,
          expected: Setting.Kind.usd.expected))
    }
    return limits
  }

  /// The verifier mode, with the two rules that it has beyond its spelling.
  mutating func verifierMode(isFake: Bool?) -> Configuration.VerifierMode? {
    guard let name = choice(of: Settings.verifierMode),
      let origin = text(of: Settings.verifierMode)?.origin
    else { return nil }
    guard let mode = Configuration.VerifierMode(rawValue: name) else {
      return nil
    }
    if mode == .stub, isFake == false { problems.append(.stubNeedsFake(origin)) }
    return mode
  }

  /// Where metrics listen; `PAYMENTS_PROMETHEUS_PORT` moves the port unless `--metrics` says all.
  mutating func metrics() -> Listening? {
    let listener = value(of: Settings.metrics) { Listening($0) }
    let port = count(of: Settings.metricsPort)
    if case .flag = text(of: Settings.metrics)?.origin { return listener }
    guard let port else { return listener }
    return listener?.withPort(UInt16(port))
  }

  /// Two servers cannot have one address; port 0 is a different port each time.
  mutating func refuseSharedAddresses(_ listeners: [(name: String, listener: Listening?)]) {
    var seen: [(name: String, address: ListenAddress)] = []
    for (name, listener) in listeners {
      guard case .on(let address) = listener, address.port != 0 else { continue }
      if let other = seen.first(where: { $0.address == address }) {
        problems.append(.sameAddress(other.name, name, address: address.description))
      }
      seen.append((name, address))
    }
  }

  /// The lines of `config show`.
  func rows(home: String) -> [Configuration.Row] {
    let used = Settings.all.map { setting -> Configuration.Row in
      let found = text(of: setting)
      let isHome = setting.name == Settings.home.name
      let value = isHome ? home : found?.value ?? ""
      return Configuration.Row(
        name: setting.name, value: setting.isSecret && found != nil ? Self.redacted : value,
        origin: found?.origin ?? .builtIn, isUsed: true)
    }
    let later = sources.laterNamesInUse().map { name, origin in
      // Not checked by this version, so nothing is known about them but that they are set.
      Configuration.Row(name: name, value: Self.redacted, origin: origin, isUsed: false)
    }
    let limits = sources.budgetLimits().map {
      Configuration.Row(name: $0.name, value: $0.value, origin: $0.origin, isUsed: true)
    }
    let wallets = sources.agentWallets().map {
      Configuration.Row(name: $0.name, value: $0.value, origin: $0.origin, isUsed: true)
    }
    return used + wallets + limits + later
  }

  /// What the operator should know, `.env` first.
  func notices(store: String, isMemory: Bool) -> [ConfigurationNotice] {
    var notices = (sources.file?.notices ?? []) + sources.unknownNames()
    if store == "memory" {
      notices.append(isMemory ? .memoryStoreUsed : .memoryStoreRefused)
    } else if sources.find(Settings.idempotencyStore.name) != nil {
      notices.append(.storeIsTheLog)
    }
    return notices + limitsAboveHardLimit()
      + sources.laterNamesInUse().map { .notUsedYet($0.name, origin: $0.origin) }
  }

  /// Limits of one payment that the hard limit, 10 unless set, makes smaller.
  private func limitsAboveHardLimit() -> [ConfigurationNotice] {
    let limits = sources.budgetLimits()
    let hardLimit = limits.first { $0.name == "X402_HARD_LIMIT_USDC" }?.value ?? "10"
    guard let most = USDAmount(hardLimit) else { return [] }
    return limits.compactMap { name, value, _ in
      guard name.hasSuffix("_PER_TRANSACTION_MAX_USDC"), let limit = USDAmount(value),
        limit.micros > most.micros
      else { return nil }
      return .aboveHardLimit(name, limit: value, hardLimit: hardLimit)
    }
  }

  /// Stands in the place of a value that is not shown.
  private static let redacted = "(set, not shown)"
}

extension SettingReader {
  /// `true` or `false`; `1` and `yes` are refused, because a guess here decides about real money.
  static func flag(_ text: String) -> Bool? {
    switch SettingText.lowercased(text) {
    case "true": true
    case "false": false
    default: nil
    }
  }

  /// 1 to 64 bytes of an identifier.
  static func word(_ text: String) -> String? {
    let isAllowed = text.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x3A, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
      default: false
      }
    }
    return isAllowed && (1...64).contains(text.utf8.count) ? text : nil
  }

  /// `0x` and 40 hexadecimal digits, kept as written.
  static func walletAddress(_ text: String) -> String? {
    WalletAddress(Text(text)) == nil ? nil : text
  }

  static func rate(_ text: String) -> WrittenRate? {
    if SettingText.sameIgnoringCase(text, "off") { return .off }
    return RateLimit(text).map(WrittenRate.limit)
  }

  /// Networks between commas.
  static func networks(_ text: String) -> [AddressBlock]? { list(text) { AddressBlock($0) } }

  /// Hosts between commas, without scheme, port or wildcard; IPv6 in brackets.
  static func hosts(_ text: String) -> [String]? { list(text, OutsideAddress.host) }

  /// Items between commas; blanks around a comma are allowed, an empty part is not.
  private static func list<Item>(_ text: String, _ parse: (String) -> Item?) -> [Item]? {
    var items: [Item] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let bare = part.drop { $0 == " " }
      let end = bare.lastIndex { $0 != " " }.map { bare.index(after: $0) } ?? bare.startIndex
      guard let item = parse(String(bare[..<end])) else { return nil }
      items.append(item)
    }
    return items
  }
}
