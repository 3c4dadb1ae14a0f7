import Glibc
import Journal

/// Holds the whole lines of one chunk in memory, and what stands before them.
///
/// There are 64 readable bytes behind the contents, as the decoder asks. Used by one thread.
final class LineBuffer {
  /// What was found in a chunk.
  struct Lines {
    /// Whole lines, each with its line feed.
    let bytes: UnsafeRawBufferPointer
    /// Where they begin in the file.
    let offset: Int
    /// Whether bytes follow that are no whole line although the piece ends.
    let isUnfinished: Bool
    /// The 64 characters of the hash before the first line; nil at the start of a file.
    let hashBefore: UnsafeRawBufferPointer?
  }

  /// From a stored hash to the end of its line: `<64 hex>"}\n`.
  private static let back = 67
  private static let slack = 64
  private static let step = 65_536

  private let extent: LogExtent
  private var memory: UnsafeMutableRawBufferPointer
  private var count = 0
  private var opened: (piece: Int, file: DiskFile)?

  init(_ extent: LogExtent) {
    self.extent = extent
    memory = .allocate(byteCount: LineBuffer.step, alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit {
    if let opened { extent.disk?.close(opened.file) }
    memory.deallocate()
  }

  /// Reads a chunk; the lines stay valid until the next call.
  /// - Throws: `.disk`, or `.damage` when the file is no file any more.
  func load(_ chunk: LogChunk) throws(JournalError) -> Lines {
    let name = extent.pieces[chunk.piece].name.text
    do {
      return try read(chunk, in: try open(chunk.piece))
    } catch {
      guard error.reason == .notAFile else { throw .disk(error) }
      throw .damage(
        LogFault(
          file: name, line: 0, offset: 0, problem: .misplaced, expected: "a regular file"))
    }
  }

  /// The stored hash at the end of a piece: 64 characters; nil when the piece is too short.
  func lastHash(of piece: Int) throws(JournalError) -> [UInt8]? {
    let size = extent.pieces[piece].size
    guard size >= LineBuffer.back else { return nil }
    do {
      count = 0
      try fill(try open(piece), from: size - LineBuffer.back, to: size)
    } catch { throw .disk(error) }
    return Array(memory[..<min(64, count)])
  }

  private func open(_ piece: Int) throws(DiskError) -> DiskFile {
    if let opened, opened.piece == piece { return opened.file }
    guard let disk = extent.disk else { fatalError("a log without a folder has no chunks") }
    if let opened { disk.close(opened.file) }
    opened = nil
    let file = try disk.open(extent.pieces[piece].name.text, for: .reading)
    opened = (piece, file)
    return file
  }

  private func read(_ chunk: LogChunk, in file: DiskFile) throws(DiskError) -> Lines {
    let size = extent.pieces[chunk.piece].size
    let start = max(0, chunk.range.lowerBound - LineBuffer.back)
    count = 0
    try fill(file, from: start, to: chunk.range.upperBound)
    let first = firstLine(chunk.range.lowerBound - start)
    guard first < chunk.range.upperBound - start else { return nothing(at: start + first) }
    // The last line may run past the chunk, up to the line limit.
    var isWhole = count > 0 && memory[count - 1] == 0x0A
    while !isWhole, start + count < size {
      let before = count
      try fill(file, from: start, to: min(size, start + count + LineBuffer.step))
      guard count > before else { break }
      guard let base = memory.baseAddress, let feed = memchr(base + before, 0x0A, count - before)
      else {
        guard count - first <= Layout.lineLimit + LineBuffer.step + chunk.range.count else { break }
        continue
      }
      count = UnsafeRawPointer(feed) - UnsafeRawPointer(base) + 1
      isWhole = true
    }
    let end = isWhole ? count : lastFeed(from: first)
    return Lines(
      bytes: UnsafeRawBufferPointer(rebasing: memory[first..<end]), offset: start + first,
      isUnfinished: end < count,
      hashBefore: first >= LineBuffer.back
        ? UnsafeRawBufferPointer(rebasing: memory[first - LineBuffer.back..<first - 3]) : nil)
  }

  private func nothing(at offset: Int) -> Lines {
    Lines(
      bytes: UnsafeRawBufferPointer(rebasing: memory[..<0]), offset: offset,
      isUnfinished: false, hashBefore: nil)
  }

  /// The index of the first line that begins at an index or behind it; `count` when none does.
  private func firstLine(_ lower: Int) -> Int {
    guard lower > 0 else { return 0 }
    guard lower - 1 < count, let base = memory.baseAddress,
      let feed = memchr(base + lower - 1, 0x0A, count - lower + 1)
    else { return count }
    return UnsafeRawPointer(feed) - UnsafeRawPointer(base) + 1
  }

  /// The index behind the last line feed, at least `first`.
  private func lastFeed(from first: Int) -> Int {
    var end = count
    while end > first, memory[end - 1] != 0x0A { end -= 1 }
    return end
  }

  /// Reads on from where the memory ends, up to an offset of the file.
  private func fill(_ file: DiskFile, from start: Int, to end: Int) throws(DiskError) {
    guard let disk = extent.disk, end - start > count else { return }
    reserve(end - start)
    let rest = UnsafeMutableRawBufferPointer(rebasing: memory[count..<end - start])
    count += try disk.read(file, into: rest, at: start + count)
  }

  private func reserve(_ wanted: Int) {
    guard wanted + LineBuffer.slack > memory.count else { return }
    let larger = UnsafeMutableRawBufferPointer.allocate(
      byteCount: wanted + LineBuffer.step + LineBuffer.slack, alignment: 64)
    larger.initializeMemory(as: UInt8.self, repeating: 0)
    larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<count]))
    memory.deallocate()
    memory = larger
  }
}
