internal import JSON
internal import Journal
package import Ledger

/// A receipt as the log has it: of the record of the payment, and where that stands.
package struct LoggedReceipt: Equatable, Sendable {
  private let receipt: Receipt
  package let position: Receipt.Position

  /// Reads the receipt of the payment that was accepted at a durable seq.
  ///
  /// Nil when no such payment stands there. Throws what reading the log throws.
  package init?(at seq: UInt64, in folder: String) throws {
    guard let record = try RecordLookup.record(at: seq, in: folder),
      case .gatewayPaymentAccepted(let accepted) = record.event,
      let hash = try RecordLookup.hash(at: seq, in: folder)
    else { return nil }
    receipt = Receipt(accepted, paidAt: record.at)
    position = Receipt.Position(seq: seq, hash: hash)
  }

  /// As `GET /receipts/{id}` answers it.
  package var json: [UInt8] {
    var out = JSONWriter()
    receipt.write(to: &out, position: position)
    return out.bytes
  }
}
