package import JSON

/// What a facilitator can be asked.
package enum FacilitatorOperation: String, Sendable, CaseIterable {
  case verify, settle, supported
}

/// What came back from a facilitator, not yet read.
package enum FacilitatorReply: Equatable, Sendable {
  case answered(status: Int, body: [UInt8])
  /// For certain no request left; the reason's stable code.
  case notSent(String)
  /// The facilitator may have acted; why nobody knows: `timeout`, `reset`, `unreadable`.
  case noAnswer(String)
}

/// Whoever checks payers' signatures and moves their money: one request, one answer.
///
/// What an answer means is read by `Rails`, the same for every side of this port.
package protocol Facilitator: Sendable {
  /// As events and logs name it.
  var name: Text { get }

  /// Asks once; blocks until the answer or the deadline, and repeats nothing.
  ///
  /// - Parameter subject: what the call is about, for the logs.
  func ask(
    _ operation: FacilitatorOperation, _ body: [UInt8], about subject: Text
  ) -> FacilitatorReply
}
