package import JSON
package import Ledger

/// Why a `payment.import` request line cannot be read.
package enum ImportLineFault: Error, Equatable, Sendable {
  case notJSON(JSONError)
  case notAnObject
  case otherCommand
  case missing(field: String)
  case invalid(field: String, reason: String)

  /// What is wrong with the line.
  package var sentence: String {
    switch self {
    case .notJSON(let error): "the line is not strict JSON: \(error)"
    case .notAnObject: "the line must be a JSON object"
    case .otherCommand: "command must be payment.import"
    case .missing(let field): "\(field) is missing"
    case .invalid(let field, let reason): "\(field) \(reason)"
    }
  }
}

/// The request line of `payment.import`, as `log append` and the daemon's socket read it.
///
/// `{"command":"payment.import","key"?,"fake"?,"transaction_id","agent_id","vendor","network",
/// "amount","asset","status","occurred_at","blockchain_tx_hash"?,"error"?,"vendor_fault"?,
/// "latency_ms"?,"service_url"?,"facilitator_receipt"?}`. Written in this order, read in any; other
/// members are ignored.
package struct ImportLine: Sendable {
  /// The caller's name for a retry; an import needs none.
  package let key: Text?
  package let book: Book
  package let payment: ImportPayment

  package init(key: Text?, book: Book, payment: ImportPayment) {
    self.key = key
    self.book = book
    self.payment = payment
  }

  /// Appends the line and its line feed.
  package func write(to out: inout JSONWriter) {
    out.beginObject()
    out.field("command", ImportPayment.name)
    out.optional("key", key)
    out.flag("fake", book == .fake)
    out.field("transaction_id", payment.transaction.text)
    out.field("agent_id", payment.parties.agent)
    out.field("vendor", payment.parties.vendor)
    out.field("network", payment.parties.network.name)
    out.field("amount", payment.amount.decimal)
    out.field("asset", payment.amount.asset.code)
    out.field("status", payment.phase.name)
    out.field("occurred_at", payment.occurredAt.rfc3339)
    out.optional("blockchain_tx_hash", payment.chainHash?.text)
    out.optional("error", payment.error)
    if payment.phase == .failed { out.field("vendor_fault", payment.vendorFault) }
    out.optional("latency_ms", payment.latencyMilliseconds)
    out.optional("service_url", payment.serviceURL)
    out.optional("facilitator_receipt", payment.facilitatorReceipt)
    out.optional("amount_text", payment.amountText)
    out.endObject()
    out.bytes.append(0x0A)
  }

  /// Reads a line, with or without its line feed.
  package init(_ bytes: [UInt8]) throws(ImportLineFault) {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONParser.parse(bytes, limits: .line)
    } catch {
      throw .notJSON(error)
    }
    guard case .object(let object) = value else { throw .notAnObject }
    try self.init(object)
  }

  /// Reads the members of a line that is parsed already.
  package init(_ object: JSONObject) throws(ImportLineFault) {
    let fields = RequestFields(object)
    guard try fields.text("command") == Text("\(ImportPayment.name)") else { throw .otherCommand }
    let phase = try fields.phase()
    let error = try fields.optionalText("error")
    let isVendorsFault = try fields.optionalFlag("vendor_fault")
    key = try fields.optionalText("key")
    book = try fields.optionalFlag("fake") == true ? .fake : .real
    var payment = ImportPayment(
      transaction: try fields.transactionID(), parties: try fields.parties(),
      amount: try fields.amount(), phase: phase, occurredAt: try fields.moment(),
      chainHash: try fields.optionalText("blockchain_tx_hash").map { ChainHash($0) },
      error: error,
      vendorFault: phase == .failed && (isVendorsFault ?? FailureCause.isVendors(error: error)),
      latencyMilliseconds: try fields.latency(),
      serviceURL: try fields.optionalText("service_url"),
      facilitatorReceipt: try fields.optionalText("facilitator_receipt"))
    payment.amountText = try fields.optionalText("amount_text")
    self.payment = payment
  }
}

/// Reads the members of a request line, each with its own fault.
private struct RequestFields {
  private let object: JSONObject

  init(_ object: JSONObject) { self.object = object }

  func transactionID() throws(ImportLineFault) -> TransactionID {
    guard let id = TransactionID(try text("transaction_id")) else {
      throw .invalid(
        field: "transaction_id", reason: "must have 1 to 128 characters of A-Z a-z 0-9 . _ : -")
    }
    return id
  }

  func parties() throws(ImportLineFault) -> PaymentParties {
    guard let network = Network(try text("network")) else {
      throw .invalid(
        field: "network", reason: "must have 1 to 64 characters of A-Z a-z 0-9 . _ : -")
    }
    return PaymentParties(
      agent: try text("agent_id"), vendor: try text("vendor"), network: network)
  }

  func amount() throws(ImportLineFault) -> Money {
    let code = try text("asset")
    guard let asset = Asset(code: code) else {
      let known = Asset.allCases.map { "\($0.code)" }.joined(separator: ", ")
      throw .invalid(field: "asset", reason: "must be one of \(known)")
    }
    do throws(MoneyError) {
      return try Money(decimal: try amountText(), asset: asset, rounding: .refuse)
    } catch {
      throw .invalid(
        field: "amount", reason: "must be a decimal with at most \(asset.scale) decimals")
    }
  }

  private func amountText() throws(MoneyError) -> Text {
    guard let text = object["amount"]?.text else { throw .malformed }
    return text
  }

  func phase() throws(ImportLineFault) -> PaymentPhase {
    let word = try text("status")
    for phase in PaymentPhase.allCases where word == Text("\(phase.name)") { return phase }
    throw .invalid(field: "status", reason: "must be pending, completed or failed")
  }

  func moment() throws(ImportLineFault) -> Timestamp {
    guard let moment = Timestamp(rfc3339: try text("occurred_at"), offsetRequired: true) else {
      throw .invalid(
        field: "occurred_at", reason: "must be a time of RFC 3339 such as 2025-11-16T03:00:00Z")
    }
    return moment
  }

  func latency() throws(ImportLineFault) -> Int64? {
    guard let value = object["latency_ms"] else { return nil }
    guard case .number(let number) = value, let latency = number.integer(), latency >= 0 else {
      throw .invalid(field: "latency_ms", reason: "must be a whole number from 0 on")
    }
    return latency
  }

  func text(_ field: Text) throws(ImportLineFault) -> Text {
    guard let text = try optionalText(field) else { throw .missing(field: field.string) }
    return text
  }

  func optionalText(_ field: Text) throws(ImportLineFault) -> Text? {
    guard let value = object[field] else { return nil }
    guard let text = value.text else {
      throw .invalid(field: field.string, reason: "must be a string")
    }
    return text
  }

  func optionalFlag(_ field: Text) throws(ImportLineFault) -> Bool? {
    guard let value = object[field] else { return nil }
    guard case .bool(let flag) = value else {
      throw .invalid(field: field.string, reason: "must be true or false")
    }
    return flag
  }
}
