import Foundation
import FoundationNetworking

/// Why a call has no answer: the closed set of codes in a frame's `error`.
///
/// The first group says for certain that no request left. Everything that is not certain is in
/// the second: the other side may have acted.
enum CallFailure: String, Sendable {
  // Not sent.
  case requestMalformed = "REQUEST_MALFORMED"
  case hostNotAllowed = "HOST_NOT_ALLOWED"
  case nameNotFound = "NAME_NOT_FOUND"
  case cannotConnect = "CANNOT_CONNECT"
  case tlsFailed = "TLS_FAILED"
  // Sent, and no usable answer.
  case timedOut = "TIMED_OUT"
  case connectionLost = "CONNECTION_LOST"
  case answerUnreadable = "ANSWER_UNREADABLE"
  case answerTooLarge = "ANSWER_TOO_LARGE"

  /// Reads the error that a task ended with.
  ///
  /// URLSession's codes alone prove nothing: -1004 stands for every error of a host whose first
  /// address refused, and -1 for a bad certificate as for a broken transfer. So the words of the
  /// library below must agree; words that are not known here count as sent.
  /// - Parameter mayHaveLeft: whether a byte of the body was taken or a byte of an answer came.
  init(_ error: any Error, mayHaveLeft: Bool) {
    let words = error.localizedDescription
    let code = (error as? URLError)?.code
    if !mayHaveLeft {
      if code == .cannotFindHost, words.hasPrefix("Could not resolve host") {
        self = .nameNotFound
        return
      }
      if words.hasPrefix("Failed to connect to ") {
        self = .cannotConnect
        return
      }
      if Self.isHandshake(words) {
        self = .tlsFailed
        return
      }
    }
    switch code {
    case .some(.timedOut): self = .timedOut
    case .some(.unsupportedURL): self = .answerUnreadable
    case .some(.cannotParseResponse), .some(.cannotDecodeRawData), .some(.cannotDecodeContentData):
      self = .answerUnreadable
    default: self = .connectionLost
    }
  }

  /// Whether libcurl speaks of the handshake: the certificate, its name, or OpenSSL's own words
  /// (`OpenSSL/3.0.19: error:…`), which after the handshake begin `OpenSSL SSL_read` or `_write`.
  private static func isHandshake(_ words: String) -> Bool {
    let beginnings = [
      "SSL certificate problem", "SSL: no alternative certificate subject name",
      "SSL: certificate subject name", "SSL: unable to obtain common name", "OpenSSL/",
      "OpenSSL SSL_connect", "error setting certificate",
    ]
    return beginnings.contains { words.hasPrefix($0) }
  }
}
