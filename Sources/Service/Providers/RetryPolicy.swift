/// How often and after what time a provider is asked again, for each class of fault.
///
/// The wait doubles each time, and half of it is chance, so that many who fail together do not
/// come back together.
package struct RetryPolicy: Equatable, Sendable {
  /// For one class: written `TIMES/MILLISECONDS`, such as `3/200`.
  package struct Rule: Equatable, Sendable {
    /// How often it is asked again, 0 to 20.
    package let times: Int
    /// The first wait, 1 to 60,000.
    package let milliseconds: Int

    package init(times: Int, milliseconds: Int) {
      self.times = times
      self.milliseconds = milliseconds
    }

    /// Reads a rule; nil for anything that is not `TIMES/MILLISECONDS`.
    package init?(_ text: String) {
      let parts = text.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 2, let times = SettingText.integer(String(parts[0]), in: 0...20),
        let milliseconds = SettingText.integer(String(parts[1]), in: 1...60_000)
      else { return nil }
      self.init(times: times, milliseconds: milliseconds)
    }
  }

  package var connect = Rule(times: 3, milliseconds: 200)
  package var tooManyRequests = Rule(times: 3, milliseconds: 1_000)
  package var serverError = Rule(times: 2, milliseconds: 500)
  /// Nothing unless set: asking again costs time, and `reconcile payments` asks anyway.
  package var timeout = Rule(times: 0, milliseconds: 1_000)

  package init() {}

  private func rule(_ fault: ProviderAnswer.FaultClass) -> Rule? {
    switch fault {
    case .connect: connect
    case .tooManyRequests: tooManyRequests
    case .serverError: serverError
    case .timeout, .reset: timeout
    // What came back once comes back again.
    case .unreadable, .pending: nil
    }
  }

  /// The wait before asking again; nil when it is not asked again.
  ///
  /// - Parameters:
  ///   - count: how often this class has come, from 1.
  ///   - chance: 0 to 1,000, thousandths of the part that is left to chance.
  package func wait(after fault: ProviderAnswer.FaultClass, count: Int, chance: Int) -> Int? {
    guard let rule = rule(fault), count <= rule.times else { return nil }
    let full = min(rule.milliseconds << min(count - 1, 16), 600_000)
    return full / 2 + full * chance / 2_000
  }
}
