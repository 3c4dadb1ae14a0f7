internal import JSON

/// Which function runs which command: the visible list.
enum CommandList {
  static func run(_ context: CommandContext) throws(CommandStop) -> ExitStatus {
    switch context.parsed.command {
    case .serve: ServeCommand.run(context.parsed, context.output)
    case .logTail: try LogTail.run(context)
    case .logGrep: try LogGrep.run(context)
    case .logShow: try LogCommands.show(context)
    case .logVerify: try LogVerify.run(context)
    case .logRecover: try LogRecover.run(context)
    case .logHead: try LogCommands.head(context)
    case .logAppend:
      AppendCommand.run(
        try context.configuration(), output: context.output, clocks: context.clocks)
    case .logExport: try LogCommands.export(context)
    case .replay: try ReplayCommand.run(context)
    case .viewList, .viewShow, .viewRebuild, .viewDiff: try ViewCommands.run(context)
    case .txList: try TxList.run(context)
    case .txGet: try TxCommands.get(context)
    case .receiptGet, .receiptVerify: try ReceiptCommands.run(context)
    case .txTotal: try TxTotal.run(context)
    case .txSample: try TxCommands.sample(context)
    case .statsSuccessRate: try StatsCommands.successRate(context)
    case .statsLatency: try StatsCommands.latency(context)
    case .statsFailures: try StatsCommands.failures(context)
    case .importTransactions:
      ImportTransactions.run(
        context.parsed, ledger: ImportLedger(home: context.home), output: context.output,
        palette: context.palette, clocks: context.clocks)
    case .configShow: try ConfigCommands.show(context)
    case .configCheck: ConfigCommands.check(context)
    case .quickstartVerify:
      QuickstartVerify.run(context.parsed, output: context.output, palette: context.palette)
    case .doctor:
      Doctor.run(
        context.parsed, environment: context.environment, output: context.output,
        palette: context.palette)
    case .reportFacts: try ReportCommands.facts(context)
    case .jsonCheck: try JSONCheck.run(context)
    case .clockAccept:
      ReasonedCommand.run("clock.accept", context, try context.configuration())
    case .budgetSet, .budgetUsage, .budgetLimits: try BudgetCommands.run(context)
    case .pay: try MoneyCommands.pay(context)
    case .alertList, .alertGet, .alertAck: try AlertCommands.run(context)
    case .authCreate, .authCapture, .authCancel, .authResolve, .authExpire, .authList:
      try AuthorizationCommands.run(context)
    case .txResolve: try MoneyCommands.resolve(context)
    case .reconcilePayments: try MoneyCommands.reconcile(context)
    case .intentSubmit: try MoneyCommands.submitIntent(context)
    case .intentApprove, .intentDeny: try MoneyCommands.decideIntent(context)
    case .intentList: try IntentCommands.list(context)
    case .intentGet: try IntentCommands.get(context)
    case .killSwitchOn, .killSwitchOff, .killSwitchStatus: try KillSwitchCommand.run(context)
    case .walletAddress, .walletBalance, .walletObserve, .walletRotate, .walletList:
      try WalletCommands.run(context)
    case .syncDaily: try JobRunner.run(LedgerSync.job, context)
    case .monitorStale: try JobRunner.run(StaleCheck.job, context)
    case .jobList: try JobCommands.list(context)
    case .financeRecord: try FinanceCommands.record(context)
    case .vendorList, .vendorGet, .vendorRefresh, .vendorSet, .vendorStreaks:
      try VendorCommands.run(context)
    case .businessGenerated: try BusinessCommands.generated(context)
    case .reportBusiness: try BusinessCommands.report(context)
    case .metricsShow: try MetricsShow.run(context)
    case .version: ProgramCommands.version(context)
    case .help: ProgramCommands.help(context)
    case .completion: try ProgramCommands.completion(context)
    }
  }
}
