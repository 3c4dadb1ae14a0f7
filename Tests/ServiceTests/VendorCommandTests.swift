import Glibc
import HTTP
import JSON
import Ledger
import Service
import Testing

/// Vendors and businesses from the outside: asked of the provider, set, shown, and their views.
///
/// Source: VEN-01 to VEN-07, SUM-01, SUM-03.
@Suite struct VendorCommandTests {
  private static let path = "data/a2a-x402-fake/vendor_capabilities.json"

  @Test func `a refresh records what the provider says, a failing one keeps entry and time`() throws
  {
    let home = try JobsHome()
    let first = try home.run("vendor refresh shop -o json", fake: true)
    #expect(first.status == .ok, "\(first.messages)")
    let before = try home.run("vendor get shop -o json", fake: true)
    #expect(before.answer.contains(#""pricing":{"default":10.000000},"tokens":["USDC"]"#))
    #expect(before.answer.contains(#""source":"fetch","stale":false"#))
    // The provider is not reached at a later time: the entry has its old time, and ages.
    let set = "vendor set fake-unreachable --price default=1 --reason season"
    #expect(try home.run(set, fake: true).status == .ok)
    let known = try home.run("vendor get fake-unreachable -o json", fake: true)
    let day = JobsHome.now.advanced(byMilliseconds: 86_400_000)
    let failed = try home.run("vendor refresh fake-unreachable", at: day, fake: true)
    #expect(failed.status == .notReached)
    #expect(failed.messages.contains("VENDOR_NOT_REACHED"))
    #expect(failed.messages.contains("is kept, stale"))
    let after = try home.run("vendor get fake-unreachable -o json", at: day, fake: true)
    #expect(after.answer == known.answer.replacingFirst(#""stale":false"#, #""stale":true"#))
    let nonsense = try home.run("vendor refresh fake-nonsense", fake: true)
    #expect(nonsense.status == .outcomeUnknown)
    #expect(nonsense.messages.contains("nothing is known of it"))
    #expect(try home.run("vendor refresh fake-refuse", fake: true).status == .notFound)
    #expect(try home.run("vendor get fake-nonsense", fake: true).status == .notFound)
    #expect(try home.run("vendor get shop").status == .notFound)
  }

  @Test(arguments: ["..", "a/../b", "a%2fb", "\u{1B}[2J"])
  func `a hostile name never becomes a path`(name: String) throws {
    let home = try JobsHome()
    for verb in ["get", "refresh"] {
      #expect(try home.run("vendor \(verb) \(name)", fake: true).status == .usage)
    }
    let set = try home.run("vendor set \(name) --reason x", fake: true)
    #expect(set.status == .usage)
    #expect(!set.messages.contains("\u{1B}"))
  }

  @Test(arguments: ["image", "=1", "image=1 --price image=2"])
  func `prices are named, each once`(price: String) throws {
    let run = try JobsHome().run("vendor set shop --price \(price) --reason x", fake: true)
    #expect(run.status == .usage)
  }

