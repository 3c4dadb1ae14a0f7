import Glibc
import Journal
import Service

// What libFuzzer calls, by the names that it asks for: `docs/fuzz.sh` links the workbench's
// objects with it. The workbench itself never comes here.

/// The target that `FUZZ_TARGET` names; a name that nobody knows ends the process with 2.
private let libraryTarget: FuzzTarget = {
  let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
  if let target = FuzzTarget.all.first(where: { $0.name == name }) { return target }
  print("FUZZ_TARGET is to be one of", FuzzTarget.all.map(\.name).joined(separator: ", "))
  exit(2)
}()

/// Feeds one input to the target; a law that does not hold ends the process as a crash does.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  // The chances of a check come from the input itself: a kept input fails again alone.
  let seed = input.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  var random = SplitMix64(seed: seed)
  if let broken = libraryTarget.check(input, &random) {
    print("fuzz \(libraryTarget.name): \(broken)")
    fflush(nil)
    abort()
  }
  return 0
}

/// With `FUZZ_SEEDS` set, writes the target's sound inputs there and its pieces to `tokens.dict`
/// one folder above, then ends the process.
@_cdecl("LLVMFuzzerInitialize")
public func fuzzInitialize(_ argumentCount: OpaquePointer?, _ arguments: OpaquePointer?) -> CInt {
  let target = libraryTarget
  guard let folder = getenv("FUZZ_SEEDS").map({ String(cString: $0) }) else { return 0 }
  do throws(FileError) {
    for (number, input) in target.corpus.enumerated() {
      try Files.replace("\(folder)/seed-\(number)", with: Array(input.utf8), mode: 0o600)
    }
    let dictionary = target.tokens.map(quoted).joined()
    try Files.replace("\(folder)/../tokens.dict", with: Array(dictionary.utf8), mode: 0o600)
  } catch {
    print("the sound inputs cannot be written: \(error)")
    exit(2)
  }
  exit(0)
}

/// One line of a libFuzzer dictionary, every byte as `\xHH`.
private func quoted(_ token: String) -> String {
  let bytes = token.utf8.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }
  return "\"" + bytes.joined() + "\"\n"
}
