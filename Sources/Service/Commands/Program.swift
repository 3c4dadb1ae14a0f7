/// The program from its arguments to its exit code.
package enum Program {
  /// Runs one command line.
  ///
  /// - Parameter arguments: what follows the program's name.
  /// - Returns: the exit code, of `ExitStatus`.
  package static func run(_ arguments: [String]) -> Int32 {
    run(
      arguments, output: .standard(), environment: ConfigurationFile.processEnvironment(),
      clocks: .system
    ).rawValue
  }

  /// Runs one command line with everything that it touches of the process.
  package static func run(
    _ arguments: [String], output: Output, environment: [String: String], clocks: Clocks
  ) -> ExitStatus {
    let request: CommandRequest
    do throws(UsageError) {
      request = try CommandParser.parse(arguments)
    } catch {
      output.message("tollbook: \(error.message)")
      return .usage
    }
    let status: ExitStatus
    switch request {
    case .help(let text):
      output.write(text.utf8)
      status = .ok
    case .run(let parsed):
      let context = CommandContext(
        parsed: parsed, output: output, environment: environment, clocks: clocks)
      do throws(CommandStop) {
        status = try CommandList.run(context)
      } catch {
        output.message("tollbook: \(error.message)")
        output.flush()
        return error.status
      }
    }
    output.flush()
    guard let failure = output.failure else { return status }
    output.message("tollbook: \(CommandStop.unwritable(errno: failure).message)")
    return status == .ok ? .checkFailed : status
  }
}
