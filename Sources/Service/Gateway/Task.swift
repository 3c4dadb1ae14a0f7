internal import HTTP
internal import JSON
internal import Ledger

/// The built-in resource: says back what it was asked, so that the paid path can be tried.
struct Task {
  let isJSON: Bool
  private let length: Int

  /// Reads `{"task":"…"}`.
  /// - Throws: 400 `VALIDATION_ERROR`, nothing charged.
  init(_ request: Request) throws(Problem) {
    guard Task.saysJSON(request.headers["Content-Type"]) else {
      throw Task.invalid("Content-Type must be application/json.")
    }
    isJSON = true
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONParser.parse(request.body, limits: .standard)
    } catch {
      throw Task.invalid("The body is not JSON: \(error.reason.sentence) at byte \(error.offset).")
    }
    guard case .object(let object) = value, case .string(let task) = object["task"],
      !task.isEmpty
    else {
      throw Task.invalid("The body must be an object with a text \"task\" that is not empty.")
    }
    length = task.utf8Count
  }

  /// What the task came to.
  func result() -> JSONValue {
    let members: [JSONObject.Member] = [
      .init(name: "message", value: .string("Task accepted and done.")),
      .init(name: "taskBytes", value: .number(JSONNumber(Int64(length)))),
    ]
    return JSONObject(members).map { .object($0) } ?? .null
  }

  static func saysJSON(_ contentType: String?) -> Bool {
    guard let contentType else { return false }
    let type = contentType.utf8.prefix { $0 != 0x3B && $0 != 0x20 }
    return Text(String(type) ?? "").asciiLowercased == "application/json"
  }

  private static func invalid(_ detail: String) -> Problem {
    Problem(status: 400, code: "VALIDATION_ERROR", detail: detail)
  }
}
