import HTTP

/// `tollbook metrics show`: what the running daemon counts.
enum MetricsShow {
  private static let deadlineMilliseconds = 5_000

  static func run(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    let configuration = try context.configuration()
    let isSummary = context.parsed.has("summary")
    let listener = isSummary ? configuration.gateway : configuration.metrics
    let setting = isSummary ? Settings.gateway.name : Settings.metrics.name
    guard case .on(let address) = listener else {
      throw CommandStop(.notReached, "\(setting) is off, so nothing listens there")
    }
    let client = Client(
      address: address, host: address.description, limits: ClientLimits(), keepsAlive: false)
    let response: Response
    do throws(ClientError) {
      response = try client.send(
        .get(isSummary ? "/metrics/summary" : "/metrics"),
        deadlineMilliseconds: deadlineMilliseconds)
    } catch {
      throw CommandStop(
        .notReached,
        "no daemon answers at \(address) (\(setting)): \(error); start one with: tollbook serve")
    }
    guard response.status == 200 else {
      throw CommandStop(
        .refused, "\(address) answered \(response.status); is another program there?")
    }
    context.output.write(response.body)
    if let last = response.body.last, last != 0x0A { context.output.write([0x0A]) }
    return .ok
  }
}
