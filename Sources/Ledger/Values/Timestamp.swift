/// A moment in UTC, to the millisecond.
///
/// Range: years 0000 to 9999, as the log has four digits for them. Leap seconds do not exist here
/// (RFC 3339 section 5.7: a second of 60 is refused).
public struct Timestamp: Hashable, Comparable, Sendable {
  /// Milliseconds since 1970-01-01T00:00:00.000Z.
  public let milliseconds: Int64

  /// The first and the last millisecond that four digits of a year can carry.
  private static let range: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

  /// A moment by its milliseconds; one outside the years 0000 to 9999 becomes the nearest inside.
  public init(milliseconds: Int64) {
    self.milliseconds = min(
      max(milliseconds, Timestamp.range.lowerBound), Timestamp.range.upperBound)
  }

  /// The last moment that the log's four-digit year can carry.
  public static let latest = Timestamp(milliseconds: .max)
  /// The first moment that the log's four-digit year can carry.
  public static let earliest = Timestamp(milliseconds: .min)

  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.milliseconds < right.milliseconds
  }

  /// Moves by milliseconds; stays within `earliest` and `latest`.
  public func advanced(byMilliseconds delta: Int64) -> Timestamp {
    let (sum, overflow) = milliseconds.addingReportingOverflow(delta)
    guard !overflow else { return delta < 0 ? .earliest : .latest }
    return Timestamp(milliseconds: sum)
  }

  /// Milliseconds from the other moment to this one; negative when this one is earlier.
  public func milliseconds(since other: Timestamp) -> Int64 {
    milliseconds - other.milliseconds
  }

  /// The UTC day that holds this moment.
  public var day: Day {
    let (days, rest) = milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
    return Day(number: Int32(truncatingIfNeeded: rest < 0 ? days - 1 : days))
  }
}

/// A UTC calendar day.
public struct Day: Hashable, Comparable, Sendable {
  /// Days since 1970-01-01.
  public let number: Int32

  public init(number: Int32) { self.number = number }

  public static func < (left: Day, right: Day) -> Bool { left.number < right.number }

  /// The first millisecond of the day.
  public var start: Timestamp { Timestamp(milliseconds: Int64(number) * 86_400_000) }

  public func advanced(by days: Int32) -> Day { Day(number: number &+ days) }

  /// Year, month (1...12) and day of month (1...31) in the proleptic Gregorian calendar.
  ///
  /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
  public var civil: (year: Int, month: Int, day: Int) {
    let shifted = Int(number) + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  /// All days of the month that holds this one.
  public var month: [Day] {
    let date = civil
    let first = advanced(by: Int32(1 - date.day))
    let length = Day.length(ofMonth: date.month, year: date.year)
    return (0..<Int32(length)).map { first.advanced(by: $0) }
  }

  /// A day by its date; nil when there is no such date.
  public init?(year: Int, month: Int, day: Int) {
    guard (0...9_999).contains(year), (1...12).contains(month),
      day >= 1, day <= Day.length(ofMonth: month, year: year)
    else { return nil }
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    self.init(number: Int32(era * 146_097 + dayOfEra - 719_468))
  }

  /// Days in a month of the Gregorian calendar.
  static func length(ofMonth month: Int, year: Int) -> Int {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

/// A UTC calendar month.
public struct Month: Hashable, Comparable, Sendable {
  public let year: Int
  /// 1...12.
  public let month: Int

  public init?(year: Int, month: Int) {
    guard (0...9_999).contains(year), (1...12).contains(month) else { return nil }
    self.year = year
    self.month = month
  }

  init(of day: Day) {
    let civil = day.civil
    year = civil.year
    month = civil.month
  }

  public static func < (left: Month, right: Month) -> Bool {
    (left.year, left.month) < (right.year, right.month)
  }
}
