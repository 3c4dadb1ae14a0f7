import Glibc

/// Reads a message head line by line, remembering where it stopped.
///
/// Lines are judged in order as they become complete, so the verdict about a stream does not
/// depend on how it was cut into reads.
struct HeadScanner {
  /// What one step over the available bytes found.
  enum Outcome {
    case incomplete
    /// The start line has become known, without its CRLF; scan again for the fields.
    case startLine(Range<Int>)
    /// The head ends before this offset.
    case complete(end: Int)
  }

  private(set) var startLine: Range<Int>?
  private(set) var fields: [Headers.Field] = []
  /// Where the line being looked at begins.
  private var lineStart = 0
  /// Bytes before this offset are known to hold no line feed after `lineStart`.
  private var searched = 0

  /// The line limit and the limits of a block of fields.
  struct Bounds {
    let startLineBytes: Int
    let fieldBytes: Int
    let fieldCount: Int
  }

  /// Whether nothing has been taken in.
  var isFresh: Bool { startLine == nil && searched == 0 }

  /// Goes on over a head whose bytes so far are all given, from its first byte.
  ///
  /// - Throws: 414 for a long start line, 431 for the fields, 400 for grammar.
  mutating func scan(
    _ bytes: UnsafeRawBufferPointer, bounds: Bounds
  ) throws(ParseFailure) -> Outcome {
    while true {
      guard let feed = HeadScanner.lineFeed(in: bytes, from: searched) else {
        searched = bytes.count
        try checkUnfinished(bytes.count - lineStart, bounds)
        return .incomplete
      }
      let line = lineStart..<feed
      guard let first = startLine else {
        if line.count - 1 > bounds.startLineBytes { throw .requestLineTooLong }
        try HeadScanner.checkEnd(line, bytes)
        let text = line.lowerBound..<(line.upperBound - 1)
        startLine = text
        advance(past: feed)
        return .startLine(text)
      }
      if line.count == 1 && bytes[line.lowerBound] == ByteClass.carriageReturn {
        return .complete(end: feed + 1)
      }
      if feed + 1 - (first.upperBound + 2) > bounds.fieldBytes { throw .headersTooLarge }
      if fields.count == bounds.fieldCount { throw .headersTooLarge }
      try HeadScanner.checkEnd(line, bytes)
      if fields.isEmpty { fields.reserveCapacity(8) }
      fields.append(try HeadScanner.field(line.lowerBound..<(line.upperBound - 1), bytes))
      advance(past: feed)
    }
  }

  private mutating func advance(past feed: Int) {
    lineStart = feed + 1
    searched = feed + 1
  }

  /// A line without its end is refused as soon as no end could save it.
  private func checkUnfinished(_ count: Int, _ bounds: Bounds) throws(ParseFailure) {
    guard let first = startLine else {
      // The limit, its CR, and the LF that would have to be the next byte.
      if count > bounds.startLineBytes + 1 { throw .requestLineTooLong }
      return
    }
    let block = lineStart - (first.upperBound + 2)
    if count > 1 && block + count + 1 > bounds.fieldBytes { throw .headersTooLarge }
  }

  private static func lineFeed(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard let base = bytes.baseAddress, start < bytes.count else { return nil }
    guard let found = memchr(base + start, Int32(ByteClass.lineFeed), bytes.count - start)
    else { return nil }
    return UnsafeRawPointer(found) - base
  }

  private static func checkEnd(
    _ line: Range<Int>, _ bytes: UnsafeRawBufferPointer
  ) throws(ParseFailure) {
    if line.isEmpty || bytes[line.upperBound - 1] != ByteClass.carriageReturn {
      throw .bad("A line ends in LF without CR.")
    }
  }

  /// One `name: value` line without its CRLF.
  static func field(
    _ line: Range<Int>, _ bytes: UnsafeRawBufferPointer
  ) throws(ParseFailure) -> Headers.Field {
    var place = line.lowerBound
    while place < line.upperBound && ByteClass.isToken(bytes[place]) { place += 1 }
    guard place < line.upperBound, bytes[place] == ByteClass.colon, place > line.lowerBound
    else { throw misnamed(line, bytes, at: place) }
    var start = place + 1
    var end = line.upperBound
    while start < end && isBlank(bytes[start]) { start += 1 }
    while end > start && isBlank(bytes[end - 1]) { end -= 1 }
    for index in start..<end where !ByteClass.isFieldValue(bytes[index]) {
      throw .bad("A header value holds a control byte.")
    }
    return Headers.Field(
      nameStart: Int32(line.lowerBound), nameCount: Int32(place - line.lowerBound),
      valueStart: Int32(start), valueCount: Int32(end - start))
  }

  private static func misnamed(
    _ line: Range<Int>, _ bytes: UnsafeRawBufferPointer, at place: Int
  ) -> ParseFailure {
    guard place < line.upperBound else { return .bad("A header line has no colon.") }
    if isBlank(bytes[place]) {
      return place == line.lowerBound
        ? .bad("A header line begins with a blank (obsolete line folding).")
        : .bad("A header name is followed by a blank.")
    }
    if place == line.lowerBound { return .bad("A header name is empty or malformed.") }
    return .bad("A header name holds a forbidden byte.")
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == ByteClass.space || byte == ByteClass.tab
  }
}
