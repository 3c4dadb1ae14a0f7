import Synchronization

/// One request and the one chance to answer it, from any thread, now or later.
///
/// An exchange that is dropped without an answer answers 500 by itself, so a lost request is
/// an error that somebody sees and never a connection that hangs.
public final class Exchange: Sendable {
  /// Who takes the answer.
  enum Destination: Sendable {
    case connection(LoopLink, ConnectionToken)
    case observer(@Sendable (Response) -> Void)
  }

  /// What was asked.
  public let request: Request
  let destination: Destination
  private let answered = Atomic<Bool>(false)

  /// The pattern of the route that was found, for logs and metrics; written before its
  /// responder is called.
  nonisolated(unsafe) public internal(set) var route: String?

  init(request: Request, destination: Destination) {
    self.request = request
    self.destination = destination
  }

  /// An exchange without a connection: `observe` gets the answer. For tests of routes.
  public convenience init(
    request: Request, observe: @escaping @Sendable (Response) -> Void
  ) {
    self.init(request: request, destination: .observer(observe))
  }

  deinit {
    guard !answered.load(ordering: .acquiring) else { return }
    let problem = Problem(
      status: 500, code: "INTERNAL_ERROR",
      detail: "The request ended without an answer; nothing more is known about it.")
    let response = problem.response(requestID: request.requestID)
    switch destination {
    case .connection(let link, let token):
      let answer = Answer(token: token, request: request, route: route, response: response)
      link.enqueue([answer])
    case .observer(let observe): observe(response)
    }
  }

  /// Answers. Only the first call counts; a second one stops a debug build.
  public func respond(_ response: Response) {
    guard claim() else { return }
    switch destination {
    case .connection(let link, let token):
      let answer = Answer(token: token, request: request, route: route, response: response)
      link.deliver(answer)
    case .observer(let observe): observe(response)
    }
  }

  /// Answers with a problem document that carries this request's id.
  public func respond(_ problem: Problem) {
    respond(problem.response(requestID: request.requestID))
  }

  /// Answers many at once: one lock and at most one wake per server.
  public static func respond(_ batch: [(Exchange, Response)]) {
    var link: LoopLink?
    var answers: [Answer] = []
    answers.reserveCapacity(batch.count)
    for (exchange, response) in batch where exchange.claim() {
      switch exchange.destination {
      case .observer(let observe): observe(response)
      case .connection(let next, let token):
        if let link, link !== next {
          link.enqueue(answers)
          answers.removeAll(keepingCapacity: true)
        }
        link = next
        answers.append(
          Answer(
            token: token, request: exchange.request, route: exchange.route, response: response))
      }
    }
    if let link, !answers.isEmpty { link.enqueue(answers) }
  }

  /// Whether this call is the first.
  private func claim() -> Bool {
    let wasAnswered = answered.exchange(true, ordering: .acquiringAndReleasing)
    assert(!wasAnswered, "an exchange was answered twice")
    return !wasAnswered
  }
}

/// A connection as others may name it: never reused, so a late answer finds nobody.
struct ConnectionToken: Sendable, Equatable {
  let descriptor: Int32
  let generation: UInt32

  /// The form that epoll carries.
  var tag: UInt64 { UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor)) }

  init(descriptor: Int32, generation: UInt32) {
    self.descriptor = descriptor
    self.generation = generation
  }

  init(tag: UInt64) {
    descriptor = Int32(bitPattern: UInt32(truncatingIfNeeded: tag))
    generation = UInt32(truncatingIfNeeded: tag >> 32)
  }
}

/// An answer on its way to its connection.
struct Answer: Sendable {
  let token: ConnectionToken
  let request: Request
  let route: String?
  let response: Response
}
