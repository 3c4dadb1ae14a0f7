internal import JSON
internal import Ledger

extension CommandDesk {
  /// Reads `{"command":"vendor.observe","vendor","pricing"?,"tokens"?,"chains"?,"capabilities"?,
  /// "source"?,"reason"?}`.
  static func vendorLine(_ object: JSONObject) throws(CommandLineFault) -> ObserveVendor {
    guard let vendor = object["vendor"]?.text else { throw .unreadable("vendor is missing") }
    let word = try optional("source", object) ?? "operator"
    guard let source = VendorSource(word) else {
      throw .unreadable("source must be fetch or operator")
    }
    let offer: VendorOffer
    do throws(VendorOffer.Fault) {
      offer = try VendorOffer(reading: object)
    } catch {
      throw .unreadable(error.sentence)
    }
    return ObserveVendor(
      vendor: vendor, offer: offer, source: source, reason: try optional("reason", object))
  }

  /// Reads `{"command":"business.generate","business_id","business_name","success"?,
  /// "projected_revenue"?,"dashboard_url"?}`.
  static func businessLine(_ object: JSONObject) throws(CommandLineFault) -> RecordBusiness {
    guard let id = try optional("business_id", object) else {
      throw .unreadable("business_id is missing")
    }
    guard let name = try optional("business_name", object) else {
      throw .unreadable("business_name is missing")
    }
    let success: Bool
    switch object["success"] {
    case .none: success = true
    case .bool(let value): success = value
    case .some: throw .unreadable("success must be true or false")
    }
    var revenue: Money?
    if let written = try optional("projected_revenue", object) {
      do throws(MoneyError) {
        revenue = try Money(decimal: written, asset: .usdc, rounding: .refuse)
      } catch {
        throw .unreadable(
          "projected_revenue must be a decimal in USDC with at most six decimals, such as 1000")
      }
    }
    return RecordBusiness(
      business: id, businessName: name, success: success, projectedRevenue: revenue,
      dashboardURL: try optional("dashboard_url", object))
  }

  private static func optional(
    _ name: Text, _ object: JSONObject
  ) throws(CommandLineFault) -> Text? {
    guard let value = object[name] else { return nil }
    guard let text = value.text else { throw .unreadable("\(name.string) is not a text") }
    return text
  }
}

extension VendorOffer {
  /// Why an offer could not be read.
  struct Fault: Error, Equatable {
    let sentence: String
  }

  /// Reads what an operator or a provider says, strictly: prices are decimal texts in USDC, the
  /// lists hold texts; a member that is left out is empty.
  init(reading object: JSONObject) throws(Fault) {
    var pricing: [Text: Money] = [:]
    switch object["pricing"] {
    case .none: break
    case .object(let prices):
      for member in prices.members {
        guard let decimal = member.value.text else {
          throw Fault(sentence: "pricing holds what is not a text")
        }
        do throws(MoneyError) {
          pricing[member.name] = try Money(decimal: decimal, asset: .usdc, rounding: .refuse)
        } catch {
          throw Fault(
            sentence: "pricing holds what is not a decimal in USDC with at most six decimals")
        }
      }
    case .some: throw Fault(sentence: "pricing is not an object")
    }
    self.init(
      pricing: pricing, tokens: try VendorOffer.list("tokens", object),
      chains: try VendorOffer.list("chains", object),
      capabilities: try VendorOffer.list("capabilities", object))
  }

  private static func list(_ name: Text, _ object: JSONObject) throws(Fault) -> [Text] {
    guard let value = object[name] else { return [] }
    guard case .array(let values) = value else {
      throw Fault(sentence: "\(name.string) is not a list")
    }
    var texts: [Text] = []
    for value in values {
      guard let text = value.text else {
        throw Fault(sentence: "\(name.string) holds what is not a text")
      }
      texts.append(text)
    }
    return texts
  }
}
