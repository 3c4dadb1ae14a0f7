internal import Glibc
internal import HTTP
internal import JSON

/// Appends through the daemon that holds the ledger: what is there to read makes one request.
struct RemoteAppend {
  private static let deadlineMilliseconds = 20_000
  /// Bytes of lines in one request; the daemon takes at most four times as much.
  private static let requestSize = 1_048_576

  private let client: Client
  private let output: Output

  init(_ client: Client, _ output: Output) {
    self.client = client
    self.output = output
  }

  func run() -> ExitStatus {
    var pending: [UInt8] = []
    var number = 0
    var isRefused = false
    var buffer = [UInt8](repeating: 0, count: 262_144)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(0, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      let isEnd = count <= 0
      if count > 0 { pending.append(contentsOf: buffer[..<count]) }
      if isEnd, !pending.isEmpty, pending.last != 0x0A { pending.append(0x0A) }
      guard let feed = pending.lastIndex(of: 0x0A) else {
        if isEnd || pending.count > RemoteAppend.requestSize { break }
        continue
      }
      let body = Array(pending[...feed])
      pending.removeSubrange(...feed)
      if let stop = send(body, &number, &isRefused) { return stop }
      if isEnd { break }
    }
    output.flush()
    return isRefused ? .refused : .ok
  }

  /// Sends whole lines and prints the replies; what ended it, if anything did.
  private func send(_ body: [UInt8], _ number: inout Int, _ isRefused: inout Bool) -> ExitStatus? {
    let request = ClientRequest(
      method: .post, target: "/commands", headers: ["Content-Type": "application/jsonl"],
      body: body)
    do throws(ClientError) {
      let response = try client.send(
        request, deadlineMilliseconds: RemoteAppend.deadlineMilliseconds)
      guard response.status == 200 else {
        let text = String(decoding: response.body, as: UTF8.self)
        output.message("tollbook: the daemon answered \(response.status): \(text)")
        return response.status == 503 ? .outcomeUnknown : .refused
      }
      for line in response.body.split(separator: 0x0A) {
        number += 1
        printReply(Array(line), number, &isRefused)
      }
      output.flush()
      return nil
    } catch {
      output.message("tollbook: \(error); send the same lines with the same keys again")
      if case .notSent = error { return .notReached }
      return .outcomeUnknown
    }
  }

  private func printReply(_ line: [UInt8], _ number: Int, _ isRefused: inout Bool) {
    var object: JSONObject?
    do throws(JSONError) {
      object = try JSONParser.parse(line, limits: .standard).object
    } catch {
      object = nil
    }
    let name = object?["key"]?.text?.string ?? "line-\(number)"
    guard let object, let status = object["status"]?.text, status != "refused" else {
      isRefused = true
      let code = object?["code"]?.text?.string ?? "UNREADABLE"
      let reason = object?["reason"]?.text?.string ?? "the daemon's reply cannot be read"
      output.message("REFUSED \(name) \(code): \(DisplayText.safe(reason))")
      return
    }
    var seq: Int64?
    if case .number(let value) = object["seq"] { seq = value.integer() }
    output.print("ACK \(name) \(seq ?? 0)")
  }
}
