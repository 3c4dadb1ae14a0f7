import Journal
import Testing

/// What is found when bytes of the log are not what was written.
struct DamageTests {
  static let log = SampleLog(seed: 7, bytes: 4_096, segmentLimit: 1_800)

  @Test(arguments: DamageSimulation.Damage.allCases)
  func `every byte of a 4 KiB log that is changed is found with its line`(
    damage: DamageSimulation.Damage
  ) {
    #expect(DamageTests.log.files.count > 1)
    #expect(DamageSimulation.everyByte(of: DamageTests.log, damage, seed: 11) == nil)
  }

  @Test func `a log cut at any byte behind the mark is repaired, before it refused`() {
    let log = SampleLog(seed: 3, bytes: 4_096, segmentLimit: 100_000)
    for head in [log.heads[0], log.heads[log.heads.count / 2], log.heads[log.heads.count - 1]] {
      #expect(DamageSimulation.everyCut(of: log, head: head) == nil)
    }
  }

  @Test func `a log cut at any byte without a mark is repaired to the last whole unit`() {
    #expect(DamageSimulation.everyCut(of: DamageTests.log, head: nil) == nil)
    let log = SampleLog(seed: 3, bytes: 4_096, segmentLimit: 100_000)
    #expect(DamageSimulation.everyCut(of: log, head: nil) == nil)
  }

  /// The verdict on the sample log with its last segment replaced.
  private func verdict(_ lines: [[UInt8]]) throws -> LogVerification {
    let last = DamageTests.log.files.count - 1
    let bytes = Array(lines.joined(separator: [0x0A]))
    return try LogVerification.run(
      DamageTests.log.disk(head: DamageTests.log.heads.last, changing: (last, bytes)),
      threads: 1, whileWriting: false
    ) { _ in nil }
  }

  private var lines: [[UInt8]] {
    let bytes = DamageTests.log.files[DamageTests.log.files.count - 1].bytes
    return bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { Array($0) }
  }

  private func line(_ report: LogVerification) -> Int? {
    guard case .damaged(let fault) = report.verdict else { return nil }
    return fault.line
  }

  @Test func `the sound log is clean`() throws {
    let report = try verdict(lines)
    #expect(report.verdict == .clean)
    #expect(report.exitCode == 0)
    #expect(report.bytes == DamageTests.log.files.reduce(0) { $0 + $1.bytes.count })
  }

  @Test func `swapped, repeated and missing lines are found`() throws {
    var swapped = lines
    swapped.swapAt(0, 1)
    #expect(line(try verdict(swapped)) == 1)
    var repeated = lines
    repeated.insert(lines[1], at: 1)
    #expect(line(try verdict(repeated)) == 3)
    var missing = lines
    missing.remove(at: 1)
    #expect(line(try verdict(missing)) == 2)
  }

  @Test func `NULs, CRLF and bad UTF-8 are found`() throws {
    var feed = lines
    feed[1].append(0x0D)
    #expect(line(try verdict(feed)) == 2)
    for byte: UInt8 in [0x00, 0xFF, 0xC0] {
      var broken = lines
      broken[1][20] = byte
      #expect(line(try verdict(broken)) == 2)
    }
    var zeros = lines
    zeros[1] = [UInt8](repeating: 0, count: zeros[1].count)
    #expect(line(try verdict(zeros)) == 2)
  }

  @Test func `200,000 brackets and a line of 5 MiB are errors`() throws {
    for byte: UInt8 in [0x5B, 0x7B, 0x78] {
      var deep = lines
      deep[1] = [UInt8](repeating: byte, count: byte == 0x78 ? 5_242_880 : 200_000)
      let report = try verdict(deep)
      #expect(line(report) == 2)
      #expect(report.exitCode == 5)
    }
  }

  @Test func `the same log is judged alike by one thread and by three`() throws {
    let log = SampleLog(seed: 5, bytes: 900_000, segmentLimit: 400_000)
    for changed in [0, 300_000, 799_999] {
      var bytes = log.files[1].bytes
      if changed > 0 { bytes[min(changed, bytes.count - 1)] ^= 1 }
      let disk = log.disk(head: log.heads.last, changing: (1, bytes))
      let one = try LogVerification.run(disk, threads: 1, whileWriting: false) { _ in nil }
      let three = try LogVerification.run(disk, threads: 3, whileWriting: false) { _ in nil }
      #expect(one == three)
      #expect((one.verdict == .clean) == (changed == 0))
    }
  }
}
