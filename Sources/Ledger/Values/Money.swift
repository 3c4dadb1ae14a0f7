public import JSON

/// Why an amount was not accepted.
public enum MoneyError: Error, Equatable, Sendable {
  case malformed
  case tooManyDecimals(allowed: Int)
  case overflow
  case assetMismatch(Asset, Asset)
}

/// An exact quantity of one asset.
///
/// Units: atomic units of the asset (micro-USDC, millisatoshi), in 128 bits; never a float.
public struct Money: Hashable, Sendable {
  /// Atomic units; negative only as a difference.
  public let units: Int128
  public let asset: Asset

  public init(units: Int128, asset: Asset) {
    self.units = units
    self.asset = asset
  }

  public static func zero(_ asset: Asset) -> Money { Money(units: 0, asset: asset) }

  /// Adds two quantities of the same asset.
  ///
  /// - Throws: `MoneyError.assetMismatch`, or `.overflow` past `Int128.max` units.
  public func adding(_ other: Money) throws(MoneyError) -> Money {
    guard asset == other.asset else { throw .assetMismatch(asset, other.asset) }
    let (sum, overflow) = units.addingReportingOverflow(other.units)
    guard !overflow else { throw .overflow }
    return Money(units: sum, asset: asset)
  }

  /// How digits beyond the asset's scale are treated.
  public enum Rounding: Sendable {
    case refuse
    case halfEven
  }

  /// Reads an amount from outside: `12`, `0.01`, `1.250000`.
  ///
  /// Grammar: `(0|[1-9][0-9]*)(\.[0-9]+)?`, at most 128 bytes; no sign, exponent, blank or leading
  /// zero. Fewer decimals than the scale are filled up; zeros past it are no decimals.
  /// - Throws: `.malformed`, `.tooManyDecimals` unless rounded, `.overflow` past `Int128.max`.
  public init(
    decimal bytes: Span<UInt8>, asset: Asset, rounding: Rounding
  ) throws(MoneyError) {
    let parsed = try DecimalText(bytes, scale: asset.scale)
    guard parsed.dropped.isEmpty || rounding == .halfEven else {
      throw .tooManyDecimals(allowed: asset.scale)
    }
    self.init(units: try parsed.unitsRoundedHalfEven(), asset: asset)
  }

  public init(decimal text: Text, asset: Asset, rounding: Rounding) throws(MoneyError) {
    let bytes = Array(text.string.utf8)
    try self.init(decimal: bytes.span, asset: asset, rounding: rounding)
  }

  /// Bytes of the longest decimal that is not negative: 39 digits of `Int128.max` and a point.
  static let longestDecimal = 40

  /// Reads an amount as events carry it: exactly the asset's scale, so that bytes round-trip.
  init?(canonical bytes: Span<UInt8>, asset: Asset) {
    guard let money = CanonicalDecimal(bytes)?.money(asset) else { return nil }
    self = money
  }
}

/// A decimal as events carry it, before its asset is known.
struct CanonicalDecimal {
  private let units: Int128
  /// Digits behind the point.
  private let places: Int

  /// Takes digits around one point, without a needless zero before them, that fit `Int128`.
  init?(_ bytes: Span<UInt8>) {
    guard bytes.count >= 3, bytes.count <= Money.longestDecimal else { return nil }
    guard bytes[0] != 0x30 || bytes[1] == 0x2E else { return nil }
    var point = -1
    var small: UInt64 = 0
    var wide: Int128 = 0
    // 17 digits and the point fit one word.
    let isSmall = bytes.count <= 18
    for index in 0..<bytes.count {
      let digit = bytes[index] &- 0x30
      guard digit < 10 else {
        guard bytes[index] == 0x2E, point < 0, index > 0 else { return nil }
        point = index
        continue
      }
      if isSmall {
        small = small &* 10 &+ UInt64(digit)
      } else {
        let (product, overflow) = wide.multipliedReportingOverflow(by: 10)
        let (sum, carry) = product.addingReportingOverflow(Int128(digit))
        guard !overflow, !carry else { return nil }
        wide = sum
      }
    }
    guard point > 0 else { return nil }
    units = isSmall ? Int128(small) : wide
    places = bytes.count - point - 1
  }

  /// The amount; nil when it is not written at the asset's full scale.
  func money(_ asset: Asset) -> Money? {
    places == asset.scale ? Money(units: units, asset: asset) : nil
  }
}

