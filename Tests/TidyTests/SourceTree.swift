import Glibc

/// The Swift files below `Sources/` of the package that this test belongs to.
enum SourceTree {
  /// The folder that holds `Sources` and `Tests`.
  private static let root: String = {
    // Tests/TidyTests/SourceTree.swift lies three steps below it.
    "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  }()

  /// All of them, in the order of their paths.
  static func files() -> [SourceFile] {
    var found: [SourceFile] = []
    for module in names(in: root + "/Sources") {
      let folder = root + "/Sources/" + module
      for path in swiftFiles(below: folder) {
        let shown = String(path.dropFirst(root.count + 1))
        found.append(SourceFile(module: module, path: shown, text: read(path)))
      }
    }
    return found
  }

  private static func swiftFiles(below folder: String) -> [String] {
    var found: [String] = []
    for name in names(in: folder) {
      let path = folder + "/" + name
      if isFolder(path) {
        found += swiftFiles(below: path)
      } else if name.hasSuffix(".swift") {
        found.append(path)
      }
    }
    return found
  }

  private static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var found: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { found.append(name) }
    }
    return found.sorted()
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private static func read(_ path: String) -> String {
    guard let file = fopen(path, "re") else { return "" }
    defer { fclose(file) }
    var text: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&block, 1, block.count, file)
      guard count > 0 else { return String(decoding: text, as: UTF8.self) }
      text += block[..<count]
    }
  }
}
