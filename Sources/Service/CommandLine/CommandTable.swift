/// The visible list of commands. Parser, help and completion all come from it.
package enum CommandTable {
  /// Nouns that have verbs, with their line in help.
  package static let nouns: [(name: String, summary: String)] = [
    ("log", "Read, check and mend the log"),
    ("view", "Look at the files derived from the log"),
    ("tx", "Outgoing payments"),
    ("receipt", "What payers were given for their payments"),
    ("stats", "How well payments work"),
    ("import", "Take in the records of other systems"),
    ("config", "The settings in force"),
    ("quickstart", "Prove that a gateway works"),
    ("report", "Numbers folded from the log"),
    ("json", "Check JSON files"),
    ("clock", "Settle doubts about the clock"),
    ("budget", "What agents may spend and have spent"),
    ("alert", "What needs to be looked at"),
    ("auth", "Money that is held first and taken or given back later"),
    ("intent", "Wishes to spend, and who allowed them"),
    ("wallet", "Where payments come from, and what is there"),
    ("reconcile", "Ask the rails about what is not known"),
    ("killswitch", "Stop all new money at once"),
    ("sync", "Compare the ledger with other books"),
    ("monitor", "Look for what needs somebody"),
    ("job", "What runs by schedule"),
    ("finance", "The finance ledger"),
    ("vendor", "What vendors offer, and how well they do"),
    ("business", "Businesses that agents generate"),
    ("metrics", "Numbers of a running daemon"),
  ]

  /// Options that every command takes.
  package static let shared: [CommandRow.Option] = [
    .init("home", nil, .folder, "The home folder, instead of TOLLBOOK_HOME"),
    .init("output", "o", .choice(["table", "json", "jsonl"]), "The form of the answer"),
    .init("no-color", "Print without colours"),
    .init("quiet", "q", "Print only the answer"),
    .init("help", "h", "Explain the command"),
  ]

  /// Every command once, in the order of help.
  package static let rows: [CommandRow] =
    daemonRows + logRows + readingRows + moneyRows + walletRows + vendorRows + otherRows

  /// The row of a command.
  package static func row(_ command: CommandName) -> CommandRow? {
    rows.first { $0.command == command }
  }

  static let at = CommandRow.Option(
    "at", nil, .moment, "Fold the log only up to here")
  static let book = CommandRow.Option(
    "book", nil, .choice(["fake", "real"]), "The book to read, not that of the current mode")
  private static let dryRun = CommandRow.Option("dry-run", "Say what would happen, change nothing")
  private static let threads = CommandRow.Option(
    "threads", nil, .count(1...64), "Threads to work with")
  static let reason = CommandRow.Option(
    "reason", nil, .text("TEXT"), "Why; stands in the log", isRequired: true)
  private static let agent = CommandRow.Option("agent", nil, .text("AGENT"), "Only this agent")

  private static let job: [CommandRow.Option] = [
    .init("force", "Run a window again that was completed"), dryRun,
    .init("no-discord", "Post nothing, as now: nothing is posted yet"), book,
  ]

  private static let daemonRows: [CommandRow] = [
    CommandRow(
      .serve, "Run the daemon",
      options: [
        .init("gateway", nil, .listener, "Where the gateway listens"),
        .init("api", nil, .listener, "Where the operator API listens"),
        .init("metrics", nil, .listener, "Where Prometheus finds the metrics"),
      ]),
    CommandRow(
      .quickstartVerify, "Check 402, payment, replay and metrics of a gateway",
      [.optional("URL", .text("URL"))]),
    CommandRow(
      .doctor, "Go through the triage and name the first step that fails",
      [.optional("URL", .text("URL"))],
      options: [
        .init("bundle", "Collect what support needs, without secrets"),
        .init("step", nil, .text("NAME"), "Only this step"),
      ]),
    CommandRow(.configShow, "Print the settings in force and where they come from"),
    CommandRow(.configCheck, "Check .env and the environment"),
  ]

  private static let logRows: [CommandRow] = [
    CommandRow(
      .logTail, "Print the last records",
      options: [
        .init("count", "n", .count(1...1_000_000), "How many, 10 unless told"),
        .init("follow", "f", "Go on with new ones"), book,
      ]),
    CommandRow(
      .logGrep, "Print the records that contain a text",
      [.required("PATTERN", .text("PATTERN"))],
      options: [
        .init("access", "Search the request lines of logs/genesis.log instead"),
        .init("count", "n", .count(1...1_000_000), "Stop after so many"), book,
      ]),
    CommandRow(
      .logShow, "Print one record",
      [.required("SEQ", .count(1...999_999_999_999_999_999))]),
    CommandRow(.logVerify, "Check every byte of the log, changing nothing", options: [threads]),
    CommandRow(
      .logRecover, "Move everything from the first damage on into quarantine",
      options: [
        .init("accept-loss", "Confirm that records may be lost", isRequired: true),
        .init("reason", nil, .text("TEXT"), "Why; stands in the log", isRequired: true), dryRun,
      ]),
    CommandRow(.logHead, "Print the last durable seq and hash"),
    CommandRow(.logAppend, "Append commands read from standard input"),
    CommandRow(
      .logExport, "Print records as they stand in the log",
      options: [
        .init("from", nil, .moment, "The first record"),
        .init("until", nil, .moment, "The last record"),
      ]),
    CommandRow(
      .replay, "Fold the whole log and print the fingerprint of the state",
      options: [threads, .init("until", nil, .moment, "Stop there")]),
  ]

  private static let readingRows: [CommandRow] = [
    CommandRow(.viewList, "List the views"),
    CommandRow(.viewShow, "Print a view", [.required("NAME", .text("NAME"))], options: [at, book]),
    CommandRow(
      .viewRebuild, "Write views anew from the log", [.optional("NAME", .text("NAME"))],
      options: [dryRun]),
    CommandRow(
      .viewDiff, "Compare views with the log", [.optional("NAME", .text("NAME"))],
      options: [book]),
    CommandRow(
      .txList, "List payments",
      options: [
        .init("count", "n", .count(1...1_000_000), "The last so many"), agent,
        .init("vendor", nil, .text("VENDOR"), "Only this vendor"),
        .init("date", nil, .day, "Only this UTC day"),
        .init(
          "status", nil,
          .choice(["pending", "completed", "failed", "unknown", "authorized", "cancelled"]),
          "Only this status"),
        .init("unknown", "Only payments whose outcome is unknown"), at, book,
      ]),
    CommandRow(.txGet, "Print one payment", [.required("ID", .text("ID"))], options: [at, book]),
    CommandRow(
      .receiptGet, "Print a receipt as the log has it", [.required("ID", .text("ID"))],
      options: [book]),
    CommandRow(
      .receiptVerify, "Check that a receipt says what the log says",
      [.required("FILE", .file)], options: [book]),
    CommandRow(
      .txTotal, "Print the spend of a day or month",
      options: [
        .init("date", nil, .day, "The UTC day"), .init("month", nil, .month, "The UTC month"),
        agent, at, book,
      ], exactlyOne: ["date", "month"]),
    CommandRow(
      .txSample, "Print the first payments in full",
      options: [.init("count", "n", .count(1...1_000_000), "How many, 5 unless told"), book]),
    CommandRow(
      .statsSuccessRate, "Print completed of total payments",
      options: [.init("all", "Over all time, not the last 5 minutes"), at, book]),
    CommandRow(.statsLatency, "Print p50, p95 and p99 of payments", options: [at, book]),
    CommandRow(
      .statsFailures, "Print failures by cause and streaks by vendor", options: [at, book]),
    CommandRow(
      .reportFacts, "Answer the four questions of the speed comparison",
      options: [.init("as-of", nil, .time, "Now, for the report"), at, book, threads]),
  ]

  private static let spender: [CommandRow.Option] = [
    .init("agent", nil, .text("AGENT"), "Who spends; operator unless given"),
    .init("component", nil, .text("NAME"), "The part of the agent that asks"),
    .init("strategy", nil, .text("NAME"), "How the agent spends, in its own word"),
    .init("business", nil, .text("ID"), "The business that it is for"),
    key,
  ]
  private static let key = CommandRow.Option(
    "key", nil, .text("KEY"), "The Idempotency-Key: the same one never pays twice")
  private static let by = CommandRow.Option(
    "by", nil, .text("NAME"), "Who decides; operator unless given")

  private static let moneyRows: [CommandRow] = [
    CommandRow(
      .pay, "Pay a vendor, within the budgets",
      [
        .required("AMOUNT", .text("AMOUNT")), .required("TOKEN", .text("TOKEN")),
        .required("VENDOR", .text("VENDOR")),
      ],
      options: spender + [
        .init("intent", nil, .text("ID"), "The approval to use up"),
        .init("url", nil, .text("URL"), "The address that is bought from"),
      ]),
    CommandRow(
      .alertList, "List alerts that are not resolved",
      options: [.init("all", "Also those that are"), at, book]),
    CommandRow(
      .alertGet, "Print one alert", [.required("ID", .text("ID"))], options: [at, book]),
    CommandRow(
      .alertAck, "Note that somebody has seen an alert", [.required("ID", .text("ID"))],
      options: [by, .init("note", nil, .text("TEXT"), "What was found; stands in the log")]),
    CommandRow(
      .authCreate, "Have money held for a vendor, within the budgets",
      [.required("AMOUNT", .text("AMOUNT")), .required("VENDOR", .text("VENDOR"))],
      options: spender + [
        .init("intent", nil, .text("ID"), "The approval to use up"),
        .init("expires", nil, .time, "From then on it can only be given back"),
      ]),
    CommandRow(
      .authCapture, "Take some or all of a hold", [.required("ID", .text("ID"))],
      options: [
        .init("amount", nil, .text("AMOUNT"), "All of it unless given; the rest is given back"),
        key,
      ]),
    CommandRow(
      .authCancel, "Give a hold back", [.required("ID", .text("ID"))],
      options: [.init("reason", nil, .text("TEXT"), "Why; stands in the log"), key]),
    CommandRow(
      .authResolve, "Say how an unknown step of a hold ended", [.required("ID", .text("ID"))],
      options: [
        .init("done", "The provider did it"), .init("failed", "It did not"),
        .init(
          "evidence", nil, .text("TEXT"), "What shows it; stands in the log", isRequired: true),
        by,
      ], exactlyOne: ["done", "failed"]),
    CommandRow(.authExpire, "Give back every hold whose time has run out"),
    CommandRow(
      .authList, "List holds",
      options: [
        .init("stale", "Only those open for longer than the setting says"),
        .init("open", "Only those that hold money"), at, book,
      ]),
    CommandRow(
      .txResolve, "Say how an unknown payment ended", [.required("ID", .text("ID"))],
      options: [
        .init("completed", "The money has moved"), .init("failed", "It has not"),
        .init(
          "evidence", nil, .text("TEXT"), "What shows it; stands in the log", isRequired: true),
        .init("hash", nil, .text("HASH"), "The transaction on the chain"), by,
      ], exactlyOne: ["completed", "failed"]),
    CommandRow(.reconcilePayments, "Ask the provider about every unknown payment"),
    CommandRow(
      .intentSubmit, "Ask for leave to spend, without spending",
      [.required("AMOUNT", .text("AMOUNT")), .required("VENDOR", .text("VENDOR"))],
      options: spender + [.init("purpose", nil, .text("TEXT"), "Why; stands in the log")]),
    CommandRow(
      .intentApprove, "Let an intent that waits be paid once", [.required("ID", .text("ID"))],
      options: [reason, by, .init("ticket", nil, .text("TEXT"), "Where it was allowed")]),
    CommandRow(
      .intentDeny, "Refuse an intent that waits", [.required("ID", .text("ID"))],
      options: [reason, by]),
    CommandRow(
      .intentList, "List intents",
      options: [
        .init("count", "n", .count(1...1_000_000), "The last so many"), agent,
        .init(
          "status", nil, .choice(["submitted", "approved", "denied", "used", "lapsed"]),
          "Only this status"), at, book,
      ]),
    CommandRow(
      .intentGet, "Print one intent", [.required("ID", .text("ID"))], options: [at, book]),
  ]

  private static let funded = CommandRow.Option(
    "agent", nil, .text("AGENT"), "The wallet that funds this agent, not the default one")

  private static let walletRows: [CommandRow] = [
    CommandRow(
      .walletAddress, "Print the address that payments come from", options: [funded, at, book]),
    CommandRow(
      .walletBalance, "Ask the chain what a wallet holds, recording nothing", options: [funded]),
    CommandRow(.walletObserve, "Ask the chain what every wallet holds, and record it"),
    CommandRow(
      .walletRotate, "Let payments come from another address from now on",
      options: [
        .init("address", nil, .text("ADDRESS"), "The new address", isRequired: true), reason,
        .init("agent", nil, .text("AGENT"), "Of this agent, not the default wallet"),
        .init(
          "network", nil, .choice(["base", "base-sepolia"]), "Where it lies; base unless given"),
        book,
      ]),
    CommandRow(
      .walletList, "List the wallets, those of the past too", options: [at, book]),
  ]

  private static let otherRows: [CommandRow] = [
    CommandRow(
      .importTransactions, "Take in a Genesis transactions.jsonl",
      [.required("FILE", .file)],
      options: [
        .init("round", nil, .choice(["half-even"]), "Round amounts past six decimals"),
        .init("asset", nil, .text("ASSET"), "What price_usdc counts; USDC unless given"),
        .init("network", nil, .text("NAME"), "Where the file names none; base unless given"),
        .init("fake", "Into the fake book"), dryRun,
      ]),
    CommandRow(.jsonCheck, "Check that a file is strict JSON", [.required("FILE", .file)]),
    CommandRow(
      .clockAccept, "Trust the present clock again", options: [reason]),
    CommandRow(
      .budgetSet, "Set what an agent may spend",
      [
        .required("AGENT", .text("AGENT")),
        .required("KIND", .choice(["daily", "monthly", "per-transaction"])),
        .required("AMOUNT", .text("AMOUNT")),
      ],
      options: [
        .init("ticket", nil, .text("TEXT"), "What allows it; a higher monthly limit needs one"),
        .init("by", nil, .text("NAME"), "Who allows it; operator unless given"), reason, book,
      ]),
    CommandRow(
      .budgetUsage, "Spend of the day and month, and what is held, beside the limits",
      [.several("AGENT", .text("AGENT"))], options: [at, book]),
    CommandRow(
      .budgetLimits, "The limits in force, and what put them in force",
      [.several("AGENT", .text("AGENT"))], options: [at, book]),
    CommandRow(
      .killSwitchOn, "Refuse all new money, in and out, from now on", options: [reason]),
    CommandRow(.killSwitchOff, "Let money move again", options: [reason]),
    CommandRow(.killSwitchStatus, "Say whether payments are stopped, by whom and why"),
    CommandRow(
      .syncDaily, "Compare the payments of a day with logs/finance_ledger.jsonl",
      options: [
        .init("date", nil, .day, "This UTC day, on the whole log, not the days that are due"), at,
      ] + job),
    CommandRow(
      .monitorStale, "Find what is open for too long; exit 1 when there is something",
      options: [at] + job),
    CommandRow(
      .jobList, "The last run of each job and the runs that were missed; exit 1 when one was",
      options: [at, book]),
    CommandRow(
      .financeRecord, "Add a line to logs/finance_ledger.jsonl",
      [.required("TYPE", .text("TYPE")), .required("AMOUNT", .text("AMOUNT"))],
      options: [
        .init("tx", nil, .text("ID"), "The payment that it is about"),
        .init("vendor", nil, .text("VENDOR"), "Whom it went to"),
        .init("memo", nil, .text("TEXT"), "A note"),
        .init("key", nil, .text("KEY"), "Idempotency key; a new one unless given"), book,
      ]),
    CommandRow(
      .metricsShow, "Print the metrics of the running daemon",
      options: [.init("summary", "Print /metrics/summary instead")]),
    CommandRow(.version, "Print the version"),
    CommandRow(
      .help, "Explain a command",
      [.optional("NOUN", .text("NOUN")), .optional("VERB", .text("VERB"))]),
    CommandRow(
      .completion, "Print a completion script for a shell",
      [.required("SHELL", .choice(CompletionShell.allCases.map(\.rawValue)))]),
  ]
}
