internal import HTTP

/// The settings as the doctor finds them, also when they cannot be used.
package enum DoctorSettings: Sendable {
  case usable(Configuration)
  /// Messages of `config check`, at least one; values that were refused are left out.
  case unusable([String])

  /// Reads them as any command does.
  package static func load(
    flags: [ConfigurationSources.Flag], environment: [String: String]
  ) -> DoctorSettings {
    do throws(ConfigurationError) {
      return .usable(try ConfigurationFile.load(flags: flags, environment: environment))
    } catch {
      return .unusable(error.problems.map(message))
    }
  }

  /// The message without the value: what was typed into the wrong place may be a secret.
  private static func message(_ problem: ConfigurationProblem) -> String {
    switch problem {
    case .invalidValue(let name, let origin, _, let expected):
      "\(name) (\(origin)) is not usable; expected \(expected)"
    case .fileUnreadable, .fileTooLarge, .badLine, .duplicateName, .privateKey,
      .privateKeyInEnvironment, .stubNeedsFake, .facilitatorNeeds, .homeElsewhere,
      .sameAddress:
      problem.message
    }
  }

  /// Where the gateway listens, as a URL; the default's when that is not known.
  var gatewayURL: String {
    guard case .usable(let configuration) = self, case .on(let address) = configuration.gateway,
      address.port != 0
    else { return QuickstartVerify.defaultURL }
    return "http://\(address)"
  }

  var minimumFreeMegabytes: Int {
    switch self {
    case .usable(let configuration): configuration.minimumFreeMegabytes
    case .unusable: 64
    }
  }

  /// Things that somebody should look at.
  var warnings: [String] {
    switch self {
    case .usable(let configuration):
      configuration.notices.filter(\.isWarning).map(\.message)
    case .unusable: []
    }
  }

  /// `NAME=value (origin)` for each public setting that is set.
  var lines: [String] {
    switch self {
    case .usable(let configuration):
      configuration.rows.map { "\($0.name)=\($0.value) (\($0.origin))" }
    case .unusable(let problems): problems
    }
  }
}
