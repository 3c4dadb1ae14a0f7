import JSON
import Ledger

/// Damages a sound log in every place, and checks that it is found where it is.
public enum DamageSimulation {
  /// What is done to one byte.
  public enum Damage: CaseIterable, Equatable, Sendable {
    case flip, delete, double
  }

  /// Damages each byte of each segment in turn and verifies.
  ///
  /// - Returns: the first damage that was not found, or was named at another line; nil for none.
  public static func everyByte(of log: SampleLog, _ damage: Damage, seed: UInt64) -> String? {
    var random = SplitMix64(seed: seed)
    for segment in log.files.indices {
      let bytes = log.files[segment].bytes
      var line = 1
      for index in bytes.indices {
        let changed = change(bytes, at: index, damage, mask: UInt8(1 + random.below(255)))
        let isFeed = bytes[index] == 0x0A
        // A doubled line feed is an empty line behind a sound one.
        let expected = isFeed && damage == .double ? line + 1 : line
        let found = verify(log.disk(head: log.heads.last, changing: (segment, changed)))
        if found != Place(file: log.files[segment].name, line: expected) {
          let place = "byte \(index) in line \(line) of segment \(segment)"
          return "\(damage) of \(place): \(found.map { "\($0)" } ?? "not found")"
        }
        if isFeed { line += 1 }
      }
    }
    return nil
  }

  /// Cuts the last segment at every byte and starts.
  ///
  /// - Returns: the first cut after which the start did not do what the mark in `head` says.
  public static func everyCut(of log: SampleLog, head: [UInt8]?) -> String? {
    let last = log.files.count - 1
    let marked = markedOffset(log, head)
    for count in 0...log.files[last].bytes.count {
      let cut = Array(log.files[last].bytes.prefix(count))
      let kept = log.unitEnds.filter { $0.segment < last || $0.offset <= count }
      let outcome = start(log.disk(head: head, changing: (last, cut)))
      let expected = count < marked ? Started.refused : .units(kept.count)
      if outcome != expected { return "cut at \(count): \(outcome), expected \(expected)" }
    }
    return nil
  }

  /// Where a fault was found.
  private struct Place: Equatable {
    let file: String
    let line: Int
  }

  /// What a start did.
  private enum Started: Equatable {
    case refused
    /// It kept so many units of those in the log, and what it noted is behind them.
    case units(Int)
    case failed(String)
  }

  private static func change(
    _ bytes: [UInt8], at index: Int, _ damage: Damage, mask: UInt8
  ) -> [UInt8] {
    var changed = bytes
    switch damage {
    case .flip: changed[index] ^= mask
    case .delete: changed.remove(at: index)
    case .double: changed.insert(bytes[index], at: index)
    }
    return changed
  }

  private static func verify(_ disk: SimulatedDisk) -> Place? {
    do {
      let report = try LogVerification.run(disk, threads: 1, whileWriting: false) { _ in nil }
      switch report.verdict {
      case .clean, .illegal: return nil
      case .repairable(let fault), .damaged(let fault), .newer(let fault):
        return Place(file: fault.file, line: fault.line)
      }
    } catch { return nil }
  }

  private static func start(_ disk: SimulatedDisk) -> Started {
    let options = StartOptions(
      now: .latest, newLedgerID: "led_other", software: "sample",
      segmentLimit: Layout.segmentLimit, threads: 1)
    var units = 0
    do {
      // What the start itself writes carries this time.
      let started = try LedgerStart.open(disk, options) { record in
        if record.at < .latest, !record.more { units += 1 }
      }
      started.appender.close()
    } catch {
      guard case .damage = error else { return .failed("\(error)") }
      return .refused
    }
    let report = verify(disk)
    return report.map { .failed("not clean after the start: \($0)") } ?? .units(units)
  }

  /// The offset in the last segment before which a cut is damage.
  private static func markedOffset(_ log: SampleLog, _ head: [UInt8]?) -> Int {
    guard let head, let last = log.files.last else { return 0 }
    let disk = SimulatedDisk(seed: 1, plan: .none)
    disk.place(Layout.head, head)
    do {
      guard let mark = try Mark.read(from: disk)?.mark, mark.segment.text == last.name else {
        return 0
      }
      return mark.offset
    } catch { return 0 }
  }
}
