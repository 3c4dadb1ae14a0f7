internal import JSON
internal import Ledger

/// `tollbook wallet address|balance|rotate|list`; `observe` is `WalletObservation`.
enum WalletCommands {
  /// An address that payments come from; `id` is nil while the ledger has not heard of it.
  private struct Target {
    let id: WalletID?
    let address: WalletAddress
    let network: Network
  }

  static func run(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    switch context.parsed.command {
    case .walletAddress: try address(context)
    case .walletBalance: try balance(context)
    case .walletObserve: try WalletObservation.run(context)
    case .walletRotate: try rotate(context)
    case .walletList: try list(context)
    default: fatalError("only commands of wallets come here")
    }
  }

  private static func address(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let target = try target(context, try context.book(), try context.state())
    if isJSON(context) {
      context.printJSON { out in
        out.beginObject()
        write(target, to: &out)
        out.endObject()
      }
    } else {
      context.output.print(target.address.text.string)
    }
    return .ok
  }

  /// Asks the node, and records nothing.
  private static func balance(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let target = try target(context, try context.book(), try context.state())
    let readers = ChainReaders(context, try context.configuration())
    defer { readers.close() }
    do throws(ChainFault) {
      let reader = try readers.reader(of: target.network)
      let read = try reader.balance(of: target.address)
      if isJSON(context) {
        context.printJSON { out in
          out.beginObject()
          write(target, to: &out)
          out.field("balance", read.amount.decimal)
          out.field("asset", Asset.usdc.code)
          out.field("block", read.block)
          out.field("source", reader.source)
          out.endObject()
        }
      } else {
        context.output.print("Wallet balance: $\(read.amount.twoDecimals)")
        context.output.print(
          "\(target.address.text) on \(target.network.name), block \(read.block), "
            + "source \(reader.source)")
      }
      return .ok
    } catch {
      throw CommandStop(error)
    }
  }

  private static func rotate(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let parsed = context.parsed
    let configuration = try context.configuration()
    let reason = parsed.value("reason") ?? ""
    let address = parsed.value("address") ?? ""
    guard !reason.isEmpty, WalletAddress(Text(address)) != nil else {
      throw CommandStop(
        .usage, "--reason must not be empty, and --address must be 0x and 40 hexadecimal digits")
    }
    var line = JSONWriter()
    line.beginObject()
    line.field("command", RotateWallet.name)
    line.field("book", try context.book().name)
    line.optional("owner", parsed.value("agent").map { Text($0) })
    line.field("address", Text(address))
    line.optional("network", parsed.value("network").map { Text($0) })
    line.field("reason", Text(reason))
    line.endObject()
    let status = ReasonedCommand.run(line.bytes, "wallet.rotate", context, configuration)
    if status == .ok, !parsed.has("quiet") {
      context.output.message(
        "tollbook: now name it in .env too and restart the daemon; see docs/wallets.md")
    }
    return status
  }

  /// Every wallet of every owner, those of the past too.
  private static func list(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let book = try context.book()
    let state = try context.state()
    let wallets = state[book].wallets
    let now = context.moment(state)
    if isJSON(context) {
      context.printJSON(list: wallets.tenures) { tenure, out in
        out.beginObject()
        out.field("owner", tenure.owner.name)
        if let wallet = wallets[tenure.wallet] {
          write(Target(id: wallet.id, address: wallet.address, network: wallet.network), to: &out)
          out.orNull("balance", wallet.observation?.balance.decimal)
          out.orNull("observed_at", wallet.observation.map { Text("\($0.at)") })
        }
        out.moment("since", tenure.since)
        out.orNull("until", tenure.until.map { Text("\($0)") })
        out.field("rotation_overdue", tenure.isOverdue(asOf: now))
        out.field("reason", tenure.reason)
        out.endObject()
      }
      return .ok
    }
    var table = Table([
      .init("OWNER", .left), .init("ADDRESS", .left), .init("NETWORK", .left),
      .init("BALANCE", .right), .init("OBSERVED", .left), .init("SINCE", .left),
      .init("UNTIL", .left), .init("REASON", .left),
    ])
    for tenure in wallets.tenures {
      let wallet = wallets[tenure.wallet]
      let end = tenure.isOverdue(asOf: now) ? "rotation overdue" : "now"
      table.add([
        tenure.owner.name.string, wallet?.address.text.string ?? "",
        wallet?.network.name.string ?? "", wallet?.observation?.balance.decimal.string ?? "",
        wallet?.observation.map { "\($0.at)" } ?? "never", "\(tenure.since)",
        tenure.until.map { "\($0)" } ?? end, tenure.reason.string,
      ])
    }
    table.print(to: context.output, context.palette)
    return .ok
  }

  // MARK: parts

  /// The wallet that funds the agent that was asked for, else the default one; of the settings
  /// while nothing is on record.
  private static func target(
    _ context: CommandContext, _ book: Book, _ state: borrowing State
  ) throws(CommandStop) -> Target {
    let wallets = state[book].wallets
    let agent = context.parsed.value("agent").map { Text($0) }
    let known = agent.map { wallets.wallet(funding: $0) } ?? wallets.wallet(of: .everybody)
    if let known {
      return Target(id: known.id, address: known.address, network: known.network)
    }
    let configuration = try context.configuration()
    let own = agent.flatMap { agent in
      configuration.wallets.agents.first { WalletOwner.agent(Text($0.agent)).funds(agent) }
    }
    guard let text = own?.address ?? configuration.receiver,
      let address = WalletAddress(Text(text))
    else {
      throw CommandStop(
        .notFound, "no wallet is known; set X402_WALLET_ADDRESS in .env and start the daemon")
    }
    return Target(id: nil, address: address, network: .base)
  }

  private static func write(_ target: Target, to out: inout JSONWriter) {
    out.orNull("wallet_id", target.id?.text)
    out.field("address", target.address.text)
    out.field("network", target.network.name)
  }

  private static func isJSON(_ context: CommandContext) -> Bool {
    context.parsed.format.map { $0 != .table } ?? false
  }
}
