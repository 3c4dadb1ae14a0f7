internal import JSON

extension ImportAnswer {
  /// Reads one line of the daemon's answer to `POST /commands`; nil when it is none that we know.
  ///
  /// `{"status":"recorded","seq":42}`, `repeated`, `unchanged`, or
  /// `{"status":"refused","code":"IMPORT_CONFLICT","reason":"…"}`.
  package init?(reply bytes: [UInt8]) {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONParser.parse(bytes, limits: .line)
    } catch {
      return nil
    }
    guard let object = value.object, let status = object["status"]?.text else { return nil }
    switch status {
    case "recorded": self = .recorded
    case "repeated", "unchanged": self = .known
    case "refused":
      guard let code = object["code"]?.text, let reason = object["reason"]?.text else {
        return nil
      }
      self = .refused(code: code.string, detail: reason.string)
    default: return nil
    }
  }
}
