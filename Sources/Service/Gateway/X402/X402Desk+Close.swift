package import JSON
internal import Journal
internal import Ledger
internal import Rails

/// How payments that nobody knows the end of are closed: by asking again with the identical body
/// while that is safe, and by the chain.
extension X402Desk {
  /// How long after its promise lapsed a settlement may still be asked for again.
  private static let marginSeconds: Int64 = 60

  /// Looks after all payments that have not ended and that nobody is busy with; blocks its thread.
  package func reconcile(cause: Text?) -> [PaymentDesk.Reconciliation.Finding] {
    let book = book
    return doubts.compactMap { receipt in
      guard begin(receipt) else { return nil }
      let evidence = close(receipt, cause: cause)
      end(receipt)
      let phase = bookkeeper.read { state, _ in state[book].receipts[receipt]?.phase }.value
      return PaymentDesk.Reconciliation.Finding(
        subject: receipt.text, result: Text("\(phase?.name ?? "unknown")"), evidence: evidence)
    }
  }

  /// What there is to look after: what nobody knows, and what was taken and has lapsed.
  var doubts: [ReceiptID] {
    let book = book
    return bookkeeper.read { state, now in
      state[book].receipts.openOnes.filter { place, receipt in
        place.phase == .unknown
          || (place.phase == .reserved && receipt.reserved.validBefore <= now)
      }.map(\.receipt.reserved.receipt)
    }.value
  }

  /// Declares unknown what an earlier process had begun to settle.
  package func adoptInterrupted() throws(Unavailable) {
    let book = book
    let begun = bookkeeper.read { state, _ in
      state[book].receipts.openOnes.filter { place, _ in
        place.phase == .answered || place.phase == .settling
      }.map(\.receipt.reserved.receipt)
    }.value
    for receipt in begun {
      let command = SettleReservation(
        receipt: receipt, outcome: .unknown(errorClass: "restart", nil), source: .provider,
        evidence: nil, anomalies: [])
      _ = try submit(command, cause: nil)
    }
  }

  /// Ends a payment when there is evidence; tells what was found.
  ///
  /// Call it between `begin` and `end`.
  func close(_ receipt: ReceiptID, cause: Text?) -> Text {
    let book = book
    let (open, phase, now) = bookkeeper.read { state, now in
      (state[book].receipts.open(receipt), state[book].receipts[receipt]?.phase, now)
    }.value
    guard let open else { return "it has ended" }
    if phase == .reserved {
      return record(
        .refused(stage: .handler, code: "LAPSED", reason: nil), receipt, cause,
        "the promise lapsed before anybody was asked to move money")
    }
    guard phase == .unknown else { return "it is being settled" }
    let seconds = now.milliseconds / 1_000
    let end = open.reserved.validBefore.milliseconds / 1_000
    var said: Text = "the promise has lapsed, so the facilitator is not asked again"
    if seconds <= end + X402Desk.marginSeconds {
      let (isEnded, told) = askAgain(open, cause)
      if isEnded { return told }
      said = told
    }
    return look(open, end, cause) ?? said
  }

  /// Sends the settlement again, the same bytes; only that it moved money is evidence.
  private func askAgain(_ open: OpenReceipt, _ cause: Text?) -> (isEnded: Bool, Text) {
    let receipt = open.reserved.receipt
    guard let started = begun(open), let payment = X402Desk.payment(of: started.payment),
      let terms = X402Desk.terms(of: open.reserved)
    else { return (false, "its start cannot be read from the log") }
    let body = X402Request.body(
      version: payment.version, payment: started.payment, requirements: started.requirements)
    let reply = options.facilitator.ask(.settle, body, about: receipt.text)
    let (outcome, anomalies, _) = X402Desk.outcome(of: reply, payment, terms, receipt)
    switch outcome {
    case .settled(let hash, _):
      let evidence = Text("\(options.facilitator.name): settled in \(hash.text)")
      return (true, record(outcome, receipt, cause, evidence, anomalies))
    case .refused(_, let code, _):
      // It may be our own first call that used the nonce up.
      return (false, Text("\(options.facilitator.name): refused, \(code), which proves nothing"))
    case .unknown(let errorClass, let hash):
      if hash != nil { _ = record(outcome, receipt, cause, nil, anomalies) }
      return (false, Text("\(options.facilitator.name): no end, \(errorClass)"))
    }
  }

  /// Asks the chain; nil when no node is configured.
  private func look(_ open: OpenReceipt, _ validBefore: Int64, _ cause: Text?) -> Text? {
    let reserved = open.reserved
    guard let reader = options.chain(reserved.promise.network) else { return nil }
    let fate: PromiseFate
    do throws(ChainFault) {
      fate = try reader.fate(
        of: reserved.promise, to: reserved.receiver, value: reserved.amount.units,
        since: open.reservedAt, validBefore: validBefore)
    } catch {
      return Text("the chain was not read: \(error.sentence)")
    }
    switch fate {
    case .moved(let hash, let block):
      return record(
        .settled(hash, payer: reserved.promise.payer), reserved.receipt, cause,
        Text("\(reader.source): moved in \(hash.text), block \(block)"))
    case .cancelled(let block):
      return record(
        .refused(stage: .settle, code: "CANCELLED", reason: nil), reserved.receipt, cause,
        Text("\(reader.source): the payer cancelled the nonce, block \(block)"))
    case .lapsed(let block):
      return record(
        .refused(stage: .settle, code: "EXPIRED", reason: nil), reserved.receipt, cause,
        Text("\(reader.source): the nonce is unused at finalized block \(block)"))
    case .open(let reason): return Text("\(reader.source): \(reason)")
    }
  }

  private func record(
    _ outcome: GatewayOutcome, _ receipt: ReceiptID, _ cause: Text?, _ evidence: Text?,
    _ anomalies: [GatewayAnomaly] = []
  ) -> Text {
    let command = SettleReservation(
      receipt: receipt, outcome: outcome, source: .reconcile, evidence: evidence,
      anomalies: anomalies)
    do throws(Unavailable) {
      _ = try submit(command, cause: cause)
      return evidence ?? "noted"
    } catch {
      return "the ledger could not be written"
    }
  }

  /// What was sent the first time, as the log has it.
  private func begun(_ open: OpenReceipt) -> GatewaySettleStarted? {
    guard bookkeeper.waitUntilDurable() else { return nil }
    do {
      let record = try RecordLookup.record(at: open.settleSeq, in: answers.folder)
      guard case .gatewaySettleStarted(let started)? = record?.event else { return nil }
      return started
    } catch {
      return nil
    }
  }

  private static func payment(of json: Text) -> X402Payment? {
    do throws(X402PaymentFault) {
      return try X402Payment.read(json: json)
    } catch {
      return nil
    }
  }

  /// The terms of a reservation, as far as an answer is compared with them.
  private static func terms(of reserved: GatewayReserved) -> X402Terms? {
    guard let network = X402Network.named(reserved.promise.network.name) else { return nil }
    return X402Terms(
      network: network, coin: X402Coin(address: reserved.promise.token, name: "", version: ""),
      amount: reserved.amount, payTo: reserved.receiver, maxTimeoutSeconds: 0,
      flow: reserved.flow)
  }
}
