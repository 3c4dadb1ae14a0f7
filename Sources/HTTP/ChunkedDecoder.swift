import Glibc

/// Undoes the chunked transfer coding (RFC 9112 section 7.1), strictly and incrementally.
struct ChunkedDecoder {
  /// What the next byte belongs to.
  private enum Phase {
    case size
    case data(Int)
    case dataEnd
    case trailer
  }

  /// The bounds that a body has to keep.
  struct Bounds {
    let bodyBytes: Int
    let lineBytes: Int
    let extensionBytes: Int
    let trailerBytes: Int
    let trailerCount: Int
  }

  private var phase = Phase.size
  private var extensionBytes = 0
  private var trailerBytes = 0
  private var trailerCount = 0

  /// Takes what it can from the bytes and appends the decoded part to `body`.
  ///
  /// - Returns: how many bytes were used, and whether the body is complete. Unused bytes are
  ///   an unfinished line or belong to the next message.
  mutating func decode(
    _ bytes: UnsafeRawBufferPointer, into body: inout [UInt8], bounds: Bounds
  ) throws(ParseFailure) -> (used: Int, isComplete: Bool) {
    var place = 0
    while true {
      switch phase {
      case .size:
        guard let line = try line(bytes, from: place, limit: bounds.lineBytes, .badChunk)
        else { return (place, false) }
        let size = try size(UnsafeRawBufferPointer(rebasing: bytes[line]), bounds)
        if size > bounds.bodyBytes - body.count { throw .bodyTooLarge }
        place = line.upperBound + 2
        phase = size == 0 ? .trailer : .data(size)
      case .data(let left):
        let count = min(left, bytes.count - place)
        body.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[place..<place + count]))
        place += count
        if count < left {
          phase = .data(left - count)
          return (place, false)
        }
        phase = .dataEnd
      case .dataEnd:
        let rest = bytes.count - place
        if rest > 0 && bytes[place] != ByteClass.carriageReturn { throw .badChunk }
        if rest > 1 && bytes[place + 1] != ByteClass.lineFeed { throw .badChunk }
        if rest < 2 { return (place, false) }
        place += 2
        phase = .size
      case .trailer:
        let limit = bounds.trailerBytes - trailerBytes
        guard let line = try line(bytes, from: place, limit: limit, .headersTooLarge)
        else { return (place, false) }
        place = line.upperBound + 2
        if line.isEmpty { return (place, true) }
        trailerBytes += line.count + 2
        trailerCount += 1
        if trailerCount > bounds.trailerCount || trailerBytes > bounds.trailerBytes {
          throw .headersTooLarge
        }
        _ = try HeadScanner.field(line, bytes)
      }
    }
  }

  /// The next line without its CRLF, nil when it is not complete yet.
  private func line(
    _ bytes: UnsafeRawBufferPointer, from start: Int, limit: Int, _ tooLong: ParseFailure
  ) throws(ParseFailure) -> Range<Int>? {
    let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
    guard let base = rest.baseAddress,
      let found = memchr(base, Int32(ByteClass.lineFeed), rest.count)
    else {
      if rest.count > limit + 1 { throw tooLong }
      return nil
    }
    let feed = UnsafeRawPointer(found) - base
    if feed - 1 > limit { throw tooLong }
    if feed == 0 || rest[feed - 1] != ByteClass.carriageReturn { throw .badChunk }
    return start..<(start + feed - 1)
  }

  /// `1*HEXDIG [";" extension]`.
  private mutating func size(
    _ line: UnsafeRawBufferPointer, _ bounds: Bounds
  ) throws(ParseFailure) -> Int {
    var size = 0
    var place = 0
    while place < line.count, let digit = ByteClass.hexValue(line[place]) {
      // Fifteen digits fit in an Int; leading zeros beyond that are nobody's honest framing.
      if place == 15 { throw .badChunk }
      size = size << 4 | Int(digit)
      place += 1
    }
    if place == 0 { throw .badChunk }
    if place == line.count { return size }
    if line[place] != 0x3B { throw .badChunk }
    extensionBytes += line.count - place
    if extensionBytes > bounds.extensionBytes { throw .badChunk }
    for index in place..<line.count where !ByteClass.isFieldValue(line[index]) {
      throw .badChunk
    }
    return size
  }
}

extension ParseFailure {
  static let badChunk = ParseFailure.bad("The chunked body is malformed.")
}
