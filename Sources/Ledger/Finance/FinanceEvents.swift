public import JSON

/// Names of finance entries.
public enum FinanceEntryKind: IdentifierKind {
  public static var prefix: StaticString { "fin_" }
}
/// Names one line that we add to the finance ledger.
public typealias FinanceEntryID = Identifier<FinanceEntryKind>

/// We added a line to the finance ledger, which others keep.
///
/// Wire: `finance.entry_recorded`. Subject: the entry. The line itself comes after this record.
public struct FinanceEntryRecorded: EventData {
  public let entry: FinanceEntryID
  /// What the line says in `type`.
  public let type: Text
  public let transaction: TransactionID?
  /// In USDC: the line counts dollars.
  public let amount: Money
  public let vendor: Text?
  public let memo: Text?

  var subject: Text { entry.text }

  func write(to out: inout JSONWriter) {
    out.field("entry_type", type)
    out.optional("tx_id", transaction?.text)
    out.field("amount", amount)
    out.optional("vendor", vendor)
    out.optional("memo", memo)
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    entry = try FieldReader.named(FinanceEntryID(subject.text))
    type = try fields.text("entry_type")
    let name = try fields.optionalText("tx_id")
    transaction = name.flatMap { TransactionID($0) }
    guard (transaction == nil) == (name == nil) else {
      throw .invalid("tx_id", "is not an identifier: 1 to 128 bytes of [A-Za-z0-9._:-]")
    }
    amount = try fields.money("amount")
    vendor = try fields.optionalText("vendor")
    memo = try fields.optionalText("memo")
  }

  init(
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
}
