/// How many requests one client may send in a span of time.
///
/// Written `600/min`, `10/s` or `5000/hour`.
package struct RateLimit: Equatable, Sendable {
  /// Requests, 1 to 1,000,000.
  package let count: Int
  /// The span in seconds: 1, 60 or 3,600.
  package let seconds: Int

  /// What a gateway gets that strangers can reach, unless the setting says otherwise.
  package static let forStrangers = RateLimit(count: 600, seconds: 60)

  package init(count: Int, seconds: Int) {
    self.count = count
    self.seconds = seconds
  }

  /// Reads a limit; nil for anything that is not `COUNT/UNIT`.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2,
      let count = SettingText.integer(String(parts[0]), in: 1...1_000_000)
    else { return nil }
    switch SettingText.lowercased(String(parts[1])) {
    case "s", "sec", "second": self.init(count: count, seconds: 1)
    case "m", "min", "minute": self.init(count: count, seconds: 60)
    case "h", "hour": self.init(count: count, seconds: 3_600)
    default: return nil
    }
  }
}
