// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookConfig
import HookCore
import HookPipeline

struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Add a source, route, destination, script or test to a project.",
        discussion: """
            Writes a small file that passes check, or adds to the one that --file names. Names that are taken are refused.

              hookswitch new source github --preset github
              hookswitch new destination chat --url https://chat.example.internal/hooks
              hookswitch new route pushes --event github.push --to chat
              hookswitch new test a-push --route pushes
            """,
        subcommands: [Source.self, Route.self, Destination.self, Script.self, Test.self])

    /// What all of them take.
    struct Target: ParsableArguments {
        @OptionGroup var projectOptions: ProjectOptions

        @Option(
            name: .long,
            help: ArgumentHelp("Add to this route file, below routes/; made where it is missing.", valueName: "file"))
        var file: String?
    }

    struct Source: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "A source: where events come in.")

        @OptionGroup var target: Target
        @Argument(help: "Its name.") var name: String
        @Option(name: .long, help: "The provider whose settings hold; generic where it is none of them.")
        var preset = "generic"
        @Option(name: .long, help: "Path of the ingest listener; /in/NAME by default.") var path: String?

        func run() throws {
            guard RouteTemplates.presets.contains(self.preset) else { throw PresetNames.unknown(self.preset) }
            let draft = try NewDraft(self.target, "source", self.name)
            try draft.refuseTaken(draft.configuration.sources.contains { $0.name.text == self.name })
            let secret = self.name.replacing("-", with: "_") + "_webhook"
            let extra = self.preset == "generic" ? ["event: {type: {data: type}, id: {data: id}}"] : []
            let keys = ["preset: \(self.preset)", "path: \(self.path ?? "/in/\(self.name)")", "secret: \(secret)"]
            let variable = secret.uppercased() + "_SECRET"
            try draft.add(
                """
                # Events of \(self.name). The value of the secret stands in the variable \(variable).
                version: 1

                secrets:
                  \(secret): {env: \(variable)}

                sources:
                  \(self.name):
                    \((keys + extra).joined(separator: "\n    "))

                """,
                next: [
                    "export \(variable)=…    # the secret that the provider shows",
                    "hookswitch new route \(self.name)-route --event '*' --source \(self.name) --to DESTINATION",
                ])
        }
    }

    struct Destination: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "A destination: where deliveries go.")

        @OptionGroup var target: Target
        @Argument(help: "Its name.") var name: String
        @Option(name: .long, help: "http or https; path and query may hold {data.path}.") var url: String
        @Flag(name: .long, help: "Send without a signature.") var unsigned = false

        func run() throws {
            let draft = try NewDraft(self.target, "destination", self.name)
            try draft.refuseTaken(draft.configuration.destinations.contains { $0.name.text == self.name })
            let secret = self.name.replacing("-", with: "_") + "_signing"
            let variable = secret.uppercased() + "_SECRET"
            let secrets = "secrets:\n  \(secret): {env: \(variable)}\n\n"
            let url = JSONValue.string(self.url).text
            let plain = self.url.allSatisfy { $0.isLetter || $0.isNumber || ":/._-?=&".contains($0) } ? self.url : url
            try draft.add(
                """
                # Where deliveries of \(self.name) go.
                version: 1

                \(self.unsigned ? "" : secrets)destinations:
                  \(self.name):
                    url: \(plain)
                \(self.unsigned ? "" : "    sign: {standard-webhooks: \(secret)}\n")
                """,
                next: (self.unsigned ? [] : ["export \(variable)=…    # any text; the receiver verifies with it"])
                    + ["hookswitch new route NAME --event TYPE --to \(self.name)"])
        }
    }

    struct Route: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "A route: which events go where.")

        @OptionGroup var target: Target
        @Argument(help: "Its name.") var name: String
        @Option(name: .long, help: "Event type, with * for any characters.") var event: String
        @Option(name: .long, help: "Destination; may be repeated.") var to: [String]
        @Option(name: .long, help: "Source that the event comes from; every source by default.") var source: String?
        @Option(name: .long, help: ArgumentHelp("A script that reshapes it.", valueName: "file.lua#function"))
        var transform: String?

        func run() throws {
            let draft = try NewDraft(self.target, "route", self.name)
            try draft.refuseTaken(draft.configuration.routes.contains { $0.name.text == self.name })
            let to = self.to.count == 1 ? self.to[0] : "[\(self.to.joined(separator: ", "))]"
            let plain = self.event.contains("*") ? "\"\(self.event)\"" : self.event
            let keys =
                ["event: \(plain)"] + (self.source.map { ["source: \($0)"] } ?? [])
                + (self.transform.map { ["transform: \($0)"] } ?? []) + ["to: \(to)"]
            try draft.add(
                """
                # Which events \(self.name) takes, and where they go.
                version: 1

                routes:
                  \(self.name):
                    \(keys.joined(separator: "\n    "))

                """,
                next: [
                    "hookswitch new test \(self.name)-works --route \(self.name)",
                    "hookswitch explain \(self.name)    # what it does, in words",
                ])
        }
    }

    struct Script: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "A script below scripts/.")

        enum Kind: String, ExpressibleByArgument, CaseIterable { case transform, filter }

        @OptionGroup var projectOptions: ProjectOptions
        @Argument(help: "Its name, with folders if you like: orders, lib/money.") var name: String
        @Option(name: .long, help: "transform or filter.") var kind: Kind = .transform

        func run() throws {
            let plain = self.name.hasSuffix(".lua") ? String(self.name.dropLast(4)) : self.name
            let steps = plain.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard steps.allSatisfy({ RouteTemplates.isName($0) }) else {
                throw Console.fail("\"\(self.name)\" is no name of a script", hint: RouteTemplates.nameHint, .usage)
            }
            let path = "scripts/\(plain).lua"
            let function = self.kind == .transform ? "transform" : "matches"
            let text = self.kind == .transform ? Self.transform : Self.filter
            let writer = GeneratedFiles(folder: self.projectOptions.project)
            let outcome = try writer.write([], kept: [.init(path: path, bytes: Array(text.utf8))])
            guard outcome.kept.isEmpty else { throw Console.fail("\(path) is there already", .usage) }
            Console.out("wrote \(path)")
            Console.note("next: \(self.kind.rawValue): \(plain).lua#\(function)    # in a route")
        }

        private static let transform = """
            -- What routes send instead of the body that came.

            --- What it returns is sent as JSON; drop(reason) sends nothing, fail(reason) holds the event for repair.
            function transform(event, ctx)
              return {
                type = event.type,
                data = event.data,
              }
            end

            """

        private static let filter = """
            -- Which events a route takes, where conditions of match: do not say it.

            --- True, or false and the reason.
            function matches(event, ctx)
              if is_null(event.data) then return false, "no data" end
              return true
            end

            """
    }

    struct Test: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "A test of a route: an event that it takes, and what becomes of it now.")

        @OptionGroup var target: Target
        @Argument(help: "Its name; hyphens become spaces.") var name: String
        @Option(name: .long, help: "The route.") var route: String

        func run() throws {
            let draft = try NewDraft(self.target, "test", self.name)
            let title = self.name.replacing("-", with: " ")
            try draft.refuseTaken(draft.configuration.tests.contains { $0.name == title })
            guard let route = draft.configuration.route(RouteName(self.route)) else {
                let names = draft.configuration.routes.map(\.name.text)
                let near = NearestName.to(self.route, among: names)
                throw Console.fail(
                    "no route is called \"\(self.route)\"",
                    hint: near.map { "did you mean \"\($0)\"?" } ?? "routes: \(names.joined(separator: ", "))", .usage)
            }
            let sample = SampleEvent(route, draft.configuration)
            let text = { (deliveries: [String]) in
                let list = deliveries.map { "\n        - to: \($0)" }.joined()
                return """
                    # Run by "hookswitch test": no network, test keys instead of secrets.
                    version: 1

                    tests:
                      \(RouteTemplates.isPlain(title) ? title : JSONValue.string(title).text):
                        only: \(route.name)
                        event:
                          type: \(sample.yamlType)
                    \(sample.source.map { "      source: \($0)\n" } ?? "")      data: \(sample.data.text)
                        expect:
                          deliveries:\(deliveries.isEmpty ? " []" : list)

                    """
            }
            let wanted = text(sample.destinations)
            if try draft.passes(wanted, test: title) {
                return try draft.add(wanted, next: ["hookswitch test", "expect more: body, status, attempts"])
            }
            // The sample does not meet every condition, or the script needs more: what happens now is a beginning.
            let none = text([])
            let isQuiet = try draft.passes(none, test: title)
            try draft.add(
                isQuiet ? none : wanted,
                next: ["give it data that the route takes, and what should come of it; then: hookswitch test"])
        }
    }
}
