/// Puts one answer into bytes (RFC 9112 section 4).
struct ResponseWriter {
  let response: Response
  let requestID: String
  let keepsAlive: Bool
  let isHead: Bool
  /// What the request spoke: an HTTP/1.0 client has to be told that we keep the connection.
  let minorVersion: Int

  /// - Returns: how many bytes of body were appended.
  func append(to out: inout [UInt8], dateLine: [UInt8]) -> Int {
    let status = response.status
    out.append(contentsOf: "HTTP/1.1 ".utf8)
    appendNumber(status, to: &out)
    out.append(0x20)
    append(Status.reason(status), to: &out)
    out.append(contentsOf: dateLine)
    out.append(contentsOf: requestID.utf8)
    let isBodiless = status == 204 || status == 304 || status < 200
    if isBodiless {
      out.append(contentsOf: "\r\n".utf8)
    } else {
      out.append(contentsOf: "\r\nContent-Length: ".utf8)
      appendNumber(response.body.count, to: &out)
      out.append(contentsOf: "\r\n".utf8)
    }
    if !keepsAlive {
      out.append(contentsOf: "Connection: close\r\n".utf8)
    } else if minorVersion == 0 {
      out.append(contentsOf: "Connection: keep-alive\r\n".utf8)
    }
    appendHeaders(to: &out)
    out.append(contentsOf: "\r\n".utf8)
    if isHead || isBodiless { return 0 }
    out.append(contentsOf: response.body)
    return response.body.count
  }

  private func appendHeaders(to out: inout [UInt8]) {
    let headers = response.headers
    if headers.isWireForm && !headers.hasReserved {
      out.append(contentsOf: headers.bytes)
      return
    }
    for (name, value) in headers.all where !Headers.isReserved(name) {
      out.append(contentsOf: "\(name): \(value)\r\n".utf8)
    }
  }

  private func append(_ text: StaticString, to out: inout [UInt8]) {
    out.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private func appendNumber(_ number: Int, to out: inout [UInt8]) {
    if number >= 10 { appendNumber(number / 10, to: &out) }
    out.append(UInt8(0x30 + number % 10))
  }
}

/// The Date field (IMF-fixdate of RFC 9110 section 5.6.7).
enum HTTPDate {
  /// The rest of a status line, the Date field, and the name of the field that always follows:
  /// `CRLF Date: … CRLF X-Request-Id: `, so that an answer needs one copy for all three.
  static func line(seconds: Int64) -> [UInt8] {
    Array("\r\nDate: \(text(seconds: seconds))\r\nX-Request-Id: ".utf8)
  }

  /// Such as `Sun, 06 Nov 1994 08:49:37 GMT`. Seconds since 1970, not before it.
  static func text(seconds: Int64) -> String {
    let days = seconds / 86400
    let rest = Int(seconds % 86400)
    let (year, month, day) = civil(days)
    let names = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let clock = "\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))"
    let date = "\(two(day)) \(months[month - 1]) \(year)"
    return "\(names[Int(days % 7)]), \(date) \(clock) GMT"
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  /// The Gregorian date of a day counted from 1970-01-01 (Hinnant, `civil_from_days`).
  private static func civil(_ days: Int64) -> (year: Int, month: Int, day: Int) {
    let shifted = Int(days) + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}
