internal import Glibc
package import Ledger

/// Takes payments into a ledger that this process holds.
package final class BookkeeperSink: ImportSink {
  package let batchLimit = 4_096
  private let bookkeeper: Bookkeeper
  private let book: Book
  private let onClose: () -> Void

  /// - Parameter onClose: lets the ledger go.
  package init(bookkeeper: Bookkeeper, book: Book, onClose: @escaping () -> Void) {
    self.bookkeeper = bookkeeper
    self.book = book
    self.onClose = onClose
  }

  package func close() { onClose() }

  package func submit(_ batch: [ImportPayment]) throws(ImportStop) -> [ImportAnswer] {
    var answers: [ImportAnswer] = []
    answers.reserveCapacity(batch.count)
    var decided: UInt64 = 0
    for payment in batch {
      do throws(Unavailable) {
        let outcome = try bookkeeper.submit(ImportSubmission.make(payment, book: book))
        decided = max(decided, outcome.decidedSeq)
        answers.append(ImportAnswer(outcome))
      } catch {
        guard error == .tooLarge else { throw BookkeeperSink.lost }
        answers.append(.refused(code: "TOO_LARGE", detail: "the line is too large for the log"))
      }
    }
    guard DurabilityWait.wait(for: decided, of: bookkeeper) else { throw BookkeeperSink.lost }
    return answers
  }

  private static let lost = ImportStop(
    .diskLost,
    "LEDGER_UNAVAILABLE: the log could not be written; mend the disk, then run the same command "
      + "again: what is in the log is skipped")
}

extension ImportAnswer {
  /// What a decision means for the payment.
  init(_ outcome: Outcome) {
    switch outcome.kind {
    case .accepted: self = .recorded
    case .repeated, .unchanged: self = .known
    case .rejected(let rejection):
      self = .refused(code: "\(rejection.code)", detail: rejection.sentence)
    }
  }
}

/// Lets a thread of a tool wait until what it handed over is on the disk.
///
/// Never for the event loop: it blocks. Unchecked, because the compiler cannot see that `sem_post`
/// and `sem_wait` order what the two threads do.
private final class DurabilityWait: @unchecked Sendable {
  private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
  /// Written before `sem_post`, read after `sem_wait`.
  private var isDurable = false

  private init() { sem_init(semaphore, 0, 0) }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  /// Returns true when the seq is durable, false when the disk is lost.
  static func wait(for seq: UInt64, of bookkeeper: Bookkeeper) -> Bool {
    let wait = DurabilityWait()
    bookkeeper.whenDurable(seq) { wait.end(isDurable: $0) }
    // A signal may wake it early; the semaphore is then still to be taken.
    while sem_wait(wait.semaphore) != 0 {}
    return wait.isDurable
  }

  private func end(isDurable: Bool) {
    self.isDurable = isDurable
    sem_post(semaphore)
  }
}
