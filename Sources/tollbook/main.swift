import Glibc
import Service

exit(Program.run(Array(CommandLine.arguments.dropFirst())))
