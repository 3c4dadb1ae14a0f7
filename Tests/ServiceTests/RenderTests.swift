import Glibc
import Service
import Testing

struct RenderTests {
  private static let onScreen = Output.Stream(descriptor: -1, isTerminal: true, width: 40)
  private static let piped = Output.Stream(descriptor: -1, isTerminal: false, width: nil)

  private func sample() -> Table {
    var table = Table([.init("agent", .left), .init("spent", .right), .init("note", .left)])
    table.add(["builder_agent", "1.50", "ok"])
    table.add(["研究", "10.00"])
    table.add(["e\u{301}", "0.01", "\u{1B}[2Jx\u{202E}y", "past the end"])
    return table
  }

  @Test func `columns are aligned by what is seen, numbers to the right`() {
    #expect(
      sample().lines(width: nil, .plain) == [
        "agent          spent  note",
        "builder_agent   1.50  ok",
        "研究           10.00",
        "e\u{301}               0.01  \u{FFFD}[2Jx\u{FFFD}y",
      ])
  }

  @Test func `on a screen lines are cut to its width, and the heading is bold`() {
    let palette = Palette(for: Self.onScreen, environment: [:], isRefused: false)
    #expect(
      sample().lines(width: 16, palette) == [
        "\u{1B}[1magent          …\u{1B}[0m",
        "builder_agent  …",
        "研究           …",
        "e\u{301}              …",
      ])
  }

  @Test func `widths of common characters are right`() {
    #expect(DisplayText.width("abc") == 3)
    #expect(DisplayText.width("é") == 1)
    #expect(DisplayText.width("e\u{301}") == 1)
    #expect(DisplayText.width("日本") == 4)
    #expect(DisplayText.width("⚠\u{FE0F}") == 2)
    #expect(DisplayText.width("👩‍💻") == 2)
    #expect(DisplayText.width("💰") == 2)
    #expect(DisplayText.cut("日本語", toWidth: 6) == "日本語")
    #expect(DisplayText.cut("日本語", toWidth: 5) == "日本…")
    #expect(DisplayText.cut("日本語", toWidth: 4) == "日…")
    #expect(DisplayText.cut("ab", toWidth: 1) == "…")
    #expect(DisplayText.cut("ab", toWidth: 0) == "")
  }

  @Test func `colour needs a terminal and nobody against it`() {
    func red(
      _ stream: Output.Stream, _ environment: [String: String], _ isRefused: Bool
    ) -> String {
      Palette(for: stream, environment: environment, isRefused: isRefused).red("x")
    }
    #expect(red(Self.onScreen, [:], false) == "\u{1B}[31mx\u{1B}[0m")
    #expect(red(Self.onScreen, ["NO_COLOR": ""], false) == "\u{1B}[31mx\u{1B}[0m")
    #expect(red(Self.onScreen, ["NO_COLOR": "0"], false) == "x")
    #expect(red(Self.onScreen, ["TERM": "dumb"], false) == "x")
    #expect(red(Self.onScreen, [:], true) == "x")
    #expect(red(Self.piped, [:], false) == "x")
  }

  @Test func `numbers read as people write them, at every edge`() {
    #expect(
      [0, 999, 1_000, 1_234_567, -1_000].map(HumanNumber.count) == [
        "0", "999", "1,000", "1,234,567", "-1,000",
      ])
    #expect(HumanNumber.count(.min) == "-9,223,372,036,854,775,808")
    #expect(
      [-1, 0, 1_023, 1_024, 1_535, 1_536, 1_048_575, 1_048_576].map(HumanNumber.bytes) == [
        "0 B", "0 B", "1023 B", "1.0 KiB", "1.4 KiB", "1.5 KiB", "1023.9 KiB", "1.0 MiB",
      ])
    #expect(HumanNumber.bytes(.max) == "7.9 EiB")
    #expect(
      [-5, 7, 60, 3_599, 3_600, 3_723].map { HumanNumber.duration(seconds: $0) } == [
        "0:00", "0:07", "1:00", "59:59", "1:00:00", "1:02:03",
      ])
  }

  @Test func `progress shows share, rate and the time that is left`() {
    let output = Output(answers: Self.piped, messages: Self.onScreen)
    let bar = ProgressBar(
      "import", total: 29_000, unit: "lines", on: output, isQuiet: false, at: 1_000)
    #expect(bar.line(0, at: 1_000) == "import  [--------------------] 0%  0/29,000 lines")
    #expect(
      bar.line(14_500, at: 2_000)
        == "import  [##########----------] 50%  14,500/29,000 lines  14,500/s  ETA 0:01")
    #expect(
      bar.line(29_000, at: 3_000)
        == "import  [####################] 100%  29,000/29,000 lines  14,500/s")
    #expect(bar.line(30_000, at: 0).hasPrefix("import  [####################] 100%"))
    let endless = ProgressBar("fold", total: 0, unit: "events", on: output, isQuiet: false, at: 0)
    #expect(endless.line(5_000, at: 500) == "fold  5,000 events  10,000/s")
    #expect(endless.line(.max, at: 1).hasPrefix("fold  9,223"))
  }

  @Test func `progress draws on a terminal, ten times a second at most, and cleans up`() throws {
    let capture = try #require(Capture())
    let terminal = Output.Stream(descriptor: capture.writing, isTerminal: true, width: 24)
    let output = Output(answers: Self.piped, messages: terminal)
    var bar = ProgressBar("go", total: 4, unit: "x", on: output, isQuiet: false, at: 0)
    bar.update(1, on: output, at: 0)
    bar.update(2, on: output, at: 99)
    bar.update(3, on: output, at: 100)
    bar.finish(on: output)
    #expect(
      capture.read()
        == "\r\u{1B}[Kgo  [#####------------…\r\u{1B}[Kgo  [###############--…\r\u{1B}[K")
  }

  @Test(arguments: [(true, true), (false, false)])
  func `progress prints nothing in a pipe or when quiet`(isTerminal: Bool, isQuiet: Bool) throws {
    let capture = try #require(Capture())
    let stream = Output.Stream(
      descriptor: capture.writing, isTerminal: isTerminal, width: nil)
    let output = Output(answers: Self.piped, messages: stream)
    var bar = ProgressBar("go", total: 4, unit: "x", on: output, isQuiet: isQuiet, at: 0)
    bar.update(1, on: output, at: 500)
    bar.finish(on: output)
    #expect(capture.read() == "")
  }

  @Test func `answers and messages keep their order and their streams`() throws {
    let answers = try #require(Capture())
    let messages = try #require(Capture())
    let output = Output(answers: answers.stream, messages: messages.stream)
    output.print("one")
    FakeBanner.print(to: output, .plain)
    #expect(answers.read() == "one\n")
    output.write("two".utf8)
    sample().print(to: output, .plain)
    output.flush()
    #expect(answers.read().hasPrefix("twoagent          spent  note\nbuilder_agent   1.50  ok\n"))
    #expect(messages.read() == FakeBanner.text + "\n")
    #expect(output.failure == nil)
    #expect(!output.isReaderGone)
  }

  @Test func `a reader that went away ends the output quietly`() throws {
    signal(SIGPIPE, SIG_IGN)
    let capture = try #require(Capture())
    capture.closeReader()
    let output = Output(answers: capture.stream, messages: Self.piped)
    output.print("lost")
    #expect(!output.isReaderGone)
    output.flush()
    #expect(output.isReaderGone)
    #expect(output.failure == nil)
    output.print("also lost")
    output.flush()
  }

  @Test func `a full disk under the answers is remembered`() throws {
    let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
    try #require(full >= 0)
    defer { close(full) }
    let stream = Output.Stream(descriptor: full, isTerminal: false, width: nil)
    let output = Output(answers: stream, messages: Self.piped)
    output.print("lost")
    output.flush()
    #expect(output.failure == ENOSPC)
  }

  /// A pipe whose reader never waits.
  private final class Capture {
    let writing: Int32
    private var reading: Int32

    init?() {
      var ends: [Int32] = [0, 0]
      guard pipe(&ends) == 0 else { return nil }
      (reading, writing) = (ends[0], ends[1])
      _ = fcntl(reading, F_SETFL, O_NONBLOCK)
    }

    deinit {
      close(writing)
      closeReader()
    }

    var stream: Output.Stream { .init(descriptor: writing, isTerminal: false, width: nil) }

    func closeReader() {
      if reading >= 0 { close(reading) }
      reading = -1
    }

    func read() -> String {
      var bytes = [UInt8](repeating: 0, count: 65_536)
      let count = Glibc.read(reading, &bytes, bytes.count)
      return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : ""
    }
  }
}
