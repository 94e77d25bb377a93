// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore
import HookDeliver
import HookPipeline
import HookVerify

struct Send: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send an event to a running router, signed as the source's provider would.",
        discussion: """
            The secret is read where the project says it is. For a GitHub source:

              hookswitch send release.json --source github -H 'X-GitHub-Event: release' -H 'X-GitHub-Delivery: d-1'
            """)

    @OptionGroup var projectOptions: ProjectOptions
    @OptionGroup var outputOptions: OutputOptions

    @Argument(help: "A file with the body; - is stdin.")
    var event: String

    @Option(name: .long, help: "The source, by its name in the project.")
    var source: String

    @Option(
        name: [.customShort("H"), .long], help: ArgumentHelp("A header; may be repeated.", valueName: "name: value"))
    var header: [String] = []

    @Option(name: .long, help: ArgumentHelp("The ingest address of the router.", valueName: "url"))
    var to = "http://127.0.0.1:8080"

    @Flag(name: .long, help: "Send without a signature.")
    var unsigned = false

    @Flag(name: .long, help: "Sign with a dev key where the secret has no value, as a router under dev expects.")
    var dev = false

    func run() async throws {
        let body = try Console.readFile(self.event)
        let compiled = try ProjectLoading.compile(self.projectOptions.project, self.outputOptions)
        guard let source = compiled.configuration.source(SourceName(self.source)) else {
            let known = compiled.configuration.sources.map(\.name.text).joined(separator: ", ")
            throw Console.fail("no source is called \"\(self.source)\"", hint: "sources are: \(known)", .usage)
        }
        var headers = try HeaderArguments.parse(self.header)
        if !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            headers.append(("content-type", "application/json"))
        }
        if !self.unsigned {
            let real = SecretStore(
                compiled.configuration.secrets, environment: .live, projectRoot: self.projectOptions.project)
            let secrets: any SecretReading = self.dev ? FallbackSecrets(first: real, then: TestSecrets()) : real
            headers += try SendSigning.headers(for: source, secrets: secrets, headers: headers, body: body)
        }
        let base = self.to.contains("://") ? self.to : "http://\(self.to)"
        let answer: Egress.Answer
        do throws(Egress.Failure) {
            answer = try await Egress.fetch(
                OutboundRequest(
                    method: "POST", url: (base.hasSuffix("/") ? String(base.dropLast()) : base) + source.path,
                    headers: headers, body: body, signedWith: nil))
        } catch {
            throw Console.fail("no router answers at \(base): \(error.detail)", .unreachable)
        }
        self.report(answer)
        if answer.status >= 300 { throw ExitCode.findings }
    }

    private func report(_ answer: Egress.Answer) {
        let body = String(decoding: answer.body, as: UTF8.self)
        if self.outputOptions.format == .text {
            Console.out("\(answer.status) \(body)")
        } else {
            // A challenge is answered with plain text.
            let value = (try? JSONValue(parsing: answer.body)) ?? .string(body)
            Console.out(["schema": "hookswitch/sent@1", "status": .int(answer.status), "answer": value])
        }
    }
}

/// Signs a request for a source with the project's own secrets.
enum SendSigning {
    static func headers(
        for source: SourceSpec, secrets: any SecretReading, headers: [(name: String, value: String)], body: [UInt8]
    ) throws -> [(name: String, value: String)] {
        let request = TestSignature.Request(path: source.path, headers: headers, body: body)
        do {
            let secret = source.verify.secrets.first.flatMap { secrets.values(of: $0).first }
            return try TestSignature.sign(request, spec: source, secret: secret, now: Environment.live.wall())
        } catch {
            throw Console.fail(
                "the request cannot be signed: \(error)", hint: "set the secret, or use --unsigned", .refused)
        }
    }
}

/// `-H 'name: value'`.
enum HeaderArguments {
    static func parse(_ arguments: [String]) throws -> [(name: String, value: String)] {
        try arguments.map { text in
            guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else {
                throw Console.fail("\"\(text)\" is no header", hint: "write -H 'name: value'", .usage)
            }
            let value = text[text.index(after: colon)...]
            return (String(text[..<colon]), String(value.drop { $0 == " " || $0 == "\t" }))
        }
    }
}
