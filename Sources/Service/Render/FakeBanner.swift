/// The line above every table that shows the fake book.
package enum FakeBanner {
  /// Without colour, as tests and pipes see it.
  package static let text = "FAKE: this is the fake book; no real money has moved"

  /// Prints the line to the messages, so that it never stands among the data of a pipe.
  package static func print(to output: Output, _ palette: Palette) {
    output.message(palette.yellow(text))
  }
}
