internal import JSON
package import Ledger

/// What became of one imported payment.
package enum ImportAnswer: Equatable, Sendable {
  /// New in the log: the payment, or the end of one that was pending.
  case recorded
  /// The log knows exactly this already.
  case known
  /// A rule of the ledger says no; nothing changed.
  case refused(code: String, detail: String)
}

/// Why an import cannot go on.
package struct ImportStop: Error, Equatable, Sendable {
  package let status: ExitStatus
  /// What happened and what to do next.
  package let message: String

  package init(_ status: ExitStatus, _ message: String) {
    self.status = status
    self.message = message
  }
}

/// Where imported payments go: the ledger itself, the daemon that holds it, or a rehearsal.
package protocol ImportSink: AnyObject {
  /// How many payments to hand over at once, at most.
  var batchLimit: Int { get }

  /// Lets the ledger go; nothing is submitted after it.
  func close()

  /// Takes payments in; returns when all of it is durable, one answer for each in order.
  /// - Throws: `ImportStop` when it is not known, or known not to have happened.
  func submit(_ batch: [ImportPayment]) throws(ImportStop) -> [ImportAnswer]
}

/// How an import speaks to the ledger: by command line and by socket in the same way.
package enum ImportSubmission {
  /// The payment as a wish, with no key: its transaction id makes it idempotent.
  ///
  /// The actor of money that leaves is its agent, whichever way the fact comes in.
  package static func make(_ payment: ImportPayment, book: Book) -> Submission<ImportPayment> {
    Submission(
      payment, actor: Text("agent:" + payment.parties.agent.string), book: book, cause: nil,
      binding: nil)
  }
}

/// Decides on a copy of the state, in memory: what an import would do.
package final class RehearsalSink: ImportSink {
  package let batchLimit = 4_096
  private var state: State
  private let book: Book
  private let clocks: Clocks

  package init(state: State, book: Book, clocks: Clocks) {
    self.state = state
    self.book = book
    self.clocks = clocks
  }

  package func close() {}

  package func submit(_ batch: [ImportPayment]) throws(ImportStop) -> [ImportAnswer] {
    var answers: [ImportAnswer] = []
    for payment in batch { answers.append(take(payment)) }
    return answers
  }

  private func take(_ payment: ImportPayment) -> ImportAnswer {
    let submission = ImportSubmission.make(payment, book: book)
    let now = max(state.at, clocks.wall())
    do throws(Rejection) {
      switch try submission.decide(given: state, at: now) {
      case .accepted(let events):
        for record in submission.records(of: events, from: state.seq + 1, at: now, keyed: true) {
          state.apply(record)
        }
        return .recorded
      case .refused(let rejection, _):
        return .refused(code: "\(rejection.code)", detail: rejection.sentence)
      case .repeated, .unchanged: return .known
      }
    } catch {
      return .refused(code: "\(error.code)", detail: error.sentence)
    }
  }
}
