import Glibc
import Journal
import Service

/// Fuzzes our parsers without any other tool than the compiler.
///
/// Each target runs in a process of its own, so that a trap is seen from outside; the input under
/// test lies in a file that is mapped into memory and so survives the process.
enum FuzzTool {
  /// `fuzz --seconds N [--target NAME] [--seed S]`; with `--file F` one input instead.
  static func run(_ options: ToolOptions) throws(ToolError) -> Int32 {
    let seconds = max(1, try options.count("seconds", else: 10))
    let seed = try options.count("seed", else: Int(UInt32.random(in: 1...UInt32.max)))
    var targets = FuzzTarget.all
    if options.has("target") {
      let name = try options.text("target")
      targets = targets.filter { $0.name == name }
      guard !targets.isEmpty else {
        let known = FuzzTarget.all.map(\.name).joined(separator: ", ")
        throw ToolError("no target is called \(name); there are \(known)", status: 2)
      }
    }
    if options.has("file") { return try runFile(try options.text("file"), targets) }
    if options.has("child") { return try runChild(targets[0], seconds, seed) }
    var status: Int32 = 0
    for target in targets where try !runApart(target, seconds, seed) { status = 1 }
    return status
  }

  private static func path(_ target: FuzzTarget) -> String { "fuzz-\(target.name).input" }

  /// Runs one target in a process of its own; false when it found something.
  private static func runApart(
    _ target: FuzzTarget, _ seconds: Int, _ seed: Int
  ) throws(ToolError) -> Bool {
    let words = [
      "fuzz", "--child", "--target", target.name, "--seconds", "\(seconds)", "--seed", "\(seed)",
    ]
    // A trap is found in 0.2 s less without a trace; `--file` shows it.
    setenv("SWIFT_BACKTRACE", "enable=no", 1)
    let process = try ChildProcess("/proc/self/exe", words)
    let end = process.wait(seconds: seconds + 30)
    if end == .exited(0) {
      unlink(path(target))
      return true
    }
    if end == .running { process.kill() }
    trim(path(target))
    print(
      "fuzz \(target.name): FOUND by --seed \(seed) (\(end)); the input is in \(path(target)); "
        + "again: Workbench fuzz --target \(target.name) --file \(path(target))")
    return false
  }

  private static func runChild(
    _ target: FuzzTarget, _ seconds: Int, _ seed: Int
  ) throws(ToolError) -> Int32 {
    let place = try FuzzPlace(path(target))
    let mutation = FuzzMutation(target)
    let start = BenchClock.nanoseconds()
    var number: UInt64 = 0
    var bytes = 0
    while BenchClock.nanoseconds() - start < UInt64(seconds) * 1_000_000_000 {
      // Each input has a seed of its own: any of them can be made again alone.
      var random = SplitMix64(seed: UInt64(seed) << 32 | number)
      let input = mutation.input(&random)
      place.hold(input)
      if let broken = target.check(input, &random) {
        print("fuzz \(target.name): input \(number): \(broken)")
        return 1
      }
      number += 1
      bytes += input.count
    }
    print("fuzz \(target.name): \(number) inputs, \(bytes) bytes, seed \(seed): nothing found")
    return 0
  }

  /// Feeds one kept input, many times over with other chances.
  private static func runFile(_ path: String, _ targets: [FuzzTarget]) throws(ToolError) -> Int32 {
    guard targets.count == 1, let target = targets.first else {
      throw ToolError("--file needs --target", status: 2)
    }
    let input: [UInt8]?
    do throws(FileError) {
      input = try Files.read(path, limit: 1 << 24)
    } catch {
      throw ToolError("\(error)")
    }
    guard let input else { throw ToolError("there is no \(path)") }
    for seed in UInt64(0)..<1_000 {
      var random = SplitMix64(seed: seed)
      if let broken = target.check(input, &random) {
        print("fuzz \(target.name): \(path): \(broken)")
        return 1
      }
    }
    print("fuzz \(target.name): \(path): nothing found")
    return 0
  }

  /// Cuts the mapped file down to the input in it.
  private static func trim(_ path: String) {
    do throws(FileError) {
      guard let file = try Files.read(path, limit: 1 << 24), file.count >= 8 else { return }
      let count = file[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
      let input = Array(file[8...].prefix(count))
      try Files.replace(path, with: input, mode: 0o600)
    } catch {
      print("the input could not be kept: \(error)")
    }
  }
}

/// The input under test, in a mapped file: what a process leaves when it dies at once.
private final class FuzzPlace {
  private let base: UnsafeMutableRawPointer

  init(_ path: String) throws(ToolError) {
    let size = 8 + FuzzMutation.limit
    let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0, ftruncate(descriptor, off_t(size)) == 0,
      let mapped = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
      mapped != MAP_FAILED
    else { throw ToolError("\(path) cannot be made: \(String(cString: strerror(errno)))") }
    base = mapped
    close(descriptor)
  }

  func hold(_ input: [UInt8]) {
    base.storeBytes(of: UInt64(input.count).littleEndian, as: UInt64.self)
    input.withUnsafeBytes { bytes in
      if let start = bytes.baseAddress {
        (base + 8).copyMemory(from: start, byteCount: bytes.count)
      }
    }
  }
}
