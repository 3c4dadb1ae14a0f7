import Glibc

/// Where a command prints: answers to one stream, everything else to the other.
///
/// Answers are buffered; messages are not, and print what was buffered before them first. Used by
/// one thread. A reader that went away (`| head`) is no error: the rest is dropped quietly, and
/// `isReaderGone` lets long work stop.
package final class Output {
  /// A file descriptor and what is known about it.
  package struct Stream: Equatable, Sendable {
    package let descriptor: Int32
    package let isTerminal: Bool
    /// Columns of the terminal; nil when it is none, or does not say.
    package let width: Int?

    package init(descriptor: Int32, isTerminal: Bool, width: Int?) {
      self.descriptor = descriptor
      self.isTerminal = isTerminal
      self.width = width
    }

    /// Asks the kernel about a descriptor of this process.
    package init(descriptor: Int32) {
      self.descriptor = descriptor
      isTerminal = isatty(descriptor) == 1
      var size = winsize()
      let isKnown = isTerminal && ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0
      width = isKnown && size.ws_col > 0 ? Int(size.ws_col) : nil
    }
  }

  /// The stream of answers.
  package let answers: Stream
  /// The stream of messages and progress.
  package let messages: Stream
  /// Nobody reads the answers any more.
  package private(set) var isReaderGone = false
  /// The errno of the first failed write of an answer, other than a reader that went away.
  package private(set) var failure: Int32?
  private var buffer: [UInt8] = []

  package init(answers: Stream, messages: Stream) {
    self.answers = answers
    self.messages = messages
  }

  /// Standard output and standard error. A closed pipe becomes an error instead of a signal.
  package static func standard() -> Output {
    signal(SIGPIPE, SIG_IGN)
    return Output(answers: Stream(descriptor: 1), messages: Stream(descriptor: 2))
  }

  /// Prints a line of the answer.
  package func print(_ line: String) {
    write(line.utf8)
    write(CollectionOfOne(0x0A))
  }

  /// Prints bytes of the answer as they are.
  package func write(_ bytes: some Collection<UInt8>) {
    guard !isReaderGone, failure == nil else { return }
    buffer.append(contentsOf: bytes)
    if buffer.count >= 65_536 { flush() }
  }

  /// Prints a line for the person, after the answers so far.
  package func message(_ line: String) {
    flush()
    // Nowhere is left to report that standard error cannot be written.
    _ = Self.writeAll(Array("\(line)\n".utf8), to: messages.descriptor)
  }

  /// Draws over the present line of the terminal; for progress only.
  func redraw(_ text: String) {
    _ = Self.writeAll(Array("\r\u{1B}[K\(text)".utf8), to: messages.descriptor)
  }

  /// Writes out what is buffered; call it before exit, then look at `failure`.
  package func flush() {
    guard !buffer.isEmpty else { return }
    switch Self.writeAll(buffer, to: answers.descriptor) {
    case 0: break
    case EPIPE: isReaderGone = true
    case let error: failure = error
    }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Returns 0, or the errno that ended the writing.
  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
    bytes.withUnsafeBytes { all in
      var written = 0
      while written < all.count {
        let rest = UnsafeRawBufferPointer(rebasing: all[written...])
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count > 0 {
          written += count
        } else if errno == EAGAIN {
          // Somebody else made the terminal or pipe non-blocking; wait as a blocking one would.
          var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&request, 1, -1)
        } else if errno != EINTR {
          return errno
        }
      }
      return 0
    }
  }
}
