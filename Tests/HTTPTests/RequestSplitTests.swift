import HTTP
import Seeded
import Testing

/// The verdict about a stream does not depend on how it was cut.
@Suite struct RequestSplitTests {
  static let samples = [
    "GET /hello HTTP/1.1\r\nHost: a\r\nX-Request-Id: r-1\r\n\r\n",
    "POST /x?y=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.0\r\n\r\n",
    "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      + "3;e=1\r\nabc\r\n0a\r\n0123456789\r\n0\r\nT: v\r\n\r\n"
      + "GET /next HTTP/1.1\r\nHost: b\r\n\r\n",
    "\r\nDELETE /a%20b HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
  ]

  @Test(arguments: samples)
  func `a request cut in two at any byte reads like the whole`(text: String) {
    let bytes = Array(text.utf8)
    let whole = RequestSplitTests.play([bytes])
    #expect(whole.contains { if case .request = $0 { true } else { false } })
    for cut in 0...bytes.count {
      let parts = [Array(bytes[..<cut]), Array(bytes[cut...])]
      #expect(RequestSplitTests.play(parts) == whole, "cut at \(cut)")
    }
    #expect(RequestSplitTests.play(bytes.map { [$0] }) == whole)
  }

  @Test func `a refusal is the same when the bytes come one by one`() {
    let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    let texts =
      RequestParserTests.refused.map(\.0)
      + RequestParserTests.badChunks.map { chunked + $0 }
    for text in texts {
      let whole = RequestSplitTests.play([Array(text.utf8)])
      #expect(RequestSplitTests.play(text.utf8.map { [$0] }) == whole, "\(text)")
    }
  }

  @Test(arguments: UInt64(0)..<400)
  func `mutated requests never trap and read the same in pieces`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for _ in 0..<20 {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let sample = RequestSplitTests.samples.randomElement(using: &random) ?? ""
        bytes += Array(sample.utf8)
      }
      RequestSplitTests.mutate(&bytes, &random)
      let whole = RequestSplitTests.play([bytes])
      var parts: [[UInt8]] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Int.random(in: 1...min(rest.count, 40), using: &random)
        parts.append(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
      }
      #expect(RequestSplitTests.play(parts) == whole, "seed \(seed)")
    }
  }

  /// Every request and the failure that the parts give, in order.
  static func play(_ parts: [[UInt8]]) -> [RequestParser.Step] {
    var limits = RequestLimits()
    limits.requestLineBytes = 60
    limits.headerBytes = 120
    limits.headerCount = 5
    limits.bodyBytes = 64
    var parser = RequestParser(limits: limits)
    var steps: [RequestParser.Step] = []
    for part in parts {
      var step = parser.feed(part)
      while true {
        if step == .needMore { break }
        steps.append(step)
        if case .failed = step { return steps }
        step = parser.next()
      }
    }
    return steps
  }

  private static func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
    let interesting: [UInt8] = [0, 9, 10, 13, 32, 37, 44, 48, 58, 59, 127, 128, 255]
    for _ in 0..<Int.random(in: 0...6, using: &random) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes[place] = interesting.randomElement(using: &random) ?? 0
      case 2: bytes.remove(at: place)
      case 3: bytes.insert(interesting.randomElement(using: &random) ?? 0, at: place)
      case 4: bytes.removeSubrange(place..<min(place + 9, bytes.count))
      default:
        let end = min(place + Int.random(in: 1...50, using: &random), bytes.count)
        bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
      }
    }
  }
}
