/// Why a call to the outside has no answer; the case says whether money may have moved.
///
/// Neither case carries anything of the request or of the answer: both may hold secrets.
package enum OutsideError: Error, Equatable, Sendable {
  /// For certain no request left: nothing can have happened.
  case notSent(NotSent)
  /// The other side may have acted: the outcome is unknown.
  case sentWithoutAnswer(WithoutAnswer)

  /// Reasons for which no request left.
  package enum NotSent: String, Equatable, Sendable, CaseIterable {
    case requestMalformed = "REQUEST_MALFORMED"
    case notInFakeMode = "NOT_IN_FAKE_MODE"
    case hostNotAllowed = "HOST_NOT_ALLOWED"
    case nameNotFound = "NAME_NOT_FOUND"
    case cannotConnect = "CANNOT_CONNECT"
    case tlsFailed = "TLS_FAILED"
    case deadlineBeforeSending = "DEADLINE_BEFORE_SENDING"
    case courierUnavailable = "COURIER_UNAVAILABLE"
  }

  /// Reasons for which a request that was sent has no usable answer.
  package enum WithoutAnswer: String, Equatable, Sendable, CaseIterable {
    case timedOut = "TIMED_OUT"
    case connectionLost = "CONNECTION_LOST"
    case answerUnreadable = "ANSWER_UNREADABLE"
    case answerTooLarge = "ANSWER_TOO_LARGE"
    case courierDied = "COURIER_DIED"
  }

  /// The stable code, of `docs/error-catalog.md`.
  package var code: String {
    switch self {
    case .notSent(let reason): reason.rawValue
    case .sentWithoutAnswer(let reason): reason.rawValue
    }
  }

  /// The courier's word for an error; a word that is not known counts as sent.
  init(courierCode code: String) {
    if let reason = NotSent(rawValue: code) {
      self = .notSent(reason)
    } else {
      self = .sentWithoutAnswer(WithoutAnswer(rawValue: code) ?? .answerUnreadable)
    }
  }
}

extension OutsideError.WithoutAnswer {
  /// The class that retries and events go by.
  var fault: ProviderAnswer.FaultClass {
    switch self {
    case .timedOut: .timeout
    case .connectionLost, .courierDied: .reset
    case .answerUnreadable, .answerTooLarge: .unreadable
    }
  }
}

extension OutsideError: CustomStringConvertible {
  /// What happened and what to do next, for an operator.
  package var description: String {
    switch self {
    case .notSent(let reason): "not sent: \(Self.sentence(reason))"
    case .sentWithoutAnswer(let reason):
      "sent, outcome unknown: \(Self.sentence(reason)); do not send it again under a new key"
    }
  }

  private static func sentence(_ reason: NotSent) -> String {
    switch reason {
    case .requestMalformed: "the address or the request is malformed; correct the provider's URL"
    case .notInFakeMode: "PAYMENTS_USE_FAKE=true keeps everything on this machine"
    case .hostNotAllowed: "the host is not allowed; add it to TOLLBOOK_OUTSIDE_HOSTS"
    case .nameNotFound: "no address is known for the host; check its name and the resolver"
    case .cannotConnect: "the host takes no connection; check that it is up and reachable"
    case .tlsFailed: "its TLS certificate is not trusted, or the handshake failed"
    case .deadlineBeforeSending: "the deadline passed before anything was sent"
    case .courierUnavailable:
      "tollbook-courier cannot be started; it must lie beside tollbook and run by itself"
    }
  }

  private static func sentence(_ reason: WithoutAnswer) -> String {
    switch reason {
    case .timedOut: "no answer came before the deadline"
    case .connectionLost: "the connection was lost"
    case .answerUnreadable: "the answer is not HTTP that can be read"
    case .answerTooLarge: "the answer is larger than the limit"
    case .courierDied: "tollbook-courier ended in mid-call"
    }
  }
}
