import JSON

/// What a line says that it is about, as read; no text is made of our own ids.
public struct Subject: Sendable {
  /// The kinds of subject, told apart by their bytes.
  private enum Form: Sendable {
    case transaction(high: UInt64, low: UInt64)
    case receipt(high: UInt64, low: UInt64)
    case text(Text)
  }

  private let form: Form

  /// Takes the bytes of a subject, which must be valid UTF-8.
  public init(_ bytes: Span<UInt8>) {
    if let ulid = Identifier<TransactionKind>.ownULID(bytes) {
      form = .transaction(high: ulid.high, low: ulid.low)
    } else if let ulid = Identifier<ReceiptKind>.ownULID(bytes) {
      form = .receipt(high: ulid.high, low: ulid.low)
    } else {
      form = .text(Text(String(copying: bytes)))
    }
  }

  /// Takes a subject that is a text already.
  init(_ text: Text) { form = .text(text) }

  /// The subject as it stands in the line.
  var text: Text {
    switch form {
    case .transaction(let high, let low): TransactionID(ULID(high: high, low: low)).text
    case .receipt(let high, let low): ReceiptID(ULID(high: high, low: low)).text
    case .text(let text): text
    }
  }

  /// The payment that the subject names; nil when it is no identifier.
  var transaction: TransactionID? {
    if case .transaction(let high, let low) = form { return .init(ULID(high: high, low: low)) }
    return TransactionID(text)
  }

  /// The receipt that the subject names; nil when it is no identifier.
  var receipt: ReceiptID? {
    if case .receipt(let high, let low) = form { return .init(ULID(high: high, low: low)) }
    return ReceiptID(text)
  }
}
