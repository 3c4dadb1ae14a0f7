/// A piece of one file in memory, with slack behind it that may be read.
///
/// The decoder loads words past the end of a line; the slack makes that legal, its contents never
/// matter. Used by one thread.
final class ReadBuffer {
  /// Readable bytes behind the contents.
  private static let slack = 64

  private var memory: UnsafeMutableRawBufferPointer
  /// Bytes of the file that are in memory.
  private(set) var count = 0
  /// Where they begin in the file.
  private(set) var offset = 0

  init(capacity: Int) {
    memory = .allocate(byteCount: capacity + ReadBuffer.slack, alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit { memory.deallocate() }

  /// The contents; valid until the next `load` or `extend`.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  /// Forgets everything and reads a range of the file.
  func load(
    _ file: DiskFile, on disk: any Disk, _ range: Range<Int>
  ) throws(DiskError) {
    offset = range.lowerBound
    count = 0
    try extend(file, on: disk, to: range.upperBound)
  }

  /// Reads on, up to an offset of the file; fewer bytes come only at the file's end.
  func extend(_ file: DiskFile, on disk: any Disk, to end: Int) throws(DiskError) {
    let wanted = end - offset
    guard wanted > count else { return }
    reserve(wanted)
    let rest = UnsafeMutableRawBufferPointer(rebasing: memory[count..<wanted])
    count += try disk.read(file, into: rest, at: offset + count)
  }

  private func reserve(_ wanted: Int) {
    guard wanted + ReadBuffer.slack > memory.count else { return }
    let larger = UnsafeMutableRawBufferPointer.allocate(
      byteCount: wanted + wanted / 2 + ReadBuffer.slack, alignment: 64)
    larger.initializeMemory(as: UInt8.self, repeating: 0)
    larger.copyMemory(from: bytes)
    memory.deallocate()
    memory = larger
  }
}
