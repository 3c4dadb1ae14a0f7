extension Disk {
  /// Writes all bytes by one call.
  /// - Throws: also `.shortWrite`, when fewer were stored.
  func write(_ file: DiskFile, _ bytes: [UInt8], at offset: Int) throws(DiskError) {
    let result = bytes.withUnsafeBytes { buffer in
      Result { () throws(DiskError) in try write(file, buffer, at: offset) }
    }
    guard try result.get() == bytes.count else {
      throw DiskError(.write, file.path, .shortWrite)
    }
  }

  /// Reads into the whole array; fewer bytes come only at the file's end.
  func read(
    _ file: DiskFile, into bytes: inout [UInt8], at offset: Int
  ) throws(DiskError) -> Int {
    let result = bytes.withUnsafeMutableBytes { buffer in
      Result { () throws(DiskError) in try read(file, into: buffer, at: offset) }
    }
    return try result.get()
  }

  /// Reads a range; fewer bytes come only at the file's end.
  func read(_ file: DiskFile, _ range: Range<Int>) throws(DiskError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: range.count)
    let count = try read(file, into: &bytes, at: range.lowerBound)
    bytes.removeLast(bytes.count - count)
    return bytes
  }
}
