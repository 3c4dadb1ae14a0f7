import Glibc
import Synchronization

/// A disk in memory that forgets what was not synced, tears, reorders and fails on demand.
///
/// All chance comes from the seed: the same calls with the same seed and plan give the same
/// bytes. A power cut is a call that throws `.powerCut`, after which every call does, until
/// `restart` gives the disk that the machine finds when the power is back.
public final class SimulatedDisk: Disk {
  /// What the machine holds: files, names, and what of both would survive a power cut.
  private struct State: Sendable {
    var files: [SimulatedFile] = []
    var names = SimulatedNames()
    var open: [Int32: Int] = [:]
    var nextDescriptor: Int32 = 1
    var random: SplitMix64
    var plan: FaultPlan
    var calls = 0
    /// Calls of the kind that the plan counts.
    var counted = 0
    var hasFailed = false
    var isOff = false
  }

  private let state: Mutex<State>

  public init(seed: UInt64, plan: FaultPlan) {
    state = Mutex(State(random: SplitMix64(seed: seed), plan: plan))
  }

  /// Calls made so far.
  public var calls: Int { state.withLock { $0.calls } }
  /// Whether the planned call has failed.
  public var hasFailed: Bool { state.withLock { $0.hasFailed } }

  /// The end of a process, and the start of the next with a new plan; calls count from 0 again.
  ///
  /// With `powerCut` the cache is lost, and of what was not synced any part may survive; without
  /// it (kill -9) everything that was written is there.
  public func restart(powerCut: Bool, plan: FaultPlan) {
    state.withLock { state in
      if powerCut {
        var random = state.random
        state.names.cutPower(&random)
        for index in state.files.indices { state.files[index].cutPower(&random) }
        state.random = random
      }
      state.open.removeAll()
      state.plan = plan
      state.calls = 0
      state.counted = 0
      state.hasFailed = false
      state.isOff = false
    }
  }

  /// Changes what is going to happen; the calls in the plan count from 1 for the next one.
  public func plan(_ plan: FaultPlan) {
    state.withLock { state in
      state.plan = plan
      state.calls = 0
      state.counted = 0
    }
  }

  /// The bytes that a reader sees; nil when no file has the name. Not counted as a call.
  public func contents(of path: String) -> [UInt8]? {
    state.withLock { state in
      guard case .file(let index) = state.names[path] else { return nil }
      return state.files[index].visible
    }
  }

  /// Puts a file there, bytes and name durable. Not counted as a call.
  public func place(_ path: String, _ bytes: [UInt8]) {
    state.withLock { state in
      var file = SimulatedFile()
      file.write(bytes, at: 0)
      file.sync()
      state.files.append(file)
      state.names.set(path, .file(state.files.count - 1))
      state.names.sync("")
    }
  }

  public func open(_ path: String, for purpose: OpenPurpose) throws(DiskError) -> DiskFile {
    try call(.open, path) { state throws(DiskError) in
      let index: Int
      switch (state.names[path], purpose) {
      case (.file(let found), .reading), (.file(let found), .keeping): index = found
      case (.file(let found), .writing):
        guard state.files[found].mode & 0o200 != 0 else {
          throw SimulatedDisk.error(.open, path, EACCES)
        }
        index = found
      case (.file, .creating): throw SimulatedDisk.error(.open, path, EEXIST)
      case (nil, .reading), (nil, .writing): throw SimulatedDisk.error(.open, path, ENOENT)
      case (nil, .creating), (nil, .keeping):
        state.files.append(SimulatedFile())
        index = state.files.count - 1
        state.names.set(path, .file(index))
      default: throw DiskError(.open, path, .notAFile)
      }
      let descriptor = state.nextDescriptor
      state.nextDescriptor += 1
      state.open[descriptor] = index
      return DiskFile(descriptor: descriptor, path: path)
    }
  }

  public func close(_ file: DiskFile) {
    state.withLock { _ = $0.open.removeValue(forKey: file.descriptor) }
  }

  public func size(of file: DiskFile) throws(DiskError) -> Int {
    try call(.size, file) { state, index in state.files[index].visible.count }
  }

