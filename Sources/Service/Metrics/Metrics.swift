internal import JSON
internal import Ledger

/// All metrics, in the order of a scrape: the visible list.
///
/// Counters of money and payments come from the fold: they survive a restart and a rebuild.
package enum Metrics {
  package static let all: [Metric] = payments + gateway + ledger + process

  private static let payments: [Metric] = [
    Metric(.counter, "payments_total", "Payments by agent, vendor, chain and status.") {
      PaymentSamples.outcomes($0.book)
    },
    Metric(.counter, "payment_spend_usd", "Completed spend in USD by agent and vendor.") {
      PaymentSamples.spend($0.book)
    },
    Metric(.counter, "payment_spend_usd_total", "The same as payment_spend_usd.") {
      PaymentSamples.spend($0.book)
    },
    Metric(.gauge, "payment_vendor_failure_streak", "Failures since the last completed payment.") {
      PaymentSamples.streaks($0.book)
    },
    Metric(.histogram, "payment_latency_milliseconds", "From start to completion of a payment.") {
      PaymentSamples.latencies($0.book)
    },
    Metric(.gauge, "payments_pending", "Payments begun and not ended.") {
      $0.book.payments.openCount
    },
    Metric(.gauge, "payments_unknown", "Payments whose outcome nobody knows.") {
      $0.book.payments.calls.unknownCount
    },
    Metric(.counter, "payments_refused_total", "Payments refused, by code.") { scrape in
      scrape.book.tallies.refusalsByCode.sorted { $0.key < $1.key }
        .map { Sample($0.value, labels: [("code", $0.key.string)]) }
    },
    Metric(.counter, "payment_retry_total", "Times a provider was asked again, by fault.") {
      scrape in
      scrape.book.payments.calls.retriesByClass.sorted { $0.key < $1.key }
        .map { Sample($0.value, labels: [("error_class", $0.key.string)]) }
    },
    Metric(.counter, "payment_retry_payments_total", "Payments that were asked about again.") {
      $0.book.payments.calls.retriedPayments
    },
    Metric(.gauge, "payment_authorizations_open", "Holds not captured and not given back.") {
      $0.book.authorizations.openCount
    },
    Metric(.gauge, "payment_stale_authorizations", "Holds open longer than the setting says.") {
      $0.book.authorizations.stale(olderThan: $0.staleAge, asOf: $0.asOf).count
    },
    Metric(.gauge, "alerts_active", "Alerts that are not resolved, by rule and severity.") {
      PaymentSamples.alerts($0.book.alerts.activeOnes)
    },
    Metric(.counter, "alerts_raised_total", "Alerts raised, by rule and severity.") {
      PaymentSamples.alerts($0.book.alerts.all)
    },
    Metric(.gauge, "payment_intents_waiting", "Intents that wait for an operator.") {
      $0.book.intents.waitingCount
    },
    Metric(.gauge, "payment_budget_used_usd", "Completed spend of the UTC day and month.") {
      PaymentSamples.budgets($0) { [("daily", $0.daySpent), ("monthly", $0.monthSpent)] }
    },
    Metric(.gauge, "payment_budget_held_usd", "Begun and not ended, by agent.") {
      PaymentSamples.budgets($0) { [("held", $0.held)] }
    },
    Metric(.gauge, "payment_budget_limit_usd", "The limits in force, by agent.") {
      PaymentSamples.budgets($0) {
        [
          ("daily", $0.dailyLimit), ("monthly", $0.monthlyLimit),
          ("per_transaction", $0.perTransactionLimit),
        ]
      }
    },
    Metric(.gauge, "payment_wallet_balance", "USDC last seen in the wallet that funds an agent.") {
      WalletSamples.balances($0)
    },
    Metric(.gauge, "payment_wallet_rotation_overdue", "1 when a wallet serves for over 92 days.") {
      WalletSamples.overdue($0)
    },
    Metric(
      .gauge, "payment_wallet_unexplained_outflow", "USDC that left and no payment tells of."
    ) {
      WalletSamples.unexplained($0)
    },
    Metric(.gauge, "payments_pending_over_15m", "Payments pending longer than the setting says.") {
      $0.book.payments.openCount(olderThan: $0.pendingAge, asOf: $0.asOf)
    },
  ]

  private static let gateway: [Metric] = [
    Metric(.counter, "gateway_payments_accepted_total", "Payments taken at the gateway.") {
      $0.book.tallies.count(of: .gatewayPaymentAccepted)
    },
    Metric(.gauge, "gateway_payments_unknown", "Payments in whose outcome nobody knows.") {
      $0.book.receipts.count(of: .unknown)
    },
    Metric(.gauge, "gateway_payments_open", "Payments in that are reserved or being settled.") {
      let receipts = $0.book.receipts
      return receipts.count(of: .reserved) + receipts.count(of: .answered)
        + receipts.count(of: .settling)
    },
    Metric(.counter, "gateway_payments_refused_total", "Promises that came to nothing.") {
      $0.book.tallies.count(of: .gatewayRefused)
    },
    Metric(.counter, "gateway_anomalies_total", "Facilitators' answers that did not fit.") {
      $0.book.tallies.count(of: .gatewayAnomaly)
    },
    Metric(.counter, "gateway_offers_total", "Requests turned away unpaid, by code.") { scrape in
      scrape.book.tallies.offersByCode.sorted { $0.key < $1.key }
        .map { Sample($0.value, labels: [("code", $0.key.string)]) }
    },
    Metric(
      .counter, "gateway_receipts_usd", "Amounts on receipts in USD; format_only is no income."
    ) {
      PaymentSamples.income($0.book)
    },
    Metric(.counter, "gateway_requests_total", "Calls of priced routes since the start.") {
      $0.process.requests
    },
    Metric(.counter, "gateway_requests_paid_total", "Paid calls since the start.") {
      $0.process.paidRequests
    },
    Metric(.counter, "gateway_replays_total", "Recorded answers given again since the start.") {
      $0.process.replays
    },
    Metric(.counter, "ratelimit_trips_total", "Requests refused for coming too fast.") {
      $0.book.tallies.rateLimitTrips
    },
  ]

  private static let ledger: [Metric] = [
    Metric(.counter, "ledger_events_total", "Records by type.") { scrape in
      EventType.allCases.map { type in
        let count =
          type.isControl
          ? scrape.controls.byType[type.rawValue] : scrape.book.tallies.count(of: type)
        return Sample(count, labels: [("type", "\(type.name)")])
      }
    },
    Metric(.gauge, "ledger_violations", "Records that read but cannot be true.") { $0.violations },
    Metric(.gauge, "ledger_idempotency_keys", "Idempotency keys in use.") { $0.book.keyCount },
    Metric(.gauge, "ledger_seq_durable", "The last seq that is on the disk for good.") {
      Int(clamping: $0.process.durableSeq)
    },
    Metric(.gauge, "ledger_durable_lag", "Records decided and not yet durable.") {
      Int(clamping: $0.process.decidedSeq) - Int(clamping: $0.process.durableSeq)
    },
    Metric(.counter, "ledger_appends_total", "Records made durable since the start.") {
      $0.process.appends
    },
    Metric(.counter, "ledger_syncs_total", "Syncs since the start.") { $0.process.syncs },
    Metric(.counter, "ledger_bytes_written_total", "Bytes of log written since the start.") {
      $0.process.bytes
    },
    Metric(.gauge, "ledger_clock_suspect", "1 while the wall clock is not believed.") {
      $0.process.isClockSuspect ? 1 : 0
    },
    Metric(.gauge, "payments_disabled", "1 while the kill switch refuses new money.") {
      $0.controls.arePaymentsDisabled ? 1 : 0
    },
    Metric(.gauge, "ledger_disk_low", "1 while new money is refused for want of disk.") {
      $0.process.isDiskLow ? 1 : 0
    },
  ]

  private static let process: [Metric] = [
    Metric(.gauge, "http_connections", "Open connections.") { $0.process.connections },
    Metric(.counter, "log_lines_dropped_total", "Log lines that could not be kept.") {
      $0.process.logLinesDropped
    },
  ]
}

