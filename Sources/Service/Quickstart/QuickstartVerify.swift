/// `tollbook quickstart verify [URL]`: proves that a gateway works, step by step.
package enum QuickstartVerify {
  /// What is checked when no URL is given.
  package static let defaultURL = "http://localhost:3000"

  /// Prints a line for each step; 0 when all passed, 1 when one did not, 2 for an unusable URL.
  package static func run(
    _ command: ParsedCommand, output: Output, palette: Palette
  ) -> ExitStatus {
    let url = command.arguments.first ?? defaultURL
    do throws(GatewayURLError) {
      let client = try GatewayClient(url: url)
      let unique = String(UInt64.random(in: .min ... .max), radix: 36)
      let names = PaymentTrial.Names(unique: "q" + unique + "-verify")
      return verify(client, names: names, output: output, palette: palette)
    } catch {
      output.message("tollbook: '\(SettingText.quotable(url))' \(error.sentence)")
      return .usage
    }
  }

  /// Goes through all steps; a step that cannot be tried is named as such.
  package static func verify(
    _ client: GatewayClient, names: PaymentTrial.Names, output: Output, palette: Palette
  ) -> ExitStatus {
    output.print("Verifying \(DisplayText.safe(client.origin))")
    var trial = PaymentTrial(client, names: names)
    var findings = [trial.health()]
    let isUp = findings[0].verdict == .passed
    findings.append(isUp ? trial.unpaid() : .skipped("unpaid 402"))
    findings.append(isUp ? trial.paid() : .skipped("paid 200"))
    findings.append(trial.replay())
    findings.append(trial.conflict())
    findings.append(isUp ? trial.metrics() : .skipped("metrics"))
    for finding in findings {
      for line in finding.lines(palette) { output.print(line) }
    }
    let passed = findings.count { $0.verdict == .passed }
    guard passed == findings.count else {
      output.print(palette.red("FAIL: \(passed) of \(findings.count) steps passed"))
      return .checkFailed
    }
    output.print(palette.green("PASS: all \(passed) steps passed"))
    return .ok
  }
}
