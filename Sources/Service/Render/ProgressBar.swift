/// One line that shows how far long work is; nothing at all where nobody looks.
///
/// It draws on the messages' stream, only when that is a terminal and `--quiet` was not given.
/// The time comes from the caller: milliseconds of any clock that does not go back.
package struct ProgressBar {
  private let title: String
  private let total: Int
  private let unit: String
  private let startedAt: Int64
  private let isVisible: Bool
  private let width: Int
  private var drawnAt: Int64?

  /// - Parameters:
  ///   - total: units of the whole work; 0 or less when it is not known.
  ///   - unit: the plural of what is counted, e.g. `lines`.
  package init(
    _ title: String, total: Int, unit: String, on output: Output, isQuiet: Bool, at now: Int64
  ) {
    self.title = title
    self.total = total
    self.unit = unit
    startedAt = now
    isVisible = output.messages.isTerminal && !isQuiet
    width = output.messages.width ?? 80
  }

  /// Draws again if 100 ms have passed since the last time.
  package mutating func update(_ done: Int, on output: Output, at now: Int64) {
    guard isVisible else { return }
    if let drawnAt, now - drawnAt < 100 { return }
    drawnAt = now
    output.redraw(DisplayText.cut(line(done, at: now), toWidth: width - 1))
  }

  /// Takes the line off the screen, so that the summary stands in its place.
  package mutating func finish(on output: Output) {
    guard isVisible, drawnAt != nil else { return }
    drawnAt = nil
    output.redraw("")
  }

  /// The line as it stands at a moment.
  package func line(_ done: Int, at now: Int64) -> String {
    let elapsed = Int(max(0, now - startedAt))
    let perSecond = elapsed > 0 ? Self.scaled(done, by: 1_000, over: elapsed) : 0
    let rate = perSecond > 0 ? "  \(HumanNumber.count(perSecond))/s" : ""
    guard total > 0 else {
      return "\(title)  \(HumanNumber.count(done)) \(unit)\(rate)"
    }
    let reached = min(max(0, done), total)
    let filled = Self.scaled(reached, by: Self.barWidth, over: total)
    let bar =
      String(repeating: "#", count: filled)
      + String(repeating: "-", count: Self.barWidth - filled)
    let percent = Self.scaled(reached, by: 100, over: total)
    var text = "\(title)  [\(bar)] \(percent)%  "
    text += "\(HumanNumber.count(done))/\(HumanNumber.count(total)) \(unit)\(rate)"
    if reached > 0, reached < total, elapsed > 0 {
      let seconds = (Self.scaled(elapsed, by: total - reached, over: reached) + 999) / 1_000
      text += "  ETA \(HumanNumber.duration(seconds: seconds))"
    }
    return text
  }

  private static let barWidth = 20

  /// `value * factor / divisor`, cut, without overflow on the way; at most a third of `Int.max`.
  private static func scaled(_ value: Int, by factor: Int, over divisor: Int) -> Int {
    let wide = Int128(value) * Int128(factor) / Int128(divisor)
    return Int(clamping: min(wide, Int128(Int.max / 3)))
  }
}
