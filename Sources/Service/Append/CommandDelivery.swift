internal import Glibc
internal import HTTP
internal import JSON
internal import Journal
internal import Ledger

/// Brings one command line to the ledger, for tools that act on the reply and print their own.
///
/// Through the daemon's socket while one runs, else by taking the ledger's lock.
enum CommandDelivery {
  /// What became of the line.
  enum Reply: Equatable {
    /// Durable; the unit begins at this seq.
    case recorded(UInt64)
    /// The same key came before; its unit begins at this seq.
    case repeated(UInt64)
    case unchanged
    /// Not recorded, or not known to be: the exit code, and what to say.
    case stopped(ExitStatus, String)
  }

  private static let deadlineMilliseconds = 20_000
  /// How long an operator's command waits for another tool's lock.
  private static let patience = 10_000

  /// Delivers a line; waits for another tool's lock, and for a daemon that is just starting.
  ///
  /// - Parameter command: who holds the lock meanwhile, e.g. `sync daily`.
  static func send(
    _ line: [UInt8], for command: String, _ configuration: Configuration, _ clocks: Clocks
  ) -> Reply {
    var waited = 0
    while true {
      let reply = attempt(line, command, configuration, clocks)
      guard case .stopped(let status, _) = reply, status == .busy || status == .notReached,
        waited < patience
      else { return reply }
      usleep(100_000)
      waited += 100
    }
  }

  private static func attempt(
    _ line: [UInt8], _ command: String, _ configuration: Configuration, _ clocks: Clocks
  ) -> Reply {
    do throws(LockError) {
      if let client = try DaemonSocket.client(home: configuration.home) {
        return remote(line, client)
      }
    } catch {
      return .stopped(ServeError.lock(error).exitStatus, "\(error)")
    }
    do throws(ServeError) {
      return try local(line, command, configuration, clocks)
    } catch {
      return .stopped(error.exitStatus, "\(error)")
    }
  }

  private static func local(
    _ line: [UInt8], _ command: String, _ configuration: Configuration, _ clocks: Clocks
  ) throws(ServeError) -> Reply {
    var options = OpenedLedger.Options(
      home: configuration.home, holder: "tollbook \(command)", onLost: { _ in })
    options.clocks = clocks
    options.lockWaitMilliseconds = 0
    let ledger = try OpenedLedger(options)
    defer { ledger.close() }
    let desk = CommandDesk(
      ledger.bookkeeper, mode: configuration.isFake ? .fake : .real, clocks: clocks)
    let reply: CommandDesk.Reply
    do throws(Unavailable) {
      reply = try desk.submit(line)
    } catch {
      return error == .diskLost
        ? .stopped(.diskLost, "the disk did not take the record") : .stopped(.refused, "\(error)")
    }
    guard ledger.bookkeeper.waitUntilDurable() else {
      return .stopped(.diskLost, "the disk did not take the record")
    }
    switch reply.status {
    case .recorded(let seq): return .recorded(seq)
    case .repeated(let seq): return .repeated(seq)
    case .unchanged: return .unchanged
    case .refused(let code, let reason): return refused(code, reason)
    }
  }

  private static func remote(_ line: [UInt8], _ client: Client) -> Reply {
    let request = ClientRequest(
      method: .post, target: "/commands", headers: ["Content-Type": "application/jsonl"],
      body: line + [0x0A])
    let response: Response
    do throws(ClientError) {
      response = try client.send(request, deadlineMilliseconds: deadlineMilliseconds)
    } catch {
      if case .notSent = error { return .stopped(.notReached, "\(error)") }
      return .stopped(.outcomeUnknown, "\(error)")
    }
    guard response.status == 200 else {
      let text = String(decoding: response.body, as: UTF8.self)
      return .stopped(
        response.status == 503 ? .outcomeUnknown : .refused,
        "the daemon answered \(response.status): \(DisplayText.safe(text))")
    }
    return reply(in: response.body)
  }

  /// Reads the one reply line of the daemon.
  private static func reply(in body: [UInt8]) -> Reply {
    let object: JSONObject?
    do throws(JSONError) {
      object = try JSONParser.parse(Array(body.prefix { $0 != 0x0A }), limits: .standard).object
    } catch {
      object = nil
    }
    var seq: UInt64?
    if case .number(let number) = object?["seq"] {
      seq = number.integer().map { UInt64(max(0, $0)) }
    }
    switch (object?["status"]?.text, seq) {
    case ("recorded", let seq?): return .recorded(seq)
    case ("repeated", let seq?): return .repeated(seq)
    case ("unchanged", _): return .unchanged
    case ("refused", _):
      return refused(
        object?["code"]?.text?.string ?? "REFUSED", object?["reason"]?.text?.string ?? "")
    default: return .stopped(.outcomeUnknown, "the daemon's reply cannot be read")
    }
  }

  private static func refused(_ code: String, _ reason: String) -> Reply {
    .stopped(.refused, "\(code): \(DisplayText.safe(reason))")
  }
}
