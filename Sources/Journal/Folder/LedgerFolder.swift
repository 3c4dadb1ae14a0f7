import Glibc

/// Makes or checks the folder that holds the log, before anything in it is touched.
public enum LedgerFolder {
  /// Makes the folder (0750) when it is not there, and checks that it may be trusted.
  ///
  /// The folder above it must exist.
  /// - Throws: `FolderError`, which says what to do next.
  public static func prepare(_ path: String) throws(FolderError) {
    if mkdir(path, 0o750) != 0 {
      switch errno {
      case EEXIST: break
      case ENOENT, ENOTDIR: throw .missingParent(path)
      case EROFS, EACCES, EPERM: throw .notWritable(path)
      case let number: throw .other(path, SystemError.sentence(for: number))
      }
    }
    try check(path)
    guard access(path, W_OK | X_OK) == 0 else { throw .notWritable(path) }
  }

  /// Checks a folder that a tool is going to read.
  /// - Throws: `FolderError`, which says what to do next.
  public static func check(_ path: String) throws(FolderError) {
    var facts = stat()
    guard stat(path, &facts) == 0 else {
      let number = errno
      guard number == ENOENT || number == ENOTDIR else {
        throw .other(path, SystemError.sentence(for: number))
      }
      throw .missing(path)
    }
    guard facts.st_mode & S_IFMT == S_IFDIR else { throw .notAFolder(path) }
    guard facts.st_mode & 0o022 == 0 else { throw .writableByOthers(path) }
  }
}

/// Why a folder cannot hold the ledger.
public enum FolderError: Error, Equatable, Sendable, CustomStringConvertible {
  case missing(String)
  case missingParent(String)
  case notAFolder(String)
  case notWritable(String)
  case writableByOthers(String)
  case other(String, String)

  public var description: String {
    switch self {
    case .missing(let path):
      "there is no ledger at \(path); check --home, or start one with: tollbook serve"
    case .missingParent(let path):
      "the folder above \(path) is not there; make it first: mkdir -p -m 750 \(above(path))"
    case .notAFolder(let path): "\(path) is not a folder; move it away or choose another --home"
    case .notWritable(let path):
      "\(path) cannot be written; check its owner, its mode, and that the disk is not read-only"
    case .writableByOthers(let path):
      "others may write \(path); check its contents, then: chmod go-w \(path)"
    case .other(let path, let reason): "\(path): \(reason)"
    }
  }

  private func above(_ path: String) -> String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: true).dropLast()
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }
}
