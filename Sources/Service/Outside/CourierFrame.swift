internal import Digest
internal import HTTP
internal import JSON

/// The frames on the courier's socket, seen from this side; docs/ARCHITECTURE.md has the format.
enum CourierFrame {
  /// Bytes of one frame without its length.
  static let limit = 4 << 20

  /// What the courier says.
  enum Word: Equatable, Sendable {
    /// It has started and waits for requests.
    case ready
    case answer(id: Int64, Response)
    case failed(id: Int64, OutsideError)
  }

  /// One request with its length before it.
  static func request(
    _ request: OutsideRequest, to address: OutsideAddress, id: Int64, deadlineMilliseconds: Int
  ) -> [UInt8] {
    var out = JSONWriter(reserving: request.body.count + 1_024)
    out.beginObject()
    out.field("id", id)
    out.field("method", request.method.name)
    out.field("url", address.text)
    out.key("headers")
    out.beginObject()
    for (name, value) in joined(request.headers) {
      out.key(Text(name))
      out.string(value)
    }
    out.endObject()
    write(request.body, into: &out)
    out.field("deadline_ms", deadlineMilliseconds)
    out.field("max_bytes", request.maxBytes)
    out.endObject()
    let count = UInt32(out.bytes.count)
    return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) } + out.bytes
  }

  /// Reads a frame without its length; nil when it is none of the courier's words.
  static func word(_ frame: [UInt8]) -> Word? {
    let limits = JSONLimits(depth: 4, bytes: limit, values: 10_000)
    guard let fields = parse(frame, limits)?.object else { return nil }
    if fields["ready"] == .bool(true) { return .ready }
    guard case .number(let number)? = fields["id"], let id = number.integer() else { return nil }
    if let code = fields["error"]?.text {
      return .failed(id: id, OutsideError(courierCode: code.string))
    }
    guard case .number(let written)? = fields["status"], let status = written.integer(),
      (200...599).contains(status), let members = fields["headers"]?.object?.members,
      let body = body(fields)
    else { return nil }
    var headers = Headers()
    for member in members where Headers.isName(member.name.string) {
      guard let value = member.value.text else { return nil }
      headers.append(member.name.string, value.string)
    }
    return .answer(id: id, Response(status: Int(status), headers: headers, body: body))
  }

  /// The fields with the values of a repeated one joined, as RFC 9110 section 5.3 allows; those
  /// that speak about the connection are left out, as `ClientRequest` leaves them out.
  private static func joined(_ headers: Headers) -> [(name: String, value: String)] {
    var seen: Set<String> = ["content-length", "transfer-encoding", "connection", "expect"]
    return headers.all.compactMap { name, _ in
      guard seen.insert(SettingText.lowercased(name)).inserted else { return nil }
      return (name, headers.values(name).joined(separator: ", "))
    }
  }

  /// As text where that is UTF-8 and not longer than its base64.
  private static func write(_ body: [UInt8], into out: inout JSONWriter) {
    if body.isEmpty { return }
    if let text = Text(utf8: body) {
      var trial = JSONWriter()
      trial.string(text)
      if trial.bytes.count <= (body.count + 2) / 3 * 4 + 2 {
        out.field("body", text)
        return
      }
    }
    out.field("body_base64", Base64.encode(body))
  }

  private static func body(_ fields: JSONObject) -> [UInt8]? {
    switch (fields["body"], fields["body_base64"]) {
    case (.string(let text), nil): Array(text.string.utf8)
    case (nil, .string(let text)): Base64.decode(text.string)
    default: nil
    }
  }

  private static func parse(_ frame: [UInt8], _ limits: JSONLimits) -> JSONValue? {
    do { return try JSONParser.parse(frame, limits: limits) } catch { return nil }
  }
}
