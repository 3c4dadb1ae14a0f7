internal import JSON
internal import Ledger

/// What an argument or option takes.
package enum ValueKind: Equatable, Sendable {
  case text(String)
  case count(ClosedRange<Int>)
  case choice([String])
  case listener
  case day
  case month
  case time
  /// A seq, or a time.
  case moment
  case file
  case folder

  /// The word that stands for the value in help.
  package var placeholder: String {
    switch self {
    case .text(let word): word
    case .count: "N"
    case .choice(let names): names.joined(separator: "|")
    case .listener: "ADDR|off"
    case .day: "DATE"
    case .month: "MONTH"
    case .time: "TIME"
    case .moment: "SEQ|TIME"
    case .file: "FILE"
    case .folder: "DIR"
    }
  }

  /// The words that complete "expected …" in a message.
  var expected: String {
    switch self {
    case .text(let word): "\(word), which is not empty"
    case .count(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .choice(let names): "one of \(names.joined(separator: ", "))"
    case .listener: "ADDRESS:PORT such as 127.0.0.1:3000, or off"
    case .day: "a UTC date such as 2025-11-16"
    case .month: "a UTC month such as 2025-11"
    case .time: "a time such as 2025-11-16T03:00:00Z"
    case .moment: "a seq such as 42, or a time such as 2025-11-16T03:00:00Z"
    case .file: "a file's path, or - for standard input or output"
    case .folder: "a folder's path"
    }
  }

  /// Whether the text is of this kind.
  func accepts(_ text: String) -> Bool {
    switch self {
    case .text, .file, .folder: !text.isEmpty && !text.utf8.contains(0)
    case .count(let range): SettingText.integer(text, in: range) != nil
    case .choice(let names): names.contains(text)
    case .listener: Listening(text) != nil
    case .day: Day(.init(text)) != nil
    case .month: Month(.init(text)) != nil
    case .time: Timestamp(rfc3339: .init(text), offsetRequired: true) != nil
    case .moment: LogMoment(text) != nil
    }
  }
}

/// A place in the log that a person names.
package enum LogMoment: Equatable, Sendable {
  case sequence(UInt64)
  /// Milliseconds since 1970.
  case time(milliseconds: Int64)

  /// Reads a seq from 1, or a time of RFC 3339 with `Z` or an offset; nil for anything else.
  package init?(_ text: String) {
    if let seq = SettingText.integer(text, in: 1...999_999_999_999_999_999) {
      self = .sequence(UInt64(seq))
    } else if let time = Timestamp(rfc3339: .init(text), offsetRequired: true) {
      self = .time(milliseconds: time.milliseconds)
    } else {
      return nil
    }
  }
}
