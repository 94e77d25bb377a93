// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore
import HookIngest
import HookPipeline
import HookVerify

struct DebugSignature: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "debug-signature",
        abstract: "Why a request does not pass its source's check: the usual mistakes, tried one by one.",
        discussion: """
            REQUEST is a file with a raw HTTP request, head and body; or give the body and its headers:

              hookswitch debug-signature github request.http
              hookswitch debug-signature stripe --body event.json -H 'Stripe-Signature: t=…,v1=…' --at 2026-01-01T12:00:00Z

            Ends with 0 when the request passes, 1 when it does not. Secrets are never shown, and of the signature that
            would have passed only the first characters.
            """)

    @OptionGroup var projectOptions: ProjectOptions
    @OptionGroup var outputOptions: OutputOptions

    @Argument(help: "The source, by its name in the project.")
    var source: String

    @Argument(help: "A file with the raw request; - is stdin.")
    var request: String?

    @Option(name: .long, help: "A file with the body alone.")
    var body: String?

    @Option(
        name: [.customShort("H"), .long], help: ArgumentHelp("A header; may be repeated.", valueName: "name: value"))
    var header: [String] = []

    @Option(name: .long, help: "The time at which it came: RFC 3339 or Unix seconds; now by default.")
    var at: String?

    @Option(name: .long, help: ArgumentHelp("A file with the secret, instead of the source's own.", valueName: "file"))
    var secretFile: String?

    func validate() throws {
        guard (self.request == nil) != (self.body == nil) else {
            throw ValidationError(
                "Give the request: a file with head and body, or --body FILE with -H for its headers.")
        }
    }

    func run() throws {
        let now = try self.time()
        let loaded = try ProjectLoading.load(self.projectOptions.project)
        guard let source = loaded.configuration.source(SourceName(self.source)) else {
            let known = loaded.configuration.sources.map(\.name.text)
            let near = NearestName.to(self.source, among: known)
            throw Console.fail(
                "no source is called \"\(self.source)\"",
                hint: near.map { "did you mean \"\($0)\"?" } ?? "sources are: \(known.joined(separator: ", "))", .usage)
        }
        let raw = try self.rawRequest(source)
        let accepted = Recall.accepted(
            id: EventID(time: now, random: 0), source: source.name, at: now, method: raw.method, path: raw.path,
            query: raw.query, headers: HeaderBlock(raw.headers.map { ($0.name, $0.value) }), body: raw.body)
        let (own, others) = try self.secrets(loaded.configuration, source)
        let diagnosis = SignatureDiagnosis(accepted, source, secrets: own, others: others, now: now)
        let report = DebugSignatureReport(diagnosis: diagnosis, source: source, request: raw)
        switch self.outputOptions.format {
        case .text: Console.out(report.text(self.outputOptions.style))
        case .json, .ndjson: Console.out(report.json)
        }
        if !diagnosis.isValid { throw ExitCode.findings }
    }

    private func time() throws -> WallTime {
        guard let at else { return Environment.live.wall() }
        if let seconds = Int64(at), abs(seconds) < 1 << 40 { return WallTime(milliseconds: seconds * 1000) }
        guard let time = WallTime(rfc3339: at) else {
            throw Console.fail(
                "\"\(at)\" is no time", hint: "for example 2026-01-01T12:00:00Z, or Unix seconds", .usage)
        }
        return time
    }

    private func rawRequest(_ source: SourceSpec) throws -> RawRequest {
        let more = try HeaderArguments.parse(self.header)
        if let body {
            return RawRequest(
                method: "POST", path: source.path, query: "", headers: more, body: try Console.readFile(body))
        }
        let path = self.request ?? "-"
        guard var raw = RawRequest(parsing: try Console.readFile(path)) else {
            throw Console.fail(
                "\(path) holds no HTTP request", hint: "a request line, headers, an empty line, then the body",
                .unreadable)
        }
        raw.headers += more
        return raw
    }

    /// The source's secrets, and the project's others.
    private func secrets(
        _ configuration: Configuration, _ source: SourceSpec
    ) throws -> (own: [SignatureDiagnosis.Known], others: [SignatureDiagnosis.Known]) {
        let store = SecretStore(
            configuration.secrets, environment: .live, projectRoot: self.projectOptions.project)
        let names = source.verify.secrets
        var own = names.map { SignatureDiagnosis.Known(name: $0, values: store.values(of: $0)) }
        if let secretFile {
            // As the store reads files: a line break at the end is not part of the secret.
            var bytes = try Console.readFile(secretFile)
            if bytes.last == 0x0A { bytes.removeLast() }
            own = names.prefix(1).map { SignatureDiagnosis.Known(name: $0, values: [Secret(bytes)]) }
        }
        let others = configuration.secrets.map(\.name).filter { !names.contains($0) }
        return (own, others.map { .init(name: $0, values: store.values(of: $0)) })
    }
}

/// A request as it stands in a file.
struct RawRequest {
    var method: String
    var path: String
    var query: String
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    init(method: String, path: String, query: String, headers: [(name: String, value: String)], body: [UInt8]) {
        (self.method, self.path, self.query, self.headers, self.body) = (method, path, query, headers, body)
    }

    /// Request line, header lines (CR LF or LF), an empty line, and the body byte for byte; nil for anything else.
    init?(parsing bytes: [UInt8]) {
        var rest = bytes[...]
        var lines: [String] = []
        while true {
            guard let end = rest.firstIndex(of: 0x0A) else { return nil }
            let line = rest[..<end]
            rest = rest[(end + 1)...]
            let text = String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
            if text.isEmpty { break }
            lines.append(text)
        }
        let words = lines.first?.split(separator: " ").map(String.init) ?? []
        guard words.count >= 2, words[0].allSatisfy({ $0.isASCII && $0.isUppercase }) else { return nil }
        var headers: [(name: String, value: String)] = []
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else { return nil }
            let value = line[line.index(after: colon)...]
            headers.append((String(line[..<colon]), value.trimmingSpaces))
        }
        // A whole URL, as proxies get it, is a path here.
        var target = words[1]
        if let scheme = target.firstRange(of: "://") {
            target = target[scheme.upperBound...].firstIndex(of: "/").map { String(target[$0...]) } ?? "/"
        }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        self.init(
            method: words[0], path: parts[0], query: parts.count > 1 ? parts[1] : "", headers: headers,
            body: Array(rest))
    }
}
