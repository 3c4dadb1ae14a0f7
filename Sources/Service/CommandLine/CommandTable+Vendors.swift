/// Rows about vendors and businesses.
extension CommandTable {
  static let vendorRows: [CommandRow] = [
    CommandRow(.vendorList, "List what is known of vendors", options: [at, book]),
    CommandRow(
      .vendorGet, "Print what is known of a vendor", [.required("VENDOR", .text("VENDOR"))],
      options: [at, book]),
    CommandRow(
      .vendorRefresh, "Ask the provider what a vendor offers",
      [.required("VENDOR", .text("VENDOR"))]),
    CommandRow(
      .vendorSet, "Say what a vendor offers, in place of what was listed",
      [.required("VENDOR", .text("VENDOR"))],
      options: [
        .many("price", .text("NAME=AMOUNT"), "In USDC, by component or default; again for more"),
        .many("token", .text("TOKEN"), "An asset that it takes; again for more"),
        .many("chain", .text("CHAIN"), "A network that it takes it on; again for more"),
        .many("capability", .text("WORD"), "What it can do; again for more"), reason, book,
      ]),
    CommandRow(
      .vendorStreaks, "Failures of each vendor since its last success", options: [at, book]),
    CommandRow(
      .businessGenerated, "Record that a business was generated; adds its summary to the view",
      [.required("ID", .text("ID"))],
      options: [
        .init("name", nil, .text("NAME"), "What it is called", isRequired: true),
        .init("revenue", nil, .text("AMOUNT"), "What it is thought to earn, in USDC"),
        .init("url", nil, .text("URL"), "Its dashboard"),
        .init("failed", "It could not be generated"),
        .init("key", nil, .text("KEY"), "Idempotency key: the same one is recorded once"), book,
      ]),
    CommandRow(
      .reportBusiness, "What a business has cost so far, beside its projected revenue",
      [.required("ID", .text("ID"))], options: [at, book]),
  ]
}
