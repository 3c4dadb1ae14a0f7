import Glibc

/// Copies log lines to standard output without ever waiting long for its reader.
///
/// Used by one thread. A reader that is gone ends the copying; a slow one loses lines.
struct LogOutput {
  private let descriptor: Int32
  private var isReaderGone = false
  /// The last piece ended inside a line.
  private var isInsideLine = false

  init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// Writes lines; what the reader does not take within 100 ms is left out.
  ///
  /// Needs SIGPIPE to be blocked or ignored.
  mutating func write(_ batch: [UInt8]) {
    guard !isReaderGone, !batch.isEmpty else { return }
    if isInsideLine {
      guard writePiece([0x0A][...]) == 1 else { return }
      isInsideLine = false
    }
    var rest = batch[...]
    while !rest.isEmpty {
      let count = writePiece(rest.prefix(Self.pieceSize))
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
      isInsideLine = rest.isEmpty ? false : batch[rest.startIndex - 1] != 0x0A
    }
  }

  /// A pipe that poll calls writable takes this many bytes at once without blocking (PIPE_BUF).
  private static let pieceSize = 4_096

  private mutating func writePiece(_ piece: ArraySlice<UInt8>) -> Int {
    var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    guard poll(&request, 1, 100) == 1 else { return 0 }
    let count = piece.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    if count < 0, errno != EINTR, errno != EAGAIN { isReaderGone = true }
    return count
  }
}
