import Glibc
internal import JSON

/// The files behind the log, written by one thread.
struct LogFileWriter {
  private let home: String
  private var main: RotatingFile
  private var provider: RotatingFile
  private var output: LogOutput?
  private var isLinked = false
  // Kept between rounds so that a busy log allocates nothing.
  private var mainBatch = JSONWriter()
  private var providerBatch = JSONWriter()

  init(_ options: LogFiles.Options) {
    home = options.home
    let folder = options.home + "/logs"
    main = RotatingFile(
      folder: folder, name: "genesis.log", limit: options.fileLimit, kept: options.filesKept)
    provider = RotatingFile(
      folder: folder, name: "a2a_x402.log", limit: options.fileLimit, kept: options.filesKept)
    output = options.outputDescriptor.map { LogOutput(descriptor: $0) }
  }

  /// Lets go of the files, after somebody has moved them.
  mutating func reopen() {
    main.close()
    provider.close()
  }

  /// Takes buffers from the queue, which gives and takes them under its lock.
  mutating func collect(
    _ exchange: (inout JSONWriter, inout JSONWriter) -> Void
  ) {
    mainBatch.removeAll()
    providerBatch.removeAll()
    exchange(&mainBatch, &providerBatch)
  }

  /// Writes what was collected and returns how many lines were lost.
  mutating func write() -> Int {
    var lost = 0
    if !mainBatch.bytes.isEmpty {
      lost += main.write(mainBatch.bytes)
      output?.write(mainBatch.bytes)
      link()
    }
    if !providerBatch.bytes.isEmpty { lost += provider.write(providerBatch.bytes) }
    return lost
  }

  /// Makes `logs.json`, the name that the confirm guide greps, unless something has that name.
  private mutating func link() {
    guard !isLinked else { return }
    isLinked = symlink("logs/genesis.log", home + "/logs.json") == 0 || errno == EEXIST
  }
}
