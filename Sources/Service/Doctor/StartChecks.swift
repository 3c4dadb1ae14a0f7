internal import Glibc
internal import JSON
internal import Journal

/// The checks of the first step: program, environment, folder, log, disk.
struct StartChecks {
  private let home: String
  private let settings: DoctorSettings
  private var folder: String { home + "/data/ledger" }
  /// Bytes of log that are checked.
  private static let tail = 4_194_304

  init(home: String, settings: DoctorSettings) {
    self.home = home
    self.settings = settings
  }

  /// All that can be said without a running daemon, in the order of finding out.
  func findings() -> [Finding] {
    [program(), environment()] + ledger() + [disk()]
  }

  private func program() -> Finding {
    .passed("program", "\(Version.software.string), complete: it runs without a toolchain")
  }

  private func environment() -> Finding {
    let name = "environment"
    switch settings {
    case .unusable(let problems):
      return .failed(
        name, "\(problems.count) problem\(problems.count == 1 ? "" : "s"): \(problems[0])",
        next: "mend the environment first, tollbook config check names every problem; "
          + "it is a P0 only if a sound environment does not start either")
    case .usable(let configuration):
      guard access(home + "/.env", F_OK) == 0 else {
        return .warned(
          name, "there is no .env: embedded defaults are in force",
          next: "copy docs/env.example to .env")
      }
      let mode = configuration.isFake ? "fake money" : "real money"
      return .passed(name, ".env reads, \(mode)")
    }
  }

  private func ledger() -> [Finding] {
    do throws(FolderError) {
      try LedgerFolder.check(folder)
    } catch .missing {
      return [
        .warned("data folder", "there is no ledger yet", next: "tollbook serve makes one")
      ]
    } catch {
      return [.failed("data folder", "\(error)", next: "mend the folder, then start again")]
    }
    let found: Finding = .passed("data folder", "data/ledger is there and ours alone")
    do throws(ReadingError) {
      let holder = try StartChecks.holder(folder)
      let extent = try LogExtent.find(in: folder)
      return [
        found, .passed("lock", holder.map { "held by \($0)" } ?? "free, nobody writes"),
        mark(extent), tail(extent, isHeld: holder != nil),
      ]
    } catch {
      return [found, .failed("log", error.message, next: "tollbook log verify says more")]
    }
  }

  private static func holder(_ folder: String) throws(ReadingError) -> String? {
    do throws(LockError) {
      return try LedgerLock.holder(of: folder)
    } catch {
      throw .lock(error)
    }
  }

  private func mark(_ extent: LogExtent) -> Finding {
    let name = "mark"
    if let mark = extent.mark { return .passed(name, "HEAD says durable up to seq \(mark.seq)") }
    guard !extent.pieces.isEmpty else { return .passed(name, "none yet, the log is empty") }
    return .warned(
      name, "unknown: HEAD is missing or cannot be read",
      next: "the next start makes a new one; compare the last seq with a backup or a view")
  }

  private func tail(_ extent: LogExtent, isHeld: Bool) -> Finding {
    let name = "log tail"
    switch TailCheck.run(extent, in: folder, limit: StartChecks.tail) {
    case .empty: return .passed(name, "the log is empty")
    case .sound(let lines):
      return .passed(name, "the last \(HumanNumber.count(lines)) lines follow from each other")
    case .unfinished:
      let detail = "the last line is not finished"
      return isHeld
        ? .failed(name, detail, next: "tollbook log verify")
        : .warned(name, detail, next: "the next start repairs it and keeps a copy")
    case .broken(let file, let offset):
      return .failed(
        name, "\(file) is damaged at byte \(offset)",
        next: "stop writing; tollbook log verify, then restore the file from a backup")
    case .unreadable(let file):
      return .failed(name, "\(file) cannot be read", next: "check owner, mode and disk")
    }
  }

  private func disk() -> Finding {
    let name = "disk"
    var facts = statvfs()
    guard statvfs(home, &facts) == 0 else {
      return .failed(
        name, "cannot be asked: \(String(cString: strerror(errno)))", next: "is the home there?")
    }
    let (free, overflow) = UInt64(facts.f_bavail).multipliedReportingOverflow(
      by: UInt64(facts.f_frsize))
    let bytes = overflow ? Int.max : Int(clamping: free)
    let minimum = settings.minimumFreeMegabytes
    guard bytes >= minimum * 1_048_576 else {
      return .failed(
        name, "\(HumanNumber.bytes(bytes)) free, below TOLLBOOK_MIN_FREE_MB=\(minimum)",
        next: "free some space: new payments are refused with DISK_LOW until then")
    }
    return .passed(name, "\(HumanNumber.bytes(bytes)) free")
  }
}
