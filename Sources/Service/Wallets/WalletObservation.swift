internal import HTTP
internal import JSON
internal import Ledger

/// `tollbook wallet observe`: asks the chain what every present wallet holds, and records it.
///
/// Exit codes: the first one that is not 0 of asking and recording; 1 when something has left a
/// wallet and no payment tells of it; 4 when there is no wallet.
enum WalletObservation {
  /// A wallet as the operator API tells of it.
  private struct Row {
    let id: Text
    let address: WalletAddress
    let network: Network
    let seq: Int64?
    let unexplained: Text?
    let held: Text?
  }

  static func run(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let configuration = try context.configuration()
    let book = try context.book()
    let rows = try rows(context, configuration)
    guard !rows.isEmpty else {
      throw CommandStop(
        .notFound,
        "no wallet is registered; set X402_WALLET_ADDRESS and start the daemon, "
          + "or: tollbook wallet rotate --address A --reason R")
    }
    let readers = ChainReaders(context, configuration)
    defer { readers.close() }
    var worst = ExitStatus.ok
    for row in rows {
      let status = observe(row, readers, book, context, configuration)
      if worst == .ok { worst = status }
    }
    let found = try tellOutflows(context, configuration, before: rows)
    return worst == .ok && found ? .checkFailed : worst
  }

  private static func observe(
    _ row: Row, _ readers: ChainReaders, _ book: Book, _ context: CommandContext,
    _ configuration: Configuration
  ) -> ExitStatus {
    var line = JSONWriter()
    do throws(ChainFault) {
      let reader = try readers.reader(of: row.network)
      let read = try reader.balance(of: row.address)
      context.output.print(
        "\(row.address.text) on \(row.network.name): \(read.amount), block \(read.block)")
      line.beginObject()
      line.field("command", ObserveBalance.name)
      line.field("book", book.name)
      line.field("wallet_id", row.id)
      line.field("balance", read.amount.decimal)
      line.field("block", read.block)
      // The newest block has only itself upon it.
      line.field("confirmations", 1)
      line.field("source", reader.source)
      line.endObject()
    } catch {
      context.output.message("tollbook: \(row.address.text): \(CommandStop(error).message)")
      return error.exitStatus
    }
    return ReasonedCommand.run(line.bytes, "wallet.observe", context, configuration)
  }

  /// Says of each wallet that was just looked at what left it unexplained; whether any did.
  private static func tellOutflows(
    _ context: CommandContext, _ configuration: Configuration, before: [Row]
  ) throws(CommandStop) -> Bool {
    let found = try rows(context, configuration).filter { row in
      row.seq != before.first { $0.id == row.id }?.seq && row.held != nil
    }
    for row in found {
      context.output.message(
        "tollbook: \(row.unexplained ?? "?") USDC left \(row.address.text) and no payment on "
          + "record tells of it (payments under way hold \(row.held ?? "?") USDC); "
          + "see docs/wallets.md")
    }
    return !found.isEmpty
  }

  /// Asked of the daemon while one runs: the files may be a moment behind it.
  private static func rows(
    _ context: CommandContext, _ configuration: Configuration
  ) throws(CommandStop) -> [Row] {
    let call = OperatorCall(
      method: .get, path: "/api/payments/wallet-balance", body: [], key: nil)
    let answer = try call.run(context, configuration)
    if let refusal = answer.refusal { throw refusal }
    return (answer.object.object?["wallets"]?.elements ?? []).compactMap { element in
      guard let object = element.object, let id = object["wallet_id"]?.text,
        let address = object["address"]?.text.flatMap({ WalletAddress($0) }),
        let network = object["network"]?.text.flatMap({ Network($0) })
      else { return nil }
      var seq: Int64?
      if case .number(let number) = object["seq"] { seq = number.integer() }
      return Row(
        id: id, address: address, network: network, seq: seq,
        unexplained: object["unexplained_outflow"]?.text, held: object["held"]?.text)
    }
  }
}

extension ChainReaders {
  /// The daemon owns the log files, so what the command line asks stands in none of them.
  init(_ context: CommandContext, _ configuration: Configuration) {
    self.init(configuration, clocks: context.clocks) { _ in }
  }
}

extension CommandStop {
  init(_ fault: ChainFault) { self.init(fault.exitStatus, "\(fault.code): \(fault.sentence)") }
}
