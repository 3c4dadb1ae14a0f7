internal import HTTP
internal import JSON

/// The six diagnostics that support asks for, as one text without secrets.
///
/// Source: REQUIREMENTS SOP-07, the seed's "Diagnostic commands".
package struct DoctorBundle {
  private let redaction: Redaction
  private var text: String

  /// - Parameter moment: the present time, for the heading.
  package init(redaction: Redaction, moment: String) {
    self.redaction = redaction
    text = "Tollbook doctor bundle, \(moment)\nSecrets and the home folder's path are left out.\n"
  }

  /// Collects everything.
  package mutating func collect(
    home: String, settings: DoctorSettings, client: GatewayClient, results: [Triage.Result]
  ) {
    add("1. Version", [Version.software.string])
    add("2. Configuration", settings.lines + settings.warnings.map { "warning: \($0)" })
    add("3. GET /health", DoctorBundle.lines(client.get("/health")))
    add(
      "4. POST /agent/task without payment",
      DoctorBundle.lines(client.postTask(#"{"task":"test"}"#, [])))
    add("5. GET /metrics/summary", DoctorBundle.lines(client.get("/metrics/summary")))
    add(
      "6. Last lines of logs/genesis.log",
      FileTail.lines(of: home + "/logs/genesis.log", atMost: 50))
    add(
      "Triage",
      results.flatMap { result in
        ["[\(result.step.rawValue)] \(result.step.question)"]
          + result.findings.flatMap { $0.lines(.plain) }
      })
  }

  /// The whole text, redacted.
  package var redacted: String { redaction.apply(text) }

  private mutating func add(_ title: String, _ lines: [String]) {
    text += "\n== \(title)\n"
    text += lines.isEmpty ? "(nothing)\n" : lines.map { DisplayText.safe($0) + "\n" }.joined()
  }

  /// An answer as `curl -i` shows it; of a body the first 8 KiB.
  private static func lines(_ result: Result<Response, ClientError>) -> [String] {
    switch result {
    case .failure(let error): return ["no answer: \(error)"]
    case .success(let response):
      let body = String(decoding: response.body.prefix(8_192), as: UTF8.self)
      return ["HTTP \(response.status)"]
        + response.headers.all.map { "\($0.name): \($0.value)" } + [""]
        + body.split(separator: "\n").map(String.init)
    }
  }
}
