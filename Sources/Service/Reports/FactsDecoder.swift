import JSON
import Journal
import Ledger

/// Reads chunks for the four questions; sums of money stay here until the end.
///
/// One for each thread.
final class FactsDecoder {
  private let buffer: LineBuffer
  private var tally: FactsTally

  init(_ extent: LogExtent, _ book: Book) {
    buffer = LineBuffer(extent)
    tally = FactsTally(book)
  }

  /// Adds what this thread has summed up.
  func collect(into totals: inout FactsTotals) { tally.collect(into: &totals) }

  /// Reads a chunk; nil when anything in it calls for a full fold.
  func decode(_ chunk: LogChunk) -> FactsChunk? {
    do {
      let lines = try buffer.load(chunk)
      return lines.isUnfinished ? nil : tally.take(lines, of: chunk.piece)
    } catch {
      return nil
    }
  }
}
