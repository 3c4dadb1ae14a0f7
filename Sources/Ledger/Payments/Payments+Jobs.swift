extension BookState {
  /// What is open for strictly longer than an age, oldest first: exactly the age is not stale.
  ///
  /// Whatever else can stay open adds its line here.
  public func staleOpenPayments(olderThan age: Int64, asOf: Timestamp) -> [Payment] {
    payments.open(olderThan: age, asOf: asOf)
      .sorted { ($0.startedAt, $0.startedSeq) < ($1.startedAt, $1.startedSeq) }
  }
}

extension Payments {
  /// What was completed within a window, by the time of its completion, in order of its start.
  public func completed(in window: JobWindow) -> [Payment] {
    var found: [Payment] = []
    for index in entries.indices where entries[index].phase == .completed {
      if window.contains(entries[index].closedAt), let payment = self[index] {
        found.append(payment)
      }
    }
    return found
  }
}
