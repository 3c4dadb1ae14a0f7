package import HTTP
internal import JSON
internal import Ledger
internal import Rails

extension X402Desk {
  /// Sets up what sells for signed payments; nil in the other modes.
  ///
  /// In fake mode the facilitator is the fake one.
  static func open(
    _ bookkeeper: Bookkeeper, _ configuration: Configuration, _ clocks: Clocks,
    outside: OutsideClient, offers: OfferCounter,
    log: @escaping @Sendable (ProviderCallLine) -> Void,
    isDiskLow: @escaping @Sendable () -> Bool
  ) throws(ServeError) -> X402Desk? {
    guard configuration.verifierMode == .facilitator else { return nil }
    let settings = configuration.x402
    let facilitator: any Facilitator
    if configuration.isFake {
      do throws(FileError) {
        facilitator = FakeFacilitator(transfers: try FakeTransfers(home: configuration.home))
      } catch {
        throw .unusable(error.path, error.reason)
      }
    } else {
      guard let url = settings.facilitatorURL else {
        throw .unusable(Settings.facilitatorURL.name, "is needed in the mode facilitator")
      }
      facilitator = HTTPFacilitator(
        url: url, token: FacilitatorToken(settings.token, boot: clocks.boot),
        deadlineMilliseconds: settings.deadlineMilliseconds, outside: outside)
    }
    let readers = ChainReaders(configuration, clocks: clocks, log: log)
    let options = Options(book: configuration.isFake ? .fake : .real, facilitator: facilitator) {
      network in
      do throws(ChainFault) {
        return try readers.reader(of: network)
      } catch {
        return nil
      }
    }
    guard let pool = CallPool(threads: configuration.isFake ? 4 : 32, boot: clocks.boot),
      let answers = RecordedAnswers(folder: configuration.home + "/data/ledger")
    else { throw .noThread }
    return X402Desk(
      bookkeeper, options, pool: pool, answers: answers, offers: offers, isDiskLow: isDiskLow)
  }

  /// Asks the facilitator what it settles: when it answers and does not cover the network, the
  /// daemon does not start.
  func checkSupport(of network: Network) throws(ServeError) {
    guard let chain = X402Network.named(network.name) else {
      throw .unusable(Settings.network.name, "is not a chain that is known")
    }
    let reply = options.facilitator.ask(.supported, [], about: "start")
    // One that cannot be reached now may be later; until then payments are answered with 503.
    guard case .answered(let status, let body) = reply,
      let supported = X402Supported(status: status, body: body)
    else { return }
    guard supported.covers(version: 2, chain) || supported.covers(version: 1, chain) else {
      throw .unusable(
        Settings.facilitatorURL.name,
        "the facilitator does not settle scheme exact on \(chain.caip2); "
          + "name another one, or another X402_NETWORK")
    }
  }

  /// Finishes what was begun; call it while the ledger can be written.
  func finish() {
    pool.close()
    answers.close()
  }

  /// Looks after payments that nobody knows the end of, on a thread of the pool.
  func lookAfterDoubts() {
    guard hasDoubts else { return }
    _ = pool.add { [self] in _ = reconcile(cause: nil) }
  }
}

extension Gateway {
  /// The built-in task as it is sold for signed payments; nil when no address is paid.
  func taskSale(_ policy: GatewayPolicy) -> X402Sale? {
    guard let chain = X402Network.named(policy.network.name), let coin = chain.coin,
      let receiver = policy.receiver
    else { return nil }
    let terms = X402Terms(
      network: chain, coin: coin, amount: policy.price, payTo: receiver,
      maxTimeoutSeconds: x402Settings.maxTimeoutSeconds, flow: .authorization)
    let resource = X402Resource(
      url: Text(x402Settings.publicURL + Gateway.taskPath), description: "The built-in task",
      mimeType: "application/json")
    return X402Sale(
      route: Gateway.taskOp,
      offer: X402Offer(terms: [terms], resource: resource, error: "Payment required"),
      keyScope: keyScope, isJSON: true
    ) { request, receipt, _ in
      do throws(Problem) {
        return .answer(try Gateway.taskAnswer(request, receipt))
      } catch {
        return .failed(error.response(requestID: request.requestID))
      }
    }
  }

