/// How money leaves: when an operator must approve, who moves it, how patiently it is asked.
package struct OutgoingSettings: Equatable, Sendable {
  /// Payments above this wait for an operator.
  package let approvalAbove: USDAmount?
  package let approvalMinutes: Int
  package let vendorCacheSeconds: Int
  /// Where the payments API lies; nil when nobody can move real money.
  package let paymentsURL: String?
  package let paymentsTokenFile: String?
  package let deadlineMilliseconds: Int
  package let graceSeconds: Int
  package let retries: RetryPolicy
}

extension SettingReader {
  /// The settings of outgoing money; nil after noting what is wrong.
  mutating func outgoing() -> OutgoingSettings? {
    let threshold = count(of: Settings.alertThreshold)
    let above = value(of: Settings.approvalAbove) { USDAmount($0) }
    let minutes = count(of: Settings.approvalMinutes)
    let vendorCache = count(of: Settings.vendorCacheSeconds)
    let url = value(of: Settings.paymentsURL, SettingReader.url)
    let tokenFile = value(of: Settings.paymentsTokenFile) { $0.utf8.contains(0) ? nil : $0 }
    let deadline = count(of: Settings.paymentsDeadline)
    let grace = count(of: Settings.paymentsGrace)
    var retries = RetryPolicy()
    if let rule = retry(Settings.retryConnect) { retries.connect = rule }
    if let rule = retry(Settings.retryBusy) { retries.tooManyRequests = rule }
    if let rule = retry(Settings.retryServerError) { retries.serverError = rule }
    if let rule = retry(Settings.retryTimeout) { retries.timeout = rule }
    guard let minutes, let vendorCache, let deadline, let grace, threshold != nil else {
      return nil
    }
    return OutgoingSettings(
      approvalAbove: above, approvalMinutes: minutes, vendorCacheSeconds: vendorCache,
      paymentsURL: url, paymentsTokenFile: tokenFile, deadlineMilliseconds: deadline,
      graceSeconds: grace,
      retries: retries)
  }

  private mutating func retry(_ setting: Setting) -> RetryPolicy.Rule? {
    value(of: setting) { RetryPolicy.Rule($0) }
  }

  /// An absolute address without query, fragment or final slash.
  static func url(_ text: String) -> String? {
    let schemes = ["http://", "https://"]
    guard let scheme = schemes.first(where: { text.hasPrefix($0) }),
      text.utf8.count > scheme.utf8.count, text.utf8.count <= 1_024, !text.hasSuffix("/"),
      text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && ![0x3F, 0x23, 0x40].contains($0) })
    else { return nil }
    return text
  }
}
