import Digest
import JSON
import Rails
import Testing

/// The two lines of a challenge, byte for byte.
@Suite struct L402ChallengeTests {
  private let invoice: Text =
    "lnbc15n1p54twgqpp5vkp5ywvemdgmjdau8zzs3n5ywl8fyrqqy7yguth344kw9wa3m6lssp5qqq4gpgewv3jzxa6n86m"

  @Test(arguments: MacaroonVector.all)
  func `the old form goes first, the specification's own second`(vector: MacaroonVector) throws {
    let macaroon = try Macaroon(binary: bytes(vector.hex))
    let lines = try L402Challenge(macaroon: macaroon, invoice: invoice).headerValues
    #expect(
      lines == [
        Text("L402 macaroon=\"\(vector.base64)\", invoice=\"\(invoice)\""),
        Text("L402 version=\"0\", token=\"\(vector.base64)\", invoice=\"\(invoice)\""),
      ])
  }

  @Test(
    arguments: [
      "", "ln", "xlnbc1", "lnbc1\"", "lnbc1\r\nX: y", "lnbc1 ", " lnbc1", "lnbc1,", "lnbcé",
      "lnbc\u{0}", "bc1qxyz", "lightning:lnbc1", "lnbc1[", "lnbc1@", "lnbc1`", "lnbc1{", "lnbc1/",
      "lnbc1:",
    ] as [Text])
  func `what is no invoice comes into no header`(invoice: Text) throws {
    let macaroon = try PaidInvoice().token([])
    #expect(throws: L402ChallengeFault.invoice) {
      try L402Challenge(macaroon: macaroon, invoice: invoice)
    }
    #expect(L402ChallengeFault.invoice.code == "L402_INVOICE_FORM")
  }

  @Test func `an invoice has 3 to 7089 bytes, in either case`() throws {
    let macaroon = try PaidInvoice().token([])
    for sound in ["lnB", "LNBC09AZ", "lnbcaz", "ln" + String(repeating: "q", count: 7_087)] {
      let lines = try L402Challenge(macaroon: macaroon, invoice: Text(sound)).headerValues
      #expect(lines.count == 2)
    }
    #expect(throws: L402ChallengeFault.invoice) {
      try L402Challenge(
        macaroon: macaroon, invoice: Text("ln" + String(repeating: "q", count: 7_088)))
    }
  }
}
