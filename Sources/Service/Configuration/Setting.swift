/// One setting: its name in the environment and in `.env`, and what it takes.
package struct Setting: Equatable, Sendable {
  package let name: String
  package let kind: Kind
  /// What holds when nobody sets it, as text of its kind; nil when the setting is then off.
  package let defaultText: String?
  /// One sentence for `docs/env.example` and `docs/CONFIGURATION.md`.
  package let summary: String
  /// Whether its value must never be shown.
  package let isSecret: Bool

  /// What a setting takes.
  package enum Kind: Equatable, Sendable {
    case flag
    case choice([String])
    case usd
    case retry
    case url
    case file
    case count(ClosedRange<Int>)
    case rate
    case listener
    case networks
    case hosts
    case walletAddress
    case folder
    case word
    case text

    /// The words that complete "expected …" in a message.
    package var expected: String {
      switch self {
      case .flag: "true or false"
      case .choice(let names): names.joined(separator: " or ")
      case .usd: "dollars above 0 with at most six decimals, such as 0.01"
      case .retry: "TIMES/MILLISECONDS such as 3/200, at most 20 times and 60000"
      case .url: "http:// or https://, a host, and perhaps a path without query"
      case .file: "the path of a file"
      case .count(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
      case .rate: "a rate such as 600/min, 10/s or 5000/hour, or off"
      case .listener: "ADDRESS:PORT such as 127.0.0.1:3000 or [::1]:3000, or off"
      case .networks: "addresses or networks between commas, such as 10.0.0.1,192.168.0.0/16"
      case .hosts: "host names between commas, such as x402.org,api.example.com"
      case .walletAddress: "0x and 40 hexadecimal digits"
      case .folder: "the path of a folder"
      case .text: "1 to 4096 printable ASCII characters"
      case .word: "1 to 64 characters of A-Z a-z 0-9 . _ : -"
      }
    }
  }

  init(
    _ name: String, _ kind: Kind, default defaultText: String?, _ summary: String,
    isSecret: Bool = false
  ) {
    self.name = name
    self.kind = kind
    self.defaultText = defaultText
    self.summary = summary
    self.isSecret = isSecret
  }
}
