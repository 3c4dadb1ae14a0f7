package import JSON
package import Ledger

/// One line of a Genesis `transactions.jsonl`, read strictly.
///
/// Fields in any order: `transaction_id`, `timestamp`, `agent_id`, `vendor`, `price_usdc`, `status`
/// must be there; `blockchain_tx_hash`, `error`, `service_url` (null and "" count as absent),
/// `network`, `facilitator_receipt`, `latency_ms` or `duration_ms` or `duration_seconds` may.
/// Other fields are ignored.
package struct GenesisLine: Sendable {
  /// What the file does not say of itself.
  package struct Terms: Sendable {
    /// What `price_usdc` counts.
    package let asset: Asset
    /// Where the money moved, unless a line names its own `network`.
    package let network: Network
    package let rounding: Money.Rounding

    package init(asset: Asset, network: Network, rounding: Money.Rounding) {
      self.asset = asset
      self.network = network
      self.rounding = rounding
    }
  }

  package let payment: ImportPayment
  /// The amount as the line has it, when it had to be rounded; nil otherwise.
  package let roundedFrom: Text?

  /// Reads a line without its line feed.
  ///
  /// - Throws: the first fault, in the order of the list above. Traps: never.
  package init(_ bytes: [UInt8], terms: Terms) throws(GenesisFault) {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONParser.parse(bytes, limits: .line)
    } catch {
      throw .notJSON(error)
    }
    guard case .object(let object) = value else { throw .notAnObject(kind: "\(value.kind)") }
    let fields = GenesisFields(object)
    let transaction = try fields.transactionID()
    let occurredAt = try fields.timestamp()
    let agent = try fields.name("agent_id")
    let vendor = try fields.name("vendor")
    let amount = try fields.amount(terms)
    let status = try fields.status()
    let chainHash = try fields.optionalText("blockchain_tx_hash")
    let error = try fields.optionalText("error")
    let serviceURL = try fields.optionalText("service_url")
    let network = try fields.network() ?? terms.network
    let isFailed = status.phase == .failed
    var payment = ImportPayment(
      transaction: transaction,
      parties: PaymentParties(agent: agent, vendor: vendor, network: network),
      amount: amount.money, phase: status.phase, occurredAt: occurredAt,
      chainHash: chainHash.map { ChainHash($0) },
      error: isFailed ? error ?? status.causeWithoutError : error,
      vendorFault: isFailed && status.canBlameVendor && FailureCause.isVendors(error: error),
      latencyMilliseconds: try fields.latency(), serviceURL: serviceURL,
      facilitatorReceipt: fields.canonicalJSON("facilitator_receipt"))
    payment.amountText = amount.roundedFrom
    self.payment = payment
    roundedFrom = amount.roundedFrom
  }
}

/// Reads the members of a line, each with its own fault.
private struct GenesisFields {
  private let object: JSONObject

  init(_ object: JSONObject) { self.object = object }

  func transactionID() throws(GenesisFault) -> TransactionID {
    let text = try text("transaction_id")
    guard let id = TransactionID(text) else { throw .idInvalid(text.string) }
    return id
  }

  /// A time with an offset, or without one: Genesis writes naive UTC.
  func timestamp() throws(GenesisFault) -> Timestamp {
    let text = try text("timestamp")
    guard let moment = Timestamp(rfc3339: text, offsetRequired: false) else {
      throw .timestampInvalid(text.string)
    }
    return moment
  }

  func name(_ field: Text) throws(GenesisFault) -> Text {
    let text = try text(field)
    guard (1...256).contains(text.utf8Count) else { throw .nameInvalid(field: field.string) }
    return text
  }

  func status() throws(GenesisFault) -> GenesisStatus {
    let text = try text("status")
    guard let status = GenesisStatus(text) else { throw .statusUnknown(text.string) }
    return status
  }

