import JSON
import Ledger

/// `tollbook receipt get` and `receipt verify`: what a payer holds against what the log says.
enum ReceiptCommands {
  static func run(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    context.parsed.command == .receiptGet ? try get(context) : try verify(context)
  }

  private static func get(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let receipt = try find(context.parsed.arguments.first ?? "", context)
    if let format = context.parsed.format, format != .table {
      context.output.write(receipt.json + [0x0A])
    } else {
      context.output.write(PrettyJSON.bytes(.object(try object(receipt.json, "the log"))))
    }
    return .ok
  }

  /// Compares a receipt, as the gateway gave it or inside a whole answer, with the log.
  ///
  /// `seq` and `hash` may be missing, as in the answer itself; nothing else may, and nothing may
  /// be added.
  private static func verify(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let path = context.parsed.arguments.first ?? "-"
    let document = try object(try JSONCheck.contents(of: path), SettingText.quotable(path))
    let told = document["receipt"]?.object ?? document
    guard case .string(let id) = told["receiptId"] else {
      throw CommandStop(.usage, "\(SettingText.quotable(path)): expected a receipt with receiptId")
    }
    let receipt = try find(id.string, context)
    let known = try object(receipt.json, "the log")
    let differences = compare(told, known, at: "")
    for difference in differences { context.output.print(DisplayText.safe(difference)) }
    guard differences.isEmpty else { return .checkFailed }
    let position = receipt.position
    context.output.print("\(id): as the log says, seq \(position.seq), hash \(position.hash)")
    return .ok
  }

  private static func object(_ bytes: [UInt8], _ name: String) throws(CommandStop) -> JSONObject {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONParser.parse(bytes, limits: .standard)
    } catch {
      let place = LinePosition(offset: error.offset, in: bytes)
      throw CommandStop(.usage, "\(name): \(place): \(error.reason.sentence)")
    }
    guard let object = value.object else {
      throw CommandStop(.usage, "\(name): expected a JSON object")
    }
    return object
  }

  private static func find(
    _ name: String, _ context: CommandContext
  ) throws(CommandStop) -> LoggedReceipt {
    let book = try context.book()
    guard let id = ReceiptID(Text(name)) else {
      throw CommandStop(
        .usage, "receipt id is '\(SettingText.quotable(name))'; expected rcpt_ and a ULID")
    }
    guard let place = try context.state()[book].receipts[id], place.phase == .accepted else {
      let other: Book = book == .real ? .fake : .real
      throw CommandStop(
        .notFound, "there is no receipt \(id) in the \(book.name) book; try --book \(other.name)")
    }
    do {
      if let found = try LoggedReceipt(at: place.endSeq, in: context.ledgerFolder) { return found }
    } catch {
      // Said below; `log verify` says more.
    }
    throw CommandStop(
      .logDamaged, "record \(place.endSeq) cannot be read; see: tollbook log verify")
  }

  /// One sentence for each member that differs; members of objects inside by `outer.inner`.
  private static func compare(
    _ told: JSONObject, _ known: JSONObject, at path: String
  ) -> [String] {
    var differences: [String] = []
    for member in known.members {
      let name = path + member.name.string
      switch (told[member.name], member.value) {
      case (nil, _):
        if !["seq", "hash"].contains(name) { differences.append("\(name): the receipt lacks it") }
      case (.object(let inner)?, .object(let other)):
        differences += compare(inner, other, at: name + ".")
      case (let value?, let other):
        guard value != other else { continue }
        differences.append("\(name): the receipt says \(text(value)), the log says \(text(other))")
      }
    }
    for member in told.members where known[member.name] == nil {
      differences.append("\(path + member.name.string): the log knows nothing of it")
    }
    return differences
  }

  private static func text(_ value: JSONValue) -> String {
    var out = JSONWriter()
    out.value(value, sortingMembers: false)
    return String(decoding: out.bytes.prefix(200), as: UTF8.self)
  }
}
