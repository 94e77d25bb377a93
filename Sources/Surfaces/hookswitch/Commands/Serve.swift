// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import HookAdmin
import HookCore
import HookPipeline
import HookTelemetry
import Synchronization

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the router.",
        discussion: """
            Prints one line on stdout once it accepts, the log behind it. With -o json:

              {"schema":"hookswitch/ready@1","ingest":"…","admin":"…","revision":"…"}

            HUP reloads. INT or TERM stops after what is in flight; twice: at once.
            """)

    @OptionGroup var projectOptions: ProjectOptions
    @OptionGroup var outputOptions: OutputOptions

    @Option(name: .long, help: ArgumentHelp("Where webhooks come in; port 0 takes a free one.", valueName: "host:port"))
    var ingest: String?

    @Option(name: .long, help: ArgumentHelp("Where API, metrics and health are.", valueName: "host:port"))
    var admin: String?

    @Option(name: .long, help: ArgumentHelp("The SQLite file.", valueName: "path"))
    var store: String?

    @Flag(
        name: .long,
        help:
            "Refuse to start with an invalid configuration, instead of running the last good one, or without a secret.")
    var strict = false

    @Flag(name: .long, inversion: .prefixedNo, help: "Reload when files change.")
    var watch = true

    @Option(name: .long, help: "Least level that is logged: debug, info, warning or error.")
    var logLevel: LogRecord.Level = .info

    func validate() throws {
        for (option, address) in [("--ingest", self.ingest), ("--admin", self.admin)] {
            guard let address else { continue }
            guard let colon = address.lastIndex(of: ":"), UInt16(address[address.index(after: colon)...]) != nil else {
                throw ValidationError("\(option) takes HOST:PORT, not \"\(address)\".")
            }
        }
    }

    func run() async throws {
        try FaultVariable.refuseInRelease()
        let isJSON = self.outputOptions.format != .text || isatty(STDOUT_FILENO) == 0
        let log = LogWriter(
            descriptor: STDOUT_FILENO, format: isJSON ? .json : .text, least: self.logLevel, wall: Environment.live.wall
        )
        defer { log.close() }
        let signals = Signals { log.log($0) }
        var options = RouterOptions(projectFolder: self.projectOptions.project)
        options.ingestListen = self.ingest
        options.storePath = self.store
        options.isStrict = self.strict
        options.watchesFiles = self.watch
        let server = try await RouterServer.start(
            options, adminListen: self.admin, signals: signals, messageStyle: self.outputOptions.messageStyle)
        let format = self.outputOptions.format
        try await server.run { ready in
            log.open(firstLine: Array((format == .text ? ready.text : ready.json).utf8) + [0x0A])
            StartUpPages.giveBack()
        }
    }
}

extension LogRecord.Level: ExpressibleByArgument {}

/// Fault points exist in test builds only; a production process must not carry a way to kill itself.
enum FaultVariable {
    static func refuseInRelease() throws {
        guard Environment.live.variable(FaultPoint.variable) != nil, !FaultPoint.isCompiledIn else { return }
        throw Console.fail("\(FaultPoint.variable) is set, and this is not a test build", .refused)
    }
}
