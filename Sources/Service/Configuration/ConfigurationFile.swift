import Glibc

/// Finds the home folder, reads its `.env` and gives the configuration of this process.
package enum ConfigurationFile {
  /// The configuration in force.
  ///
  /// The home folder is that of `--home`, else of `TOLLBOOK_HOME` in the environment, else the
  /// current one; `.env` is read from there, and is optional.
  /// - Throws: every problem of the file and of the values.
  package static func load(
    flags: [ConfigurationSources.Flag], environment: [String: String]
  ) throws(ConfigurationError) -> Configuration {
    let layers = ConfigurationSources(flags: flags, environment: environment, file: nil)
    let home = layers.find(Settings.home.name)?.value ?? Settings.home.defaultText ?? "."
    let path = home.hasSuffix("/") ? home + ".env" : home + "/.env"
    let read: (bytes: [UInt8], isReadableByOthers: Bool)?
    do {
      read = try contents(of: path)
    } catch {
      throw ConfigurationError(problems: [error])
    }
    guard let read else {
      return try Configuration(home: home, sources: layers)
    }
    let file = DotEnv(parsing: read.bytes)
    if let entry = file.entries.first(where: { $0.name == Settings.home.name }),
      !entry.value.isEmpty, !isSameFolder(entry.value, home)
    {
      let problem = ConfigurationProblem.homeElsewhere(line: entry.line, home: home)
      throw ConfigurationError(problems: file.problems + [problem])
    }
    var configuration = try Configuration(
      home: home,
      sources: ConfigurationSources(flags: flags, environment: environment, file: file))
    let holdsSecret = file.entries.contains { LaterNames.isSecret($0.name) && !$0.value.isEmpty }
    if read.isReadableByOthers, holdsSecret {
      configuration = configuration.adding(.readableByOthers(path: path))
    }
    return configuration
  }

  /// The environment of this process. Names and values that are not UTF-8 are left out.
  package static func processEnvironment() -> [String: String] {
    var variables: [String: String] = [:]
    var next = environ
    while let pointer = next.pointee {
      if let text = String(validatingCString: pointer), let equals = text.firstIndex(of: "=") {
        variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
      }
      next += 1
    }
    return variables
  }

  /// The bytes of a regular file, at most one more than `DotEnv` takes; nil when there is none.
  private static func contents(
    of path: String
  ) throws(ConfigurationProblem) -> (bytes: [UInt8], isReadableByOthers: Bool)? {
    // Without O_NONBLOCK a FIFO in the file's place would hang the start.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw .fileUnreadable(path: path, reason: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .fileUnreadable(path: path, reason: "it is not a regular file")
    }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= 262_144 {
      let count = read(descriptor, &block, block.count)
      if count == 0 { break }
      guard count > 0 else {
        if errno == EINTR { continue }
        throw .fileUnreadable(path: path, reason: String(cString: strerror(errno)))
      }
      bytes.append(contentsOf: block[..<count])
    }
    return (bytes, status.st_mode & (S_IRGRP | S_IROTH) != 0)
  }

  /// Whether two paths lead to one folder.
  private static func isSameFolder(_ left: String, _ right: String) -> Bool {
    var first = stat()
    var second = stat()
    guard stat(left, &first) == 0, stat(right, &second) == 0 else { return false }
    return first.st_dev == second.st_dev && first.st_ino == second.st_ino
  }
}
