internal import HTTP
package import JSON
package import Ledger

/// One line of `data/routes.json`.
package struct GatewayRoute: Equatable, Sendable {
  package let method: String
  package let pattern: String
  /// In USDC; nil is free.
  package let price: Money?
  package let description: Text
  package let mimeType: Text
  package let flow: PaymentFlow
  package let sessionCap: Money?
  package let rateLimit: RateLimit?
  /// `http://` or `https://`, a host, perhaps a path; no slash at the end.
  package let upstream: String

  /// The scope of its keys, and its name everywhere.
  package var name: Text { Text("\(method) \(pattern)") }

  package var applied: AppliedRoute {
    AppliedRoute(
      name: name, price: price, flow: flow, sessionCap: sessionCap, upstream: Text(upstream))
  }
}

/// The route table as an operator writes it: strict, and all that is wrong is told at once.
package enum RoutesFile {
  package static let path = "data/routes.json"
  private static let limits = JSONLimits(depth: 4, bytes: 262_144, values: 20_000)
  private static let members: Set<Text> = [
    "method", "path", "price_usd", "description", "mime_type", "flow", "session_cap_usd",
    "rate_limit", "upstream",
  ]
  private static let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
  /// What the gateway answers itself.
  private static let taken = [
    "/agent", "/receipts", "/payments", "/metrics", "/health", "/livez", "/readyz", "/-",
    "/playground", "/webhooks", "/api",
  ]

  /// Reads the table of a home folder; none when there is no file.
  ///
  /// - Returns: the routes, or every problem, each naming route, member and rule.
  package static func load(home: String) -> Result<[GatewayRoute], RouteProblems> {
    do throws(FileError) {
      guard let bytes = try Files.read(home + "/" + path, limit: limits.bytes) else {
        return .success([])
      }
      return read(bytes)
    } catch {
      return .failure(RouteProblems(["\(path): \(error.reason)"]))
    }
  }

  package static func read(_ bytes: [UInt8]) -> Result<[GatewayRoute], RouteProblems> {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONParser.parse(bytes, limits: limits)
    } catch {
      return .failure(
        RouteProblems(["\(path): \(error.reason.sentence) at byte \(error.offset)"]))
    }
    guard let object = value.object, let list = object["routes"]?.elements,
      object.members.count == 1
    else { return .failure(RouteProblems(["\(path): must be {\"routes\":[…]}"])) }
    var problems: [String] = []
    if list.count > ApplyRoutes.mostRoutes {
      problems.append("\(path): has \(list.count) routes, more than \(ApplyRoutes.mostRoutes)")
    }
    var routes: [GatewayRoute] = []
    var names: [Text: Int] = [:]
    for (index, entry) in list.enumerated() {
      var reader = RouteReader(entry, label: "\(path): route \(index + 1)")
      let route = reader.route(members: members, methods: methods, taken: taken)
      problems += reader.problems
      guard let route else { continue }
      if let first = names[route.name] {
        problems.append(
          "\(path): route \(index + 1): \(route.name) is route \(first) already; keep one")
      }
      names[route.name] = index + 1
      routes.append(route)
    }
    return problems.isEmpty ? .success(routes) : .failure(RouteProblems(problems))
  }
}

/// Everything that is wrong with a route table.
package struct RouteProblems: Error, Equatable, Sendable {
  package let messages: [String]

  init(_ messages: [String]) { self.messages = messages }
}

/// Takes one route out of its object and collects what is wrong.
private struct RouteReader {
  private let object: JSONObject?
  private let label: String
  private(set) var problems: [String] = []

  init(_ value: JSONValue, label: String) {
    object = value.object
    self.label = label
  }

