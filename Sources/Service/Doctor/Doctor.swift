internal import Glibc
internal import Ledger

/// `tollbook doctor`: the triage of the support procedure as one command.
package enum Doctor {
  /// Prints each check, and the first step that fails with its severity.
  ///
  /// 0 when no step failed, 1 when one did, 2 for a wrong step or URL. With `--bundle` the answer
  /// is
  /// the bundle, and the checks go to the messages.
  package static func run(
    _ command: ParsedCommand, environment: [String: String], output: Output, palette: Palette
  ) -> ExitStatus {
    var step: TriageStep?
    if let name = command.value("step") {
      step = TriageStep(rawValue: SettingText.lowercased(name))
      guard step != nil else {
        let known = TriageStep.allCases.map(\.rawValue).joined(separator: ", ")
        output.message(
          "tollbook: --step is '\(SettingText.quotable(name))'; expected one of \(known)")
        return .usage
      }
    }
    let settings = DoctorSettings.load(flags: command.settingFlags, environment: environment)
    let home = home(command, settings, environment)
    let url = command.arguments.first ?? settings.gatewayURL
    do throws(GatewayURLError) {
      let client = try GatewayClient(url: url)
      let unique = String(UInt64.random(in: .min ... .max), radix: 36)
      var triage = Triage(
        home: home, settings: settings, client: client,
        names: PaymentTrial.Names(unique: "d" + unique + "-doctor"),
        isOwnGateway: command.arguments.isEmpty)
      let results = step.map { triage.run(only: $0) } ?? triage.run()
      let wantsBundle = command.has("bundle")
      report(results, isComplete: step == nil, palette) { line in
        if wantsBundle { output.message(line) } else { output.print(line) }
      }
      if wantsBundle {
        var bundle = DoctorBundle(
          redaction: redaction(home, environment), moment: "\(Clocks.system.wall())")
        bundle.collect(home: home, settings: settings, client: client, results: results)
        output.write(bundle.redacted.utf8)
      }
      return results.contains(where: \.isFailed) ? .checkFailed : .ok
    } catch {
      output.message("tollbook: '\(SettingText.quotable(url))' \(error.sentence)")
      return .usage
    }
  }

  /// Prints the findings and the verdict.
  static func report(
    _ results: [Triage.Result], isComplete: Bool, _ palette: Palette, print: (String) -> Void
  ) {
    for result in results {
      print(palette.bold("[\(result.step.rawValue)] \(result.step.question)"))
      for finding in result.findings {
        for line in finding.lines(palette) { print("  " + line) }
      }
    }
    guard let failed = results.first(where: \.isFailed) else {
      print(palette.green(isComplete ? "All steps passed." : "The step passed."))
      return
    }
    let severity = failed.step.severity
    print(
      palette.red("FIRST FAILING STEP: \(failed.step.rawValue) (\(severity.rawValue))")
        + ": \(severity.escalation)")
    if isComplete, failed.step != TriageStep.allCases.last {
      print("Later steps were not tried.")
    }
  }

  private static func home(
    _ command: ParsedCommand, _ settings: DoctorSettings, _ environment: [String: String]
  ) -> String {
    if case .usable(let configuration) = settings { return configuration.home }
    return command.value("home") ?? environment[Settings.home.name] ?? "."
  }

  /// Gathers what must not be seen, as far as it can be read.
  package static func redaction(_ home: String, _ environment: [String: String]) -> Redaction {
    let file = FileTail.bytes(of: home + "/.env", atMost: 262_144).map { DotEnv(parsing: $0) }
    let absolute = realpath(home, nil).map { pointer in
      defer { free(pointer) }
      return String(cString: pointer)
    }
    return Redaction(
      environment: environment, file: file, files: secretFiles(home + "/data/secrets"),
      home: absolute ?? home)
  }

  private static func secretFiles(_ folder: String) -> [[UInt8]] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var contents: [[UInt8]] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name != ".", name != "..",
        let bytes = FileTail.bytes(of: "\(folder)/\(name)", atMost: 65_536)
      else { continue }
      contents.append(bytes)
    }
    return contents
  }
}
