import JSON
import Ledger
import Testing

/// The kill switch in the core: who holds it, what it stops, what it lets through.
///
/// Source: EMG-01, EMG-08, X-45, T-32.
struct KillSwitchTests {
  private let on = EngageKillSwitch(reason: "drill", by: "operator")
  private let off = ReleaseKillSwitch(reason: "over", by: "operator")

  @Test func `turning it needs a reason, and turning it again changes nothing`() throws {
    var scenario = try Scenario()
    #expect(
      scenario.rejection(of: EngageKillSwitch(reason: "", by: "operator"))
        == .fieldInvalid(field: "reason", reason: "must say why payments stop"))
    #expect(try scenario.submit(off) == .unchanged)
    try scenario.submit(on)
    #expect(try scenario.submit(EngageKillSwitch(reason: "other", by: "o")) == .unchanged)
    #expect(scenario.state.controls.killSwitch.engaged?.reason == "drill")
    #expect(scenario.state.controls.killSwitch.engaged?.at == scenario.now)
    #expect(
      scenario.rejection(of: ReleaseKillSwitch(reason: "", by: "operator"))
        == .fieldInvalid(field: "reason", reason: "must say why payments go on"))
    try scenario.submit(off)
    #expect(scenario.state.controls.killSwitch.engaged == nil)
    #expect(scenario.violations.isEmpty)
  }

  @Test(arguments: Book.allCases)
  func `it stops new payments of both books and no facts`(book: Book) throws {
    var scenario = try Scenario()
    try scenario.submit(on)
    scenario.book = book
    #expect(
      try scenario.rejection(of: AcceptFixture().command()) == .newMoneyRefused(.paymentsDisabled))
    try scenario.submit(ImportFixture().command())
    #expect(scenario.state[book].payments.count == 1)
    try scenario.submit(off)
    #expect(try scenario.rejection(of: AcceptFixture().command()) == nil)
  }

  @Test func `a request that was paid before is answered again`() throws {
    var scenario = try Scenario()
    try scenario.submit(AcceptFixture().command())
    let first = scenario.state.seq - 1
    try scenario.submit(on)
    #expect(try scenario.submit(AcceptFixture().command()) == .repeated(first: first))
  }

  @Test func `while the setting is true it stays engaged, whatever is submitted`() throws {
    var scenario = try Scenario(settings: ["X402_PAYMENTS_DISABLED": "true"])
    #expect(scenario.rejection(of: off) == .killSwitchHeldBySetting)
    try scenario.submit(on)
    #expect(scenario.rejection(of: off) == .killSwitchHeldBySetting)
    try scenario.submit(ApplySettings(settings: [:]))
    // The operator's turn outlives the setting's.
    #expect(scenario.state.controls.arePaymentsDisabled)
    try scenario.submit(off)
    #expect(!scenario.state.controls.arePaymentsDisabled)
  }
}
