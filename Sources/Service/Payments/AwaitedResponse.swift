internal import HTTP
internal import Synchronization

/// A response that one thread waits for and another gives.
final class AwaitedResponse: Sendable {
  private let given = Semaphore()
  private let response = Mutex<Response?>(nil)

  func give(_ response: Response) {
    self.response.withLock { $0 = response }
    given.signal()
  }

  /// Blocks until `give` was called.
  func wait() -> Response {
    while true {
      given.wait()
      if let response = response.withLock({ $0 }) { return response }
    }
  }
}
