internal import JSON
internal import Ledger

extension CommandDesk {
  /// Reads `{"command":"job.complete","run_id", …}`: the members of `job.completed`.
  static func completionLine(_ object: JSONObject) throws(CommandLineFault) -> RecordJobCompletion {
    let run = try run(object)
    do throws(FieldError) {
      return try RecordJobCompletion(run: run, reading: object)
    } catch {
      throw .unreadable(sentence(error))
    }
  }

  /// Reads `{"command":"job.fail","run_id","job","error","duration_ms"}`.
  static func failureLine(_ object: JSONObject) throws(CommandLineFault) -> RecordJobFailure {
    let run = try run(object)
    do throws(FieldError) {
      return try RecordJobFailure(run: run, reading: object)
    } catch {
      throw .unreadable(sentence(error))
    }
  }

  /// Reads `{"command":"finance.record","entry_type","amount","tx_id"?,"vendor"?,"memo"?}`.
  static func financeLine(
    _ object: JSONObject, entry: ULID
  ) throws(CommandLineFault) -> RecordFinanceEntry {
    func optional(_ name: Text) throws(CommandLineFault) -> Text? {
      guard let value = object[name] else { return nil }
      guard let text = value.text else { throw .unreadable("\(name) is not a text") }
      return text
    }
    guard let type = try optional("entry_type") else { throw .unreadable("entry_type is missing") }
    guard let written = try optional("amount") else { throw .unreadable("amount is missing") }
    let amount: Money
    do throws(MoneyError) {
      amount = try Money(decimal: written, asset: .usdc, rounding: .refuse)
    } catch {
      throw .unreadable("amount must be a decimal in USDC with at most six decimals, such as 1.25")
    }
    let id = try optional("tx_id")
    let transaction = id.flatMap { TransactionID($0) }
    guard (id == nil) == (transaction == nil) else {
      throw .unreadable("tx_id must be 1 to 128 bytes of [A-Za-z0-9._:-]")
    }
    return RecordFinanceEntry(
      entry: FinanceEntryID(entry), type: type, transaction: transaction, amount: amount,
      vendor: try optional("vendor"), memo: try optional("memo"))
  }

  private static func run(_ object: JSONObject) throws(CommandLineFault) -> RunID {
    guard let run = object["run_id"]?.text.flatMap({ RunID($0) }) else {
      throw .unreadable("run_id is missing, or not 1 to 128 bytes of [A-Za-z0-9._:-]")
    }
    return run
  }

  private static func sentence(_ error: FieldError) -> String {
    switch error {
    case .unpredicted: "a member cannot be read"
    case .missing(let name): "\(name) is missing"
    case .wrongType(let name, let expected): "\(name) is no \(expected)"
    case .invalid(let name, let reason): "\(name) \(reason)"
    }
  }
}
