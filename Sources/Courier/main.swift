import Foundation

// `tollbook-courier HOST…`: the hosts that it may call. Standard input is one end of a socket
// pair; the frames on it are described in docs/ARCHITECTURE.md. Nobody starts it by hand.

CourierProcess.settle()
guard let socket = FrameSocket(descriptor: 0) else {
  CourierProcess.end(
    status: 2, saying: "it is started by tollbook, with a socket as its standard input")
}
let desk = CourierDesk(hosts: AllowedHosts(CommandLine.arguments.dropFirst()), socket: socket)
desk.work()
CourierProcess.end(status: 0, saying: nil)
