/// A segment as it was found in the folder: its name and its length at that moment.
public struct SegmentFile: Equatable, Sendable {
  public let name: SegmentName
  /// Bytes.
  public let size: Int

  /// The segments in log order; a length that grows later does not show here.
  /// - Throws: `.disk`; `.damage` when something else than a segment's file is among them.
  public static func all(on disk: any Disk) throws(JournalError) -> [SegmentFile] {
    var files: [SegmentFile] = []
    for name in try Layout.segments(on: disk) {
      let found = try disk.asking { disk throws(DiskError) in try disk.status(name.text) }
      guard let entry = found, entry.kind == .file else {
        throw .damage(.misplaced(name.text))
      }
      files.append(SegmentFile(name: name, size: entry.size))
    }
    return files
  }

  /// The hash that stands in the line that ends at an offset: 64 bytes.
  ///
  /// The origin for offset 0; zeros where the line is too short to have one.
  static func storedHash(
    on disk: any Disk, in segment: SegmentName, before end: Int
  ) throws(DiskError) -> [UInt8] {
    guard end >= Chain.length + 3 else { return Chain.origin }
    let file = try disk.open(segment.text, for: .reading)
    defer { disk.close(file) }
    let place = end - Chain.length - 3
    return try disk.read(file, place..<place + Chain.length)
  }
}

extension LogFault {
  /// Something that is not a regular file has the name of a segment.
  static func misplaced(_ name: String) -> LogFault {
    LogFault(file: name, line: 0, offset: 0, problem: .misplaced, expected: "a regular file")
  }
}
