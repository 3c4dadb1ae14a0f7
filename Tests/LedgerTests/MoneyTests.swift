import JSON
import Ledger
import Seeded
import Testing

/// What outside text counts as an amount, and how an amount is written.
@Suite struct MoneyTests {
  private func read(
    _ text: Text, _ asset: Asset = .usdc, _ rounding: Money.Rounding = .refuse
  ) -> Result<Int128, MoneyError> {
    do throws(MoneyError) {
      return .success(try Money(decimal: text, asset: asset, rounding: rounding).units)
    } catch {
      return .failure(error)
    }
  }

  @Test(
    arguments: [
      ("0", 0), ("0.0", 0), ("1", 1_000_000), ("0.01", 10_000), ("0.000001", 1),
      ("1.250000", 1_250_000), ("1.2500000", 1_250_000), ("10", 10_000_000), ("0.999999", 999_999),
      ("123456789012345678.000001", 123_456_789_012_345_678_000_001),
    ] as [(Text, Int128)])
  func `a plain decimal is read exactly`(text: Text, units: Int128) {
    #expect(read(text) == .success(units))
  }

  @Test(
    arguments: [
      "", ".", "1.", ".5", "00", "01", "00.1", "01.5", "-1", "+1", "-0", "1e9", "1E9", "1e-2",
      "inf",
      "Infinity", "nan", "NaN", "0x1p3", "0x10", "0.01abc", "abc", "1,5", "1 ", " 1", "1.2.3",
      "1..2",
      "1_000", "１", "٣", "0.0１", "$1", "1\n", "\u{0}1", "1\u{0}", "--1", "1.-5",
    ] as [Text])
  func `anything but a plain decimal is malformed`(text: Text) {
    #expect(read(text) == .failure(.malformed))
    #expect(read(text, .usdc, .halfEven) == .failure(.malformed))
  }

  @Test func `digits past the scale are refused on the edge`() {
    #expect(read("0.000001") == .success(1))
    #expect(read("0.0000001") == .failure(.tooManyDecimals(allowed: 6)))
    #expect(read("0.0000010") == .success(1))
    #expect(read("0.00000000001", .btc) == .success(1))
    #expect(read("0.000000000001", .btc) == .failure(.tooManyDecimals(allowed: 11)))
    #expect(read("0.000000000000000001", .eth) == .success(1))
    #expect(read("0.0000000000000000001", .eth) == .failure(.tooManyDecimals(allowed: 18)))
  }

  @Test(
    arguments: [
      ("0.0000005", 0), ("0.0000015", 2), ("0.0000025", 2), ("0.0000035", 4), ("0.00000050", 0),
      ("0.00000050000001", 1), ("0.00000149999999", 1), ("0.0000016", 2), ("0.0000004", 0),
      ("0.9999995", 1_000_000), ("0.9999985", 999_998), ("1.1", 1_100_000),
    ] as [(Text, Int128)])
  func `rounding goes to the nearest, a tie to the even one`(text: Text, units: Int128) {
    #expect(read(text, .usdc, .halfEven) == .success(units))
  }

  @Test func `the largest amount reads and one unit more overflows`() {
    let largest: Text = "170141183460469231731687303715884.105727"
    #expect(read(largest) == .success(.max))
    #expect(read("170141183460469231731687303715884.105728") == .failure(.overflow))
    #expect(read("170141183460469231731687303715885") == .failure(.overflow))
    let tie: Text = "170141183460469231731687303715884.1057275"
    #expect(read(tie, .usdc, .halfEven) == .failure(.overflow))
  }

  @Test func `a decimal of more than 128 bytes is malformed`() {
    let fits = "0." + String(repeating: "0", count: 126)
    #expect(read(Text(fits)) == .success(0))
    #expect(read(Text(fits + "0")) == .failure(.malformed))
  }

