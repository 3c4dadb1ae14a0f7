internal import HTTP
internal import JSON
internal import Journal
package import Ledger

/// Reads recorded answers back from the log, on a thread of its own, never on the event loop.
package final class RecordedAnswers: Sendable {
  private let worker: Worker
  let folder: String

  /// Nil when the system has no thread left.
  package init?(folder: String) {
    guard let worker = Worker() else { return nil }
    self.worker = worker
    self.folder = folder
  }

  /// Calls with the answer that was recorded at this seq; nil when it cannot be read.
  package func read(
    seq: UInt64, _ body: @escaping @Sendable (GatewayResponseRecorded?) -> Void
  ) {
    look(body) { folder in
      guard
        case .gatewayResponseRecorded(let recorded)? =
          try RecordLookup.record(at: seq, in: folder)?.event
      else { return nil }
      return recorded
    }
  }

  /// Calls with the records at these seqs, in their order; nil when one cannot be read.
  package func readRecords(
    at seqs: [UInt64], _ body: @escaping @Sendable ([Record]?) -> Void
  ) {
    look(body) { folder in
      var records: [Record] = []
      for seq in seqs {
        guard let record = try RecordLookup.record(at: seq, in: folder) else { return nil }
        records.append(record)
      }
      return records
    }
  }

  /// Calls with the receipt of the payment that was accepted at this seq, as JSON.
  package func readReceipt(seq: UInt64, _ body: @escaping @Sendable ([UInt8]?) -> Void) {
    look(body) { folder in try LoggedReceipt(at: seq, in: folder)?.json }
  }

  package func close() { worker.close() }

  private func look<Found>(
    _ body: @escaping @Sendable (Found?) -> Void,
    for question: @escaping @Sendable (String) throws -> Found?
  ) {
    let folder = folder
    worker.add {
      do {
        body(try question(folder))
      } catch {
        // The caller answers 500; `log verify` says what is wrong with the log.
        body(nil)
      }
    }
  }
}
