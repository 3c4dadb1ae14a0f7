internal import JSON
package import Ledger

/// Why nothing was read from a chain. Reading moves no money, so asking again is always safe.
package enum ChainFault: Error, Equatable, Sendable {
  /// No node is named for the network by this setting.
  case notConfigured(Network, setting: String)
  case unknownNetwork(Network)
  /// No connection: the node was not asked.
  case notReached(String)
  /// The node was asked and gave no whole answer.
  case noAnswer(String)
  /// The answer's HTTP status is not 200.
  case badStatus(Int)
  /// The answer is not what the method must answer; never with the answer's text.
  case unreadable(String)
  /// The node understood and refused.
  case refused(code: Int64, message: String)
  case wrongChain(expected: UInt64, told: UInt64)
  /// A number past what can be counted here.
  case outOfRange(String)
  /// The fake node's own book cannot be used.
  case badBook(String)

  /// The stable word for the reason.
  package var code: StaticString {
    switch self {
    case .notConfigured: "RPC_NOT_CONFIGURED"
    case .unknownNetwork: "RPC_NETWORK_UNKNOWN"
    case .notReached: "RPC_NOT_REACHED"
    case .noAnswer, .badStatus: "RPC_NO_ANSWER"
    case .unreadable: "RPC_ANSWER_INVALID"
    case .refused: "RPC_REFUSED"
    case .wrongChain: "RPC_WRONG_CHAIN"
    case .outOfRange: "RPC_OUT_OF_RANGE"
    case .badBook: "FAKE_CHAIN_UNREADABLE"
    }
  }

  /// What went wrong and what to do next.
  package var sentence: String {
    switch self {
    case .notConfigured(let network, let setting):
      "no node is named for \(network.name); set \(setting)"
    case .unknownNetwork(let network):
      "balances on \(SettingText.quotable(network.name.string)) cannot be read; "
        + "known are \(EVMChain.all.map { "\($0.network.name)" }.joined(separator: ", "))"
    case .notReached(let reason): "the node was not reached: \(reason)"
    case .noAnswer(let reason): "the node gave no answer: \(reason); try again"
    case .badStatus(let status): "the node answered with HTTP status \(status); try again"
    case .unreadable(let reason): "the node's answer cannot be used: \(reason)"
    case .refused(let code, let message):
      "the node refused (\(code)): \(DisplayText.safe(SettingText.quotable(message)))"
    case .wrongChain(let expected, let told):
      "the node serves chain \(told), not \(expected); name a node of the right network"
    case .outOfRange(let what): "the node told a number that is too large for \(what)"
    case .badBook(let reason): reason
    }
  }

  /// What the command line ends with.
  package var exitStatus: ExitStatus {
    switch self {
    case .notConfigured, .unknownNetwork: .refused
    case .notReached: .notReached
    case .noAnswer, .badStatus, .unreadable, .refused, .wrongChain, .outOfRange, .badBook:
      .checkFailed
    }
  }
}
