import JSON
package import Journal
package import Ledger
import Synchronization

/// Answers the four questions by reading only what they need.
///
/// Exact: whatever is unusual about the log (damage, an illegal record, time that goes back, an
/// unfinished unit) ends this reading, and the log is folded in full instead.
package enum FactsScan {
  /// Bytes that are read at a time by one thread, and by several.
  private static let shortChunk = 131_072
  private static let longChunk = 1_048_576

  /// The answers over one book, by the fastest way that gives them.
  ///
  /// - Parameter asOf: nil for the time of the last record.
  /// - Throws: `.damage` and `.newer` at the first fault that a start would not repair; `.disk`.
  package static func report(
    _ reading: LogReading, book: Book, asOf: Timestamp?
  ) throws(JournalError) -> FactsReport {
    if reading.stop == .end, let report = scan(reading, book, asOf) { return report }
    return FactsReport(try Replay.run(reading).state, book: book, asOf: asOf)
  }

  /// The lean reading; nil when the log calls for a full fold.
  package static func scan(
    _ reading: LogReading, _ book: Book, _ asOf: Timestamp?
  ) -> FactsReport? {
    let extent = reading.extent
    guard extent.pieces.allSatisfy({ $0.size > 0 }) else { return nil }
    let chunks = LogChunk.split(
      extent.pieces, length: reading.threads == 1 ? shortChunk : longChunk)
    let decoders = DecoderList()
    var order = FactsOrder(book, extent.pieces.map(\.name))
    var isUsual = true
    OrderedWork<FactsChunk?>.run(
      count: chunks.count, threads: reading.threads,
      worker: {
        let decoder = FactsDecoder(extent, book)
        decoders.add(decoder)
        return { decoder.decode(chunks[$0]) }
      },
      consume: { chunk in
        isUsual = chunk.map { order.take($0) } ?? false
        return isUsual
      })
    guard isUsual, order.isWhole, order.isLegal, order.seq >= extent.mark?.seq ?? 0 else {
      return nil
    }
    var totals = FactsTotals()
    decoders.each { $0.collect(into: &totals) }
    let lines = LineBuffer(extent)
    return order.report(totals, asOf: asOf) { piece, offset in
      FactsScan.subject(at: offset, of: piece, lines)
    }
  }

  /// The subject of the line at an offset.
  private static func subject(at offset: Int, of piece: Int, _ buffer: LineBuffer) -> Text? {
    do {
      let lines = try buffer.load(LogChunk(piece: piece, range: offset..<offset + 1))
      guard let end = lines.bytes.lineEnd(from: 0) else { return nil }
      var codec = RecordCodec()
      let line = UnsafeRawBufferPointer(rebasing: lines.bytes[..<(end - 1)])
      return try codec.decode(line).event.subject
    } catch {
      return nil
    }
  }
}

/// The decoders of all threads; they are asked for their sums when the threads have ended.
private final class DecoderList: @unchecked Sendable {
  private let mutex = Mutex(())
  private var decoders: [FactsDecoder] = []

  func add(_ decoder: FactsDecoder) { mutex.withLock { _ in decoders.append(decoder) } }

  func each(_ body: (FactsDecoder) -> Void) {
    mutex.withLock { _ in for decoder in decoders { body(decoder) } }
  }
}
