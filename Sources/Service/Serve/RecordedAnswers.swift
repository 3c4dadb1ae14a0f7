internal import HTTP
internal import JSON
internal import Journal
package import Ledger

/// Reads recorded answers back from the log, on a thread of its own, never on the event loop.
package final class RecordedAnswers: Sendable {
  private let worker: Worker
  private let folder: String

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
    find(seq) { record in
      guard case .gatewayResponseRecorded(let recorded) = record?.event else { return body(nil) }
      body(recorded)
    }
  }

  /// Calls with the receipt of the payment that was accepted at this seq, as JSON.
  package func readReceipt(seq: UInt64, _ body: @escaping @Sendable ([UInt8]?) -> Void) {
    let folder = folder
    worker.add {
      do {
        body(try LoggedReceipt(at: seq, in: folder)?.json)
      } catch {
        // As below.
        body(nil)
      }
    }
  }

  package func close() { worker.close() }

  private func find(_ seq: UInt64, _ body: @escaping @Sendable (Record?) -> Void) {
    let folder = folder
    worker.add {
      do {
        body(try RecordLookup.record(at: seq, in: folder))
      } catch {
        // The caller answers 500; `log verify` says what is wrong with the log.
        body(nil)
      }
    }
  }
}
