import JSON
import Testing

/// Reads with a predicting reader and gives what it made of the text.
private func predicted<R: Sendable>(
  _ text: String, _ read: (inout FieldReader) throws(FieldError) -> R
) -> Result<R, FieldError> {
  withSlack(Array(text.utf8)) { bytes, count in
    var reader = FieldReader(predicting: bytes, count: count)
    do throws(FieldError) {
      let result = try read(&reader)
      try reader.finish()
      return reader.consumed == count ? .success(result) : .failure(.unpredicted)
    } catch {
      return .failure(error)
    }
  }
}

/// Reads with a tree reader and gives what it made of the text.
private func fromTree<R: Sendable>(
  _ text: String, _ read: (inout FieldReader) throws(FieldError) -> R
) -> Result<R, FieldError> {
  guard case .value(.object(let object)) = parsed(text) else { return .failure(.unpredicted) }
  var reader = FieldReader(object)
  do throws(FieldError) {
    let result = try read(&reader)
    try reader.finish()
    return .success(result)
  } catch {
    return .failure(error)
  }
}

struct FieldReaderTests {
  @Test func `every kind of member is read`() {
    let text =
      #"{"t":"a","i":-5,"b":false,"f":true,"m":{"x":"1","y":"2"},"n":{"k":7},"l":["p","q"]}"#
    let read = { (reader: inout FieldReader) throws(FieldError) -> String in
      let fields = [
        try reader.text("t").string, try reader.optionalText("none")?.string ?? "-",
        "\(try reader.integer("i"))", "\(try reader.boolean("b"))", "\(try reader.flag("f"))",
        "\(try reader.flag("g"))", "\(try reader.textMap("m").map { "\($0)=\($1)" })",
        "\(try reader.integerMap("n").map { "\($0)=\($1)" })", "\(try reader.texts("l"))",
        "\(try reader.optionalTexts("z") == nil)", "\(try reader.optionalTextMap("z") == nil)",
        "\(try reader.optionalIntegerMap("z") == nil)", "\(try reader.optionalInteger("z") == nil)",
      ]
      return fields.joined(separator: " ")
    }
    let expected = #"a - -5 false true false ["x=1", "y=2"] ["k=7"] [p, q] true true true true"#
    #expect(predicted(text, read) == .success(expected))
    #expect(fromTree(text, read) == .success(expected))
  }

  @Test func `a nested object is read and then the one around it`() {
    let text = #"{"a":"1","data":{"b":"2","c":{}},"hash":"3"}"#
    let read = { (reader: inout FieldReader) throws(FieldError) -> String in
      let first = try reader.text("a")
      var data = try reader.nested("data")
      let second = try data.text("b")
      var empty = try data.nested("c")
      try empty.finish()
      try data.resume(after: empty)
      try data.finish()
      try reader.resume(after: data)
      return "\(first)\(second)\(try reader.text("hash"))"
    }
    #expect(predicted(text, read) == .success("123"))
    #expect(fromTree(text, read) == .success("123"))
  }

  @Test func `a nested reader that was not finished does not let the outer one go on`() {
    for text in [#"{"data":{"b":"2"}}"#, #"{"data":{"b":"2","c":"3"}}"#] {
      var resumed = false
      let result = predicted(text) { (reader) throws(FieldError) in
        var data = try reader.nested("data")
        _ = try data.text("b")
        try reader.resume(after: data)
        resumed = true
      }
      #expect(result.failure == .unpredicted)
      #expect(!resumed)
    }
  }

  @Test func `the bytes after the end are never taken for the string's own`() {
    // The slack that follows these begins with the quote that they lack.
    for text in [#"{"id":"tx_1"#, #"{"id":"0123456789abcdef0123456789abcdef0123"#, #"{"id":""#] {
      var seen = false
      let result = predicted(text) { (reader) throws(FieldError) in
        try reader.withString("id") { (_) throws(FieldError) in seen = true }
      }
      #expect(result.failure == .unpredicted)
      #expect(!seen)
    }
  }

  @Test(arguments: [
    #"{"a":"x"} "#, #" {"a":"x"}"#, #"{ "a":"x"}"#, #"{"a": "x"}"#, #"{"a" :"x"}"#, #"{"a":"x" }"#,
    #"{"a":"x","b":1}"#, #"{"b":1,"a":"x"}"#, #"{"a":"x","a":"x"}"#, #"{"a":"x",}"#, #"{"a":"x""#,
    #"{"a":"x"}}"#, #"{,"a":"x"}"#, #"["a":"x"}"#, #"{"a":1}"#, #"{"a":null}"#, #"{"a":"x]"#,
    #"{"A":"x"}"#, #"{}"#, #"{"#, "", #"{"\u0061":"x"}"#, "{\"a\":\"\u{1}\"}", #"{"a":"\x"}"#,
    #"{"a":"\ud800"}"#,
  ])
  func `anything but the predicted bytes is a surprise`(text: String) {
    let result = predicted(text) { (reader) throws(FieldError) in try reader.text("a") }
    #expect(result == .failure(.unpredicted))
  }