  @Test(
    arguments: [
      (0, .usdc, "0.000000"), (1, .usdc, "0.000001"), (-1, .usdc, "-0.000001"),
      (1_250_000, .usdc, "1.250000"), (1, .btc, "0.00000000001"), (1, .eth, "0.000000000000000001"),
      (.max, .usdc, "170141183460469231731687303715884.105727"),
      (.min, .usdc, "-170141183460469231731687303715884.105728"),
      (.max, .dai, "170141183460469231731.687303715884105727"),
      (Int128(UInt64.max), .usdc, "18446744073709.551615"),
      (Int128(UInt64.max) + 1, .usdc, "18446744073709.551616"),
    ] as [(Int128, Asset, Text)])
  func `an amount is written at the full scale of its asset`(
    units: Int128, asset: Asset, text: Text
  ) {
    #expect(Money(units: units, asset: asset).decimal == text)
  }

  @Test(
    arguments: [
      (25_500_000, "25.50"), (5_000, "0.01"), (4_999, "0.00"), (-4_999, "0.00"), (-5_000, "-0.01"),
      (994_999, "0.99"), (995_000, "1.00"), (0, "0.00"), (1_000_000_000, "1000.00"),
    ] as [(Int128, String)])
  func `two decimals are rounded half away from zero`(units: Int128, text: String) {
    #expect(Money(units: units, asset: .usdc).twoDecimals == text)
  }

  @Test func `two decimals work at every scale`() {
    for asset in Asset.allCases {
      var unit: Int128 = 1
      for _ in 0..<asset.scale { unit *= 10 }
      #expect(Money(units: unit + unit / 4, asset: asset).twoDecimals == "1.25")
    }
  }

  @Test(arguments: UInt64(0)..<200)
  func `writing and reading gives the same amount back`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for asset in Asset.allCases {
      let wide = Int128(random.next()) << 63 | Int128(random.next() >> 1)
      let money = Money(units: wide >> Int128(random.below(126)), asset: asset)
      #expect(try Money(decimal: money.decimal, asset: asset, rounding: .refuse) == money)
    }
  }

  @Test(arguments: UInt64(0)..<100)
  func `no bytes make the reader trap`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let alphabet = Array("0123456789.-+eE,xX \n\u{0}é".utf8)
    for _ in 0..<100 {
      let bytes = (0..<random.below(140)).map { _ in random.pick(alphabet) }
      for rounding in [Money.Rounding.refuse, .halfEven] {
        guard let money = try? Money(decimal: bytes.span, asset: .usdc, rounding: rounding) else {
          continue
        }
        // What was accepted has no sign, no exponent and no letter.
        #expect(bytes.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E })
        #expect(money.units >= 0)
      }
    }
  }

  @Test func `ten times a tenth is one`() throws {
    var sum = Money.zero(.usdc)
    for _ in 0..<10 { sum = try sum.adding(.usdc("0.1")) }
    #expect(try sum == .usdc("1"))
    #expect(try Money.usdc("0.1").adding(.usdc("0.2")).decimal == "0.300000")
  }

  @Test func `assets are not mixed and a sum does not wrap`() throws {
    let dollar = try Money.usdc("1")
    let euro = Money(units: 1, asset: .eurc)
    #expect(throws: MoneyError.assetMismatch(.usdc, .eurc)) { try dollar.adding(euro) }
    let most = Money(units: .max, asset: .usdc)
    #expect(throws: MoneyError.overflow) { try most.adding(Money(units: 1, asset: .usdc)) }
    #expect(try most.adding(.zero(.usdc)) == most)
  }

  @Test func `an asset is found by its code in any ASCII case`() {
    for asset in Asset.allCases {
      #expect(Asset(code: Text("\(asset.code)")) == asset)
      #expect(Asset(code: Text("\(asset.code)".lowercased())) == asset)
    }
    #expect(Asset(code: "usd") == nil)
    #expect(Asset(code: "") == nil)
    #expect(Asset(code: "USDC ") == nil)
  }
}
