import Foundation
import FoundationNetworking

/// One request on its way to the outside, and its one answer.
///
/// Each call has a session of its own, so none goes out on a kept connection: libcurl would send
/// it a second time, whatever its method, when such a connection turns out to be dead. Redirects
/// and authentication challenges are answers like any other.
///
/// Everything happens on the queue that it was given.
final class Call: NSObject, URLSessionDataDelegate, @unchecked Sendable {
  private let call: CallRequest
  private let queue: DispatchQueue
  private let reply: @Sendable (CallAnswer) -> Void
  private let timer: any DispatchSourceTimer
  private var session: URLSession?
  private var body = Data()
  private var isDone = false

  init(
    _ call: CallRequest, queue: DispatchQueue, reply: @escaping @Sendable (CallAnswer) -> Void
  ) {
    self.call = call
    self.queue = queue
    self.reply = reply
    timer = DispatchSource.makeTimerSource(queue: queue)
  }

  /// Sends the request; `reply` is called exactly once, at the deadline at the latest.
  func start(_ request: URLRequest) {
    timer.setEventHandler { self.finish(.failed(.timedOut)) }
    timer.schedule(deadline: .now() + .milliseconds(call.deadlineMilliseconds))
    timer.activate()
    queue.async {
      let operations = OperationQueue()
      operations.maxConcurrentOperationCount = 1
      operations.underlyingQueue = self.queue
      let session = URLSession(
        configuration: Self.configuration, delegate: self, delegateQueue: operations)
      self.session = session
      session.dataTask(with: request).resume()
    }
  }

  /// Nothing is kept and nothing is added.
  private static var configuration: URLSessionConfiguration {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.httpCookieStorage = nil
    configuration.httpCookieAcceptPolicy = .never
    configuration.httpShouldSetCookies = false
    configuration.urlCache = nil
    configuration.urlCredentialStorage = nil
    configuration.requestCachePolicy = .reloadIgnoringLocalAndRemoteCacheData
    return configuration
  }

  private func finish(_ answer: CallAnswer) {
    if isDone { return }
    isDone = true
    timer.cancel()
    reply(answer)
    body = Data()
    session?.invalidateAndCancel()
    session = nil
  }

  /// What has come is the whole answer.
  private func finish(_ task: URLSessionTask) {
    guard let response = task.response as? HTTPURLResponse else {
      return finish(.failed(.answerUnreadable))
    }
    finish(CallAnswer(response, body: body))
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask,
    willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
    completionHandler: @escaping (URLRequest?) -> Void
  ) {
    completionHandler(nil)
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
  ) {
    let isTooLarge = response.expectedContentLength > Int64(call.maxBytes)
    completionHandler(isTooLarge ? .cancel : .allow)
    if isTooLarge { finish(.failed(.answerTooLarge)) }
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    if isDone { return }
    guard data.count <= call.maxBytes - body.count else {
      return finish(.failed(.answerTooLarge))
    }
    body.append(data)
  }

  /// Asked only after a whole 401 has come; to leave it to the default would hang for ever.
  func urlSession(
    _ session: URLSession, task: URLSessionTask, didReceive challenge: URLAuthenticationChallenge,
    completionHandler: @escaping (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
  ) {
    finish(task)
    completionHandler(.cancelAuthenticationChallenge, nil)
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
  ) {
    guard let error else { return finish(task) }
    let mayHaveLeft = task.countOfBytesSent > 0 || task.response != nil || !body.isEmpty
    finish(.failed(CallFailure(error, mayHaveLeft: mayHaveLeft)))
  }
}
