/// Everything that keeps a configuration from being used, all of it at once.
///
/// The program prints each problem on a line and exits with `ExitStatus.usage`.
package struct ConfigurationError: Error, Equatable, Sendable {
  /// At least one, in the order of `.env` and then of `Settings.all`.
  package let problems: [ConfigurationProblem]

  package init(problems: [ConfigurationProblem]) {
    self.problems = problems
  }
}

/// One reason why a configuration cannot be used.
package enum ConfigurationProblem: Error, Equatable, Sendable {
  case fileUnreadable(path: String, reason: String)
  case fileTooLarge(bytes: Int)
  case badLine(Int, DotEnvFault)
  case duplicateName(String, line: Int, firstLine: Int)
  case privateKey(String, line: Int)
  case privateKeyInEnvironment(String)
  /// `value` is nil when it must not be shown.
  case invalidValue(name: String, origin: Origin, value: String?, expected: String)
  case stubNeedsFake(Origin)
  /// The mode needs a setting that is not there.
  case facilitatorNeeds(Origin, setting: String)
  case homeElsewhere(line: Int, home: String)
  case sameAddress(String, String, address: String)

  /// What is wrong, where, and what to do next, in one line.
  package var message: String {
    switch self {
    case .fileUnreadable(let path, let reason):
      "cannot read \(path): \(reason); make it a readable file, or remove it to use defaults"
    case .fileTooLarge(let bytes):
      ".env has \(bytes) bytes, more than 262144; is it the right file?"
    case .badLine(let line, let fault): ".env line \(line): \(fault.sentence)"
    case .duplicateName(let name, let line, let firstLine):
      ".env line \(line): \(name) is already set on line \(firstLine); keep one of them"
    case .privateKey(let name, let line):
      ".env line \(line): \(name) looks like a private key; "
        + "remove it, move the funds if others could read it, and sign outside of Tollbook"
    case .privateKeyInEnvironment(let name):
      "the environment: \(SettingText.quotable(name)) looks like a private key; "
        + "unset it, move the funds if others could read it, and sign outside of Tollbook"
    case .invalidValue(let name, let origin, let value, let expected):
      "\(name) (\(origin)) is \(value.map { "'\(SettingText.quotable($0))'" } ?? "not usable"); "
        + "expected \(expected)"
    case .stubNeedsFake(let origin):
      "PAYMENT_VERIFIER_MODE (\(origin)) is 'stub', which takes any header for a payment; "
        + "use strict, or set PAYMENTS_USE_FAKE=true"
    case .facilitatorNeeds(let origin, let setting):
      "PAYMENT_VERIFIER_MODE (\(origin)) is 'facilitator', which needs \(setting); "
        + "set it, or use strict"
    case .homeElsewhere(let line, let home):
      ".env line \(line): TOLLBOOK_HOME names another folder than \(home), "
        + "where this .env was found; remove the line, or start with --home"
    case .sameAddress(let first, let second, let address):
      "\(first) and \(second) are both \(address); give one of them another port"
    }
  }
}

/// Something that the operator should know about a configuration that can be used.
package enum ConfigurationNotice: Equatable, Sendable {
  case byteOrderMark
  case carriageReturns(lines: Int)
  case readableByOthers(path: String)
  case unknownName(String, origin: Origin, nearest: String?)
  /// A setting of a feature that this version does not have.
  case notUsedYet(String, origin: Origin)
  /// More than the hard limit, which wins.
  case aboveHardLimit(String, limit: String, hardLimit: String)
  case storeIsTheLog
  case memoryStoreRefused
  case memoryStoreUsed

  /// Whether something is probably wrong; the other notices only inform.
  package var isWarning: Bool {
    switch self {
    case .readableByOthers, .unknownName, .notUsedYet, .memoryStoreRefused, .aboveHardLimit: true
    case .byteOrderMark, .carriageReturns, .storeIsTheLog, .memoryStoreUsed: false
    }
  }

  /// What was seen and what it means, in one line.
  package var message: String {
    switch self {
    case .byteOrderMark: ".env begins with a byte order mark, which was skipped"
    case .carriageReturns(let lines):
      ".env has Windows line ends on \(lines) line\(lines == 1 ? "" : "s"), which were accepted"
    case .readableByOthers(let path):
      "\(path) holds a secret and other users may read it; run chmod 600 on it"
    case .unknownName(let name, let origin, let nearest):
      "unknown setting \(SettingText.quotable(name)) (\(origin))"
        + (nearest.map { "; did you mean \($0)?" } ?? "; see tollbook config show")
    case .notUsedYet(let name, let origin):
      "\(SettingText.quotable(name)) (\(origin)) changes nothing: this version does not have it yet"
    case .aboveHardLimit(let name, let limit, let hardLimit):
      "\(name) is \(limit), but no payment may be above X402_HARD_LIMIT_USDC, \(hardLimit); "
        + "raise both to allow more"
    case .storeIsTheLog: "IDEMPOTENCY_STORE=sqlite: keys are kept in the log, which is durable"
    case .memoryStoreRefused:
      "IDEMPOTENCY_STORE=memory is honoured only with PAYMENTS_USE_FAKE=true; "
        + "keys are kept in the log"
    case .memoryStoreUsed: "IDEMPOTENCY_STORE=memory: keys are forgotten at every restart"
    }
  }
}

/// Where a value came from.
package enum Origin: Equatable, Sendable, CustomStringConvertible {
  /// An option of the command line, e.g. `--gateway`.
  case flag(String)
  case environment
  case file(line: Int)
  case builtIn

  package var description: String {
    switch self {
    case .flag(let option): option
    case .environment: "environment"
    case .file(let line): ".env line \(line)"
    case .builtIn: "default"
    }
  }
}
