extension BookState {
  /// What is open for strictly longer than an age, oldest first: exactly the age is not stale.
  ///
  /// Whatever else can stay open adds its line here.
  public func staleOpenPayments(olderThan age: Int64, asOf: Timestamp) -> [Payment] {
    payments.open(olderThan: age, asOf: asOf)
      .sorted { ($0.startedAt, $0.startedSeq) < ($1.startedAt, $1.startedSeq) }
  }
}
