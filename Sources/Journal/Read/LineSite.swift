/// Where a line stands.
struct LineSite {
  let file: SegmentName
  /// From 1.
  let line: Int
  /// Of its first byte in the file.
  let offset: Int

  /// Something is wrong with the line.
  func fault(_ problem: LogFault.Problem, _ expected: String) -> LogFault {
    LogFault(file: file.text, line: line, offset: offset, problem: problem, expected: expected)
  }
}
