/// What one check of a running Tollbook has found.
package struct Finding: Equatable, Sendable {
  /// How a check ended.
  package enum Verdict: Equatable, Sendable {
    case passed
    /// Works, but somebody should look.
    case warned
    case failed
    /// Not tried: something before it failed, or it must not be done here.
    case skipped
  }

  package let name: String
  package let verdict: Verdict
  /// What was seen; safe to print.
  package let detail: String
  /// What to do next; empty when there is nothing to do.
  package let next: String

  package static func passed(_ name: String, _ detail: String) -> Finding {
    Finding(name: name, verdict: .passed, detail: detail, next: "")
  }

  package static func warned(_ name: String, _ detail: String, next: String) -> Finding {
    Finding(name: name, verdict: .warned, detail: detail, next: next)
  }

  package static func failed(_ name: String, _ detail: String, next: String) -> Finding {
    Finding(name: name, verdict: .failed, detail: detail, next: next)
  }

  package static func skipped(_ name: String) -> Finding { skipped(name, "not tried") }

  package static func skipped(_ name: String, _ detail: String) -> Finding {
    Finding(name: name, verdict: .skipped, detail: detail, next: "")
  }

  /// `✓ unpaid 402: …`, and on a line of its own what to do.
  package func lines(_ palette: Palette) -> [String] {
    let mark =
      switch verdict {
      case .passed: palette.green("✓")
      case .warned: palette.yellow("!")
      case .failed: palette.red("✗")
      case .skipped: "-"
      }
    let first = "\(mark) \(name): \(DisplayText.safe(detail))"
    return next.isEmpty ? [first] : [first, "    next: \(DisplayText.safe(next))"]
  }
}
