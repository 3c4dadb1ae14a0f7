internal import HTTP

extension Configuration {
  /// Checks every layer and gives typed settings.
  ///
  /// - Parameter home: the folder where `.env` was looked for, as `HomeFolder` found it.
  /// - Throws: all problems at once, those of `.env` first.
  package init(home: String, sources: ConfigurationSources) throws(ConfigurationError) {
    var reader = SettingReader(sources: sources)
    let isFake = reader.value(of: Settings.useFake, SettingReader.flag)
    let mode = reader.verifierMode(isFake: isFake)
    let disabled = reader.value(of: Settings.paymentsDisabled, SettingReader.flag)
    let price = reader.value(of: Settings.price) { USDAmount($0) }
    let receiver = reader.value(of: Settings.receiver, SettingReader.walletAddress)
    let store = reader.choice(of: Settings.idempotencyStore)
    let policy = reader.value(of: Settings.policyID, SettingReader.word)
    let perRequestCap = reader.value(of: Settings.perRequestCap) { USDAmount($0) }
    let sessionCap = reader.value(of: Settings.sessionCap) { USDAmount($0) }
    let budgetLimits = reader.budgetLimits()
    let pending = reader.count(of: Settings.pendingMinutes)
    let stale = reader.count(of: Settings.staleAuthorizationMinutes)
    let outgoing = reader.outgoing()
    let x402 = reader.x402(mode: mode, isFake: isFake, receiver: receiver)
    let wallets = reader.wallets()
    let gateway = reader.value(of: Settings.gateway) { Listening($0) }
    let api = reader.value(of: Settings.api) { Listening($0) }
    let metrics = reader.metrics()
    let proxies = reader.value(of: Settings.trustedProxies, SettingReader.networks)
    let limit = reader.value(of: Settings.rateLimit, SettingReader.rate)
    let minimumFree = reader.count(of: Settings.minimumFreeMegabytes)
    let logsToOutput = reader.value(of: Settings.logToOutput, SettingReader.flag)
    let outsideHosts = reader.value(of: Settings.outsideHosts, SettingReader.hosts)
    reader.refuseSharedAddresses([
      (Settings.gateway.name, gateway), (Settings.api.name, api), (Settings.metrics.name, metrics),
    ])
    // Each of these has a default, so a missing one has left a problem behind.
    guard reader.problems.isEmpty, let isFake, let mode, let price, let store, let pending,
      let stale, let gateway, let api, let metrics, let minimumFree, let logsToOutput,
      policy != nil, let disabled, let outgoing, let wallets, let x402
    else { throw ConfigurationError(problems: reader.problems) }

    let isMemory = store == "memory" && isFake
    self.home = home
    self.isFake = isFake
    verifierMode = mode
    arePaymentsDisabled = disabled
    self.price = price
    self.receiver = receiver
    idempotencyStore = isMemory ? .memory : .durable
    self.perRequestCap = perRequestCap
    self.sessionCap = sessionCap
    self.budgetLimits = budgetLimits
    pendingMinutes = pending
    staleAuthorizationMinutes = stale
    self.outgoing = outgoing
    self.x402 = x402
    self.wallets = wallets
    self.gateway = gateway
    self.api = api
    self.metrics = metrics
    trustedProxies = proxies ?? []
    rateLimit = Configuration.rateLimit(limit, gateway: gateway, hasProxies: proxies != nil)
    minimumFreeMegabytes = minimumFree
    self.logsToOutput = logsToOutput
    self.outsideHosts = outsideHosts ?? []
    rows = reader.rows(home: home)
    notices = reader.notices(store: store, isMemory: isMemory)
  }

  /// The limit in force: as written, else none where only this machine can call.
  private static func rateLimit(
    _ written: SettingReader.WrittenRate?, gateway: Listening, hasProxies: Bool
  ) -> RateLimit? {
    switch written {
    case .off: return nil
    case .limit(let limit): return limit
    case nil: break
    }
    guard !hasProxies, case .on(let address) = gateway else {
      return hasProxies ? .forStrangers : nil
    }
    return address.isLoopback ? nil : .forStrangers
  }
}