extension Money: CustomStringConvertible {
  /// The exact decimal at the asset's full scale, e.g. `1.250000`.
  public var decimal: Text {
    var bytes: [UInt8] = []
    writeDecimal(into: &bytes)
    return Text(String(decoding: bytes, as: UTF8.self))
  }

  public var description: String { "\(decimal.string) \(asset.code)" }

  /// Appends the exact decimal at full scale; ASCII digits, a point, and a sign when negative.
  public func writeDecimal(into bytes: inout [UInt8]) {
    if units < 0 { bytes.append(0x2D) }
    let magnitude = units.magnitude
    let start = bytes.count
    var rest = magnitude
    var written = 0
    while rest > 0 || written <= asset.scale {
      if written == asset.scale { bytes.append(0x2E) }
      if let small = UInt64(exactly: rest) {
        bytes.append(0x30 &+ UInt8(truncatingIfNeeded: small % 10))
        rest = UInt128(small / 10)
      } else {
        let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
        bytes.append(0x30 &+ UInt8(truncatingIfNeeded: remainder))
        rest = quotient
      }
      written += 1
    }
    bytes[start...].reverse()
  }

  /// Dollars with two decimals, half away from zero, for people: `$25.50` without the sign.
  public var twoDecimals: String {
    var unit: Int128 = 1
    for _ in 2..<max(asset.scale, 3) { unit *= 10 }
    let (cents, rest) = units.magnitude.quotientAndRemainder(dividingBy: unit.magnitude)
    let rounded = rest * 2 >= unit.magnitude ? cents + 1 : cents
    let (whole, part) = rounded.quotientAndRemainder(dividingBy: 100)
    return "\(units < 0 && rounded > 0 ? "-" : "")\(whole).\(part < 10 ? "0" : "")\(part)"
  }
}

/// A decimal as written: its digits up to a scale, and what stood behind.
struct DecimalText {
  /// All digits up to the scale, as one integer.
  private let units: Int128
  /// The digits past the scale, trailing zeros removed.
  let dropped: [UInt8]

  init(_ bytes: Span<UInt8>, scale: Int) throws(MoneyError) {
    var units: Int128 = 0
    var decimals = 0
    var point: Int?
    var dropped: [UInt8] = []
    guard bytes.count > 0, bytes.count <= 128 else { throw .malformed }
    for index in bytes.indices {
      if bytes[index] == 0x2E {
        guard point == nil, index > 0 else { throw .malformed }
        point = index
        continue
      }
      guard let digit = bytes[index].decimalDigit else { throw .malformed }
      if point != nil, decimals == scale {
        dropped.append(digit)
        continue
      }
      if point != nil { decimals += 1 }
      units = try DecimalText.shifted(units, adding: digit)
    }
    guard point != bytes.count - 1 else { throw .malformed }
    guard bytes[0] != 0x30 || (point ?? bytes.count) == 1 else { throw .malformed }
    while decimals < scale {
      units = try DecimalText.shifted(units, adding: 0)
      decimals += 1
    }
    while dropped.last == 0 { dropped.removeLast() }
    self.units = units
    self.dropped = dropped
  }

  private static func shifted(_ units: Int128, adding digit: UInt8) throws(MoneyError) -> Int128 {
    let (product, overflow) = units.multipliedReportingOverflow(by: 10)
    let (sum, carry) = product.addingReportingOverflow(Int128(digit))
    guard !overflow, !carry else { throw .overflow }
    return sum
  }

  /// The units, rounded to the nearest, a tie to the even one (IEEE 754 roundTiesToEven).
  func unitsRoundedHalfEven() throws(MoneyError) -> Int128 {
    guard let first = dropped.first else { return units }
    let isTie = first == 5 && dropped.count == 1
    let roundsUp = isTie ? units % 2 == 1 : first >= 5
    guard roundsUp else { return units }
    let (sum, overflow) = units.addingReportingOverflow(1)
    guard !overflow else { throw .overflow }
    return sum
  }
}

extension Int128 {
  /// The sum, or the nearest that fits: a fold must not trap on a hand-edited log.
  func addingClamped(_ other: Int128) -> Int128 {
    let (sum, overflow) = addingReportingOverflow(other)
    guard overflow else { return sum }
    return other < 0 ? .min : .max
  }
}
