import HTTP
import JSON
import Journal
import Ledger
import Service
import Testing

/// The route table as an operator writes it: strict, with all problems at once.
@Suite struct RoutesFileTests {
  private func problems(_ text: String) -> [String] {
    switch RoutesFile.read(Array(text.utf8)) {
    case .success: []
    case .failure(let problems): problems.messages
    }
  }

  private func route(_ members: String) -> String {
    #"{"routes":[{"method":"GET","path":"/w","upstream":"http://127.0.0.1:9\#(members)}]}"#
  }

  @Test func `a whole route is read`() throws {
    let text =
      #"{"routes":[{"method":"get","path":"/weather/{city}","price_usd":"0.02","description":"d","mime_type":"text/plain","flow":"upfront","session_cap_usd":"5","rate_limit":"10/s","upstream":"http://127.0.0.1:9/base"},{"method":"POST","path":"/free/*","upstream":"https://api.example.com"}]}"#
    let routes = try RoutesFile.read(Array(text.utf8)).get()
    #expect(routes.map(\.name) == ["GET /weather/{city}", "POST /free/*"])
    #expect(routes[0].price == Money(units: 20_000, asset: .usdc))
    #expect(routes[0].sessionCap == Money(units: 5_000_000, asset: .usdc))
    #expect(routes[0].flow == .upfront && routes[1].flow == .authorization)
    #expect(routes[0].rateLimit == RateLimit(count: 10, seconds: 1))
    #expect(routes[1].price == nil)
  }

  @Test(arguments: [
    (#"","extra":1"#, "extra"), (#"","price_usd":0.01"#, "price_usd"),
    (#"","price_usd":"0""#, "price_usd"), (#"","price_usd":"1e3""#, "price_usd"),
    (#"","price_usd":"0.0000001""#, "price_usd"), (#"","price_usd":"-1""#, "price_usd"),
    (#"","flow":"escrow""#, "flow"), (#"","rate_limit":"often""#, "rate_limit"),
    (#"","session_cap_usd":"1""#, "session_cap_usd"), (#"?x=1""#, "upstream"),
    (#"","description":7"#, "description"), (#"","mime_type":"a\nb""#, "mime_type"),
  ])
  func `what is wrong is named`(members: String, word: String) {
    let found = problems(route(members))
    #expect(found.count == 1)
    #expect(found.first?.contains("route 1") == true && found.first?.contains(word) == true)
  }

  @Test(arguments: [
    "w", "/a b", "/a?b", "/a%20b", "/a/*/b", "/{}", "/{a}", "/*", "/agent/x", "/payments/{id}",
    "/receipts", "/a/..", "/a/{b}c", "/health", "/é", "/a\\u0000", "/a/{b/c}",
  ])
  func `paths that cannot be served are refused`(path: String) {
    let text = #"{"routes":[{"method":"GET","path":"\#(path)","upstream":"http://127.0.0.1:9"}]}"#
    #expect(problems(text).count >= 1)
  }

  @Test(arguments: ["ftp://a", "http://", "http://a/?b", "a", "http://user@a", "http://a#b", ""])
  func `upstreams are plain origins`(upstream: String) {
    let text = #"{"routes":[{"method":"GET","path":"/w","upstream":"\#(upstream)"}]}"#
    #expect(problems(text).count >= 1)
  }

  @Test func `all problems are told at once, and two of a name are one too many`() {
    let good = #"{"method":"GET","path":"/w","upstream":"http://127.0.0.1:9"}"#
    #expect(problems(#"{"routes":[\#(good),{"method":"X"},\#(good),7]}"#).count == 5)
    #expect(problems(#"{"routes":[\#(good)],"routes":[]}"#).count == 1)
    #expect(problems(#"{"routes":[\#(good)],"more":1}"#).count == 1)
    for text in ["", "[]", "{}", "{\"routes\":7}", String(repeating: "[", count: 100_000)] {
      #expect(problems(text).count == 1)
    }
    let many = (0...1_000).map {
      #"{"method":"GET","path":"/w\#($0)","upstream":"http://127.0.0.1:9"}"#
    }
    #expect(problems(#"{"routes":[\#(many.joined(separator: ","))]}"#).count == 1)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `no bytes stop the reader`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let sound = Array(route(#"","price_usd":"0.01","flow":"upfront""#).utf8)
    for _ in 0..<2_000 {
      var bytes = sound
      for _ in 0...random.below(4) {
        bytes[random.below(bytes.count)] = UInt8(random.below(256))
      }
      if case .success(let routes) = RoutesFile.read(bytes) {
        for route in routes { #expect(PathPattern(route.pattern).description == route.pattern) }
      }
    }
  }
}
