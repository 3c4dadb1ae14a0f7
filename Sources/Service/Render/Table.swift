/// Rows in aligned columns.
///
/// On a terminal the heading is bold and the last column is cut to the screen; elsewhere the text
/// is plain and whole. Lines never end in blanks. Characters that steer a terminal are replaced.
package struct Table: Sendable {
  /// A column's heading and side.
  package struct Column: Equatable, Sendable {
    package let title: String
    package let alignment: Alignment

    package init(_ title: String, _ alignment: Alignment) {
      self.title = title
      self.alignment = alignment
    }
  }

  /// Text stands left, numbers right.
  package enum Alignment: Equatable, Sendable {
    case left
    case right
  }

  private let columns: [Column]
  private var rows: [[String]] = []

  package init(_ columns: [Column]) {
    self.columns = columns
  }

  /// Adds a row; missing cells are empty, cells past the last column are left out.
  package mutating func add(_ cells: [String]) {
    rows.append(columns.indices.map { $0 < cells.count ? DisplayText.safe(cells[$0]) : "" })
  }

  /// Prints heading and rows to the answers.
  package func print(to output: Output, _ palette: Palette) {
    for line in lines(width: output.answers.width, palette) { output.print(line) }
  }

  /// The heading and the rows.
  /// - Parameter width: columns of the screen; nil cuts nothing.
  package func lines(width: Int?, _ palette: Palette) -> [String] {
    let widths = columns.indices.map { index in
      rows.reduce(DisplayText.width(columns[index].title)) {
        max($0, DisplayText.width($1[index]))
      }
    }
    let heading = line(columns.map(\.title), widths, limit: width)
    return [palette.bold(heading)] + rows.map { line($0, widths, limit: width) }
  }

  private func line(_ cells: [String], _ widths: [Int], limit: Int?) -> String {
    var text = ""
    for (index, cell) in cells.enumerated() {
      let padding = String(repeating: " ", count: widths[index] - DisplayText.width(cell))
      if index > 0 { text += "  " }
      text += columns[index].alignment == .right ? padding + cell : cell + padding
    }
    while text.last == " " { text.removeLast() }
    return limit.map { DisplayText.cut(text, toWidth: $0) } ?? text
  }
}
