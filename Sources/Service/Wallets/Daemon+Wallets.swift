internal import JSON
internal import Ledger

extension Daemon {
  /// Puts the wallets of the settings on record, as far as they are not.
  ///
  /// A setting that still names a wallet that was rotated away is only told of: what was recorded
  /// later holds.
  func registerWallets() throws(ServeError) {
    let network = bookkeeper.read { state, _ in state.controls.gateway?.network }.value ?? .base
    if let receiver = configuration.receiver {
      try register(.everybody, receiver, network, setting: Settings.receiver.name)
    }
    for wallet in configuration.wallets.agents {
      try register(
        .agent(Text(wallet.agent)), wallet.address, network,
        setting: "X402_\(SettingText.uppercased(wallet.agent))_WALLET_ADDRESS")
    }
  }

  private func register(
    _ owner: WalletOwner, _ address: String, _ network: Network, setting: String
  ) throws(ServeError) {
    let choice = WalletChoice(
      fresh: WalletID(Mint.ulid(at: clocks.wall())), owner: owner, address: Text(address),
      network: network, reason: Text("named by \(setting)"))
    let outcome: Outcome
    do throws(Unavailable) {
      outcome = try bookkeeper.submit(
        Submission(RegisterWallet(choice), actor: "tollbook", book: book, cause: nil, binding: nil))
    } catch {
      throw .unusable(ledger.folder, "the ledger could not be written")
    }
    guard case .rejected(let rejection) = outcome.kind else { return }
    guard case .walletReplaced = rejection else {
      throw .unusable("setting \(setting)", rejection.sentence)
    }
    logs.write(
      NoteLine(
        at: clocks.wall(), level: .warning, event: "wallet.setting_outdated",
        message: "\(setting) is not followed: \(rejection.sentence)", requestID: nil))
  }
}