  @Test(arguments: [
    "01", "-", "-01", "1.0", "1e2", "+1", "9223372036854775808", "-9223372036854775809",
    "18446744073709551616", "99999999999999999999", "\"1\"", "null", "", "1 ", "0x1",
  ])
  func `an integer that is not written as one is a surprise`(number: String) {
    let text = "{\"n\":\(number)}"
    let result = predicted(text) { (reader) throws(FieldError) in try reader.integer("n") }
    #expect(result == .failure(.unpredicted))
  }

  @Test(arguments: [
    0, 1, -1, 9, 10, 99_999_999_999_999_999, 100_000_000_000_000_000, 999_999_999_999_999_999,
    1_000_000_000_000_000_000, Int64.max, Int64.max - 1, Int64.min, Int64.min + 1,
  ])
  func `an integer of 64 bits is read as it was written`(number: Int64) {
    let text = written {
      $0.beginObject()
      $0.field("n", number)
      $0.endObject()
    }
    let read = { (reader: inout FieldReader) throws(FieldError) in try reader.integer("n") }
    #expect(predicted(text, read) == .success(number))
    #expect(fromTree(text, read) == .success(number))
  }

  @Test func `a tree says what is wrong with which member`() {
    let text = #"{"a":1,"b":"x","c":1.0,"d":9223372036854775808,"e":false,"m":{"k":1},"l":[1]}"#
    func failure<R: Sendable>(
      _ read: (inout FieldReader) throws(FieldError) -> R
    ) -> FieldError? {
      fromTree(text, read).failure
    }
    #expect(failure { (r) throws(FieldError) in try r.text("z") } == .missing("z"))
    #expect(failure { (r) throws(FieldError) in _ = try r.textMap("z") } == .missing("z"))
    #expect(failure { (r) throws(FieldError) in _ = try r.texts("z") } == .missing("z"))
    #expect(
      failure { (r) throws(FieldError) in _ = try r.nested("z").isPredicting } == .missing("z"))
    #expect(
      failure { (r) throws(FieldError) in try r.text("a") } == .wrongType("a", expected: "string"))
    #expect(
      failure { (r) throws(FieldError) in try r.integer("b") }
        == .wrongType("b", expected: "integer"))
    #expect(
      failure { (r) throws(FieldError) in try r.optionalInteger("c") }
        == .wrongType("c", expected: "integer"))
    #expect(
      failure { (r) throws(FieldError) in try r.integer("d") }
        == .invalid("d", "the integer does not fit 64 signed bits"))
    #expect(
      failure { (r) throws(FieldError) in try r.flag("e") }
        == .invalid("e", "false is expressed by leaving the member out"))
    #expect(
      failure { (r) throws(FieldError) in try r.boolean("b") }
        == .wrongType("b", expected: "boolean"))
    #expect(
      failure { (r) throws(FieldError) in _ = try r.textMap("m") }
        == .wrongType("m", expected: "string"))
    #expect(
      failure { (r) throws(FieldError) in _ = try r.texts("m") }
        == .wrongType("m", expected: "array of strings"))
    #expect(
      failure { (r) throws(FieldError) in _ = try r.texts("l") }
        == .wrongType("l", expected: "string"))
  }

  @Test func `a map whose names do not rise is a surprise, and no surprise to a tree`() {
    for text in [#"{"m":{"b":"1","a":"2"}}"#, #"{"m":{"a":"1","a":"2"}}"#] {
      let result = predicted(text) { (reader) throws(FieldError) in
        try reader.textMap("m").count
      }
      #expect(result == .failure(.unpredicted))
    }
    let read = { (reader: inout FieldReader) throws(FieldError) in
      try reader.textMap("m").map { $0.0.string }
    }
    #expect(fromTree(#"{"m":{"b":"1","a":"2"}}"#, read) == .success(["b", "a"]))
    #expect(predicted(#"{"m":{}}"#, read) == .success([]))
  }

  @Test func `a closure's own error comes through`() {
    let text = #"{"id":"tx_1"}"#
    let read = { (reader: inout FieldReader) throws(FieldError) -> Int in
      try reader.withString("id") { (bytes) throws(FieldError) -> Int in
        throw .invalid("id", "\(bytes.count) bytes")
      }
    }
    #expect(predicted(text, read) == .failure(.invalid("id", "4 bytes")))
    #expect(fromTree(text, read) == .failure(.invalid("id", "4 bytes")))
  }
}

extension Result {
  /// The error of a failure, nil for a success.
  fileprivate var failure: Failure? {
    guard case .failure(let error) = self else { return nil }
    return error
  }
}
