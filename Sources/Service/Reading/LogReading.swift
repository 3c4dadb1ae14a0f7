package import Journal
package import Ledger

/// One reading of a log from its first record on: in order, on several threads, in little memory.
package struct LogReading: Sendable {
  package let extent: LogExtent
  package let stop: LogStop
  /// Whether each line's hash is recomputed; without it a line whose text was changed by hand
  /// still reads.
  package let checksHashes: Bool
  /// At least 1, the caller's among them.
  package let threads: Int

  package init(_ extent: LogExtent, until stop: LogStop, checksHashes: Bool, threads: Int) {
    self.extent = extent
    self.stop = stop
    self.checksHashes = checksHashes
    self.threads = threads
  }

  /// What was read.
  package struct Summary: Equatable, Sendable {
    /// Records of whole units that were handed on.
    package let records: Int
    /// Bytes of log that were looked at.
    package let bytes: Int
    /// What is torn at the end; a start would repair it. Nil when nothing is.
    package let torn: LogFault?
  }

  /// Bytes that are decoded at a time: their records fit the caches, also of a thread that gets
  /// them from another one.
  private static let chunkLength = 131_072

  /// Hands over each record of each whole unit in log order.
  /// - Throws: `.damage` and `.newer` at the first fault that a start would not repair; `.disk`.
  package func eachRecord(
    _ body: (Record) -> Void
  ) throws(JournalError) -> Summary {
    try eachBatch { records in
      // In place: a loop over the elements would copy each, with all its references.
      records.withUnsafeBufferPointer { all in for index in all.indices { body(all[index]) } }
      return true
    }
  }

  /// Hands over whole units in log order, a chunk at a time; `body` ends the reading by returning
  /// false.
  func eachBatch(
    _ body: (ArraySlice<Record>) -> Bool
  ) throws(JournalError) -> Summary {
    let chunks = LogChunk.split(extent.pieces, length: LogReading.chunkLength)
    var walk = LogWalk(extent, until: stop)
    var isWanted = true
    let reading = self
    try OrderedWork<Result<DecodedChunk, JournalError>>.run(
      count: chunks.count, threads: threads,
      worker: {
        let decoder = ChunkDecoder(reading.extent, checksHashes: reading.checksHashes)
        return { index in LogReading.attempt(decoder, chunks[index]) }
      },
      consume: { (result) throws(JournalError) in
        let goesOn = walk.take(try result.get()) { records in
          if isWanted { isWanted = body(records) }
        }
        return goesOn && isWanted
      })
    guard isWanted else {
      return Summary(records: walk.records, bytes: walk.bytes, torn: nil)
    }
    let torn = try walk.finish()
    return Summary(records: walk.records, bytes: walk.bytes, torn: torn)
  }

  private static func attempt(
    _ decoder: ChunkDecoder, _ chunk: LogChunk
  ) -> Result<DecodedChunk, JournalError> {
    do { return .success(try decoder.decode(chunk)) } catch { return .failure(error) }
  }
}
