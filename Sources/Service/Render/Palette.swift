/// Colours of a terminal, or none.
package struct Palette: Equatable, Sendable {
  private let isColoured: Bool

  /// A palette that changes no text.
  package static let plain = Palette(isColoured: false)

  private init(isColoured: Bool) {
    self.isColoured = isColoured
  }

  /// Colours only on a terminal that is not `TERM=dumb`, without `NO_COLOR` in the environment
  /// (empty does not count, https://no-color.org) and without `--no-color`.
  package init(for stream: Output.Stream, environment: [String: String], isRefused: Bool) {
    let noColor = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    isColoured = stream.isTerminal && !noColor && !isRefused && environment["TERM"] != "dumb"
  }

  /// Headings.
  package func bold(_ text: String) -> String { paint(text, "1") }
  /// Things that are well.
  package func green(_ text: String) -> String { paint(text, "32") }
  /// Things to look at.
  package func yellow(_ text: String) -> String { paint(text, "33") }
  /// Things that are wrong.
  package func red(_ text: String) -> String { paint(text, "31") }

  private func paint(_ text: String, _ code: String) -> String {
    isColoured && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
