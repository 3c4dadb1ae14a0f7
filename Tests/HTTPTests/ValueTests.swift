import HTTP
import Testing

/// The small values: headers, addresses, traces, problems, patterns.
@Suite struct ValueTests {
  @Test func `headers keep order and ignore the case of names`() {
    var headers: Headers = ["A": "1", "b": "2", "a": "3"]
    #expect(headers["B"] == "2")
    #expect(headers.values("A") == ["1", "3"])
    headers.set("A", "4")
    #expect(headers.all.map(\.name) == ["b", "A"])
    headers.remove("B")
    #expect(headers == ["A": "4"])
    #expect(headers["missing"] == nil)
  }

  @Test(arguments: [
    ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true),
    ("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-later", true),
    ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-later", false),
    ("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false),
    ("00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false),
    ("00-00000000000000000000000000000000-b7ad6b7169203331-01", false),
    ("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false),
    ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0", false),
    ("00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false), ("", false),
  ])
  func `a traceparent is read strictly`(text: String, isValid: Bool) {
    #expect((TraceParent(text) != nil) == isValid)
    if isValid && text.hasPrefix("00") { #expect(TraceParent(text)?.description == text) }
  }

  @Test(arguments: [
    "127.0.0.1:3000", "[::1]:80", "unix:/a b", "0.0.0.0:0", "[2001:db8::1]:65535",
  ])
  func `a listen address prints as it was written`(text: String) {
    #expect(ListenAddress(text)?.description == text)
  }

  @Test(arguments: [
    "", "3000", "1.2.3:80", "a:80", "::1:80", "[::1]", "127.0.0.1:65536", "127.0.0.1:+1",
    "unix:", "[127.0.0.1]:80", "127.0.0.1:",
  ])
  func `a malformed listen address is refused`(text: String) {
    #expect(ListenAddress(text) == nil)
  }

  @Test(arguments: [
    ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false),
    ("10.1.2.3", "10.1.2.3", true), ("10.1.2.3", "10.1.2.4", false),
    ("2001:db8::/32", "2001:db8:1::1", true), ("2001:db8::/32", "2001:db9::1", false),
    ("0.0.0.0/0", "9.9.9.9", true), ("0.0.0.0/0", "2001::1", false), ("::/0", "1.1.1.1", true),
    ("::1/128", "::1", true), ("10.0.0.0/31", "10.0.0.1", true), ("10.0.0.0/31", "10.0.0.2", false),
  ])
  func `a block holds its addresses and no other`(
    block: String, text: String, isInside: Bool
  ) throws {
    let address = try #require(IPAddress(text))
    #expect(try #require(AddressBlock(block)).contains(address) == isInside)
  }

  @Test(arguments: ["", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "x/8", "1.2.3.4/1/2"])
  func `a malformed block is refused`(text: String) {
    #expect(AddressBlock(text) == nil)
  }

  /// Peer, forwarding fields, the key that must come out, whether it is loopback.
  static let clients: [(String, [(String, String)], String, Bool)] = [
    ("127.0.0.1", [], "127.0.0.1", true),
    ("9.9.9.9", [], "9.9.9.9", false),
    ("127.0.0.1", [("X-Forwarded-For", "1.1.1.1")], "127.0.0.1", false),
    ("9.9.9.9", [("X-Forwarded-For", "127.0.0.1")], "9.9.9.9", false),
    ("10.0.0.1", [("X-Forwarded-For", "8.8.8.8, 1.1.1.1")], "1.1.1.1", false),
    ("10.0.0.1", [("X-Forwarded-For", "8.8.8.8, 1.1.1.1, 10.0.0.2")], "1.1.1.1", false),
    (
      "10.0.0.1", [("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-For", "7.7.7.7")], "7.7.7.7", false
    ),
    ("10.0.0.1", [("X-Forwarded-For", "127.0.0.1")], "127.0.0.1", false),
    ("10.0.0.1", [("X-Forwarded-For", "1.1.1.1, nonsense")], "10.0.0.1", false),
    ("10.0.0.1", [("X-Forwarded-For", "")], "10.0.0.1", false),
    (
      "10.0.0.1", [("Forwarded", "for=1.1.1.1;proto=http, for=\"[2001:db8::7]:99\"")],
      "2001:db8::/64", false
    ),
    ("10.0.0.1", [("Forwarded", "for=unknown")], "10.0.0.1", false),
    ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::/64", false),
    ("::1", [], "::/64", true),
  ]

  @Test(arguments: clients)
  func `a client is its peer or what a trusted proxy says`(
    peer: String, fields: [(String, String)], key: String, isLoopback: Bool
  ) throws {
    var headers = Headers()
    for (name, value) in fields { headers.append(name, value) }
    let client = ClientAddress(
      peer: .ip(try #require(IPAddress(peer)), port: 1), headers: headers,
      trustedProxies: [try #require(AddressBlock("10.0.0.0/8"))])
    #expect(client.key == key)
    #expect(client.isLoopback == isLoopback)
  }

  @Test func `a forwarded request over the unix socket is not loopback`() {
    let peer = PeerAddress.unix(uid: 0)
    #expect(ClientAddress(peer: peer, headers: [:], trustedProxies: []).isLoopback)
    let headers: Headers = ["Forwarded": "for=1.1.1.1"]
    #expect(!ClientAddress(peer: peer, headers: headers, trustedProxies: []).isLoopback)
  }

  @Test func `a problem document escapes what JSON demands`() {
    let problem = Problem(
      status: 409, code: "KEY_REUSED", detail: "a \"b\" \\ \n é/", retryAfterSeconds: 3)
    let response = problem.response(requestID: "r")
    #expect(
      String(decoding: response.body, as: UTF8.self)
        == "{\"type\":\"about:blank\",\"title\":\"Conflict\",\"status\":409,"
        + "\"detail\":\"a \\\"b\\\" \\\\ \\u000a é/\",\"code\":\"KEY_REUSED\","
        + "\"requestId\":\"r\"}\n")
    #expect(response.headers["Retry-After"] == "3")
  }
}