  /// `{"status":"accepted","result":…,"receipt":{…},"idempotencyKey":…}`; the money moves later,
  /// so the receipt says where it will stand.
  private static func taskAnswer(
    _ request: Request, _ receipt: ReceiptID
  ) throws(Problem) -> GatewayAnswer {
    let task = try Task(request)
    var out = JSONWriter()
    out.beginObject()
    out.field("status", "accepted")
    out.key("result")
    out.value(task.result(), sortingMembers: false)
    out.key("receipt")
    out.beginObject()
    out.field("receiptId", receipt.text)
    out.field("url", "/receipts/\(receipt)")
    out.endObject()
    out.key("idempotencyKey")
    if let key = request.headers["Idempotency-Key"] { out.string(key) } else { out.null() }
    out.endObject()
    return GatewayAnswer(
      status: 200, headers: [.init(name: "content-type", value: "application/json")],
      body: RecordedBody(out.bytes))
  }

  // MARK: the state of a payment

  /// Answers `GET /payments/{id}`: how a payment at the gateway stands.
  package func payment(_ exchange: Exchange, id: String) {
    guard let receipt = ReceiptID(Text(id)) else {
      return exchange.respond(Problem.noSuchReceipt)
    }
    let book = book
    let (found, seq) = bookkeeper.read { state, _ in
      (place: state[book].receipts[receipt], open: state[book].receipts.open(receipt))
    }
    bookkeeper.whenDurable(seq) { [answers] isDurable in
      guard isDurable else { return exchange.respond(Problem.ledgerUnavailable) }
      guard let place = found.place else { return exchange.respond(Problem.noSuchReceipt) }
      guard place.endSeq > 0 else {
        return exchange.respond(PaymentState(receipt, place, found.open, nil).response)
      }
      answers.readRecords(at: [place.endSeq]) { records in
        exchange.respond(PaymentState(receipt, place, found.open, records?.first).response)
      }
    }
  }
}

/// How a payment at the gateway stands, as a payer is told.
private struct PaymentState {
  private let receipt: ReceiptID
  private let place: ReceiptPlace
  private let open: OpenReceipt?
  private let end: Record?

  init(_ receipt: ReceiptID, _ place: ReceiptPlace, _ open: OpenReceipt?, _ end: Record?) {
    self.receipt = receipt
    self.place = place
    self.open = open
    self.end = end
  }

  var response: Response {
    var out = JSONWriter()
    out.beginObject()
    out.field("receiptId", receipt.text)
    out.field("status", place.phase.name)
    out.field("charged", charged)
    if let reserved = open?.reserved {
      out.field("amount", reserved.amount.decimal)
      out.field("asset", reserved.amount.asset.code)
      out.field("network", reserved.promise.network.name)
    }
    if let doubt = open?.doubt {
      out.field("reason", doubt.errorClass)
      out.moment("unknownSince", doubt.since)
      out.optional("txHash", doubt.chainHash?.text)
    }
    switch end?.event {
    case .gatewayPaymentAccepted(let accepted):
      out.field("amount", accepted.amount.decimal)
      out.field("asset", accepted.amount.asset.code)
      out.field("network", accepted.network.name)
      out.optional("txHash", accepted.chainHash?.text)
      out.field("receiptUrl", "/receipts/\(receipt)")
    case .gatewayRefused(let refused):
      out.field("code", refused.code)
      out.optional("reason", refused.reason)
    default: break
    }
    out.endObject()
    var response = Response.json(200, out)
    if place.phase != .accepted, place.phase != .refused {
      response.headers.append("Retry-After", "5")
    }
    return response
  }

  /// What can be said of the money: `yes`, `no`, or `unknown`.
  private var charged: StaticString {
    switch place.phase {
    case .reserved, .refused: "no"
    case .answered, .settling, .unknown: "unknown"
    case .settled, .accepted: "yes"
    }
  }
}
