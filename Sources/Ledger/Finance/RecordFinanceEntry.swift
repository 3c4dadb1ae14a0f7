public import JSON

/// Records a line for the finance ledger; the shell adds it to the file afterwards.
public struct RecordFinanceEntry: Command {
  public static var name: StaticString { "finance.record" }

  public let entry: FinanceEntryID
  public let type: Text
  public let transaction: TransactionID?
  public let amount: Money
  public let vendor: Text?
  public let memo: Text?

  public init(
    entry: FinanceEntryID, type: Text, transaction: TransactionID?, amount: Money,
    vendor: Text?, memo: Text?
  ) {
    self.entry = entry
    self.type = type
    self.transaction = transaction
    self.amount = amount
    self.vendor = vendor
    self.memo = memo
  }

  public func writePrint(to out: inout JSONWriter) {
    out.field("entry_type", type)
    out.optional("tx_id", transaction?.text)
    out.field("amount", amount)
    out.optional("vendor", vendor)
    out.optional("memo", memo)
  }

  /// - Throws: `Rejection.fieldInvalid`. That we do not know the transaction is no reason: the
  ///   nightly sync tells.
  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    guard (1...64).contains(type.utf8Count) else {
      throw .fieldInvalid(field: "entry_type", reason: "must have 1 to 64 bytes")
    }
    guard amount.asset == .usdc else {
      throw .fieldInvalid(field: "asset", reason: "must be USDC: the line counts dollars")
    }
    guard (0...1_000_000_000_000_000_000).contains(amount.units) else {
      throw .fieldInvalid(field: "amount", reason: "must be 0 to 1000000000000 USDC")
    }
    return .accepted([
      .financeEntryRecorded(
        FinanceEntryRecorded(
          entry: entry, type: type, transaction: transaction, amount: amount,
          vendor: vendor?.cutForEvent, memo: memo?.cutForEvent))
    ])
  }
}
