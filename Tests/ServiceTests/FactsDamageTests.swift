import JSON
import Journal
import Ledger
import Service
import Testing

/// The lean reading of the four questions never knows better than the full fold.
struct FactsDamageTests {
  @Test(arguments: UInt64(0)..<6)
  func `one byte changed anywhere never gives an answer that the full fold does not give`(
    seed: UInt64
  ) throws {
    var random = SplitMix64(seed: seed)
    let ledger = try ReadingLedger.play(24, seed: seed &+ 500)
    let name = try #require(try ledger.segments.first)
    let likely = Array("\"\\,:{}019afzAZT._- \u{1F}\u{7F}é".utf8)
    var agreed = 0
    for _ in 0..<400 {
      var undo: (place: Int, byte: UInt8)?
      try ledger.change(name) { bytes in
        let place = Int.random(in: 0..<bytes.count, using: &random)
        undo = (place, bytes[place])
        bytes[place] =
          Bool.random(using: &random)
          ? likely[Int.random(in: 0..<likely.count, using: &random)]
          : UInt8.random(in: 0 ... .max, using: &random)
      }
      let reading = try ledger.reading(threads: 1, checksHashes: false)
      if reading.stop == .end, let lean = FactsScan.scan(reading, .real, nil) {
        let full = FactsReport(try Replay.run(reading).state, book: .real, asOf: nil)
        #expect(lean == full, "seed \(seed), \(String(describing: undo))")
        agreed += 1
      }
      try ledger.change(name) { bytes in
        if let undo { bytes[undo.place] = undo.byte }
      }
    }
    #expect(agreed > 0)
  }

  @Test(arguments: Asset.allCases)
  func `amounts of every asset are summed exactly`(asset: Asset) throws {
    let ledger = try ReadingLedger()
    let start = ReadingLedger.start
    for (index, amount) in ["1", "0.000001", "99999999.999999", "123456789.5", "7.25"].enumerated()
    {
      let moment = start.advanced(byMilliseconds: Int64(index))
      let payment = try ReadingLedger.payment(
        "tx-\(index)", agent: "a_name_of_more_than_thirty_two_bytes_\(index % 2)", vendor: "v",
        amount: amount, phase: .completed, at: moment, asset: asset)
      try ledger.submit(payment, book: .real, at: moment)
    }
    let reading = try ledger.reading(threads: 1, checksHashes: false)
    let full = FactsReport(ledger.state, book: .real, asOf: nil)
    #expect(full.spend.count == 2)
    #expect(FactsScan.scan(reading, .real, nil) == full)
  }
}
