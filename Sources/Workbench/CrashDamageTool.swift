import Journal
import Service
import Synchronization

/// Damages every byte of a sound log in every way, and cuts it at every byte.
final class CrashDamageTool: Sendable {
  /// What one kind of damage came to; nil when all of it was found as it should be.
  private struct Finding: Sendable {
    let name: String
    let broken: String?
  }

  private let log: SampleLog
  private let seed: UInt64
  private let findings = Mutex<[Finding]>([])

  /// `damage [--bytes N] [--seed S]`.
  static func run(_ options: ToolOptions) throws(ToolError) -> Int32 {
    let bytes = max(1_024, try options.count("bytes", else: 65_536))
    let seed = UInt64(try options.count("seed", else: 1))
    return try CrashDamageTool(bytes: bytes, seed: seed).run()
  }

  private init(bytes: Int, seed: UInt64) {
    log = SampleLog(seed: seed, bytes: bytes, segmentLimit: bytes / 2)
    self.seed = seed
  }

  private func run() throws(ToolError) -> Int32 {
    let done = Semaphore()
    var works: [@Sendable (CrashDamageTool) -> Finding] = [
      { $0.everyCut(head: $0.log.heads.last) }, { $0.everyCut(head: nil) },
    ]
    for damage in DamageSimulation.Damage.allCases {
      works.append { $0.everyByte(damage) }
    }
    for work in works {
      let isStarted = Threads.start { [self] in
        let finding = work(self)
        findings.withLock { $0.append(finding) }
        done.signal()
      }
      guard isStarted else { throw ToolError("the system has no thread left") }
    }
    for _ in works { done.wait() }
    return report(findings.withLock { $0 })
  }

  private func everyByte(_ damage: DamageSimulation.Damage) -> Finding {
    Finding(
      name: "\(damage) each byte",
      broken: DamageSimulation.everyByte(of: log, damage, seed: seed))
  }

  private func everyCut(head: [UInt8]?) -> Finding {
    Finding(
      name: head == nil ? "cut at each byte, no mark" : "cut at each byte, mark at the end",
      broken: DamageSimulation.everyCut(of: log, head: head))
  }

  private func report(_ all: [Finding]) -> Int32 {
    let size = log.files.reduce(0) { $0 + $1.bytes.count }
    for finding in all.sorted(by: { $0.name < $1.name }) {
      print("damage: \(finding.name) of \(size): \(finding.broken ?? "all as it should be")")
    }
    return all.allSatisfy { $0.broken == nil } ? 0 : 1
  }
}
