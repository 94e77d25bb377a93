// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import HookAdmin
import HookCore
import HookDeliver
import HookPipeline
import HookTelemetry
import HookVerify

struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "See it work: the shipped examples, offline, with endpoints that fail sometimes.",
        discussion: """
            Providers send signed events over HTTP, the router carries them through all six stages, endpoints on this
            machine receive them. The store is in a temporary folder and goes with the demo.
            """)

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("End after this long, e.g. 10s; else ctrl-c ends it.", valueName: "time"))
    var duration: String?

    @Option(name: .long, help: "Events a second.")
    var rate = 4

    @Option(name: .long, help: ArgumentHelp("Where webhooks come in; port 0 takes a free one.", valueName: "host:port"))
    var ingest = "127.0.0.1:0"

    @Option(name: .long, help: ArgumentHelp("Where API, metrics and health are.", valueName: "host:port"))
    var admin = "127.0.0.1:0"

    @Option(name: .long, help: "Colour: auto, always or never.")
    var color: ColourChoice = .auto

    func run() async throws {
        let length = try self.duration.map(RunLength.parse)
        guard (1...200).contains(self.rate) else { throw Console.fail("--rate takes 1 to 200", .usage) }
        let folder = try Self.makeProject()
        defer {
            // What cannot be removed stays in the system's temporary folder, which is cleaned by the system.
            try? FileSystem.removeTree(folder)
        }
        try await DemoRun(
            folder: folder, length: length, rate: self.rate, ingest: self.ingest, admin: self.admin,
            style: Style(self.color, descriptor: STDOUT_FILENO)
        ).run()
    }

    private static func makeProject() throws -> String {
        do throws(FileFailure) {
            let folder = try FileSystem.makeTemporaryDirectory(prefix: "hookswitch-demo-")
            for file in Examples.files {
                let path = "\(folder)/\(file.path)"
                try FileSystem.makeDirectories(
                    path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/"))
                try FileSystem.writeAtomically(file.bytes, to: path)
            }
            return folder
        } catch {
            throw Console.fail("no temporary folder: \(error.reason)", .tryAgain)
        }
    }
}
