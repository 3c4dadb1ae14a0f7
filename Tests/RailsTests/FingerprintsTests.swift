import Digest
import JSON
import Ledger
import Rails
import Testing

/// What two requests must have in common to be the same under one key.
@Suite struct FingerprintsTests {
  private func print(
    _ body: String, method: String = "POST", path: String = "/agent/task", query: String? = nil,
    isJSON: Bool = true
  ) -> Fingerprint {
    Fingerprints.request(
      method: method, path: path, query: query, isJSON: isJSON, body: Array(body.utf8))
  }

  /// SHA-256 of the bytes that the format names, spelled out.
  private func sha256(_ text: String) -> Text {
    var hash = SHA256()
    hash.update(Array(text.utf8))
    return Text(hash.finalize().hex)
  }

  @Test func `the fingerprint is the hash of method, path, query and canonical body`() {
    #expect(
      print(#"{ "b" : 1.0, "a" : "\u00e9\/" }"#, query: "x=1").hex
        == sha256("POST\n/agent/task\nx=1\n" + #"{"a":"é/","b":1.0}"#))
    #expect(print("raw", isJSON: false).hex == sha256("POST\n/agent/task\n\nraw"))
    #expect(
      print(#"{"task":"test"}"#).hex
        == "40ecd0bd4418e9e283b574a30e7c1ba9d453ac04f914e8047727924f75533bb0")
  }

  @Test func `key order, white space and escapes do not matter`() {
    let base = print(#"{"a":{"x":[1,2],"y":"é"},"b":null}"#)
    #expect(print("{\"b\" : null,\r\n\t\"a\":{\"y\":\"\\u00E9\",\"x\":[1, 2]}}") == base)
  }

  @Test(arguments: [
    (#"{"a":1}"#, #"{"a":1.0}"#), (#"{"a":100}"#, #"{"a":1e2}"#), (#"{"a":0}"#, #"{"a":-0}"#),
    (#"{"a":[1,2]}"#, #"{"a":[2,1]}"#), (#"{"a":1}"#, #"{"a":"1"}"#), (#"{"a":null}"#, "{}"),
    (#"{"a":"e\u0301"}"#, #"{"a":"\u00e9"}"#), (#"{"a":true}"#, #"{"a":false}"#),
  ])
  func `number text, order of elements and kinds of values do matter`(left: String, right: String) {
    #expect(print(left) != print(right))
  }

  @Test func `a body that is not the JSON that it says it is counts by its bytes`() {
    for body in ["", "{", #"{"a":1,"a":1}"#, "{\"a\":01}", "nul", "{} {}", "\u{FEFF}{}"] {
      #expect(print(body) == print(body, isJSON: false))
      #expect(print(body) != print(body + " "))
    }
    let invalid: [UInt8] = [0x22, 0xFF, 0x22]
    let asJSON = Fingerprints.request(
      method: "P", path: "/", query: nil, isJSON: true, body: invalid)
    let raw = Fingerprints.request(
      method: "P", path: "/", query: nil, isJSON: false, body: invalid)
    #expect(asJSON == raw)
  }

  @Test func `JSON that is not declared as such counts by its bytes`() {
    #expect(print(#"{"a":1}"#, isJSON: false) != print(#"{ "a":1}"#, isJSON: false))
    // In canonical form both ways agree, as the bytes are the same.
    #expect(print(#"{"a":1}"#, isJSON: false) == print(#"{ "a":1}"#))
  }

  @Test func `method, path and query are part of it`() {
    let base = print("{}")
    #expect(print("{}", method: "PUT") != base)
    #expect(print("{}", path: "/agent/task/") != base)
    #expect(print("{}", query: "a=1") != base)
    #expect(print("{}", query: "a=1") != print("{}", query: "a=2"))
    #expect(print("{}", query: "") == base)
  }

  @Test func `nesting as deep as the reader allows does not trap`() {
    for depth in [1, 63, 64, 65, 200_000] {
      let body = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
      #expect(print(body) == print(body))
    }
  }

  @Test func `a command's fingerprint is the hash of its name and its wish`() {
    let count = CountOffers(from: .earliest, byCode: ["B": 1, "A": 2])
    #expect(
      Fingerprints.command(count).hex
        == sha256("gateway.count_offers\n" + #"{"by_code":{"A":2,"B":1}}"#))
    let later = CountOffers(from: .latest, byCode: ["A": 2, "B": 1])
    #expect(Fingerprints.command(count) == Fingerprints.command(later))
  }

  @Test func `a digest and its fingerprint are written alike`() {
    var hash = SHA256()
    hash.update(Array("abc".utf8))
    let digest = hash.finalize()
    #expect(Fingerprint(digest).hex == Text(digest.hex))
    #expect(
      Fingerprint(digest).hex
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }
}
