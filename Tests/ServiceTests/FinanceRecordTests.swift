import Glibc
import JSON
import Ledger
import Service
import Testing

/// `finance record`: the event first, then one line, whatever is repeated.
struct FinanceRecordTests {
  private static let line =
    "finance record payment 1.25 --tx tx-1 --vendor openai --memo note --key k-1"

  private func entries(_ home: JobsHome) throws -> Int {
    try home.records().count { $0.event.type == .financeEntryRecorded }
  }

  @Test func `the same key writes one event and one line`() throws {
    let home = try JobsHome()
    let first = try home.run(FinanceRecordTests.line)
    #expect(first.status == .ok, "\(first.messages)")
    let text = try home.financeText
    #expect(
      text.hasPrefix(
        #"{"type":"payment","amount_usd":1.250000,"recorded_at":"2025-11-17T03:00:00.000Z","#
          + #""transaction_id":"tx-1","vendor":"openai","memo":"note","entry_id":"fin_"#))
    #expect(text.hasSuffix("\"}\n"))
    let later = JobsHome.now.advanced(byMilliseconds: 1_000)
    let second = try home.run(FinanceRecordTests.line, at: later)
    #expect(second.status == .ok)
    #expect(second.answer == "seq 2, its line was already in logs/finance_ledger.jsonl\n")
    #expect(try home.financeText == text)
    #expect(try entries(home) == 1)
    let other = try home.run("finance record payment 1.26 --tx tx-1 --key k-1")
    #expect(other.status == .refused)
    #expect(other.messages.contains("IDEMPOTENCY_CONFLICT"))
    #expect(try home.financeText == text)
  }

  @Test func `after a crash between event and line the same key adds the line as it was`() throws {
    let home = try JobsHome()
    _ = try home.run(FinanceRecordTests.line)
    let text = try home.financeText
    // Half a line is what a crash in the middle of the write leaves.
    for rest in ["", String(text.prefix(40))] {
      try ReadingLedger.write(
        Array(rest.utf8), to: "\(home.path)/\(JobsHome.financePath)")
      let later = JobsHome.now.advanced(byMilliseconds: 86_400_000)
      #expect(try home.run(FinanceRecordTests.line, at: later).status == .ok)
      #expect(try home.financeText == (rest.isEmpty ? text : "\(rest)\n\(text)"))
    }
    #expect(try entries(home) == 1)
  }

  @Test func `without a key one is made and told, and each call is a new entry`() throws {
    let home = try JobsHome()
    let run = try home.run("finance record payroll 100")
    #expect(run.messages.hasPrefix("key: fin-"))
    #expect(try home.run("finance record payroll 100").status == .ok)
    #expect(try entries(home) == 2)
    #expect(try home.financeText.split(separator: "\n").count == 2)
  }

  @Test func `an entry of the fake book says so, and the sync of the other does not see it`() throws
  {
    let home = try JobsHome()
    #expect(try home.run(FinanceRecordTests.line, fake: true).status == .ok)
    #expect(try home.financeText.hasSuffix(",\"fake\":true}\n"))
    let later = JobsHome.now.advanced(byMilliseconds: 86_400_000)
    #expect(try home.run("sync daily", at: later).status == .ok)
    let fake = try home.run("sync daily", at: later, fake: true)
    #expect(fake.answer.contains("missing_in_ledger tx-1"))
  }

  @Test(arguments: ["abc", "1.1234567", "-1", "1e2"])
  func `an amount that is no exact dollar amount is refused and leaves no line`(
    amount: String
  ) throws {
    let home = try JobsHome()
    let run = try home.run("finance record payment --key k -- \(amount)")
    #expect(run.status == .refused || run.status == .usage)
    #expect(try !home.treeHolds(JobsHome.financePath))
  }
}
