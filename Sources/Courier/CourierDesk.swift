import Foundation
import JSON

/// Takes frames from the daemon and starts a call for each, many at once.
final class CourierDesk {
  private let hosts: AllowedHosts
  private let socket: FrameSocket
  /// Everything about calls under way happens here, in turn.
  private let queue = DispatchQueue(label: "calls")

  init(hosts: AllowedHosts, socket: FrameSocket) {
    self.hosts = hosts
    self.socket = socket
  }

  /// Says that it is ready and works until the daemon has gone.
  func work() {
    guard socket.write(Array(#"{"ready":true}"#.utf8)) else { return }
    while let frame = socket.read() {
      guard let call = CallRequest(frame: frame) else {
        CourierProcess.end(status: 1, saying: "a frame is not a request with an id")
      }
      begin(call)
    }
  }

  private func begin(_ call: CallRequest) {
    let socket = socket
    let reply: @Sendable (CallAnswer) -> Void = { answer in
      guard socket.write(answer.frame(id: call.id)) else {
        CourierProcess.end(status: 0, saying: nil)
      }
    }
    guard let request = call.request else { return reply(.failed(.requestMalformed)) }
    guard hosts.contains(call.host) else { return reply(.failed(.hostNotAllowed)) }
    Call(call, queue: queue, reply: reply).start(request)
  }
}
