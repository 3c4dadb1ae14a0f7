import Glibc

/// The system's words for its error numbers.
enum SystemError {
  /// For example `No space left on device (28)`.
  static func sentence(for number: Int32) -> String {
    var bytes = [CChar](repeating: 0, count: 256)
    guard strerror_r(number, &bytes, bytes.count) == 0 else { return "error \(number)" }
    let text = bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return "\(String(decoding: text, as: UTF8.self)) (\(number))"
  }
}
