internal import HTTP
internal import JSON
internal import Journal
internal import Ledger

/// One operation of the operator API, asked from the command line: through the daemon's socket
/// while one runs, else in this process, which then holds the ledger for so long.
struct OperatorCall {
  private static let deadlineMilliseconds = 150_000

  let method: Method
  let path: String
  let body: [UInt8]
  /// Printed before it is sent, so that the same wish can be sent again.
  let key: String?

  /// What came back.
  struct Answer {
    let status: Int
    let object: JSONValue

    subscript(name: Text) -> Text? { object.object?[name]?.text }
  }

  /// - Throws: with exit 6 when certainly nothing was done, 7 when nobody can say.
  func run(
    _ context: CommandContext, _ configuration: Configuration
  ) throws(CommandStop) -> Answer {
    let client: Client?
    do throws(LockError) {
      client = try DaemonSocket.client(home: configuration.home)
    } catch {
      throw CommandStop(ServeError.lock(error).exitStatus, "\(error)")
    }
    let response =
      if let client { try send(through: client) } else { try runHere(context, configuration) }
    if response.status == 503, OperatorCall.code(of: response) == "LEDGER_UNAVAILABLE" {
      throw unknown("the ledger could not be written")
    }
    do throws(JSONError) {
      return Answer(
        status: response.status,
        object: try JSONParser.parse(
          response.body, limits: JSONLimits(depth: 32, bytes: 67_108_864, values: 10_000_000)))
    } catch {
      throw unknown("the daemon's answer cannot be read")
    }
  }

  private func send(through client: Client) throws(CommandStop) -> Response {
    var headers: Headers = ["Content-Type": "application/json"]
    if let key { headers.append("Idempotency-Key", key) }
    do throws(ClientError) {
      return try client.send(
        ClientRequest(method: method, target: path, headers: headers, body: body),
        deadlineMilliseconds: OperatorCall.deadlineMilliseconds)
    } catch {
      if case .notSent = error {
        throw CommandStop(.notReached, "the daemon was not reached: \(error); nothing was done")
      }
      throw unknown("\(error)")
    }
  }

  private func unknown(_ reason: String) -> CommandStop {
    let again = key.map { "run the same command with --key \($0)" } ?? "look with tx list"
    return CommandStop(
      .outcomeUnknown, "\(reason); the outcome is unknown: do not pay again, \(again)")
  }

  private func runHere(
    _ context: CommandContext, _ configuration: Configuration
  ) throws(CommandStop) -> Response {
    var options = OpenedLedger.Options(
      home: configuration.home, holder: "tollbook \(context.parsed.command.rawValue)",
      onLost: { _ in })
    options.clocks = context.clocks
    options.lockWaitMilliseconds = 0
    do throws(ServeError) {
      let ledger = try OpenedLedger(options)
      defer { ledger.close() }
      let folder = configuration.home + "/data/ledger"
      let disk = DiskWatch(folder: folder, minimumMegabytes: configuration.minimumFreeMegabytes)
      disk.look()
      // The daemon's log files are the daemon's; what a tool calls stands in the ledger.
      let api = try OperatorAPI.open(
        ledger.bookkeeper, configuration, context.clocks, log: { _ in },
        offers: OfferCounter(from: context.clocks.wall()),
        isDiskLow: { disk.isLow })
      defer { api.close() }
      return try run(api, ledger.bookkeeper, context.clocks)
    } catch {
      throw CommandStop(error.exitStatus, "\(error)")
    }
  }

  private func run(
    _ api: OperatorAPI, _ bookkeeper: Bookkeeper, _ clocks: Clocks
  ) throws(ServeError) -> Response {
    do throws(Unavailable) {
      try api.desk.adoptInterrupted()
      try api.x402?.adoptInterrupted()
    } catch {
      throw .unusable("data/ledger", "the ledger could not be written")
    }
    let given = AwaitedResponse()
    let isKnown = api.run(
      method, path, body: body, key: key, requestID: "req-\(Mint.ulid(at: clocks.wall()))"
    ) { response, _ in given.give(response) }
    guard isKnown else { fatalError("no operation \(method) \(path)") }
    let response = given.wait()
    guard bookkeeper.waitUntilDurable() else {
      return Problem.ledgerUnavailable.response(requestID: "-")
    }
    return response
  }

  private static func code(of response: Response) -> Text? {
    do throws(JSONError) {
      return try JSONParser.parse(response.body, limits: .standard).object?["code"]?.text
    } catch {
      return nil
    }
  }
}

extension OperatorCall.Answer {
  /// Whether it is an error, and the exit code that belongs to it.
  var refusal: CommandStop? {
    guard status >= 400, let code = self["code"] else { return nil }
    let detail = self["detail"] ?? self["error"] ?? "no reason was given"
    let exit: ExitStatus =
      switch status {
      case 404: .notFound
      case 400 where code == "VALIDATION_ERROR" || code == "FIELD_INVALID": .usage
      default: .refused
      }
    return CommandStop(exit, "refused \(code): \(DisplayText.safe(detail.string))")
  }
}
