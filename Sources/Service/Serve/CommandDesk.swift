internal import HTTP
package import JSON
package import Ledger
internal import Rails
internal import Synchronization

/// Takes commands as JSON lines: from `log append`, from tools through the socket, from the
/// operator API.
///
/// One line is one command: `{"command":"payment.import","key":"…", …}`. Each is its own unit; the
/// answer has one line per command, in order, when all are durable.
package final class CommandDesk: Sendable {
  /// The largest body: 4 MiB.
  static let bodyLimit = 4_194_304
  private static let lineLimits = JSONLimits(depth: 32, bytes: 1_048_576, values: 10_000)

  private let bookkeeper: Bookkeeper
  private let mode: Book
  private let clocks: Clocks

  package init(_ bookkeeper: Bookkeeper, mode: Book, clocks: Clocks) {
    self.bookkeeper = bookkeeper
    self.mode = mode
    self.clocks = clocks
  }

  /// What came of one line.
  package struct Reply: Sendable {
    /// The key that the line carried.
    package let key: Text?
    package let status: Status
    /// What must be durable before the reply may be told.
    package let decidedSeq: UInt64

    /// What became of the command.
    package enum Status: Sendable {
      /// Recorded, beginning at this seq.
      case recorded(UInt64)
      /// The same command came before; its unit begins at this seq.
      case repeated(UInt64)
      case unchanged
      case refused(code: String, reason: String)
    }
  }

  /// Decides one line.
  /// - Throws: `Unavailable` when nothing can be decided any more.
  package func submit(_ line: [UInt8]) throws(Unavailable) -> Reply {
    let object: JSONObject
    do throws(JSONError) {
      guard case .object(let members) = try JSONParser.parse(line, limits: CommandDesk.lineLimits)
      else { return refusal(nil, "VALIDATION_ERROR", "the line is not an object") }
      object = members
    } catch {
      return refusal(
        nil, "VALIDATION_ERROR",
        "the line is not JSON: \(error.reason.sentence) at byte \(error.offset)")
    }
    let key: Text?
    switch object["key"] {
    case .none: key = nil
    case .string(let text): key = text
    case .some: return refusal(nil, "IDEMPOTENCY_KEY_INVALID", "key is not a text")
    }
    guard case .string(let name) = object["command"] else {
      return refusal(key, "VALIDATION_ERROR", "command is missing")
    }
    do throws(CommandLineFault) {
      return try dispatch(name, object, key)
    } catch {
      switch error {
      case .unreadable(let reason): return refusal(key, "VALIDATION_ERROR", reason)
      case .unavailable(let reason): throw reason
      }
    }
  }

  /// The commands that a line may name.
  package static let names: [StaticString] = [
    ImportPayment.name, AcceptClock.name, EngageKillSwitch.name, ReleaseKillSwitch.name,
    SetBudgetLimit.name, AcknowledgeAlert.name, RecordJobCompletion.name, RecordJobFailure.name,
    RecordFinanceEntry.name,
    RegisterWallet.name, RotateWallet.name, ObserveBalance.name,
    ObserveVendor.name, RecordBusiness.name,
  ]

  private func dispatch(
    _ name: Text, _ object: JSONObject, _ key: Text?
  ) throws(CommandLineFault) -> Reply {
    switch name {
    case "payment.import":
      let line = try CommandDesk.importLine(object)
      let actor = Text("agent:" + line.payment.parties.agent.string)
      return try submit(line.payment, actor: actor, book: line.book, key)
    case "clock.accept":
      return try acceptClock(try CommandDesk.reason(object), key)
    case "killswitch.engage":
      let command = EngageKillSwitch(reason: try CommandDesk.reason(object), by: "operator")
      return try submit(command, actor: "operator", book: mode, key)
    case "killswitch.release":
      let command = ReleaseKillSwitch(reason: try CommandDesk.reason(object), by: "operator")
      return try submit(command, actor: "operator", book: mode, key)
    case "budget.set":
      let line = try CommandDesk.limitLine(object, IntentID(Mint.ulid(at: clocks.wall())))
      let book = try CommandDesk.book(object) ?? mode
      return try submit(line, actor: "operator", book: book, key)
    case "wallet.register":
      let choice = try CommandDesk.walletChoice(object, fresh: freshWallet)
      let book = try CommandDesk.book(object) ?? mode
      return try submit(RegisterWallet(choice), actor: "operator", book: book, key)
    case "wallet.rotate":
      let choice = try CommandDesk.walletChoice(object, fresh: freshWallet)
      let book = try CommandDesk.book(object) ?? mode
      return try submit(RotateWallet(choice), actor: "operator", book: book, key)
    case "wallet.observe":
      let line = try CommandDesk.observation(object)
      let book = try CommandDesk.book(object) ?? mode
      return try submit(line, actor: "operator", book: book, key)
    case "job.complete":
      let line = try CommandDesk.completionLine(object)
      return try submit(line, actor: "operator", book: try CommandDesk.book(object) ?? mode, key)
    case "job.fail":
      let line = try CommandDesk.failureLine(object)
      return try submit(line, actor: "operator", book: try CommandDesk.book(object) ?? mode, key)
    case "finance.record":
      let line = try CommandDesk.financeLine(object, entry: Mint.ulid(at: clocks.wall()))
      return try submit(line, actor: "operator", book: try CommandDesk.book(object) ?? mode, key)
    case "alert.acknowledge":
      let command = try CommandDesk.acknowledgement(object)
      let book = try CommandDesk.book(object) ?? mode
      return try submit(command, actor: "operator", book: book, key)
    case "vendor.observe":
      let line = try CommandDesk.vendorLine(object)
      return try submit(line, actor: "operator", book: try CommandDesk.book(object) ?? mode, key)
    case "business.generate":
      let line = try CommandDesk.businessLine(object)
      return try submit(line, actor: "operator", book: try CommandDesk.book(object) ?? mode, key)
    default:
      let known = CommandDesk.names.map { "\($0)" }.joined(separator: ", ")
      throw .unreadable("no command is called \(name.string); there are \(known)")
    }
  }

  private var freshWallet: WalletID { WalletID(Mint.ulid(at: clocks.wall())) }

  private static func reason(_ object: JSONObject) throws(CommandLineFault) -> Text {
    guard case .string(let reason) = object["reason"] else {
      throw .unreadable("reason is missing: say why; it stands in the log")
    }
    return reason
  }

  private static func acknowledgement(
    _ object: JSONObject
  ) throws(CommandLineFault) -> AcknowledgeAlert {
    guard case .string(let name) = object["alert_id"], let id = AlertID(name) else {
      throw .unreadable("alert_id is missing or is no identifier")
    }
    func text(_ name: Text) throws(CommandLineFault) -> Text? {
      switch object[name] {
      case .none: return nil
      case .string(let text): return text
      case .some: throw .unreadable("\(name) is not a text")
      }
    }
    return AcknowledgeAlert(
      alert: id, by: try text("by") ?? "operator", note: try text("note"))
  }

  private static func importLine(_ object: JSONObject) throws(CommandLineFault) -> ImportLine {
    do throws(ImportLineFault) {
      return try ImportLine(object)
    } catch {
      throw .unreadable(error.sentence)
    }
  }

  private func submit<Wish: Ledger.Command>(
    _ command: Wish, actor: Text, book: Book, _ key: Text?
  ) throws(CommandLineFault) -> Reply {
    let binding = key.map {
      KeyBinding(key: $0, op: Text("\(Wish.name)"), print: Fingerprints.command(command))
    }
    do throws(Unavailable) {
      let outcome = try bookkeeper.submit(
        Submission(command, actor: actor, book: book, cause: nil, binding: binding))
      return reply(outcome, key)
    } catch {
      throw .unavailable(error)
    }
  }

  private func acceptClock(_ reason: Text, _ key: Text?) throws(CommandLineFault) -> Reply {
    do throws(Unavailable) {
      return reply(try bookkeeper.acceptClock(reason: reason, by: "operator"), key)
    } catch {
      throw .unavailable(error)
    }
  }

  private func reply(_ outcome: Outcome, _ key: Text?) -> Reply {
    let status: Reply.Status =
      switch outcome.kind {
      case .accepted(let records): .recorded(records.first?.seq ?? outcome.decidedSeq)
      case .repeated(let first): .repeated(first)
      case .unchanged: .unchanged
      case .rejected(let rejection):
        .refused(code: "\(rejection.code)", reason: rejection.sentence)
      }
    return Reply(key: key, status: status, decidedSeq: outcome.decidedSeq)
  }

  private func refusal(_ key: Text?, _ code: String, _ reason: String) -> Reply {
    Reply(key: key, status: .refused(code: code, reason: reason), decidedSeq: 0)
  }

  // MARK: over HTTP

  /// Answers `POST /commands`.
  func run(_ exchange: Exchange) {
    var out = JSONWriter()
    var last: UInt64 = 0
    do throws(Unavailable) {
      for line in exchange.request.body.split(separator: 0x0A) where !line.isEmpty {
        let reply = try submit(Array(line))
        last = max(last, reply.decidedSeq)
        reply.write(to: &out)
      }
    } catch {
      exchange.respond(error.problem)
      return
    }
    let response = Response(status: 200, contentType: "application/jsonl", body: out.bytes)
    bookkeeper.release(exchange, response, after: last)
  }
}

/// Why a command line led to nothing.
enum CommandLineFault: Error {
  case unreadable(String)
  case unavailable(Unavailable)
}

extension CommandDesk.Reply {
  /// `{"key":…,"status":"recorded","seq":42}` and a line feed.
  func write(to out: inout JSONWriter) {
    out.beginObject()
    out.optional("key", key)
    switch status {
    case .recorded(let seq):
      out.field("status", "recorded")
      out.field("seq", seq)
    case .repeated(let seq):
      out.field("status", "repeated")
      out.field("seq", seq)
    case .unchanged: out.field("status", "unchanged")
    case .refused(let code, let reason):
      out.field("status", "refused")
      out.field("code", code)
      out.field("reason", reason)
    }
    out.endObject()
    out.bytes.append(0x0A)
  }
}
