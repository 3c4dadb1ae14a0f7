package import HTTP
internal import JSON
package import Ledger

/// Hands payments to the daemon that holds the ledger, by `POST /commands` on its socket.
package final class SocketSink: ImportSink {
  package let batchLimit = 4_096
  /// Bytes of one request, to which one line may come; the daemon takes at most 4 MiB.
  private static let bodyLimit = 1_048_576

  private let book: Book
  private let deadlineMilliseconds: Int
  private let send: (ClientRequest, Int) -> Result<Response, ClientError>

  /// - Parameter path: of the daemon's socket, `data/run/tollbook.sock` of the home folder.
  package convenience init(path: String, book: Book, deadlineMilliseconds: Int) {
    let client = Client(
      address: .unix(path: path), host: "tollbook", limits: ClientLimits(), keepsAlive: true)
    self.init(book: book, deadlineMilliseconds: deadlineMilliseconds) { request, deadline in
      do throws(ClientError) {
        return .success(try client.send(request, deadlineMilliseconds: deadline))
      } catch {
        return .failure(error)
      }
    }
  }

  /// Sends by a function of the caller's, for tests.
  package init(
    book: Book, deadlineMilliseconds: Int,
    send: @escaping (ClientRequest, Int) -> Result<Response, ClientError>
  ) {
    self.book = book
    self.deadlineMilliseconds = deadlineMilliseconds
    self.send = send
  }

  package func close() {}

  package func submit(_ batch: [ImportPayment]) throws(ImportStop) -> [ImportAnswer] {
    var answers: [ImportAnswer] = []
    var body = JSONWriter(reserving: SocketSink.bodyLimit)
    var count = 0
    for payment in batch {
      ImportLine(key: nil, book: book, payment: payment).write(to: &body)
      count += 1
      // A line has at most a few texts of 1 KiB each: the limit is passed by little.
      if body.bytes.count >= SocketSink.bodyLimit {
        answers += try post(body.bytes, count: count)
        body.removeAll()
        count = 0
      }
    }
    if count > 0 { answers += try post(body.bytes, count: count) }
    return answers
  }

  private func post(_ body: [UInt8], count: Int) throws(ImportStop) -> [ImportAnswer] {
    let request = ClientRequest(
      method: .post, target: "/commands", headers: ["Content-Type": "application/x-ndjson"],
      body: body)
    switch send(request, deadlineMilliseconds) {
    case .success(let response): return try answers(in: response, count: count)
    case .failure(.notSent(let reason)):
      throw ImportStop(
        .notReached,
        "the daemon cannot be reached: \(reason); nothing of the last lines was taken in, "
          + "run the same command again")
    case .failure(.sentWithoutAnswer(let reason)):
      throw SocketSink.unknown("\(reason)")
    }
  }

  private func answers(
    in response: Response, count: Int
  ) throws(ImportStop) -> [ImportAnswer] {
    guard response.status == 200 else { throw SocketSink.stop(response) }
    let lines = response.body.split(separator: 0x0A)
    let answers = lines.compactMap { ImportAnswer(reply: Array($0)) }
    guard answers.count == count, lines.count == count else {
      throw SocketSink.unknown("its answer has \(answers.count) lines for \(count)")
    }
    return answers
  }

  private static func stop(_ response: Response) -> ImportStop {
    let problem = ProblemText(response.body)
    if response.status == 503, problem.code == "LEDGER_UNAVAILABLE" {
      return unknown("it lost the disk (LEDGER_UNAVAILABLE)")
    }
    return ImportStop(
      .refused,
      "the daemon refuses: \(response.status) \(SettingText.quotable(problem.code)) "
        + "\(DisplayText.safe(problem.detail))")
  }

  private static func unknown(_ reason: String) -> ImportStop {
    ImportStop(
      .outcomeUnknown,
      "whether the daemon took in the last lines is unknown: \(reason); run the same command "
        + "again, what is in the log is skipped")
  }
}

/// Code and detail of an `application/problem+json` body; empty when it is none.
private struct ProblemText {
  let code: String
  let detail: String

  init(_ body: [UInt8]) {
    var object: JSONObject?
    do throws(JSONError) {
      object = try JSONParser.parse(body, limits: .standard).object
    } catch {
      object = nil
    }
    code = object?["code"]?.text?.string ?? ""
    detail = object?["detail"]?.text?.string ?? ""
  }
}