  public func read(
    _ file: DiskFile, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(DiskError) -> Int {
    // Safe: `call` runs the closure at once, on this thread, and keeps nothing of it.
    nonisolated(unsafe) let target = buffer
    return try call(.read, file) { state, index in
      let bytes = state.files[index].visible
      guard offset < bytes.count else { return 0 }
      let count = min(target.count, bytes.count - offset)
      bytes.withUnsafeBytes { source in
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[offset..<offset + count]))
      }
      return count
    }
  }

  public func write(
    _ file: DiskFile, _ bytes: UnsafeRawBufferPointer, at offset: Int
  ) throws(DiskError) -> Int {
    let copy = Array(bytes)
    do {
      return try call(.write, file) { state, index in
        state.files[index].write(copy, at: offset)
        return copy.count
      }
    } catch {
      guard error.reason == .shortWrite else { throw error }
      let part = Array(copy.prefix(copy.count / 2))
      state.withLock { state in
        if let index = state.open[file.descriptor] { state.files[index].write(part, at: offset) }
      }
      return part.count
    }
  }

  public func sync(_ file: DiskFile) throws(DiskError) {
    let index = state.withLock { $0.open[file.descriptor] }
    do {
      try call(.sync, file) { state, index in state.files[index].sync() }
    } catch {
      guard let index, error.reason != .powerCut else { throw error }
      state.withLock { state in
        var random = state.random
        state.files[index].failSync(&random)
        state.random = random
      }
      throw error
    }
  }

  public func truncate(_ file: DiskFile, to count: Int) throws(DiskError) {
    try call(.truncate, file) { state, index in state.files[index].truncate(to: count) }
  }

  public func syncFolder(_ path: String) throws(DiskError) {
    try call(.syncFolder, path) { state in state.names.sync(path) }
  }

  public func makeFolder(_ path: String) throws(DiskError) {
    try call(.makeFolder, path) { state throws(DiskError) in
      if state.names[path] == .folder { return }
      guard state.names[path] == nil else { throw SimulatedDisk.error(.makeFolder, path, EEXIST) }
      state.names.set(path, .folder)
    }
  }

  public func rename(_ path: String, to newPath: String) throws(DiskError) {
    try call(.rename, path) { state throws(DiskError) in
      guard state.names[path] != nil else { throw SimulatedDisk.error(.rename, path, ENOENT) }
      state.names.rename(path, to: newPath)
    }
  }

  public func remove(_ path: String) throws(DiskError) {
    try call(.remove, path) { state in
      if state.names[path] != nil { state.names.remove(path) }
    }
  }

  public func list(_ path: String) throws(DiskError) -> [String] {
    try call(.list, path) { state in state.names.names(in: path) }
  }

  public func status(_ path: String) throws(DiskError) -> DiskEntry? {
    try call(.status, path) { state in
      switch state.names[path] {
      case nil: nil
      case .file(let index):
        DiskEntry(
          kind: .file, size: state.files[index].visible.count, mode: state.files[index].mode)
      case .folder: DiskEntry(kind: .folder, size: 0, mode: 0o750)
      case .link: DiskEntry(kind: .link, size: 0, mode: 0o777)
      case .other: DiskEntry(kind: .other, size: 0, mode: 0o640)
      }
    }
  }

  public func setMode(_ path: String, _ mode: UInt32) throws(DiskError) {
    try call(.setMode, path) { state throws(DiskError) in
      guard case .file(let index) = state.names[path] else {
        throw SimulatedDisk.error(.setMode, path, ENOENT)
      }
      state.files[index].mode = mode
    }
  }

  public func link(_ path: String, to target: String) throws(DiskError) {
    try call(.link, path) { state throws(DiskError) in
      guard state.names[path] == nil else { throw SimulatedDisk.error(.link, path, EEXIST) }
      state.names.set(path, .link(target))
    }
  }

  public func target(of path: String) throws(DiskError) -> String? {
    try call(.target, path) { state in
      if case .link(let target) = state.names[path] { target } else { nil }
    }
  }

  private static func error(_ call: DiskCall, _ path: String, _ number: Int32) -> DiskError {
    DiskError(call, path, .system(number))
  }

  private static func failure(
    _ fault: FaultPlan.Fault, _ call: DiskCall, _ path: String
  ) -> DiskError {
    switch fault {
    case .inputOutput: error(call, path, EIO)
    case .noSpace: error(call, path, ENOSPC)
    case .shortWrite: call == .write ? DiskError(call, path, .shortWrite) : error(call, path, EIO)
    }
  }

  private func call<R: Sendable>(
    _ kind: DiskCall, _ file: DiskFile,
    _ body: (inout State, Int) throws(DiskError) -> R
  ) throws(DiskError) -> R {
    try call(kind, file.path) { state throws(DiskError) in
      guard let index = state.open[file.descriptor] else {
        throw SimulatedDisk.error(kind, file.path, EBADF)
      }
      return try body(&state, index)
    }
  }

  /// Counts the call and lets the plan strike before the work is done.
  private func call<R: Sendable>(
    _ kind: DiskCall, _ path: String, _ body: (inout State) throws(DiskError) -> R
  ) throws(DiskError) -> R {
    try state.withLock { state throws(DiskError) in
      guard !state.isOff else { throw DiskError(kind, path, .powerCut) }
      state.calls += 1
      if state.plan.counted == nil || state.plan.counted == kind { state.counted += 1 }
      if state.plan.powerCutAtCall == state.counted {
        state.isOff = true
        throw DiskError(kind, path, .powerCut)
      }
      if state.plan.failAtCall == state.counted, !state.hasFailed {
        state.hasFailed = true
        throw SimulatedDisk.failure(state.plan.fault, kind, path)
      }
      return try body(&state)
    }
  }
}