/// Samples that are more than one number.
private enum PaymentSamples {
  /// Vendors beyond this many share one label value, so that a scrape stays small.
  private static let vendorLimit = 500

  static func outcomes(_ book: BookState) -> [Sample] {
    let known = vendors(book)
    var counts: [[String]: Int] = [:]
    for row in book.tallies.payments.outcomeRows() {
      let vendor = label(row.vendor, known)
      let key = [row.agent.string, vendor, row.network.name.string]
      let pending =
        row.outcomes.started - row.outcomes.completed - row.outcomes.failed
        - row.outcomes.cancelled
      counts[key + ["cancelled"], default: 0] += row.outcomes.cancelled
      counts[key + ["completed"], default: 0] += row.outcomes.completed
      counts[key + ["failed"], default: 0] += row.outcomes.failed
      counts[key + ["pending"], default: 0] += max(0, pending)
      counts[key + ["refused"], default: 0] += row.outcomes.refused
    }
    return counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { key, count in
      Sample(
        count,
        labels: [("agent", key[0]), ("vendor", key[1]), ("chain", key[2]), ("status", key[3])])
    }
  }

  static func spend(_ book: BookState) -> [Sample] {
    var sums: [Text: Int128] = [:]
    for row in book.tallies.payments.spendRows() where row.asset.isDollar && !row.network.isTest {
      let scaled = Money(units: row.total.units, asset: row.asset).microDollars
      sums[row.agent, default: 0] += scaled
    }
    return sums.sorted { $0.key < $1.key }.map { agent, units in
      Sample(
        suffix: "", labels: [("agent", agent.string)],
        value: Money(units: units, asset: .usdc).decimal.string)
    }
  }