  @Test func `the document is rebuilt byte for byte, and compared`() throws {
    let home = try JobsHome()
    let set = "vendor set Zeta --price image=0.05 --price default=2 --token USDC --chain base"
    #expect(try home.run(set + " --capability image --reason x", fake: true).status == .ok)
    #expect(try home.run("vendor set alpha --reason x", fake: true).status == .ok)
    #expect(try home.run("view diff vendor_capabilities", fake: true).status == .ok)
    unlink("\(home.path)/\(Self.path)")
    #expect(try home.run("view diff vendor_capabilities", fake: true).status == .checkFailed)
    let rebuilt = try home.run("view rebuild", fake: true)
    #expect(rebuilt.answer.contains("created \(Self.path)"))
    let file = "\(home.path)/\(Self.path)"
    let bytes = try ReadingLedger.bytes(of: file)
    #expect(
      String(decoding: bytes, as: UTF8.self) == #"""
        {
        "alpha":{"pricing":{},"tokens":[],"chains":[],"capabilities":[],"updated_at":"\#(JobsHome.now)","expires_at":"\#(JobsHome.now.advanced(byMilliseconds: 86_400_000))","source":"operator"},
        "Zeta":{"pricing":{"default":2.000000,"image":0.050000},"tokens":["USDC"],"chains":["base"],"capabilities":["image"],"updated_at":"\#(JobsHome.now)","expires_at":"\#(JobsHome.now.advanced(byMilliseconds: 86_400_000))","source":"operator"}
        }

        """#)
    _ = try JSONParser.parse(bytes, limits: .standard)
    #expect(try home.run("view diff vendor_capabilities", fake: true).status == .ok)
    #expect(
      try home.run("view show vendor_capabilities", fake: true).answer
        == String(decoding: bytes, as: UTF8.self))
    for index in stride(from: 0, to: bytes.count, by: 7) {
      var wrong = bytes
      wrong[index] ^= 1
      try ReadingLedger.write(wrong, to: file)
      #expect(try home.run("view diff vendor_capabilities", fake: true).status == .checkFailed)
    }
    unlink(file)
    _ = try home.run("view rebuild vendor_capabilities", fake: true)
    #expect(try ReadingLedger.bytes(of: file) == bytes)
    #expect(try home.run("view list", fake: true).answer.contains(Self.path))
  }

  @Test func `a live document follows a change of the setting`() throws {
    let ledger = try ReadingLedger()
    let writer = try ViewWriter(home: ledger.home, only: nil, isFresh: false)
    for record in ledger.records { writer.catchUp(record) }
    writer.settle()
    let path = "\(ledger.home)/data/a2a-x402/vendor_capabilities.json"
    #expect(access(path, F_OK) != 0)
    let offer = VendorOffer(pricing: [:], tokens: [], chains: [], capabilities: [])
    writer.append(
      try ledger.submit(
        ObserveVendor(vendor: "shop", offer: offer, source: .fetch, reason: nil), book: .real,
        at: ReadingLedger.start))
    let long = try ReadingLedger.bytes(of: path)
    writer.append(
      try ledger.submit(
        ApplySettings(settings: ["X402_VENDOR_CACHE_TTL": "60"]), book: .real,
        at: ReadingLedger.start))
    let short = try ReadingLedger.bytes(of: path)
    #expect(short != long)
    #expect(
      String(decoding: short, as: UTF8.self).contains(
        #""expires_at":"\#(ReadingLedger.start.advanced(byMilliseconds: 60_000))""#))
    let again = try ViewWriter(home: ledger.home, only: nil, isFresh: true)
    for record in ledger.records { again.catchUp(record) }
    again.settle()
    #expect(try ReadingLedger.bytes(of: path) == short)
    #expect(again.takeProblems().isEmpty && writer.takeProblems().isEmpty)
  }

  @Test(arguments: [
    (200, #"{"vendor":"SHOP","pricing":{"a":"1.5"}}"#, true),
    (200, #"{"vendor":"other"}"#, false), (200, #"{"pricing":{}}"#, false),
    (200, #"{"vendor":"shop","pricing":{"a":1.5}}"#, false),
    (200, #"{"vendor":"shop","pricing":{"a":"1.1234567"}}"#, false),
    (200, #"{"vendor":"shop","pricing":{"a":"-1"}}"#, false),
    (200, #"{"vendor":"shop","tokens":"USDC"}"#, false),
    (200, #"{"vendor":"shop","chains":[1]}"#, false),
    (200, #"{"vendor":"shop","vendor":"shop"}"#, false), (200, "[]", false), (200, "", false),
    (302, #"{"vendor":"shop"}"#, false), (404, #"{"vendor":"shop"}"#, false),
  ])
  func `only a whole answer about this vendor is one`(status: Int, body: String, isOffer: Bool) {
    let reply = HTTPPaymentProvider.reply(
      Response(status: status, headers: Headers(), body: Array(body.utf8)), about: "shop")
    let offer = VendorOffer(
      pricing: ["a": Money(units: 1_500_000, asset: .usdc)], tokens: [], chains: [],
      capabilities: [])
    #expect(reply == (isOffer ? .offer(offer) : .noAnswer(.unreadable)))
  }

  @Test func `a live provider is asked by path and token, and its silence has a class`() throws {
    let server = try Server(
      listeners: [
        Listener(
          name: "provider", address: .tcp(IPAddress(v4: 0x7F00_0001), port: 0),
          router: Router([
            Route(.get, "/v1/vendors/{vendor}") { exchange, path in
              exchange.respond(
                Response(
                  status: path["vendor"] == "shop" ? 200 : 404, contentType: "application/json",
                  body: Array(
                    (path["vendor"] == "shop"
                      ? #"{"vendor":"shop","chains":["base"]}"# : #"{"code":"NOT_FOUND"}"#).utf8)))
            }
          ]))
      ], configuration: ServerConfiguration(makeRequestID: { "req" }))
    try server.start()
    defer { server.drain(deadlineMilliseconds: 100) }
    let port = try #require(server.addresses["provider"]?.port)
    let outside = OutsideClient(
      OutsideClient.Options(isFake: false, allowedHosts: ["127.0.0.1"]), clocks: .system,
      log: { _ in })
    func provider(_ url: String) -> HTTPPaymentProvider {
      HTTPPaymentProvider(
        url: url, tokenFile: nil, deadlineMilliseconds: 2_000, outside: outside)
    }
    let live = provider("http://127.0.0.1:\(port)/v1")
    #expect(
      live.capabilities(of: "shop")
        == .offer(VendorOffer(pricing: [:], tokens: [], chains: ["base"], capabilities: [])))
    #expect(live.capabilities(of: "other") == .unknownVendor)
    #expect(provider("http://127.0.0.1:1").capabilities(of: "shop") == .notReached(.connect))
  }

  // MARK: businesses

  @Test func `a generation adds one line, the report prints the same numbers`() throws {
    let home = try JobsHome()
    let pay = "pay 1.25 USDC shop --agent builder_agent --business biz_1 --key k1"
    #expect(try home.run(pay, fake: true).status == .ok)
    let early = try home.run("report business biz_1 -o json", fake: true)
    let spent =
      #""total_spent":1.250000,"approved_intents":1,"denied_intents":0,"vendor_breakdown":{"shop":1.250000},"agent_breakdown":{"builder_agent":1.250000}"#
    #expect(
      early.answer
        == #"{"business_id":"biz_1","business_name":null,\#(spent),"projected_revenue":null,"spend_to_revenue_ratio":null,"roi":null,"dashboard_url":null}"#
        + "\n")
    let generate =
      "business generated biz_1 --name Shop --revenue 5 --url https://d.example --key g"
    for _ in 0..<2 { #expect(try home.run(generate, fake: true).status == .ok) }
    let report = try home.run("report business biz_1 -o json", fake: true).answer
    let line = try home.run("view show spend_summaries", fake: true).answer
    #expect(report.contains(#""spend_to_revenue_ratio":0.2500,"roi":3.0000"#))
    #expect(line.split(separator: "\n").count == 1)
    #expect(line.hasPrefix(report.dropLast(2)))
    #expect(line.contains(#","timestamp":"\#(JobsHome.now)","seq":"#))
    #expect(try home.run("report business biz_2", fake: true).status == .notFound)
    #expect(try home.run("report business biz_1").status == .notFound)
    #expect(
      try home.run("business generated b --name n --revenue 1e3", fake: true).status == .refused)
  }
}

extension String {
  /// With the first of these texts replaced; as it is when there is none.
  func replacingFirst(_ text: String, _ other: String) -> String {
    guard let range = ranges(of: text).first else { return self }
    return replacingCharacters(in: range, with: other)
  }

  private func replacingCharacters(in range: Range<Index>, with other: String) -> String {
    String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
  }
}