  mutating func route(
    members: Set<Text>, methods: [String], taken: [String]
  ) -> GatewayRoute? {
    guard let object else {
      note("must be an object")
      return nil
    }
    for member in object.members where !members.contains(member.name) {
      note("\(SettingText.quotable(member.name.string)) is not a member of a route")
    }
    let method = text("method").map { $0.uppercased() }
    if let method, !methods.contains(method) {
      note("method must be \(methods.joined(separator: ", "))")
    }
    let pattern = text("path")
    if let pattern { check(pattern, taken) }
    let price = amount("price_usd")
    let cap = amount("session_cap_usd")
    if cap != nil, price == nil { note("session_cap_usd needs price_usd") }
    let flow =
      object["flow"] == nil ? .authorization : text("flow").flatMap { PaymentFlow(Text($0)) }
    if flow == nil { note("flow must be authorization or upfront") }
    let rate = object["rate_limit"] == nil ? nil : text("rate_limit").map { RateLimit($0) }
    if case .some(.none) = rate { note("rate_limit must be a rate such as 600/min") }
    let upstream = text("upstream")
    if let upstream, !RouteReader.isUpstream(upstream) {
      note("upstream must be http:// or https://, a host, and perhaps a path without query")
    }
    for name in ["description", "mime_type"] as [Text] where object[name] != nil {
      guard let text = object[name]?.text, RouteReader.isPlain(text) else {
        note("\(name) must be a text of at most 256 printable characters")
        continue
      }
    }
    if method == nil { note("method is missing, or no text") }
    if pattern == nil { note("path is missing, or no text") }
    if upstream == nil { note("upstream is missing, or no text") }
    guard problems.isEmpty, let method, let pattern, let upstream, let flow else { return nil }
    return GatewayRoute(
      method: method, pattern: pattern, price: price,
      description: object["description"]?.text ?? "",
      mimeType: object["mime_type"]?.text ?? "", flow: flow, sessionCap: cap,
      rateLimit: rate ?? nil, upstream: upstream)
  }

  private mutating func note(_ problem: String) { problems.append("\(label): \(problem)") }

  private func text(_ name: Text) -> String? { object?[name]?.text?.string }

  /// Dollars above zero; nil when absent or after noting what is wrong.
  private mutating func amount(_ name: Text) -> Money? {
    guard let value = object?[name] else { return nil }
    let dollars = value.text.flatMap { USDAmount($0.string) }
    guard let dollars, let money = RouteReader.money(dollars.text), money.units > 0 else {
      note("\(name) must be a text of dollars above 0 with at most six decimals")
      return nil
    }
    return money
  }

  private static func money(_ text: String) -> Money? {
    do throws(MoneyError) {
      return try Money(decimal: Text(text), asset: .usdc, rounding: .refuse)
    } catch {
      return nil
    }
  }

  private mutating func check(_ pattern: String, _ taken: [String]) {
    let parts = pattern.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    let isSound =
      pattern.hasPrefix("/") && pattern.utf8.count <= 256
      && pattern.utf8.allSatisfy { byte in
        switch byte {
        case 0x21, 0x24, 0x26...0x3A, 0x3B, 0x3D, 0x40...0x5A, 0x5F, 0x61...0x7B, 0x7D, 0x7E: true
        default: false
        }
      }
    guard isSound else {
      note("path must begin with / and hold no blanks, %, ? or #")
      return
    }
    for (index, part) in parts.enumerated() {
      let isRest = part == "*" && index == parts.count - 1
      let isName =
        part.hasPrefix("{") && part.hasSuffix("}") && part.utf8.count > 2
        && part.dropFirst().dropLast().allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
      let isLiteral = !part.contains("*") && !part.contains("{") && !part.contains("}")
      if !isRest, !isName, !isLiteral || part == "." || part == ".." {
        note("path: '\(part)' must be a name, {name}, or * at the end")
      }
    }
    if let first = parts.first, taken.contains("/" + first) || first.hasPrefix("{") || first == "*"
    {
      note("path: the gateway answers below /\(first) itself, or would have to; take another one")
    }
  }

  private static func isUpstream(_ text: String) -> Bool {
    SettingReader.url(text) != nil && OutsideAddress(text) != nil
  }

  private static func isPlain(_ text: Text) -> Bool {
    text.utf8Count <= 256 && text.string.unicodeScalars.allSatisfy { $0.value >= 0x20 }
  }
}
