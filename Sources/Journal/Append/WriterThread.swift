import Glibc
import Synchronization

/// The loop of the writer thread: take a batch, make it durable, tell.
final class WriterThread {
  private var appender: Appender
  private let queue: WriterQueue
  private let progress: WriterProgress
  private let onDurable: @Sendable (UInt64) -> Void
  private let onLost: @Sendable (DiskLost) -> Void

  init(
    appender: consuming Appender, queue: WriterQueue, progress: WriterProgress,
    onDurable: @escaping @Sendable (UInt64) -> Void,
    onLost: @escaping @Sendable (DiskLost) -> Void
  ) {
    self.appender = appender
    self.queue = queue
    self.progress = progress
    self.onDurable = onDurable
    self.onLost = onLost
  }

  /// Starts the thread, which from then on alone holds this object.
  func start() -> pthread_t {
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(self).toOpaque()
    let result = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<WriterThread>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, argument)
    guard result == 0 else {
      fatalError("the writer thread cannot be started: \(SystemError.sentence(for: result))")
    }
    return thread
  }

  private func run() {
    defer { appender.close() }
    while var batch = queue.take() {
      do {
        try appender.append(&batch)
      } catch {
        queue.fail(error)
        onLost(error)
        return
      }
      let seq = appender.position.seq
      progress.note(batch, syncs: appender.syncs)
      progress.durableSeq.store(seq, ordering: .releasing)
      onDurable(seq)
      queue.giveBack(batch)
    }
  }
}
