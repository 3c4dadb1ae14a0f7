/// Scans the chunks of a log in order, the decoding and hashing on several threads.
struct ChunkScan {
  let disk: any Disk
  let files: [SegmentFile]
  let checksHashes: Bool
  /// At least 1; with 1 everything happens on the caller's thread.
  let threads: Int

  /// Hands over each chunk in log order, with what `prepare` made of it on the worker's thread.
  ///
  /// Ends early when `consume` returns false.
  /// - Throws: the first `JournalError` in log order, also those of `consume`.
  func run<Part: Sendable>(
    prepare: @escaping @Sendable (ScannedChunk) -> Part,
    consume: (ScannedChunk, Part) throws(JournalError) -> Bool
  ) throws(JournalError) {
    let chunks = Chunk.split(files, length: Chunk.length)
    guard threads > 1, chunks.count > 1 else { return try inline(chunks, prepare, consume) }
    let results = OrderedResults<Result<Prepared<Part>, JournalError>>(
      count: chunks.count, ahead: 4 * threads)
    let scan = self
    let workers = WorkerThreads(threads) {
      let scanner = scan.scanner()
      while let index = results.claim() {
        results.deliver(index, ChunkScan.attempt(scanner, chunks[index], prepare))
      }
    }
    defer {
      results.stop()
      workers.join()
    }
    guard !workers.isEmpty else { return try inline(chunks, prepare, consume) }
    while let result = results.take() {
      let prepared = try result.get()
      guard try consume(prepared.chunk, prepared.part) else { return }
    }
  }

  /// A chunk and what was made of it beside the order.
  private struct Prepared<Part: Sendable>: Sendable {
    let chunk: ScannedChunk
    let part: Part
  }

  private func inline<Part: Sendable>(
    _ chunks: [Chunk], _ prepare: (ScannedChunk) -> Part,
    _ consume: (ScannedChunk, Part) throws(JournalError) -> Bool
  ) throws(JournalError) {
    let scanner = scanner()
    for chunk in chunks {
      let scanned = try scanner.scan(chunk)
      guard try consume(scanned, prepare(scanned)) else { return }
    }
  }

  private func scanner() -> ChunkScanner {
    ChunkScanner(disk: disk, files: files, checksHashes: checksHashes)
  }

  private static func attempt<Part: Sendable>(
    _ scanner: ChunkScanner, _ chunk: Chunk, _ prepare: (ScannedChunk) -> Part
  ) -> Result<Prepared<Part>, JournalError> {
    do {
      let scanned = try scanner.scan(chunk)
      return .success(Prepared(chunk: scanned, part: prepare(scanned)))
    } catch { return .failure(error) }
  }
}
