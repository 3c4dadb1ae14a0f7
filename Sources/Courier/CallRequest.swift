import Foundation
import FoundationNetworking
import JSON

/// One call as its frame describes it.
struct CallRequest: Sendable {
  /// Named again in the answer.
  let id: Int64
  /// What URLSession sends; nil when the frame asks for something that cannot be sent.
  let request: URLRequest?
  /// Lower case; empty without a request.
  let host: String
  let deadlineMilliseconds: Int
  /// Bytes of an answer's body that are still taken.
  let maxBytes: Int

  /// The most that a frame carries as text or as base64, with room for the headers.
  static let largestBody = 2 << 20

  /// Reads a frame; nil without an id, because then nobody can be told.
  init?(frame: [UInt8]) {
    let limits = JSONLimits(depth: 4, bytes: FrameSocket.limit, values: 2_000)
    guard let fields = Self.parse(frame, limits)?.object, let id = Self.integer(fields["id"])
    else { return nil }
    self.id = id
    let deadline = Self.integer(fields["deadline_ms"]) ?? 0
    let maxBytes = Self.integer(fields["max_bytes"]) ?? 0
    deadlineMilliseconds = Int(deadline)
    self.maxBytes = Int(maxBytes)
    let isInRange =
      (1...600_000).contains(deadline) && (1...Int64(Self.largestBody)).contains(maxBytes)
    let address = (fields["url"]?.text).flatMap { CallAddress($0.string) }
    host = address?.host ?? ""
    request = isInRange ? address.flatMap { Self.request(fields, to: $0, within: deadline) } : nil
  }

  private static func request(
    _ fields: JSONObject, to address: CallAddress, within milliseconds: Int64
  ) -> URLRequest? {
    guard let method = fields["method"]?.text?.string, isToken(method),
      let headers = fields["headers"]?.object, let body = body(fields)
    else { return nil }
    let hasBody = !body.isEmpty
    // URLSession refuses such a body in its own way, and too late.
    if hasBody && (method == "GET" || method == "HEAD") { return nil }
    var request = URLRequest(url: address.url)
    request.httpMethod = method
    request.cachePolicy = .reloadIgnoringLocalAndRemoteCacheData
    request.httpShouldHandleCookies = false
    // An idle limit only; the deadline is kept beside it.
    request.timeoutInterval = Double(milliseconds) / 1_000 + 60
    request.setValue("tollbook", forHTTPHeaderField: "User-Agent")
    request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
    // Without one URLSession would claim that the body is a form.
    if hasBody { request.setValue("application/octet-stream", forHTTPHeaderField: "Content-Type") }
    for member in headers.members {
      let name = member.name.string
      guard let value = member.value.text?.string, isToken(name), isValue(value),
        !["host", "content-length", "transfer-encoding", "connection", "expect"]
          .contains(name.lowercased())
      else { return nil }
      request.setValue(value, forHTTPHeaderField: name)
    }
    if hasBody { request.httpBody = body }
    return request
  }

  private static func body(_ fields: JSONObject) -> Data? {
    switch (fields["body"], fields["body_base64"]) {
    case (nil, nil): Data()
    case (.string(let text), nil): Data(text.string.utf8)
    case (nil, .string(let text)): Data(base64Encoded: text.string)
    default: nil
    }
  }

  private static func parse(_ frame: [UInt8], _ limits: JSONLimits) -> JSONValue? {
    do { return try JSONParser.parse(frame, limits: limits) } catch { return nil }
  }

  private static func integer(_ value: JSONValue?) -> Int64? {
    guard case .number(let number) = value else { return nil }
    return number.integer()
  }

  /// A token of RFC 9110 section 5.6.2.
  private static func isToken(_ text: String) -> Bool {
    let others = Set("!#$%&'*+-.^_`|~".utf8)
    return !text.isEmpty
      && text.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) && byte < 0x80
          || others.contains(byte)
      }
  }

  /// A field value without a byte that could end its line.
  private static func isValue(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
  }
}

/// An absolute address that the courier may be asked for.
///
/// `https://` with a name or an IPv4 address; `http://` only for `127.0.0.1`, where nothing can
/// be overheard. No user, no fragment, visible ASCII only, so that no two parsers differ about
/// the host.
struct CallAddress {
  let url: URL
  /// In small letters, without the port.
  let host: String

  init?(_ text: String) {
    let isTLS = text.hasPrefix("https://")
    guard isTLS || text.hasPrefix("http://"),
      text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"\"<>\\^`{|}#".utf8.contains($0) })
    else { return nil }
    let rest = text.dropFirst(isTLS ? 8 : 7)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
    let name = parts[0].lowercased()
    guard !name.isEmpty, parts.count <= 2,
      name.utf8.allSatisfy({ byte in
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D || byte == 0x2E
      }),
      parts.count == 1 || UInt16(parts[1]).map({ $0 > 0 }) == true,
      isTLS || name == "127.0.0.1",
      let url = URL(string: text), url.host?.lowercased() == name
    else { return nil }
    self.url = url
    host = name
  }
}
