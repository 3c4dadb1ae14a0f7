import Glibc

/// Everything that the workbench can do: the visible list.
let tools: [Tool] = [
  Tool("make-log", "--home DIR [--events N] [--seed S]", LogGenerator.run),
  Tool("bench-append", "--home DIR [--writers W] [--seconds S] [--threads]", BenchAppend.run),
  Tool(
    "bench-pay", "--tollbook PATH --home DIR [--connections C] [--seconds S]", BenchPay.run),
  Tool("fuzz", "--seconds N [--target NAME] [--seed S] [--file F]", FuzzTool.run),
  Tool("crash", "--points N [--seed S]", CrashTool.run),
  Tool("damage", "[--bytes N] [--seed S]", CrashDamageTool.run),
  Tool(
    "kill", "--tollbook PATH --home DIR [--rounds N] [--seed S] [--connections C]", KillTool.run),
  Tool(
    "paykill", "--tollbook PATH --home DIR [--payments N] [--seed S] [--connections C]",
    PayKillTool.run),
]

exit(Tool.run(tools, Array(CommandLine.arguments.dropFirst())))
