internal import JSON
internal import Ledger

/// The layers that settings come from; a stronger one hides the weaker.
///
/// Order: flag, environment, `.env`, default. An empty value counts as not set in its layer.
package struct ConfigurationSources: Sendable {
  /// One option of the command line that stands for a setting.
  package struct Flag: Equatable, Sendable {
    /// The option as typed, e.g. `--gateway`.
    package let option: String
    package let setting: String
    package let value: String

    package init(option: String, setting: String, value: String) {
      self.option = option
      self.setting = setting
      self.value = value
    }
  }

  package var flags: [Flag]
  package var environment: [String: String]
  package var file: DotEnv?

  package init(flags: [Flag], environment: [String: String], file: DotEnv?) {
    self.flags = flags
    self.environment = environment
    self.file = file
  }

  /// The strongest value of a name that is not empty, and where it came from.
  func find(_ name: String) -> (value: String, origin: Origin)? {
    if let flag = flags.last(where: { $0.setting == name && !$0.value.isEmpty }) {
      return (flag.value, .flag(flag.option))
    }
    if let value = environment[name], !value.isEmpty { return (value, .environment) }
    if let entry = file?.entries.first(where: { $0.name == name && !$0.value.isEmpty }) {
      return (entry.value, .file(line: entry.line))
    }
    return nil
  }

  /// Names in the environment and in `.env` that look like ours, or nearly like ours, and are not.
  ///
  /// In the environment only our prefixes count; it is full of other people's names. In `.env`
  /// a name without a prefix counts too when it is near a known one.
  func unknownNames() -> [ConfigurationNotice] {
    let known = Settings.all.map(\.name) + LaterNames.exact
    func notice(_ name: String, _ origin: Origin) -> ConfigurationNotice? {
      guard !known.contains(name), !LaterNames.contains(name),
        WalletSettings.agent(of: name) == nil,
        !BudgetSettings.isName(Text(Self.canonical(name)))
      else { return nil }
      let nearest = NearestName.find(name, among: known)
      let isOurs = Self.prefixes.contains { SettingText.uppercased(name).hasPrefix($0) }
      var isFromFile = false
      if case .file = origin { isFromFile = true }
      guard isOurs || (isFromFile && nearest != nil) else { return nil }
      return .unknownName(name, origin: origin, nearest: nearest)
    }
    let fromFile = (file?.entries ?? []).compactMap { notice($0.name, .file(line: $0.line)) }
    // Sorted, because a dictionary's order differs from run to run.
    let fromEnvironment = environment.keys.sorted().compactMap { notice($0, .environment) }
    return fromFile + fromEnvironment
  }

  /// A name that begins like this is meant for us.
  private static let prefixes = ["X402_", "L402_", "PAYMENT", "TOLLBOOK_"]

  /// Budget limits that somebody has set, by their canonical names and in the order of those.
  ///
  /// `…_PER_TRANSACTION_LIMIT_USDC` stands for `…_PER_TRANSACTION_MAX_USDC` where that is not set.
  func budgetLimits() -> [(name: String, value: String, origin: Origin)] {
    let fromFile = (file?.entries ?? []).map(\.name)
    let names = Set(fromFile).union(environment.keys).map(Self.canonical)
    return Set(names.filter { BudgetSettings.isName(Text($0)) }).sorted().compactMap { name in
      (find(name) ?? find(Self.alias(of: name))).map { (name, $0.value, $0.origin) }
    }
  }

  private static let maximumEnding = "_PER_TRANSACTION_MAX_USDC"
  private static let aliasEnding = "_PER_TRANSACTION_LIMIT_USDC"

  private static func canonical(_ name: String) -> String {
    guard name.hasSuffix(aliasEnding) else { return name }
    return String(name.dropLast(aliasEnding.count)) + maximumEnding
  }

  private static func alias(of name: String) -> String {
    guard name.hasSuffix(maximumEnding) else { return name }
    return String(name.dropLast(maximumEnding.count)) + aliasEnding
  }

  /// Names of later versions that somebody has set, with their origin, in the order of names.
  func laterNamesInUse() -> [(name: String, origin: Origin)] {
    let fromFile = (file?.entries ?? []).map(\.name)
    let names = Set(fromFile).union(environment.keys).filter(LaterNames.contains)
    return names.sorted().compactMap { name in find(name).map { (name, $0.origin) } }
  }
}
