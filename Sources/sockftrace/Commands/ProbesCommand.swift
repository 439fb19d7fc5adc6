internal import ArgumentParser

struct ProbesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "probes", abstract: "Soon.")
}
