import JSON
import Journal
import Ledger
import Service
import Testing

/// The four questions: the lean reading answers what the full fold answers.
struct ReportsTests {
  @Test(arguments: UInt64(0)..<10)
  func `the lean reading agrees with the full fold`(seed: UInt64) throws {
    let ledger = try ReadingLedger.play(300, seed: seed)
    for book in Book.allCases {
      for asOf in [nil, ledger.state.at.advanced(byMilliseconds: 900_001)] {
        let full = FactsReport(ledger.state, book: book, asOf: asOf)
        for threads in [1, 2, 3] {
          let reading = try ledger.reading(threads: threads, checksHashes: false)
          #expect(FactsScan.scan(reading, book, asOf) == full)
          #expect(try FactsScan.report(reading, book: book, asOf: asOf) == full)
        }
      }
    }
  }

  @Test func `an illegal record ends the lean reading, and the answer is the full one`() throws {
    let ledger = try ReadingLedger.play(50, seed: 31)
    let twice = try ReadingLedger.payment(
      "tx-twice", agent: "a", vendor: "v", amount: "1", phase: .completed, at: ledger.state.at)
    try ledger.submit(twice, book: .real, at: ledger.state.at)
    try ledger.forge(twice, book: .real, at: ledger.state.at)
    let reading = try ledger.reading(threads: 2, checksHashes: false)
    #expect(FactsScan.scan(reading, .real, nil) == nil)
    let full = FactsReport(ledger.state, book: .real, asOf: nil)
    #expect(try FactsScan.report(reading, book: .real, asOf: nil) == full)
  }

  @Test func `damage ends the lean reading and is named by the full one`() throws {
    let ledger = try ReadingLedger.play(50, seed: 32)
    let name = try #require(try ledger.segments.first)
    try ledger.change(name) { bytes in bytes[bytes.count / 2] = 0x00 }
    let reading = try ledger.reading(threads: 2, checksHashes: false)
    #expect(FactsScan.scan(reading, .real, nil) == nil)
    #expect(throws: JournalError.self) {
      try FactsScan.report(reading, book: .real, asOf: nil)
    }
  }

  @Test func `every answer is a line of its own form`() throws {
    let ledger = try ReadingLedger()
    let start = ReadingLedger.start
    func add(
      _ id: String, _ vendor: String, _ amount: String, _ phase: PaymentPhase,
      _ network: String = "base", after milliseconds: Int64
    ) throws {
      let moment = start.advanced(byMilliseconds: milliseconds)
      try ledger.submit(
        try ReadingLedger.payment(
          id, agent: "builder_agent", vendor: vendor, amount: amount, phase: phase, at: moment,
          network: network), book: .real, at: moment)
    }
    try add("tx-1", "openai", "1.1", .completed, after: 0)
    try add("tx-2", "OpenAI", "2", .completed, after: 1)
    try add("tx-3", "openai", "9", .failed, after: 2)
    try add("tx-4", "openai", "9", .completed, "base-sepolia", after: 3)
    try add("tx-5", "vercel", "3", .failed, after: 4)
    try add("tx-6", "vercel", "3", .pending, after: 5)
    try add("tx-7", "vercel", "3", .pending, after: 6)
    // The last record is exactly fifteen minutes after tx-7 and one millisecond more after tx-6.
    try add("tx-8", "vercel", "3", .failed, after: 900_006)
    let reading = try ledger.reading(threads: 1, checksHashes: false)
    var bytes: [UInt8] = []
    try FactsScan.report(reading, book: .real, asOf: nil).writeLines(to: &bytes)
    #expect(
      String(decoding: bytes, as: UTF8.self) == """
        D builder_agent 2025-11-16 USDC 3.100000
        C ledger.opened open 1
        C payment.started pending 8
        C payment.completed completed 3
        C payment.failed failed 3
        P tx-6
        F vercel 2

        """)
  }
}
