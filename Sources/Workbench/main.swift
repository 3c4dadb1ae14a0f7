import Glibc

/// Everything that the workbench can do: the visible list.
let tools: [Tool] = [
  Tool("make-log", "--home DIR [--events N] [--seed S]", LogGenerator.run),
  Tool("bench-append", "--home DIR [--writers W] [--seconds S] [--threads]", BenchAppend.run),
]

exit(Tool.run(tools, Array(CommandLine.arguments.dropFirst())))
