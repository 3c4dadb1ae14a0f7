package import JSON
internal import Journal
package import Ledger

/// What a scrape reads beside the folded state: only this process knows it.
package struct ProcessFacts: Sendable {
  package var decidedSeq: UInt64
  package var durableSeq: UInt64
  package var appends = 0
  package var syncs = 0
  package var bytes = 0
  package var connections = 0
  package var requests = 0
  package var paidRequests = 0
  package var replays = 0
  package var logLinesDropped = 0
  package var isClockSuspect = false
  package var isDiskLow = false

  package init(decidedSeq: UInt64, durableSeq: UInt64) {
    self.decidedSeq = decidedSeq
    self.durableSeq = durableSeq
  }
}

/// What one scrape is about.
package struct Scrape: Sendable {
  package let book: BookState
  package let controls: Controls
  package let violations: Int
  package let asOf: Timestamp
  package let process: ProcessFacts
  /// Milliseconds after which something pending counts as stuck.
  package let pendingAge: Int64
  /// Milliseconds after which an open hold is stale.
  package let staleAge: Int64
  /// Of each agent that spends or has a limit of its own, in order of their names.
  package let budgets: [(agent: Text, use: BudgetUse)]
  /// Agents and the wallets that fund them, in order of their names.
  package var funded: [(agent: Text, wallet: Wallet)] = []

  package init(
    book: BookState, controls: Controls, violations: Int, asOf: Timestamp,
    process: ProcessFacts, pendingAge: Int64, staleAge: Int64,
    budgets: [(agent: Text, use: BudgetUse)]
  ) {
    self.book = book
    self.controls = controls
    self.violations = violations
    self.asOf = asOf
    self.process = process
    self.pendingAge = pendingAge
    self.staleAge = staleAge
    self.budgets = budgets
  }
}

/// One line of a metric.
package struct Sample: Sendable {
  /// `_bucket`, `_sum` and `_count` of a histogram; empty otherwise.
  let suffix: StaticString
  let labels: [(name: StaticString, value: String)]
  /// Exact text, never a rounded float.
  let value: String

  init(_ value: Int, labels: [(name: StaticString, value: String)] = []) {
    suffix = ""
    self.labels = labels
    self.value = String(value)
  }

  init(suffix: StaticString, labels: [(name: StaticString, value: String)], value: String) {
    self.suffix = suffix
    self.labels = labels
    self.value = value
  }
}

/// One metric: its name for ever, what it counts, and how it is read.
package struct Metric: Sendable {
  /// As Prometheus tells them apart.
  package enum Kind: String, Sendable {
    case counter, gauge, histogram
  }

  package let name: StaticString
  package let kind: Kind
  package let help: StaticString
  let read: @Sendable (Scrape) -> [Sample]

  init(
    _ kind: Kind, _ name: StaticString, _ help: StaticString,
    _ read: @escaping @Sendable (Scrape) -> [Sample]
  ) {
    self.kind = kind
    self.name = name
    self.help = help
    self.read = read
  }

  /// A metric of one number.
  init(
    _ kind: Kind, _ name: StaticString, _ help: StaticString,
    number: @escaping @Sendable (Scrape) -> Int
  ) {
    self.init(kind, name, help) { [Sample(number($0))] }
  }
}

/// Renders metrics in the Prometheus text format 0.0.4.
package enum Exposition {
  package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  package static func render(_ metrics: [Metric], _ scrape: Scrape) -> [UInt8] {
    var text = ""
    for metric in metrics {
      text += "# HELP \(metric.name) \(metric.help)\n"
      text += "# TYPE \(metric.name) \(metric.kind.rawValue)\n"
      for sample in metric.read(scrape) {
        text += "\(metric.name)\(sample.suffix)"
        if !sample.labels.isEmpty {
          let pairs = sample.labels.map { "\($0.name)=\"\(escaped($0.value))\"" }
          text += "{" + pairs.joined(separator: ",") + "}"
        }
        text += " \(sample.value)\n"
      }
    }
    return Array(text.utf8)
  }

  /// Label values escape backslash, quote and line feed, and nothing else.
  static func escaped(_ value: String) -> String {
    guard value.utf8.contains(where: { $0 == 0x22 || $0 == 0x5C || $0 == 0x0A }) else {
      return value
    }
    var text = ""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\\": text += "\\\\"
      case "\"": text += "\\\""
      case "\n": text += "\\n"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
