/// A stretch of one segment; the lines whose first byte lies in it are its own.
struct LogChunk: Sendable {
  /// Index among the pieces of the extent.
  let piece: Int
  let range: Range<Int>

  /// Cuts all pieces into stretches of at most `length` bytes.
  static func split(_ pieces: [LogExtent.Piece], length: Int) -> [LogChunk] {
    var chunks: [LogChunk] = []
    for (index, piece) in pieces.enumerated() {
      for start in stride(from: 0, to: piece.size, by: length) {
        chunks.append(LogChunk(piece: index, range: start..<min(start + length, piece.size)))
      }
    }
    return chunks
  }
}