  /// A line that names a test network must never enter the totals of a real one.
  func network() throws(GenesisFault) -> Network? {
    guard let text = try optionalText("network") else { return nil }
    guard let network = Network(text) else { throw .networkInvalid(text.string) }
    return network
  }

  /// The amount, exactly as its text says: a JSON number, or the same grammar in a string.
  func amount(
    _ terms: GenesisLine.Terms
  ) throws(GenesisFault) -> (money: Money, roundedFrom: Text?) {
    guard let value = object["price_usdc"] else { throw .missing(field: "price_usdc") }
    let number: JSONNumber
    switch value {
    case .number(let written): number = written
    case .string(let text):
      guard let written = JSONNumber(text) else { throw .amountMalformed(text.string) }
      number = written
    case .null, .bool, .array, .object:
      throw .wrongType(field: "price_usdc", expected: "a number, or a string that is one")
    }
    let written = number.text
    guard !written.hasPrefix("-") else { throw .amountNegative(written.string) }
    guard let plain = PlainDecimal.text(of: number) else { throw .amountTooLarge(written.string) }
    do throws(MoneyError) {
      return (try Money(decimal: plain, asset: terms.asset, rounding: .refuse), nil)
    } catch {
      guard case .tooManyDecimals = error, terms.rounding == .halfEven else {
        throw GenesisFields.fault(error, written)
      }
    }
    do throws(MoneyError) {
      return (try Money(decimal: plain, asset: terms.asset, rounding: .halfEven), written)
    } catch {
      throw GenesisFields.fault(error, written)
    }
  }

  private static func fault(_ error: MoneyError, _ written: Text) -> GenesisFault {
    switch error {
    case .malformed: .amountMalformed(written.string)
    case .tooManyDecimals(let allowed): .amountTooPrecise(written.string, allowed: allowed)
    case .overflow, .assetMismatch: .amountTooLarge(written.string)
    }
  }

  /// Milliseconds, what is below one cut off; of several fields the first of the list counts.
  func latency() throws(GenesisFault) -> Int64? {
    for (field, unitsPerMillisecond) in [
      ("latency_ms", Int128(1_000_000)), ("duration_ms", 1_000_000), ("duration_seconds", 1_000),
    ] {
      guard let value = object[Text(field)], value != .null else { continue }
      guard case .number(let number) = value else {
        throw .wrongType(field: field, expected: "a number")
      }
      let fault = GenesisFault.latencyInvalid(field: field, number.text.string)
      guard !number.text.hasPrefix("-"), let units = millionths(number),
        let whole = Int64(exactly: units / unitsPerMillisecond)
      else { throw fault }
      return whole
    }
    return nil
  }

  /// A number in millionths, as the reader of a dollar coin's amount does it exactly.
  private func millionths(_ number: JSONNumber) -> Int128? {
    guard let plain = PlainDecimal.text(of: number) else { return nil }
    do throws(MoneyError) {
      return try Money(decimal: plain, asset: .usdc, rounding: .halfEven).units
    } catch {
      return nil
    }
  }

  /// Any value as canonical JSON, members sorted; nil for none and for null.
  func canonicalJSON(_ field: Text) -> Text? {
    guard let value = object[field], value != .null else { return nil }
    var out = JSONWriter()
    out.value(value, sortingMembers: true)
    return Text(utf8: out.bytes)
  }

  /// A string that is there.
  private func text(_ field: Text) throws(GenesisFault) -> Text {
    guard let value = object[field] else { throw .missing(field: field.string) }
    guard let text = value.text else {
      throw .wrongType(field: field.string, expected: "a string")
    }
    return text
  }

  /// A string; nil when there is none, or null, or nothing in it.
  func optionalText(_ field: Text) throws(GenesisFault) -> Text? {
    guard let value = object[field], value != .null else { return nil }
    guard let text = value.text else {
      throw .wrongType(field: field.string, expected: "a string or null")
    }
    return text.isEmpty ? nil : text
  }
}
