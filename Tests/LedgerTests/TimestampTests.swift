import JSON
import Ledger
import Seeded
import Testing

/// What text counts as a time, and how a time is written.
@Suite struct TimestampTests {
  private func strict(_ text: Text) -> Int64? {
    Timestamp(rfc3339: text, offsetRequired: true)?.milliseconds
  }

  @Test(
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.001Z", 1),
      ("1969-12-31T23:59:59.999Z", -1), ("2026-11-16T03:00:00.123Z", 1_794_798_000_123),
      ("2026-11-16T05:00:00.123+02:00", 1_794_798_000_123),
      ("2026-11-15T21:30:00.123-05:30", 1_794_798_000_123),
      ("2026-11-16 03:00:00.123Z", 1_794_798_000_123),
      ("2026-11-16T03:00:00.1Z", 1_794_798_000_100),
      ("2026-11-16T03:00:00.12Z", 1_794_798_000_120),
      ("2026-11-16T03:00:00.123999999Z", 1_794_798_000_123),
      ("2026-11-16T03:00:00-00:00", 1_794_798_000_000),
      ("2024-02-29T00:00:00Z", 1_709_164_800_000), ("2000-02-29T23:59:59Z", 951_868_799_000),
      ("0000-01-01T00:00:00Z", -62_167_219_200_000),
      ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
      ("2026-11-16T00:00:00+23:59", 1_794_700_860_000),
    ] as [(Text, Int64)])
  func `a time of RFC 3339 is read to the millisecond`(text: Text, milliseconds: Int64) {
    #expect(strict(text) == milliseconds)
  }

  @Test(
    arguments: [
      "", "2026", "2026-11-16", "2026-11-16T03:00Z", "2026-11-16T03:00:00", "2026-11-16T03:00:60Z",
      "2026-11-16T24:00:00Z", "2026-11-16T03:60:00Z", "2026-13-01T00:00:00Z",
      "2026-00-01T00:00:00Z",
      "2026-11-00T00:00:00Z", "2026-11-31T00:00:00Z", "2026-02-29T00:00:00Z",
      "1900-02-29T00:00:00Z",
      "2100-02-29T00:00:00Z", "2026-11-16t03:00:00Z", "2026-11-16T03:00:00z",
      "2026-11-16T03:00:00.Z",
      "2026-11-16T03:00:00,5Z", "2026-11-16T03:00:00ZZ", "2026-11-16T03:00:00Z ",
      " 2026-11-16T03:00:00Z", "2026-11-16T03:00:00+0200", "2026-11-16T03:00:00+24:00",
      "2026-11-16T03:00:00+02:60", "2026-11-16T03:00:00+2:00", "2026-11-16T03:00:00+02:00Z",
      "2026/11/16T03:00:00Z", "2026-11-16T03.00.00Z", "12026-11-16T03:00:00Z",
      "-026-11-16T03:00:00Z",
      "+026-11-16T03:00:00Z", "2026-1-16T03:00:00Z", "２026-11-16T03:00:00Z",
      "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
      "2026-11-16T03:00:00.00000000000000000000000000000Z",
    ] as [Text])
  func `anything else is no time`(text: Text) {
    #expect(strict(text) == nil)
  }

  @Test func `a naive time counts as UTC only where that was asked for`() {
    let naive: Text = "2025-11-16T03:00:00.5"
    #expect(Timestamp(rfc3339: naive, offsetRequired: true) == nil)
    #expect(
      Timestamp(rfc3339: naive, offsetRequired: false)
        == Timestamp(rfc3339: "2025-11-16T03:00:00.500Z", offsetRequired: true))
  }

  @Test(arguments: [
    ("2026-11-16T03:00:00.123Z", true), ("2026-11-16T03:00:00Z", false),
    ("2026-11-16T03:00:00.12Z", false), ("2026-11-16T03:00:00.1234Z", false),
    ("2026-11-16 03:00:00.123Z", false), ("2026-11-16T03:00:00.123z", false),
    ("2026-11-16T03:00:00+00:00", false), ("2026-11-16T03:00:00.12ZZ", false),
  ])
  func `the log's own form is exactly one`(text: String, isCanonical: Bool) {
    let bytes = Array(text.utf8)
    #expect((Timestamp(canonical: bytes.span) != nil) == isCanonical)
  }

  @Test(arguments: UInt64(0)..<100)
  func `writing and reading gives the same moment back`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let span = UInt64(Timestamp.latest.milliseconds(since: .earliest)) + 1
    for _ in 0..<100 {
      let offset = Int64(random.next() % span)
      let moment = Timestamp(milliseconds: Timestamp.earliest.milliseconds + offset)
      var bytes: [UInt8] = []
      moment.write(into: &bytes)
      #expect(Timestamp(canonical: bytes.span) == moment)
      #expect(bytes.count == 24)
    }
  }

  @Test func `every day of the years 0 to 9999 follows the one before`() throws {
    var expected = (year: 0, month: 1, day: 1)
    let first = try #require(Day(year: 0, month: 1, day: 1))
    let last = try #require(Day(year: 9_999, month: 12, day: 31))
    var wrong = 0
    for number in first.number...last.number {
      let civil = Day(number: number).civil
      if civil != expected { wrong += 1 }
      if Day(year: civil.year, month: civil.month, day: civil.day)?.number != number { wrong += 1 }
      expected = next(expected)
    }
    #expect(wrong == 0)
    #expect(last.number - first.number + 1 == 3_652_425)
  }

  /// The day after, counted by the rule of the calendar and nothing else.
  private func next(_ date: (year: Int, month: Int, day: Int)) -> (year: Int, month: Int, day: Int)
  {
    let isLeap = date.year % 400 == 0 || (date.year % 4 == 0 && date.year % 100 != 0)
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    if date.day < lengths[date.month - 1] { return (date.year, date.month, date.day + 1) }
    return date.month < 12 ? (date.year, date.month + 1, 1) : (date.year + 1, 1, 1)
  }

  @Test func `a moment belongs to the UTC day that holds it`() throws {
    let day = try #require(Day("2026-11-16"))
    #expect(try Timestamp.of("2026-11-16T00:00:00Z").day == day)
    #expect(try Timestamp.of("2026-11-16T23:59:59.999Z").day == day)
    #expect(try Timestamp.of("2026-11-15T23:59:59.999Z").day == day.advanced(by: -1))
    #expect(try Timestamp.of("1969-12-31T23:59:59.999Z").day == Day(number: -1))
    #expect(day.start.rfc3339 == "2026-11-16T00:00:00.000Z")
  }

  @Test func `no moment leaves the years that the log can write`() {
    #expect(Timestamp(milliseconds: .max) == .latest)
    #expect(Timestamp(milliseconds: .min) == .earliest)
    #expect(Timestamp.latest.advanced(byMilliseconds: 1) == .latest)
    #expect(Timestamp.latest.advanced(byMilliseconds: .max) == .latest)
    #expect(Timestamp.earliest.advanced(byMilliseconds: .min) == .earliest)
    #expect(Timestamp.earliest.rfc3339 == "0000-01-01T00:00:00.000Z")
    #expect(Timestamp.latest.rfc3339 == "9999-12-31T23:59:59.999Z")
  }

  @Test func `days and months are read in exactly one form`() {
    #expect(Day("2026-11-16")?.description == "2026-11-16")
    #expect(Day("2026-02-29") == nil)
    #expect(Day("2026-11-1") == nil)
    #expect(Day("2026-11-16 ") == nil)
    #expect(Month("2026-11")?.description == "2026-11")
    #expect(Month("2026-13") == nil)
    #expect(Month("2026-1") == nil)
    #expect(Month(year: 2_026, month: 0) == nil)
  }

  @Test(arguments: UInt64(0)..<50)
  func `no bytes make the reader trap`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let good = Array("2026-11-16T03:00:00.123+02:00".utf8)
    for _ in 0..<200 {
      var bytes = good
      for _ in 0..<random.below(4) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
      bytes.removeLast(random.below(bytes.count))
      let moment = Timestamp(rfc3339: bytes.span, offsetRequired: random.below(2) == 0)
      if let moment { #expect(moment >= .earliest && moment <= .latest) }
    }
  }
}
