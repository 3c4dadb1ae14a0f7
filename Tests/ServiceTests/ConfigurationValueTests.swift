import HTTP
import Service
import Testing

struct ConfigurationValueTests {
  @Test(arguments: [
    ("0.01", 10_000), ("1", 1_000_000), ("0.000001", 1), ("10.500000", 10_500_000),
    ("999999999999.999999", 999_999_999_999_999_999),
  ])
  func `an amount keeps its text and its exact value`(text: String, micros: Int64) {
    let amount = USDAmount(text)
    #expect(amount?.text == text)
    #expect(amount?.micros == micros)
  }

  @Test(arguments: [
    "", "0", "0.000000", ".5", "5.", "00.1", "01", "-1", "+1", "1e9", "inf", "nan", "0x1", "1,5",
    "0.0000001", "1.1.1", " 1", "1 ", "1000000000000", "٣", "0.01abc",
  ])
  func `an amount in any other form is refused`(text: String) {
    #expect(USDAmount(text) == nil)
  }

  @Test func `a rate is a count and a unit`() {
    #expect(RateLimit("600/min") == RateLimit(count: 600, seconds: 60))
    #expect(RateLimit("1/S") == RateLimit(count: 1, seconds: 1))
    #expect(RateLimit("1000000/hour") == RateLimit(count: 1_000_000, seconds: 3_600))
    for text in ["", "600", "/min", "0/min", "1000001/s", "1/day", "1/s/s", "-1/s", "1 /s"] {
      #expect(RateLimit(text) == nil, "\(text)")
    }
  }

  @Test func `a server listens at an address with a port, or is off`() {
    #expect(Listening("OFF") == .off)
    #expect(Listening("localhost:0") == Listening("127.0.0.1:0"))
    #expect(Listening(":3000") == Listening("127.0.0.1:3000"))
    #expect(Listening("[::1]:65535") == ListenAddress("[::1]:65535").map(Listening.on))
    for text in [
      "", "3000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:80", "example.org:80",
      "unix:/tmp/x", "127.0.0.1:80 ", "256.0.0.1:80", "of",
    ] {
      #expect(Listening(text) == nil, "\(text)")
    }
  }

  @Test func `the nearest name counts swaps as one edit and knows when nothing is near`() {
    let names = ["serve", "replay", "version"]
    #expect(NearestName.find("srevre", among: names) == "serve")
    #expect(NearestName.find("VERSOIN", among: names) == "version")
    #expect(NearestName.find("x", among: names) == nil)
    #expect(NearestName.find("", among: names) == nil)
    #expect(NearestName.find(String(repeating: "s", count: 101), among: names) == nil)
    #expect(NearestName.distance(Array("ab".utf8), Array("ba".utf8)) == 1)
    #expect(NearestName.distance([], Array("abc".utf8)) == 3)
    #expect(NearestName.distance(Array("kitten".utf8), Array("sitting".utf8)) == 3)
  }

  @Test func `quoted text cannot steer a terminal and has an end`() {
    #expect(SettingText.quotable("a\u{1B}[31m\u{9B}b") == "a?[31m?b")
    #expect(SettingText.quotable(String(repeating: "x", count: 81)).count == 81)
    #expect(SettingText.quotable(String(repeating: "x", count: 80)).count == 80)
  }
}
