import Foundation
import FoundationNetworking
import JSON

/// What the daemon is told about one call, as a frame.
enum CallAnswer: Sendable {
  case answered(status: Int, headers: [String: String], body: Data)
  case failed(CallFailure)

  /// Header bytes that a frame has room for beside the largest body.
  private static let headerLimit = 256 * 1024

  /// An answer of the other side, or the fault that keeps it from being passed on.
  init(_ response: HTTPURLResponse, body: Data) {
    // These speak about the connection, which ends here, or about bytes before decoding.
    let framing: Set<String> = [
      "content-length", "transfer-encoding", "connection", "keep-alive", "content-encoding",
    ]
    var headers: [String: String] = [:]
    var size = 0
    for (name, value) in response.allHeaderFields {
      guard let name = name as? String, let value = value as? String else { continue }
      if framing.contains(name.lowercased()) { continue }
      headers[name] = value
      size += name.utf8.count + value.utf8.count
    }
    guard size <= Self.headerLimit else {
      self = .failed(.answerTooLarge)
      return
    }
    guard (200...599).contains(response.statusCode) else {
      self = .failed(.answerUnreadable)
      return
    }
    self = .answered(status: response.statusCode, headers: headers, body: body)
  }

  /// The frame's bytes.
  func frame(id: Int64) -> [UInt8] {
    var out = JSONWriter()
    out.beginObject()
    out.field("id", id)
    switch self {
    case .failed(let failure): out.field("error", failure.rawValue)
    case .answered(let status, let headers, let body):
      out.field("status", status)
      out.key("headers")
      out.beginObject()
      for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
        out.key(Text(name))
        out.string(value)
      }
      out.endObject()
      Self.write(body, into: &out)
    }
    out.endObject()
    return out.bytes
  }

  /// As text where that is UTF-8 and not longer than its base64.
  private static func write(_ body: Data, into out: inout JSONWriter) {
    if let text = Text(utf8: [UInt8](body)) {
      var trial = JSONWriter()
      trial.string(text)
      if trial.bytes.count <= (body.count + 2) / 3 * 4 + 2 {
        out.field("body", text)
        return
      }
    }
    out.field("body_base64", body.base64EncodedString())
  }
}
