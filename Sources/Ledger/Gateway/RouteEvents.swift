public import JSON

/// One line of the route table, as decisions and audits need it.
public struct AppliedRoute: Equatable, Sendable {
  /// Method and pattern, e.g. `GET /weather/{city}`: the scope of its keys.
  public let name: Text
  /// What one call costs, in USDC; nil is free.
  public let price: Money?
  public let flow: PaymentFlow
  /// The most that the route may take in altogether; exactly it passes. Nil leaves it to the
  /// spending policy.
  public let sessionCap: Money?
  /// Where its requests go.
  public let upstream: Text

  public init(
    name: Text, price: Money?, flow: PaymentFlow, sessionCap: Money?, upstream: Text
  ) {
    self.name = name
    self.price = price
    self.flow = flow
    self.sessionCap = sessionCap
    self.upstream = upstream
  }

  func write(to out: inout JSONWriter) {
    out.beginObject()
    out.field("route", name)
    if let price { out.amount("price", price) }
    out.field("flow", flow.name)
    if let sessionCap { out.amount("session_cap", sessionCap) }
    out.field("upstream", upstream)
    out.endObject()
  }

  init(from fields: inout FieldReader) throws(FieldError) {
    name = try fields.text("route")
    price = try fields.optionalAmount("price", .usdc)
    guard let flow = PaymentFlow(try fields.cachedText("flow")) else {
      throw .invalid("flow", "is not a flow that this binary knows")
    }
    self.flow = flow
    sessionCap = try fields.optionalAmount("session_cap", .usdc)
    upstream = try fields.text("upstream")
  }
}

/// The route table changed: what is sold from here on, and for how much.
///
/// Wire: `routes.applied`. Subject `gateway`; of no book. The whole table, in its order.
public struct RoutesApplied: EventData {
  public let routes: [AppliedRoute]

  var subject: Text { "gateway" }

  func write(to out: inout JSONWriter) {
    out.key("routes")
    out.beginArray()
    for route in routes { route.write(to: &out) }
    out.endArray()
  }

  init(subject: Subject, from fields: inout FieldReader) throws(FieldError) {
    routes = try fields.objects("routes", AppliedRoute.init(from:))
  }

  init(routes: [AppliedRoute]) { self.routes = routes }
}

/// Puts a route table in force; the one in force again changes nothing.
public struct ApplyRoutes: Command {
  public static var name: StaticString { "routes.apply" }
  public static var mostRoutes: Int { 1_000 }

  public let routes: [AppliedRoute]

  public init(routes: [AppliedRoute]) { self.routes = routes }

  public func writePrint(to out: inout JSONWriter) {
    RoutesApplied(routes: routes).write(to: &out)
  }

  public func decide(
    given state: State, book: Book, at now: Timestamp
  ) throws(Rejection) -> Decision {
    guard routes.count <= ApplyRoutes.mostRoutes else {
      throw .fieldInvalid(field: "routes", reason: "are more than 1000")
    }
    guard Set(routes.map(\.name)).count == routes.count else {
      throw .fieldInvalid(field: "routes", reason: "name one method and path twice")
    }
    guard routes.allSatisfy({ ($0.price?.units ?? 1) > 0 && ($0.sessionCap?.units ?? 1) > 0 })
    else { throw .fieldInvalid(field: "routes", reason: "hold an amount that is not above zero") }
    guard routes != state.controls.routes else { return .unchanged }
    return .accepted([.routesApplied(RoutesApplied(routes: routes))])
  }
}

extension Controls {
  /// What a route costs and which policy its payments count in, by its name.
  ///
  /// The built-in task goes by the settings, every other route by the table.
  /// - Throws: `.fieldInvalid` for a route that is not sold.
  func sale(of name: Text, _ policy: GatewayPolicy) throws(Rejection) -> GatewaySale {
    guard name != GatewayPolicy.taskRoute else {
      return GatewaySale(
        price: policy.price, flow: .authorization, policy: policy.policy,
        sessionCap: policy.sessionCap)
    }
    guard let route = routes.first(where: { $0.name == name }), let price = route.price else {
      throw .fieldInvalid(field: "route", reason: "is not sold")
    }
    return GatewaySale(
      price: price, flow: route.flow, policy: route.sessionCap == nil ? policy.policy : name,
      sessionCap: route.sessionCap ?? policy.sessionCap)
  }
}

/// What one call of a route costs, and what it counts in.
struct GatewaySale {
  let price: Money
  let flow: PaymentFlow
  let policy: Text
  let sessionCap: Money?
}

extension GatewayPolicy {
  /// The built-in resource.
  public static let taskRoute: Text = "POST /agent/task"
}
