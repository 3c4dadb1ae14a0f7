internal import JSON
package import Ledger

/// How signed payments are asked for, checked and settled.
package struct X402Settings: Equatable, Sendable {
  /// The ledger's name of the chain that is paid on.
  package let network: Network
  /// What stands before the path in offers, without a slash at the end.
  package let publicURL: String
  /// Where the facilitator lies; nil when none is named.
  package let facilitatorURL: String?
  package let token: BearerToken.Source
  package let deadlineMilliseconds: Int
  package let maxTimeoutSeconds: Int
}

extension SettingReader {
  /// The settings of signed payments; nil after noting what is wrong.
  mutating func x402(
    mode: Configuration.VerifierMode?, isFake: Bool?, receiver: String?
  ) -> X402Settings? {
    let network =
      sources.find(Settings.network.name) == nil
      ? "base" : choice(of: Settings.network)
    let publicURL = value(of: Settings.publicURL, SettingReader.url) ?? "http://localhost:3000"
    let url = value(of: Settings.facilitatorURL, SettingReader.url)
    let token = value(of: Settings.facilitatorToken, SettingReader.text)
    let file = value(of: Settings.facilitatorTokenFile) { $0.utf8.contains(0) ? nil : $0 }
    let command = value(of: Settings.facilitatorTokenCommand, SettingReader.text)
    if mode == .facilitator, let origin = sources.find(Settings.verifierMode.name)?.origin {
      if receiver == nil {
        note(.facilitatorNeeds(origin, setting: Settings.receiver.name))
      }
      if url == nil, isFake == false {
        note(.facilitatorNeeds(origin, setting: Settings.facilitatorURL.name))
      }
    }
    guard let deadline = count(of: Settings.facilitatorDeadline),
      let seconds = count(of: Settings.maxTimeout), let network,
      let chain = Network(Text(network))
    else { return nil }
    let source: BearerToken.Source =
      if let token { .value(token) } else if let file { .file(file) } else if let command {
        .command(command)
      } else { .none }
    return X402Settings(
      network: chain, publicURL: publicURL, facilitatorURL: url, token: source,
      deadlineMilliseconds: deadline, maxTimeoutSeconds: seconds)
  }

  /// 1 to 4,096 printable ASCII characters.
  static func text(_ text: String) -> String? {
    let isSound =
      (1...4_096).contains(text.utf8.count)
      && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    return isSound ? text : nil
  }
}
