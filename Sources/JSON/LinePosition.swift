/// The place of a byte in a text as editors count: lines and bytes from 1.
public struct LinePosition: Equatable, Sendable, CustomStringConvertible {
  /// Lines from 1; each `\n` ends one.
  public let line: Int
  /// Bytes from 1 within the line (bytes, not characters).
  public let byte: Int

  /// Counts the lines before an offset; one past the end is the place after the last byte.
  ///
  /// Offsets outside the text are moved to its nearest end.
  public init(offset: Int, in bytes: UnsafeRawBufferPointer) {
    let end = max(0, min(offset, bytes.count))
    var line = 1
    var start = 0
    for index in 0..<end where bytes[index] == 0x0A {
      line += 1
      start = index + 1
    }
    self.line = line
    byte = end - start + 1
  }

  /// Counts the lines before an offset; one past the end is the place after the last byte.
  ///
  /// Offsets outside the text are moved to its nearest end.
  public init(offset: Int, in bytes: [UInt8]) {
    self = bytes.withUnsafeBytes { LinePosition(offset: offset, in: $0) }
  }

  public var description: String { "line \(line), byte \(byte)" }
}