  /// How many alerts of each rule; a rule without any counts 0, so that its line is there.
  static func alerts(_ alerts: [Alert]) -> [Sample] {
    AlertRule.allCases.map { rule in
      let name = Text("\(rule.name)")
      return Sample(
        alerts.count { $0.rule == name },
        labels: [("rule", "\(rule.name)"), ("severity", "\(rule.severity.name)")])
    }
  }

  /// Amounts of each agent's budget.
  static func budgets(
    _ scrape: Scrape, _ amounts: (BudgetUse) -> [(kind: String, amount: Money)]
  ) -> [Sample] {
    scrape.budgets.flatMap { agent, use in
      amounts(use).map { kind, amount in
        Sample(
          suffix: "", labels: [("agent", agent.string), ("kind", kind)],
          value: amount.decimal.string)
      }
    }
  }

  static func income(_ book: BookState) -> [Sample] {
    var sums: [Text: Int128] = [:]
    for row in book.tallies.incomeRows() where row.asset.isDollar {
      sums[row.network.name, default: 0] +=
        Money(units: row.total.units, asset: row.asset).microDollars
    }
    return sums.sorted { $0.key < $1.key }.map { network, units in
      Sample(
        suffix: "", labels: [("network", network.string), ("settlement", "format_only")],
        value: Money(units: units, asset: .usdc).decimal.string)
    }
  }

  static func streaks(_ book: BookState) -> [Sample] {
    book.tallies.payments.streakRows().prefix(vendorLimit).map {
      Sample($0.failures, labels: [("vendor", $0.vendor.string)])
    }
  }

  static func latencies(_ book: BookState) -> [Sample] {
    let histogram = book.tallies.payments.latencies
    var samples: [Sample] = []
    var total = 0
    for (index, count) in histogram.counts.enumerated() {
      total += count
      let bounds = LatencyHistogram.bounds
      let bound = index < bounds.count ? String(bounds[index]) : "+Inf"
      samples.append(Sample(suffix: "_bucket", labels: [("le", bound)], value: String(total)))
    }
    samples.append(Sample(suffix: "_sum", labels: [], value: "\(histogram.sum)"))
    samples.append(Sample(suffix: "_count", labels: [], value: String(total)))
    return samples
  }

  private static func vendors(_ book: BookState) -> Set<Text> {
    Set(book.tallies.payments.streakRows().prefix(vendorLimit).map(\.vendor))
  }

  private static func label(_ vendor: Text, _ known: Set<Text>) -> String {
    known.contains(vendor) ? vendor.string : "other"
  }
}

extension Money {
  /// The amount in millionths of a dollar, cut; only for assets that count as dollars.
  var microDollars: Int128 {
    var divisor: Int128 = 1
    for _ in 6..<max(asset.scale, 6) { divisor *= 10 }
    return units / divisor
  }
}
