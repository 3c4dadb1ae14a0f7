import Glibc
import JSON

/// `tollbook json check FILE`: whether a file is strict JSON.
enum JSONCheck {
  static func run(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let path = context.parsed.arguments.first ?? "-"
    let bytes = try contents(of: path)
    do throws(JSONError) {
      _ = try JSONParser.parse(bytes, limits: .file)
    } catch {
      let place = LinePosition(offset: error.offset, in: bytes)
      throw CommandStop(
        .usage, "\(SettingText.quotable(path)): \(place): \(error.reason.sentence)")
    }
    if !context.parsed.has("quiet") { context.output.print("\(path): strict JSON") }
    return .ok
  }

  /// The bytes of a file or of standard input, at most one more than the parser takes.
  static func contents(of path: String) throws(CommandStop) -> [UInt8] {
    func stop(_ reason: String) -> CommandStop {
      CommandStop(.usage, "cannot read \(SettingText.quotable(path)): \(reason)")
    }
    let descriptor = path == "-" ? dup(0) : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw errno == ENOENT
        ? CommandStop(.notFound, "there is no file \(SettingText.quotable(path))")
        : stop(String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, path == "-" || facts.st_mode & S_IFMT == S_IFREG else {
      throw stop("it is not a regular file")
    }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 262_144)
    while bytes.count <= JSONLimits.file.bytes {
      let count = read(descriptor, &block, block.count)
      if count == 0 { break }
      if count < 0 {
        guard errno == EINTR else { throw stop(String(cString: strerror(errno))) }
        continue
      }
      bytes.append(contentsOf: block[..<count])
    }
    return bytes
  }
}
